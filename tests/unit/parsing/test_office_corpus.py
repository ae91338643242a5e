"""Real office files, where they are at hand."""

from __future__ import annotations

import pytest

from indexer.parsing import programs
from indexer.parsing.detect import Detected, Unparsable, detect
from tests.support.corpora import corpus, needs_corpus
from tests.unit.parsing.office_reading import failure, read

FOLDER = corpus("office")
pytestmark = needs_corpus("office")

REASONS = {
    "derived-bitflip.xlsx": "damaged",
    "derived-git-lfs-pointer.xlsx": "lfs-pointer",
    "derived-truncated-half.docx": "damaged",
    "derived-zero-bytes.pdf": "empty",
    "un-password_protected.xlsx": "encrypted",
}
CONVERTED = ("un-simple.doc", "un-fake-power-point.ppt")
WORDS = {
    "derived-docx-named.pdf": "Header Col 1 | Header Col 2",
    "un-2023-half-year-analyses-by-segment.xlsx": "Zone NA | 12,553 | 2,713",
    "un-contains-pictures.docx": "A floating picture",
    "un-docx-hdrftr.docx": "Main document",
    "un-docx-shapes.docx": "<floating-shape>",
    "un-emoji.xlsx": "🤠😅",
    "un-fake-doc.rtf": "Row 2, Cell 1 | Row 2, Cell 2",
    "un-fake-power-point-malformed.pptx": "Test Slide",
    "un-fake-power-point-table.pptx": "Purple | Orange | Yellow",
    "un-group-shapes-nested.pptx": "H",
    "un-handbook-872p.docx": "Handbook for",
    "un-sample-presentation.pptx": "- Topic 1\n  - Subtopic 1",
    "un-simple.odt": "- Hockey",
    "un-teams_chat.docx": "James Bond",
    "un-tests-example.xls": "TF | True/False",
    "un-vodafone.xlsx": "Mobile churn | Nine quarters to 30 June 2023 | 11",
    "un-winter-sports.epub": "WINTER SPORTS IN SWITZERLAND",
}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_its_words_are_found(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    assert WORDS[name] in "\n".join(block.text for block in read(data, name).blocks)


@pytest.mark.parametrize("name", sorted(REASONS))
def test_what_cannot_be_read_says_why(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    found = detect(data, name)
    error = found if isinstance(found, Unparsable) else failure(data, name)
    assert (error.reason, bool(error.remedy)) == (REASONS[name], True)


@pytest.mark.parametrize("name", CONVERTED)
def test_what_needs_another_program_says_which(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "CONVERTERS", ("no such program",))
    assert failure((FOLDER / name).read_bytes(), name).reason == "needs-converter"


@pytest.mark.parametrize("name", ["un-empty.xlsx"])
def test_a_real_document_without_text_is_an_empty_one(name: str) -> None:
    assert not read((FOLDER / name).read_bytes(), name).blocks


def test_every_office_file_is_read_or_has_a_reason() -> None:
    for path in sorted(FOLDER.iterdir()):
        data = path.read_bytes()
        found = detect(data, path.name)
        office = isinstance(found, Detected) and found.format.module.startswith("indexer.parsing.office")
        if office and path.name not in (*REASONS, *CONVERTED):
            read(data, path.name)
