from __future__ import annotations

import pytest

from tests.unit.parsing.reading import parsed, shapes


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_become_lines_whatever_the_delimiter(delimiter: str) -> None:
    source = "Name,Price\nTea,3\nCake,4\n".replace(",", delimiter)
    assert shapes(source, "a.csv") == [("table", "Name | Price", "Tea | 3", "Cake | 4")]


def test_line_breaks_in_cells_are_folded_and_rows_may_be_ragged() -> None:
    source = 'a,b\n"one\n two",x\n\n,,\nonly\n"q ""x""",y,z\n'
    assert shapes(source, "a.csv") == [("table", "a | b", "one two | x", "only", 'q "x" | y | z')]


@pytest.mark.parametrize(
    ("first_row", "header"),
    [
        ("Name,Price", 1),
        ("Name,3", 0),
        ("Name,Name", 0),
        ("Name,", 0),
        ("2024-01-01,x", 0),
        ("Year 2024,x", 1),
    ],
)
def test_the_first_row_is_a_header_if_its_cells_are_distinct_words(first_row: str, header: int) -> None:
    [table] = parsed(f"{first_row}\na,1\nb,2\n", "a.csv").blocks
    assert table.header_parts == header


def test_a_tsv_keeps_its_commas() -> None:
    assert shapes("a, b\tc\n1, 2\t3\n", "a.tsv") == [("table", "a, b | c", "1, 2 | 3")]


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below() -> None:
    source = "size,name\n" + '5",drive\n' + '"x,open\n' + "1,a\n" * 1000
    [table] = parsed(source, "a.csv").blocks
    assert len(table.parts) == 1003


def test_a_table_is_recognised_without_a_name_only_if_it_is_one_throughout() -> None:
    table = "a,b,c\n" * 10
    assert parsed(table, "export").media_type == "text/csv"
    assert parsed(table + "words\n" + table, "export").media_type == "text/plain"
