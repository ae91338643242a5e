"""Reading with another program is another parser, so that texts of the two are never compared as if edited."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from indexer.clock import Clock
from indexer.errors import ParseError
from indexer.ingest.failures import Failures
from indexer.parsing import Parsers
from indexer.ports.recorded import FailureState
from tests.support.fake_clock import FakeClock
from tests.support.pdfs import Sheet, Words, pdf
from tests.unit.parsing.office_files import compound_file

PDF = b"%PDF-1.7\n"
DOC = compound_file("WordDocument")
ANSWERS = """#!/bin/sh
case "$1" in
  --version) echo "tesseract v5.9.1" ;;
  --list-langs) echo "List of available languages (1):"; echo eng ;;
  *) cat > /dev/null; echo "Words on a page." ;;
esac
"""


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found, but for those that a shell needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    return folder


def install(folder: Path, name: str, text: str = ANSWERS) -> None:
    program = folder / name
    program.write_text(text.replace("#!/bin/sh", "#!/bin/sh\nPATH=/usr/bin:/bin"))
    program.chmod(0o755)


def language(bin_folder: Path, name: str) -> None:
    trained = bin_folder.parent / "share" / "tessdata" / f"{name}.traineddata"
    trained.parent.mkdir(parents=True, exist_ok=True)
    trained.write_bytes(b"trained")


def test_a_parser_that_uses_a_program_has_another_name(bin_folder: Path) -> None:
    without = Parsers(ocr=True)
    install(bin_folder, "tesseract")
    install(bin_folder, "soffice")
    plain, recognising = Parsers(), Parsers(ocr=True)
    assert plain.identify(PDF, "a.pdf") == without.identify(PDF, "a.pdf") == "pdf/2"
    assert recognising.identify(PDF, "a.pdf").startswith("pdf/2-tesseract-")
    assert without.identify(DOC, "a.doc") == "doc/1"
    assert plain.identify(DOC, "a.doc").startswith("doc/1-libreoffice-")
    for parsers in (without, plain, recognising):
        for data, key in ((PDF, "a.pdf"), (DOC, "a.doc")):
            assert parsers.identify(data, key) in parsers.versions
            assert "+" not in parsers.identify(data, key), "it parts the names in a pipeline's name"
    assert plain.identify(PDF, "a.pdf") not in recognising.versions
    assert len({without.versions, plain.versions, recognising.versions}) == 3


def test_without_the_setting_the_program_makes_no_difference(bin_folder: Path) -> None:
    before = Parsers().versions
    install(bin_folder, "tesseract")
    assert Parsers().versions == before


def test_another_release_and_another_language_are_another_parser(bin_folder: Path) -> None:
    install(bin_folder, "tesseract")
    first = Parsers(ocr=True).versions
    assert Parsers(ocr=True).versions == first
    language(bin_folder, "deu")
    second = Parsers(ocr=True).versions
    install(bin_folder, "tesseract", ANSWERS + "# another release\n")
    assert len({first, second, Parsers(ocr=True).versions}) == 3


def due(clock: Clock, tried_with: Parsers, now: Parsers) -> list[str]:
    """What would be tried again at once, of what `tried_with` failed on for ever."""
    first = Failures(clock, tried_with.versions, {})
    first.document("scan.pdf", ParseError("needs-ocr", "it is a scan"))
    row = first._found["scan.pdf", False]
    recorded = {("scan.pdf", False): FailureState(1, row.permanent, row.next_retry, row.tried_with)}
    return Failures(clock, now.versions, recorded).due()


@pytest.mark.parametrize("program", ["tesseract", "libreoffice"])
def test_what_failed_for_want_of_a_program_is_due_once_it_is_there_and_no_process_is_started(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    def refuse(*arguments: object, **options: object) -> NoReturn:
        raise AssertionError(f"started {arguments}")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    before = Parsers(ocr=True)
    install(bin_folder, program)
    after = Parsers(ocr=True)
    assert due(FakeClock(), before, before) == []
    assert due(FakeClock(), before, after) == ["scan.pdf"]
    assert due(FakeClock(), after, after) == []


def test_only_documents_with_images_are_given_to_the_program(bin_folder: Path, tmp_path: Path) -> None:
    answers = ANSWERS.replace("cat >", f"echo >> {tmp_path}/pages; cat >")
    install(bin_folder, "tesseract", answers.replace("case", f"echo >> {tmp_path}/starts; case"))
    text, scan = (
        Sheet([Words("Leave carries over until the end of March, and no longer.")]),
        Sheet(picture=True),
    )
    with Parsers(ocr=True) as parsers:
        parsed = [parsers.parse(pdf(text), "a.pdf")]
        assert not (tmp_path / "starts").exists()
        parsed += [parsers.parse(pdf(*pages), "a.pdf") for pages in ((scan,), (text, scan))]
    assert len((tmp_path / "pages").read_text().splitlines()) == 2
    assert {document.parser for document in parsed} == {parsers.identify(PDF, "a.pdf")}
    assert ["Words on a page." in [b.text for b in document.blocks] for document in parsed] == [
        False, True, True,
    ]  # fmt: skip
    assert "recognised by" not in parsed[0].metadata
    assert parsed[2].metadata["recognised pages"] == "2"
    assert parsed[2].metadata["recognised by"] == "tesseract 5.9.1 (eng)"
