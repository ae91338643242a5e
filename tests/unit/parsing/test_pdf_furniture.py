"""Running heads and page numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from indexer.parsing.pdf.furniture import PageLines, without_furniture
from indexer.parsing.pdf.lines import Line
from tests.unit.parsing.pdf_lines import line

Lines = Callable[[int], Sequence[Line]]


def pages(count: int, *lines: Lines) -> list[PageLines]:
    return [
        PageLines(number, 842, tuple(piece for make in lines for piece in make(number)))
        for number in range(1, count + 1)
    ]


def body(number: int) -> list[Line]:
    return [line(f"text of page {number}, line {row}", down=200 + 12 * row) for row in range(40)]


def remains(found: Sequence[PageLines]) -> set[str]:
    texts = {piece.text for page in without_furniture(found).pages for piece in page.pieces}
    return {text for text in texts if not text.startswith("text of page")}


@pytest.mark.parametrize(
    "make",
    [
        lambda number: [line("ACME Handbook", down=40)],
        lambda number: [line("ACME", down=40), line("Handbook", 400, 40)],
        lambda number: [line(f"Page {number} of 9", down=800)],
        lambda number: [line(f"- {number + 4} -", down=800)],
        lambda number: [line("ivxlcdm"[0] * min(number, 3), down=800)] if number < 4 else [],
        lambda number: [line(f"Chapter {'AB'[number % 2]} {number + 10}", down=800)],
        lambda number: [line("Left", down=40)] if number % 2 else [line("Right", down=40)],
        lambda number: [line("Only here", down=40, artifact=True)] if number == 3 else [],
    ],
)
def test_furniture_is_dropped(make: Lines) -> None:
    assert remains(pages(9, make, body)) == set()


@pytest.mark.parametrize(
    "make",
    [
        lambda number: [line("ACME Handbook", down=40)] if number in (1, 5, 9) else [],
        lambda number: (
            [line("Total 12 14", down=800), line(f"Sum {number * 7}", down=788)] if number in (2, 5) else []
        ),
        lambda number: [line("1984", down=150)] if number == 2 else [],
    ],
    ids=[
        "far from each other",
        "rows of a table",
        "a number that counts nothing",
    ],
)
def test_text_at_the_edge_stays(make: Lines) -> None:
    given = pages(9, make, body)
    assert remains(given) == {piece.text for page in given for piece in make(page.number)}


def test_the_head_of_a_table_on_every_page_stays() -> None:
    def table(number: int) -> list[Line]:
        rows = [line(f"text of page {number}", down=112 + 12 * row) for row in range(40)]
        return [line("Name and amount", down=100), *rows]

    assert remains(pages(9, table)) == {"Name and amount"}


def test_what_was_dropped_is_told_once_and_without_page_numbers() -> None:
    given = pages(6, lambda number: [line("Policy 3.1", down=40), line(f"{number}", down=800)], body)
    assert without_furniture(given).said == ("Policy 3.1",)


def test_lines_of_a_list_that_reach_the_top_of_pages_are_no_heads() -> None:
    """Their figures apart they are alike, as those inside of the pages are."""

    def entries(number: int) -> list[Line]:
        return [line(f"[TICKET-{100 * number + row}] mended", down=40 + 40 * row) for row in range(12)]

    assert len(remains(pages(4, entries))) == 48
