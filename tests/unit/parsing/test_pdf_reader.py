"""What comes out of small PDF files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from indexer.errors import ParseError
from indexer.model import Attachment, Block, BlockKind
from indexer.parsing.attachments import Carried
from indexer.parsing.canonical import canonical_blocks
from indexer.parsing.pdf import document, page
from indexer.parsing.pdf.reader import read_pdf, read_with
from tests.support.pdfs import Sheet, Words, pdf, prose

LONG = (
    "The quick brown fox jumps over the lazy dog and runs away from the other animals of",
    "the forest, who had been watching it for a long while and were rather amused by this",
    "performance.",
)


def blocks(data: bytes) -> list[Block]:
    return list(canonical_blocks(read_pdf(data).blocks))


def texts(data: bytes) -> list[str]:
    return [block.text for block in blocks(data)]


def failure(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read_pdf(data)
    return caught.value


def test_lines_become_paragraphs_with_their_page() -> None:
    found = blocks(pdf(Sheet(prose(*LONG)), Sheet(prose("Another page."))))
    assert [(block.text, block.page) for block in found] == [(" ".join(LONG), 1), ("Another page.", 2)]


def test_a_paragraph_goes_on_over_the_page_and_its_parted_word_is_mended() -> None:
    first = Sheet(
        prose(*LONG[:2], "performance and clapped their hands, which is a thing that only few ani-")
    )
    second = Sheet(prose("mals can do."))
    assert texts(pdf(first, second)) == [
        " ".join(LONG[:2])
        + " performance and clapped their hands, which is a thing that only few animals can do."
    ]


def test_larger_and_bolder_lines_are_headings_by_rank() -> None:
    data = pdf(
        Sheet(
            [
                Words("The Manual", down=80, size=20),
                Words("First Part", down=120, size=14),
                *prose(*LONG, down=150),
                Words("A Detail", down=220, font="bold"),
                *prose(*LONG, down=240),
            ]
        )
    )
    assert [(block.level, block.title) for block in blocks(data) if block.level] == [
        (1, "The Manual"),
        (2, "First Part"),
        (3, "A Detail"),
    ]


def test_bookmarks_make_headings_of_lines_that_look_like_any_other() -> None:
    words = [Words("Holidays", down=80), *prose(*LONG, down=110)]
    assert blocks(pdf(Sheet(words), outline=[("Holidays", 1)]))[0].kind is BlockKind.HEADING
    assert blocks(pdf(Sheet(words)))[0].kind is BlockKind.PARAGRAPH


def test_a_structure_that_marks_headings_is_believed_alone() -> None:
    words = [
        Words("Large but no heading", down=60, size=20, tag="P"),
        Words("Part", down=100, tag="H1"),
        Words("Detail", down=130, tag="H3"),
        *(replace(line, tag="P") for line in prose(*LONG, down=160)),
    ]
    found = blocks(pdf(Sheet(words)))
    assert [(block.level, block.title) for block in found if block.level] == [(1, "Part"), (3, "Detail")]


def test_what_the_file_calls_an_artifact_at_the_edge_is_dropped() -> None:
    words = [Words("Draft of May", down=40, tag="Artifact"), *prose(*LONG, down=200)]
    assert texts(pdf(Sheet(words))) == [" ".join(LONG)]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"left column line {number} and some more words" for number in range(6)]
    right = [f"right column line {number} and some more words" for number in range(6)]
    sheet = Sheet([*prose(*left, left=72), *prose(*right, left=310)])
    assert texts(pdf(sheet)) == [" ".join(left + right)]


def test_running_heads_and_page_numbers_are_dropped_and_told() -> None:
    sheets = [
        Sheet(
            [
                Words("ACME Handbook", down=40),
                *prose(f"Chapter {page} text.", down=200),
                Words(str(page), down=800),
            ]
        )
        for page in range(1, 5)
    ]
    reading = read_pdf(pdf(*sheets))
    assert [block.text for block in reading.blocks] == [f"Chapter {page} text." for page in range(1, 5)]
    assert reading.metadata["running heads"] == "ACME Handbook"


def test_lists_and_listings_keep_their_shape() -> None:
    data = pdf(
        Sheet(
            [
                *prose(*LONG),
                *prose("• one", "• two", down=160),
                *prose("if x:", "    return 1", down=200, font="mono"),
            ]
        )
    )
    found = blocks(data)[1:]
    assert [(block.kind, block.parts) for block in found] == [
        (BlockKind.LIST, ("• one", "• two")),
        (BlockKind.CODE, ("if x:", "    return 1")),
    ]


def test_rows_of_aligned_cells_are_a_table_with_its_header() -> None:
    rows = [
        ("Item", "Price", "Stock"),
        ("Apples", "1.20", "17"),
        ("Pears", "2.40", "3"),
        ("Plums", "0.80", "44"),
    ]
    words = [
        Words(cell, left=72 + 120 * column, down=100 + 14 * number)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    ]
    (table,) = blocks(pdf(Sheet(words)))
    assert (table.kind, table.header_parts) == (BlockKind.TABLE, 1)
    assert table.parts[:2] == ("Item | Price | Stock", "Apples | 1.20 | 17")


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_reads_like_any_other(turned: int) -> None:
    assert texts(pdf(Sheet(prose(*LONG), turned=turned))) == [" ".join(LONG)]


@pytest.mark.parametrize("matrix", ["0 1 -1 0 {across} 100", "-1 0 0 -1 500 {across}", "0 -1 1 0 {down} 700"])
def test_text_that_is_set_sideways_is_read_as_it_stands(matrix: str) -> None:
    lines = "\n".join(
        f"BT /regular 10 Tf {matrix.format(across=200 + 12 * number, down=300 - 12 * number)} Tm ({line}) Tj ET"
        for number, line in enumerate(LONG)
    )
    assert texts(pdf(Sheet(extra=lines))) == [" ".join(LONG)]


def test_a_note_along_the_edge_is_read_after_the_page() -> None:
    edge = "BT /regular 10 Tf 0 1 -1 0 30 300 Tm (Received in March) Tj ET"
    assert texts(pdf(Sheet(prose(*LONG), extra=edge))) == [" ".join(LONG), "Received in March"]


def test_form_values_stand_beside_their_labels_and_notes_at_the_end() -> None:
    data = pdf(Sheet(prose("Name:"), fields=[("name", "Ada Lovelace", 110, 100)], notes=["Check this."]))
    assert texts(data) == ["Name: Ada Lovelace", "[Ann: Check this.]"]


def test_properties_become_metadata_title_and_labels() -> None:
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/" pdfx:Version="3.1"/></rdf:RDF></x:xmpmeta>'
    )
    info = {
        "Title": "Leave Policy",
        "Author": "Ann",
        "CreationDate": "D:20240102030405+01'00'",
        "Revision": "B",
    }
    reading = read_pdf(pdf(Sheet(prose("Text.")), info=info, xmp=xmp))
    assert (reading.title, reading.labels) == ("Leave Policy", ("3.1", "B"))
    assert reading.metadata["author"] == "Ann"
    assert reading.metadata["created"] == "2024-01-02T03:04:05+01:00"


def test_embedded_files_are_attachments_under_safe_names() -> None:
    reading = read_pdf(pdf(Sheet(prose("Text.")), files={"../../data.csv": b"a,b\n"}))
    assert reading.attachments == (Attachment("data.csv", b"a,b\n"),)


def test_a_document_of_images_needs_ocr_and_lists_its_pages() -> None:
    error = failure(pdf(Sheet(picture=True), Sheet(picture=True)))
    assert error.reason == "needs-ocr"
    assert "1-2 of 2" in str(error)


def test_a_document_with_some_images_is_read_and_says_which_pages_need_ocr() -> None:
    reading = read_pdf(pdf(Sheet(prose(*LONG)), Sheet(picture=True)))
    assert reading.metadata["pages needing ocr"] == "2"


def test_fonts_that_do_not_name_their_letters_are_told() -> None:
    nameless = Sheet(prose(*LONG, font="nameless"))
    error = failure(pdf(nameless))
    assert error.reason == "needs-ocr"
    assert "fonts" in str(error)
    reading = read_pdf(pdf(Sheet(prose(*LONG)), nameless))
    assert reading.metadata["pages needing ocr"] == "2"
    assert [block.page for block in reading.blocks] == [1]


def test_recognised_pages_stand_in_their_place() -> None:
    data = pdf(Sheet(prose("Before.")), Sheet(picture=True), Sheet(prose("After.")))
    reading = read_with(data, lambda _, number: f"Recog-\nnised {number}.\n\nMore.\n\f")
    assert [(block.text, block.page) for block in reading.blocks] == [
        ("Before.", 1),
        ("Recognised 2.", 2),
        ("More.", 2),
        ("After.", 3),
    ]
    assert "pages needing ocr" not in reading.metadata


def test_a_page_on_which_recognition_fails_still_needs_it() -> None:
    data = pdf(Sheet(picture=True), Sheet(picture=True))
    reading = read_with(data, lambda _, number: "Read." if number == 1 else None)
    assert reading.metadata["pages needing ocr"] == "2"


def test_a_password_is_told_and_an_empty_one_opens() -> None:
    assert failure(pdf(Sheet(prose("Text.")), password="secret")).reason == "encrypted"
    assert texts(pdf(Sheet(prose("Text.")), password="")) == ["Text."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 not a PDF", "damaged"),
        (pdf(Sheet(prose(*LONG)))[:300], "damaged"),
        (pdf(Sheet()), "empty"),
        (pdf(), "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    error = failure(data)
    assert (error.reason, error.permanent) == (reason, True)


def test_text_askew_is_a_stamp_and_no_line() -> None:
    stamp = "BT /bold 60 Tf 0.7 0.7 -0.7 0.7 150 300 Tm (DRAFT) Tj ET"
    reading = read_pdf(pdf(Sheet(prose(*LONG), extra=stamp)))
    assert reading.metadata["stamps"] == "DRAFT"
    assert [block.text for block in reading.blocks] == [" ".join(LONG)]


def test_the_same_bytes_give_the_same_reading() -> None:
    data = pdf(Sheet([*prose(*LONG), Words("A Heading", down=60, size=16)], notes=["x"]), info={"Title": "T"})
    assert read_pdf(data) == read_pdf(data)


def test_pages_with_more_than_is_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_MOST_CHARACTERS", 60)
    long, short = Sheet([Words("Many words " * 6)]), Sheet([Words("A few words.")])
    noted = Sheet([Words("Some words.")], notes=["note"] * 3)
    assert read_pdf(pdf(long, short)).metadata["pages read in part"].startswith("1: at most")
    monkeypatch.setattr(page, "MOST_ANNOTATIONS", 2)
    assert read_pdf(pdf(short, noted)).metadata["pages read in part"].startswith("2: at most")
    assert "pages read in part" not in read_pdf(pdf(short)).metadata


def test_embedded_files_without_room_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "Carried", partial(Carried, 5, 4))
    reading = read_pdf(pdf(Sheet([Words("Words.")]), files={"a.txt": b"abc", "b.txt": b"abc", "c.txt": b"c"}))
    assert [attachment.name for attachment in reading.attachments] == ["a.txt", "c.txt"]
    assert reading.metadata["attachments left out"].startswith("b.txt: more than 5 files")
