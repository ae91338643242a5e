"""Lists and tables with code inside, which the reader of HTML takes apart, made ready so that they say the same."""

from __future__ import annotations

from itertools import count

from lxml import etree

from indexer.parsing.confluence.elements import HEADINGS, put_first

_CELLS = ("td", "th")


def arrange(root: etree._Element) -> None:
    """Prepare the tables and then the lists inside `root`."""
    for table in list(root.iter("table")):
        _arrange_table(table)
    for items in _lists_taken_apart(root):
        _number(items)


def _arrange_table(table: etree._Element) -> None:
    """Keep the rows of a table of data together although there are headings or code in its cells.

    Headings of header cells are their words; code becomes words of its cell. A table with other headings
    or another table inside only arranges the page, as does one of a single row or column.
    """
    if any(found is not table for found in table.iter("table")):
        return
    for head in table.iter("th"):
        for heading in head.iter(*HEADINGS):
            heading.tag = "div"
    if next(table.iter(*HEADINGS), None) is not None:
        return
    rows = list(table.iter("tr"))
    if len(rows) > 1 and any(sum(1 for cell in row if cell.tag in _CELLS) > 1 for row in rows):
        for code in list(table.iter("pre")):
            code.tag = "div"


def _lists_taken_apart(root: etree._Element) -> list[etree._Element]:
    """The lists in which code, a table or a heading stands, so that they are no list as a whole."""
    seen: set[etree._Element] = set()
    found: list[etree._Element] = []
    for apart in root.iter("pre", "table", *HEADINGS):
        for above in apart.iterancestors():
            if above in seen:
                break
            seen.add(above)
            if above.tag in ("ul", "ol"):
                found.append(above)
    return found


def _number(items: etree._Element) -> None:
    """Write before each item what a list would show there."""
    numbers = count(1)
    for item in items:
        if item.tag == "li":
            put_first(item, f"{next(numbers)}. " if items.tag == "ol" else "- ")
