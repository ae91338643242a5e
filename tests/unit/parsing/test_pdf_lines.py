"""Runs become pieces of lines."""

from __future__ import annotations

from indexer.parsing.pdf.lines import joined, lines, rows
from indexer.parsing.pdf.runs import OpenRun, Style
from tests.unit.parsing.pdf_lines import line, run


def texts(*runs_: object) -> list[str]:
    return [piece.text for piece in lines(list(runs_))]  # type: ignore[arg-type]


def test_runs_on_one_baseline_join_with_the_blanks_that_stand_between() -> None:
    assert texts(run("bold", 72), run("er", 92, spaced=False), run("text", 105)) == ["bolder text"]


def test_a_wide_gap_parts_a_line_whatever_the_file_draws_next() -> None:
    assert texts(run("left", 72), run("right", 200)) == ["left", "right"]


def test_a_line_that_is_drawn_in_pieces_at_different_times_is_one() -> None:
    assert texts(run("see the", 72), run("other", 72, 120), run("link", 109)) == ["see the link", "other"]


def test_narrow_gutters_part_columns_that_are_drawn_one_after_the_other() -> None:
    assert texts(run("a" * 20, 72), run("below", 72, 112), run("b" * 20, 180)) == [
        "a" * 20,
        "b" * 20,
        "below",
    ]


def test_a_raised_mark_belongs_to_the_letters_beside_it() -> None:
    assert texts(run("1", 68, 95.5, size=6), run("Note", 72, 100, spaced=False)) == ["1Note"]


def test_pieces_of_a_row_stand_from_left_to_right_and_rows_from_top_to_bottom() -> None:
    pieces = [line("d", 200, 112), line("b", 200, 100), line("c", 72, 112.5), line("a", 72, 100.5)]
    assert [[piece.text for piece in row] for row in rows(pieces)] == [["a", "b"], ["c", "d"]]


def test_pieces_of_a_right_to_left_line_are_read_from_the_right() -> None:
    assert joined([line("עולם", 72), line("שלום", 120)]).text == "שלום עולם"


STYLE = Style(10, bold=False, mono=False, angle=0, heading=0, artifact=False)


def written(*letters: tuple[str, float, float]) -> str:
    first, left, right = letters[0]
    made = OpenRun(STYLE, first, left, 90, right, 102, 100, spaced=True)
    for letter, start, end in letters[1:]:
        made.add(letter, start, end, spaced=False)
    return made.closed().text


def test_letters_of_right_to_left_scripts_are_in_reading_order_however_they_are_drawn() -> None:
    rising = [(letter, 10.0 * place, 10.0 * place + 9) for place, letter in enumerate("םולש")]
    falling = [(letter, -10.0 * place, -10.0 * place + 9) for place, letter in enumerate("שלום")]
    assert written(*rising) == written(*falling) == "שלום"


def test_several_letters_of_one_glyph_are_turned_back() -> None:
    assert written(("ي", 10, 30), ("ب", 10, 30), ("ح", 10, 30)) == "حبي"
