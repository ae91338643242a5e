from __future__ import annotations

import pytest

from indexer.parsing.office import sheets
from indexer.parsing.office.cell_formats import BUILT_IN, shown
from tests.unit.parsing.office_files import relationships, rows, xlsx
from tests.unit.parsing.office_reading import blocks, failure, read, seen


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (0.1, "0%", "10%"),
        (0.1234, "0.0%", "12.3%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (-0.001, "0.00", "0.00"),
        (0, '0;-0;"–"', "–"),
        (0, "0;;", "0"),
        (12, '0.0 "kg"', "12.0 kg"),
        (3, "[$€-407] #,##0", "€ 3"),
        (3, "#,##0 [$€-407]", "3 €"),
        (3, "_-* #,##0.00_-", "3.00"),
        (2500000, '0.0,,"M"', "2.5M"),
        (1200, "[Red]0", "1200"),
        (5, "[<10]0.0;0", "5.0"),
        (12345, "0.00E+00", "1.23E+04"),
        (45352, "yyyy-mm-dd", "2024-03-01"),
        (45352, "d. mmmm yyyy", "2024-03-01"),
        (45352.5, "dd/mm/yy hh:mm", "2024-03-01 12:00"),
        (0.75, "h:mm AM/PM", "18:00"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (59, "d.m.yy", "1900-02-28"),
        (61, "d.m.yy", "1900-03-01"),
        (-1, "yyyy", "-1"),
        (1e9, "yyyy", "1000000000"),
        (42, "@", "42"),
        (42, "General", "42"),
        (42, '"always"', "always"),
        (0.1 + 0.2, "", "0.3"),
        (1e20, "", "1E+20"),
        (123456789012, "", "123456789012"),
    ],
)
def test_numbers_are_shown_as_their_format_shows_them(number: float, code: str, text: str) -> None:
    assert shown(number, code) == text


def test_days_of_a_workbook_that_counts_from_1904_are_four_years_later() -> None:
    assert shown(43890, BUILT_IN[14], since_1904=True) == "2024-03-01"


def test_cells_are_read_as_a_person_sees_them() -> None:
    line = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><f>1/4</f><v>0.25</v></c><c r="C1" t="b"><v>1</v></c>'
        '<c r="D1" t="e"><v>#N/A</v></c><c r="E1" t="str"><v>made</v></c><c r="F1" s="2"><v>45352</v></c>'
        '<c r="G1" t="s"><v>99</v></c><c><v>7</v></c></row>'
    )
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="dd.mm.yyyy"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="170"/></cellXfs>'
    )
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><r><t>two </t></r><r><t>fonts</t></r><rPh><t>spoken</t></rPh></si></sst>"
    )
    data = xlsx(('name="S"', line), styles=styles, parts={"xl/sharedStrings.xml": strings})
    assert seen(data)[1] == ("table", "two fonts | 25% | TRUE | #N/A | made | 2024-03-01 | 7")


def test_each_sheet_is_a_page_under_its_name_and_empty_ones_are_left_out() -> None:
    data = xlsx(('name="One"', rows("a|b", "1|2")), ('name="Two"', ""), ('name="Three"', rows("x")))
    assert [(b.page, b.level, b.text) for b in blocks(data)] == [
        (1, 1, "One"), (1, 0, "a | b\n1 | 2"), (3, 1, "Three"), (3, 0, "x"),
    ]  # fmt: skip


def test_hidden_sheets_are_left_out_and_named_and_hidden_rows_are_read() -> None:
    hidden = '<row r="1" hidden="1"><c r="A1" t="inlineStr"><is><t>filtered</t></is></c></row>'
    data = xlsx(('name="S"', hidden), ('name="Lists" state="veryHidden"', rows("x")))
    assert seen(data) == [("heading", "S"), ("paragraph", "filtered")]
    assert read(data).metadata["hidden-sheets"] == "Lists"


