"""Pages that are images, read by the tesseract program or by one that stands in for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import ParseError
from indexer.parsing.pdf import ocr
from indexer.parsing.pdf.document import open_pdf
from tests.support.pdfs import Sheet, Words, pdf

SCANNED = pdf(Sheet(picture=True), Sheet(picture=True))
ANSWERS = """#!/bin/sh
case "$1" in
  --version) echo "tesseract v5.9.1"; echo " leptonica-1" ;;
  --list-langs) echo "List of available languages (3):"; echo eng; echo osd; echo deu ;;
  *) head -c 15 | grep -q '^P5 ' && echo "Words in $4." || exit 1 ;;
esac
"""


@pytest.fixture(autouse=True)
def _forgets_programs() -> Iterator[None]:
    ocr.engine.cache_clear()
    ocr._languages.cache_clear()
    yield
    ocr.engine.cache_clear()
    ocr._languages.cache_clear()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for tesseract that takes an image and names the languages it was asked for."""
    path = tmp_path / "tesseract"
    path.write_text(ANSWERS)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return path


@pytest.mark.usefixtures("program")
def test_the_engine_is_named_by_its_version_and_languages() -> None:
    assert ocr.engine() == "tesseract 5.9.1 (deu, eng)"


@pytest.mark.usefixtures("program")
def test_pages_that_are_images_are_read_in_all_installed_languages() -> None:
    reading = ocr.read_pdf(SCANNED)
    assert [(block.text, block.page) for block in reading.blocks] == [
        ("Words in deu+eng.", 1),
        ("Words in deu+eng.", 2),
    ]
    assert "pages needing ocr" not in reading.metadata


@pytest.mark.parametrize(
    "answers", [ANSWERS.replace("&& echo", "&& false"), "#!/bin/sh\nexit 3\n", "no program"]
)
def test_where_the_program_fails_the_document_still_needs_ocr(program: Path, answers: str) -> None:
    program.write_text(answers)
    with pytest.raises(ParseError) as caught:
        ocr.read_pdf(SCANNED)
    assert caught.value.reason == "needs-ocr"


def test_without_the_program_nothing_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ocr.engine() is None
    with pytest.raises(ParseError) as caught:
        ocr.read_pdf(SCANNED)
    assert "tesseract" in caught.value.remedy


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_tesseract_reads_a_page_as_it_looks() -> None:
    with open_pdf(pdf(Sheet([Words("Leave carries over until March", size=24)]))) as document:
        found = ocr.recognised(document, 1)
    assert found is not None
    assert "Leave carries over until March" in found
