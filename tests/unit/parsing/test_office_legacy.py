from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.errors import ParseError
from indexer.parsing.detect import Detected, Unparsable, detect
from indexer.parsing.formats import Format
from indexer.parsing.office import legacy
from tests.unit.parsing.office_files import compound_file, docx, w
from tests.unit.parsing.office_reading import failure, seen


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found, besides those that a shell needs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, lines: str) -> None:
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\nPATH={os.defpath}\n{lines}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(("stream", "better"), [("WordDocument", "DOCX"), ("PowerPoint Document", "PPTX")])
def test_without_libreoffice_old_documents_say_what_they_need(
    programs: Path, stream: str, better: str
) -> None:
    error = failure(compound_file(stream))
    assert error.reason == "needs-converter"
    assert "LibreOffice" in error.message
    assert better in error.remedy


def test_libreoffice_converts_in_a_folder_and_with_a_profile_of_its_own(
    programs: Path, tmp_path: Path
) -> None:
    (tmp_path / "made.docx").write_bytes(docx(w("converted")))
    install(programs, f'echo "$@" > {tmp_path}/asked; cp {tmp_path}/made.docx "${{9%.doc}}.docx"')
    assert seen(compound_file("WordDocument")) == [("paragraph", "converted")]
    asked = (tmp_path / "asked").read_text()
    folder = asked.split("--outdir ")[1].split()[0]
    assert f"-env:UserInstallation=file://{folder}/profile" in asked
    assert "--headless" in asked
    assert not Path(folder).exists()


def test_what_libreoffice_cannot_open_is_damaged(programs: Path) -> None:
    install(programs, "exit 1")
    assert failure(compound_file("WordDocument")).reason == "damaged"


def test_a_conversion_that_does_not_end_is_ended(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy, "SECONDS", 0.2)
    install(programs, "exec sleep 60")
    assert failure(compound_file("PowerPoint Document")).reason == "too-slow"


def test_protected_and_shortened_documents_are_told_before_anything_is_started() -> None:
    assert failure(compound_file("PowerPoint Document", "EncryptedSummary")).reason == "encrypted"
    whole = compound_file("WordDocument", inside=b"x" * 2000)
    with pytest.raises(ParseError) as caught:
        legacy.read_doc(whole[:-600])
    assert caught.value.reason == "damaged"


def test_a_workbook_that_calamine_cannot_open_is_damaged() -> None:
    assert failure(compound_file("Workbook")).reason == "damaged"


def test_a_file_whose_directory_is_all_zeros_is_damaged() -> None:
    """So an interrupted copy looks that reserved its room beforehand."""
    whole = compound_file("WordDocument")
    assert detect(whole, "a.doc") == Detected(Format.DOC, None)
    found = detect(whole[:1024] + bytes(len(whole) - 1024), "a.doc")
    assert isinstance(found, Unparsable)
    assert found.reason == "damaged"
