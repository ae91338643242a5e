"""The order in which regions of a page are read."""

from __future__ import annotations

from collections.abc import Iterable

from indexer.parsing.pdf.columns import columns
from indexer.parsing.pdf.lines import Line
from tests.unit.parsing.pdf_lines import line

PROSE = "some forty letters of text in one column"


def column(name: str, left: float, down: float, count: int, order: int, step: int = 1) -> list[Line]:
    return [
        line(f"{name}{number} {PROSE}", left, down + 12 * number, order=order + step * number)
        for number in range(count)
    ]


def order(pieces: Iterable[Line]) -> list[str]:
    return [piece.text.split()[0] for region in columns(list(pieces)) for piece in region]


def test_columns_are_read_one_after_the_other() -> None:
    pieces = [*column("a", 72, 100, 4, 0), *column("b", 320, 100, 4, 4)]
    assert order(pieces) == ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]


def test_prose_in_columns_is_told_even_if_the_file_draws_it_row_by_row() -> None:
    pieces = [*column("a", 72, 100, 4, 0, 2), *column("b", 320, 100, 4, 1, 2)]
    assert order(pieces) == ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]


def test_baselines_of_two_columns_need_not_agree() -> None:
    pieces = [*column("a", 72, 100, 4, 0), *column("b", 320, 105, 4, 4)]
    assert order(pieces) == ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]


def test_what_spans_the_columns_is_read_before_and_after_them() -> None:
    wide = [line("top", 72, 80, width=450), line("end", 72, 160, width=450, order=99)]
    assert order([*wide, *column("a", 72, 100, 4, 1), *column("b", 320, 100, 4, 5)]) == [
        *("top", "a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3", "end")
    ]


def test_a_short_line_under_the_columns_is_read_after_them() -> None:
    pieces = [
        *column("a", 72, 100, 4, 0),
        *column("b", 320, 100, 4, 4),
        line("References", 72, 170, order=50),
    ]
    assert order(pieces)[-1] == "References"


def test_a_first_column_that_is_longer_stays_whole() -> None:
    pieces = [*column("a", 72, 100, 6, 0), *column("b", 320, 100, 3, 6)]
    assert order(pieces) == ["a0", "a1", "a2", "a3", "a4", "a5", "b0", "b1", "b2"]


def test_three_columns_are_read_from_the_left() -> None:
    pieces = [
        piece for place in range(3) for piece in column("abc"[place], 50 + 240 * place, 100, 3, 3 * place)
    ]
    assert order(pieces) == ["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"]


def test_labels_and_values_are_read_row_by_row() -> None:
    pieces = [
        piece
        for number in range(5)
        for piece in (
            line(f"label{number}", 72, 100 + 12 * number, order=2 * number),
            line(f"value{number}", 200, 100 + 12 * number, order=2 * number + 1),
        )
    ]
    (region,) = columns(pieces)
    assert [piece.text for piece in region] == [f"label{number} value{number}" for number in range(5)]
    assert [cell.text for cell in region[0].cells] == ["label0", "value0"]


def test_right_to_left_columns_are_read_from_the_right() -> None:
    words = "מילים רבות בשורה אחת של הטקסט הזה"
    left = [line(f"{words} ל", 72, 100 + 12 * number, order=4 + number) for number in range(4)]
    right = [line(f"{words} י", 320, 100 + 12 * number, order=number) for number in range(4)]
    assert [region[0].left for region in columns([*left, *right])] == [320, 72]


def test_nothing_is_lost_and_nothing_is_there_twice() -> None:
    pieces = [
        *column("a", 72, 100, 5, 0),
        *column("b", 320, 130, 5, 5),
        line("x", 10, 20),
        line("y", 400, 700),
    ]
    assert sorted(order(pieces)) == sorted(piece.text.split()[0] for piece in pieces)
    assert columns([]) == []