def test_titles_tables_and_notes_of_one_sheet_are_told_apart() -> None:
    data = xlsx(
        ('name="S"', rows("Report 2024", "", "Name|Days", "Ann|3", "Bob|4", "A note that explains the table above at length.", "", "Other|Table", "x|1"))
    )  # fmt: skip
    found = blocks(data)[1:]
    assert [(b.kind.value, b.parts, b.header_parts) for b in found] == [
        ("paragraph", ("Report 2024",), 0),
        ("table", ("Name | Days", "Ann | 3", "Bob | 4"), 1),
        ("paragraph", ("A note that explains the table above at length.",), 0),
        ("table", ("Other | Table", "x | 1"), 1),
    ]


def test_a_header_reaches_over_empty_rows_above_and_within_its_table() -> None:
    data = xlsx(
        (
            'name="S"',
            rows(
                "Zone|Sales|Profit", "", "North|1|2", "", "South|3|4", "", "Zone|Sales|Profit", "", "West|5|6"
            ),
        )
    )
    assert [(b.parts, b.header_parts) for b in blocks(data)[1:]] == [
        (("Zone | Sales | Profit", "North | 1 | 2", "South | 3 | 4"), 1),
        (("Zone | Sales | Profit", "West | 5 | 6"), 1),
    ]


def test_the_header_of_the_next_table_does_not_end_up_in_the_table_above() -> None:
    first, second = (
        [f"In CHF||Year {year}|", "|Sales|Profit|Sales", "", f"North|{year}|1|2"] for year in ("2023", "2022")
    )
    found = blocks(xlsx(('name="S"', rows(*first, "", *second))))[1:]
    assert [(b.parts[0], len(b.parts), b.header_parts) for b in found] == [
        ("In CHF |  | Year 2023", 3, 2),
        ("In CHF |  | Year 2022", 3, 2),
    ]


def test_headers_of_two_rows_are_known_by_the_numbers_below_them() -> None:
    data = xlsx(('name="S"', rows("|Plan||Fact", "Zone|Sales|Profit|Sales", "North|1|2|3")))
    assert blocks(data)[1].header_parts == 2


def test_text_boxes_on_a_sheet_are_read() -> None:
    drawing = (
        '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        "<txBody><a:p><a:r><a:t>boxed</a:t></a:r></a:p></txBody></d>"
    )
    parts: dict[str, str | bytes] = {
        "xl/worksheets/_rels/sheet1.xml.rels": relationships(("drawing", "../drawings/d.xml")),
        "xl/drawings/d.xml": drawing,
    }
    assert seen(xlsx(('name="S"', rows("x")), parts=parts))[-1] == ("paragraph", "boxed")


def test_a_workbook_of_more_cells_than_people_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_CELLS", 5)
    assert len(blocks(xlsx(('name="S"', rows("a|b", "1|2"))))) == 2
    error = failure(xlsx(('name="S"', rows("a|b|c", "1|2|3"))))
    assert (error.reason, "more than 5 filled cells" in error.message) == ("too-large", True)


def test_one_long_text_in_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_CHARACTERS", 50)
    assert failure(xlsx(('name="S"', rows("x" * 30, "x" * 30)))).reason == "too-large"


def test_a_cell_at_the_far_end_of_a_sheet_costs_no_more_than_one_at_its_start() -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'
    assert seen(xlsx(('name="S"', rows("near") + far)))[1:] == [("paragraph", "near"), ("paragraph", "far")]


def test_an_empty_workbook_is_an_empty_document_and_one_without_sheets_is_malformed() -> None:
    assert seen(xlsx(('name="S"', ""))) == []
    assert failure(xlsx()).reason == "malformed"
    broken = xlsx(
        ('name="S"', rows("x")), parts={"xl/_rels/workbook.xml.rels": relationships(("styles", "s.xml"))}
    )
    assert failure(broken).reason == "damaged"
