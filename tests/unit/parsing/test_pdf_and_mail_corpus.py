"""Real PDF and mail files, where the corpora are at hand."""

from __future__ import annotations

import pytest

from indexer.errors import ParseError
from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading, canonical_blocks
from indexer.parsing.detect import Detected, detect
from indexer.parsing.formats import Format
from indexer.parsing.mail.eml import read_eml
from indexer.parsing.mail.msg import read_msg
from indexer.parsing.pdf.reader import read_pdf
from tests.support.corpora import corpus, needs_corpus

CORPORA = corpus("office")
READERS = {".pdf": read_pdf, ".eml": read_eml, ".p7s": read_eml, ".msg": read_msg}
REFUSED = {
    "derived-docx-named.pdf": "damaged",
    "derived-truncated-half.pdf": "damaged",
    "derived-zero-bytes.pdf": "empty",
    "pypdf-libreoffice-writer-password.pdf": "encrypted",
    "un-password.pdf": "encrypted",
    "un-loremipsum-flat.pdf": "needs-ocr",
    "un-empty.eml": "empty",
    "un-fake-encrypted.eml": "encrypted",
    "un-fake-encrypted.msg": "encrypted",
}
LARGE = {"un-DA-619p.pdf", "un-pdf2image-memory-error-test-400p.pdf"}

pytestmark = needs_corpus("office")
FILES = sorted(path.name for path in CORPORA.glob("*") if path.suffix in READERS and path.name not in LARGE)


def read(name: str) -> Reading:
    path = CORPORA / name
    return READERS[path.suffix](path.read_bytes())


def blocks(name: str) -> tuple[Block, ...]:
    return canonical_blocks(read(name).blocks)


def text(name: str) -> str:
    return "\n".join(block.text for block in blocks(name))


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_read_or_refused_with_the_reason_that_fits(name: str) -> None:
    if name not in REFUSED:
        assert blocks(name)
        return
    with pytest.raises(ParseError) as caught:
        read(name)
    assert caught.value.reason == REFUSED[name]


def headings(name: str) -> list[tuple[int, str]]:
    return [(block.level, block.title) for block in blocks(name) if block.level]


def test_papers_in_two_columns_are_read_in_order_with_their_sections() -> None:
    assert headings("un-multi-column-2p.pdf") == [
        (1, "Dense Passage Retrieval for Open-Domain Question Answering"),
        (2, "Abstract"),
        (2, "1 Introduction"),
        (2, "2 Background"),
        (2, "3 Dense Passage Retriever (DPR)"),
        (3, "3.1 Overview"),
    ]
    said = text("un-multi-column-2p.pdf")
    assert "retrieval can be practically implemented using dense representations alone" in said
    assert said.index("Open-domain question answering (QA)") < said.index(
        "Retrieval in open-domain QA is usually"
    )
    assert "Nam feugiat lacus vel est." in text("pypdf-multicolumn.pdf")


def test_numbered_sections_have_levels_and_running_heads_are_gone() -> None:
    found = headings("un-fr_olap.pdf")
    assert (1, "3 Le langage QSL") in found
    assert (2, "3.1 Définitions préliminaires") in found
    assert text("un-fr_olap.pdf").count("J. Aligon et al.") == 0


def test_tables_lists_and_listings_come_out_as_such() -> None:
    tables = [block for block in blocks("pypdf-multicolumn.pdf") if block.kind is BlockKind.TABLE]
    assert tables[0].parts[1] == "Austria | 8.9 | 83,879 | Vienna | German"
    assert tables[0].header_parts == 1
    kinds = {block.kind for block in blocks("un-interface-config-guide-p93.pdf")}
    assert {BlockKind.CODE, BlockKind.LIST, BlockKind.HEADING} <= kinds


def test_bodies_of_mail_are_there_once() -> None:
    for name in ("un-fake-email-b64.eml", "un-fake-email-utf-16.eml", "un-fake-email.msg"):
        assert text(name).count("Roses are red") == 1
    assert "html" not in text("un-mime-different-plain-html.eml")


def test_attachments_are_found() -> None:
    for name in ("un-fake-email-attachment.eml", "un-fake-email-attachment.msg"):
        assert [attachment.name for attachment in read(name).attachments] == ["fake-attachment.txt"]
    assert len(read("un-mime-multipart-digest.eml").attachments) == 3
    assert [attachment.name for attachment in read("pypdf-with-attachment.pdf").attachments] == ["image.png"]


def test_a_letter_in_hebrew_and_a_page_in_arabic_keep_their_order() -> None:
    assert "סלבה היקר" in text("un-email-no-utf8-2008-07-16.062410.eml")
    assert "حَبيبي" in text("pypdf-habibi.pdf")


def test_mail_in_utf_16_is_told_from_plain_text() -> None:
    found = detect((CORPORA / "un-fake-email-utf-16.eml").read_bytes(), "un-fake-email-utf-16.eml")
    assert isinstance(found, Detected)
    assert found.format is Format.EML
