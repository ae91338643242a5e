from __future__ import annotations

import pytest

from tests.unit.parsing.office_reading import blocks, failure, read, seen

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\uc1\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Cyr;}{\f2\fcharset128 Jap;}}"
    rb"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 heading 1;}{\s2 heading 2;}{\s9 toc 1;}{\*\cs10 Default;}}"
)


def rtf(body: bytes) -> bytes:
    return HEAD + body + b"}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"caf\'e9", "café"),
        (rb"\u8364?5", "€5"),
        (rb"\uc2\u8364eu5\uc0\u8364 x", "€5€x"),
        (rb"\u-10179?\u-8704?", "😀"),
        (rb"{\f1\'cf\'f0\'e8} a", "При a"),
        (rb"{\f2\'93\'fa\'96\'7b}", "日本"),
        (rb"a\~b\_c\-d\emdash e\tab f\line g", "a\xa0b-cd—e\tf\ng"),
        (rb"a\{b\}\\c", r"a{b}\c"),
        (rb"a{\v hidden}{\deleted gone}{\b b}", "ab"),
        (b"a{\\pict 8950}{\\*\\unknown x}\\bin4 }}\\\\b", "ab"),
        (rb'{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}', "link"),
    ],
)
def test_characters_and_groups_give_the_text_that_is_shown(body: bytes, text: str) -> None:
    assert seen(rtf(body)) == [("paragraph", text)]


def test_headings_are_known_by_style_and_by_outline_level() -> None:
    data = rtf(
        rb"\pard\s1 One\par\pard\s2 Two\par\pard\outlinelevel2 Three\par\pard\s9 Toc\tab 1\par\pard Body\par"
    )
    assert [(b.level, b.text) for b in blocks(data)] == [(1, "One"), (2, "Two"), (3, "Three"), (0, "Body")]


def test_lists_have_the_labels_that_stand_in_the_file() -> None:
    data = rtf(
        rb"{\pard{\listtext\'b7\tab}\ls1 first\par}{\pard{\listtext 2.\tab}\ls1\ilvl1 second\par}\pard After\par"
    )
    assert seen(data) == [("list", "- first", "  2. second"), ("paragraph", "After")]


def test_tables_are_rows_with_their_header() -> None:
    data = rtf(
        rb"\trowd\trhdr\cellx1\cellx2\pard\intbl 1\cell 2\cell\row"
        rb"\trowd\cellx1\cellx2\pard\intbl a\par b\cell c\cell\row\pard After\par"
    )
    table, after = blocks(data)
    assert (table.parts, table.header_parts, after.text) == (("1 | 2", "a b | c"), 1, "After")


def test_notes_and_text_boxes_follow_their_paragraph_and_page_headers_are_left_out() -> None:
    data = rtf(
        rb"{\header Top\par}Claim{\footnote\pard Proof}{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt\pard boxed\par}}"
        rb"{\shprslt twice}} holds\par Next\par"
    )
    assert [words for _, words in seen(data)] == ["Claim holds", "Proof", "boxed", "Next"]


def test_what_the_document_says_of_itself_is_its_metadata() -> None:
    reading = read(
        rtf(
            rb"{\info{\title Leave}{\author Ann}{\creatim\yr2024\mo3\dy1\hr9\min5}}"
            rb"{\*\userprops{\propname Version}\proptype30{\staticval 3.1}}x"
        )
    )
    assert (reading.title, reading.labels) == ("Leave", ("3.1",))
    assert reading.metadata == {
        "title": "Leave",
        "author": "Ann",
        "created": "2024-03-01T09:05",
        "version": "3.1",
    }


def test_a_document_cut_short_is_damaged_and_one_of_pictures_needs_ocr() -> None:
    assert failure(rtf(b"text")[:-1]).reason == "damaged"
    assert failure(rtf(rb"{\pict 8950}")).reason == "needs-ocr"
    assert seen(rtf(b"")) == []


def test_groups_without_end_are_refused() -> None:
    assert failure(rtf(b"{" * 5000)).reason == "too-large"
