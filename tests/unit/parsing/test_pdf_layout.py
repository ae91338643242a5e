"""Paragraphs, tables and headings out of lines."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from indexer.parsing.pdf.headings import OutlineItem, heading_levels
from indexer.parsing.pdf.lines import Line, joined
from indexer.parsing.pdf.paragraphs import Paragraph, Region, Style, paragraphs
from indexer.parsing.pdf.tables import table_at
from tests.unit.parsing.pdf_lines import line, row

STYLE = Style(body=10, leading=1.2, mono=False, known=frozenset())
FULL = "words that fill the whole width of the column, as most of the lines of a paragraph do"


def stacked(*lines: Line | str, down: float = 100, step: float = 12) -> Region:
    made = []
    for number, entry in enumerate(lines):
        found = line(entry) if isinstance(entry, str) else entry
        move = down + step * number - found.baseline
        made.append(
            replace(found, top=found.top + move, bottom=found.bottom + move, baseline=found.baseline + move)
        )
    return Region(1, tuple(made))


def texts(*regions: Region) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(regions, STYLE)]


def test_a_short_line_that_ends_a_sentence_ends_the_paragraph() -> None:
    assert texts(stacked(FULL, "The end.", FULL, "more.")) == [f"{FULL} The end.", f"{FULL} more."]


def test_an_indented_line_begins_a_paragraph() -> None:
    assert len(texts(stacked(FULL, FULL + ".", line(FULL, 87), FULL))) == 2


def test_a_gap_ends_a_paragraph() -> None:
    region = Region(
        1, (line(FULL, down=100), line(FULL, down=112), line(FULL, down=134), line(FULL, down=146))
    )
    assert len(texts(region)) == 2


def test_lines_set_wide_throughout_are_one_paragraph() -> None:
    assert len(texts(stacked(*[FULL] * 6, step=20))) == 1


def test_ragged_lines_go_on() -> None:
    assert texts(stacked(FULL, FULL[:-12], "and so it goes on until the end.")) == [
        f"{FULL} {FULL[:-12]} and so it goes on until the end."
    ]


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        (["• one", "• two"], ["• one", "• two"]),
        (["1. one", "2. two"], ["1. one", "2. two"]),
        (["(a) one", "(b) two"], ["(a) one", "(b) two"]),
        (["One ........ 3", "Two ........ 5"], ["One … 3", "Two … 5"]),
    ],
)
def test_items_of_lists_are_told_by_their_marks(lines: list[str], items: list[str]) -> None:
    found = paragraphs([stacked(*lines)], STYLE)
    assert [paragraph.text for paragraph in found if paragraph.marker] == items


def test_what_hangs_under_an_item_is_part_of_it() -> None:
    lines = stacked(f"• {FULL}"[:60], line("IDs and all that follows", 82), "• two")
    assert texts(lines) == [f"• {FULL}"[:60] + " IDs and all that follows", "• two"]


def test_a_year_at_the_start_of_a_line_is_no_item() -> None:
    assert (
        len(
            texts(
                stacked(FULL + " in", "2020. Then it went on as it had before, which was hardly a surprise")
            )
        )
        == 1
    )


def test_a_sentence_goes_on_in_the_next_column_past_a_footnote() -> None:
    first = Region(1, (*stacked(FULL, FULL).lines, line("1 A note.", down=300, size=7)))
    assert texts(first, stacked("continued here.")) == [f"{FULL} {FULL} continued here.", "1 A note."]


def test_a_finished_sentence_does_not_go_on() -> None:
    assert len(texts(stacked(FULL, "ends."), stacked("lower case begins this."))) == 2


def test_lines_of_one_width_are_a_listing_with_its_indents_and_empty_lines() -> None:
    region = Region(
        1,
        (
            line("def f():", mono=True),
            line("return 1", 72 + 4 * 6, 112, mono=True),
            line("f()", down=136, mono=True),
        ),
    )
    (found,) = paragraphs([region], STYLE)
    assert found.code == ("def f():", "    return 1", "", "f()")


# --- tables ------------------------------------------------------------------------------------


def test_cells_keep_to_their_columns_and_lines_without_a_first_cell_go_on_with_the_row() -> None:
    lines = [
        row("Name", "Note", "Sum", down=100),
        row("Ann", "lives in", "1", down=120),
        row("", "Bath", "", down=132),
        row("Bob", "", "2", down=152),
        row("Cat", "at sea", "3", down=172),
    ]
    found = table_at(lines, 0)
    assert found is not None
    assert found[0].rows == ("Name | Note | Sum", "Ann | lives in Bath | 1", "Bob |  | 2", "Cat | at sea | 3")
    assert (found[0].header, found[1]) == (1, 5)


def test_a_cell_that_stretches_over_columns_ends_no_table() -> None:
    lines = [
        row("Name", "First", "Second", down=100),
        row("Ann", "1", "2", down=120),
        row("Bob", "3", "4", down=140),
        joined([line("Cat", 72, 160), line("none of both", 200, 160, width=150)]),
        row("Dan", "5", "6", down=180),
    ]
    found = table_at(lines, 0)
    assert found is not None
    assert found[0].rows[3:] == ("Cat |  | none of both", "Dan | 5 | 6")


@pytest.mark.parametrize(
    "lines",
    [
        [row("a", "b", down=100), row("c", "d", down=112)],
        [row("a", "b", down=100), row("c", "d", down=160), row("e", "f", down=220)],
        [line(FULL), line(FULL, down=112), line(FULL, down=124)],
        [row("a", "b", down=100), line(FULL, down=112), row("c", "d", down=124)],
    ],
    ids=["two rows", "far apart", "no cells", "text across"],
)
def test_what_may_be_no_table_stays_text(lines: list[Line]) -> None:
    assert table_at(lines, 0) is None


def test_a_first_row_of_numbers_is_no_header() -> None:
    found = table_at([row("1", "2", down=100 + 12 * number) for number in range(3)], 0)
    assert found is not None
    assert found[0].header == 0


# --- headings ----------------------------------------------------------------------------------


def said(text: str, size: float = 10, *, bold: bool = False, heading: int = 0, page: int = 1) -> Paragraph:
    return Paragraph(page, text, size, bold, heading=heading)


BODY = said("A sentence of body text.")


@pytest.mark.parametrize(
    ("found", "levels"),
    [
        ([said("Title", 20), said("Part", 14), BODY], {0: 1, 1: 2}),
        ([said("Title", 14), said("Run in", bold=True), BODY], {0: 1, 1: 2}),
        (
            [said("1 One", bold=True), said("1.1 Sub", bold=True), said("2 Two", bold=True), BODY],
            {0: 1, 1: 2, 2: 1},
        ),
        (
            [said("Note:", bold=True), said("Bold words in a sentence.", bold=True), BODY],
            {},
        ),
        ([said("12", 20), said("§", 20), BODY], {}),
        ([said("T" * 300, 20), BODY], {}),
        ([said("Tagged", heading=2), said("Large", 20), BODY], {0: 2}),
    ],
)
def test_type_and_structure_tell_headings(found: list[Paragraph], levels: dict[int, int]) -> None:
    assert heading_levels(found, [], 10) == levels


def test_bookmarks_name_headings_and_give_their_style_its_level() -> None:
    found = [said("1 Intro", 12), BODY, said("1.1 Scope", 11, page=2), said("1.2 Terms", 11, page=2), BODY]
    outline = [OutlineItem(1, "Intro", 1), OutlineItem(2, "Scope", 2)]
    assert heading_levels(found, outline, 10) == {0: 1, 2: 2, 3: 2}


def test_a_line_of_the_contents_is_no_heading() -> None:
    entry = Paragraph(1, "Intro … 1", 10, bold=False, marker="…")
    assert heading_levels([entry, BODY], [OutlineItem(1, "Intro … 1", 1)], 10) == {}


def test_levels_never_go_beyond_six() -> None:
    found = [said(f"Size {size}", float(size)) for size in range(40, 12, -2)]
    levels = [level for _, level in sorted(heading_levels(found, [], 10).items())]
    assert levels[0] == 1
    assert max(levels) == 6
    assert all(before <= after for before, after in pairwise(levels))
