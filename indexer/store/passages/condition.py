"""Translates a `Filter` to SQL text, of integers and column names only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from indexer.ports import Filter

_LONG_RUN: Final = 64
"""From here on a run of neighbouring numbers becomes a range: shorter ones are faster inside a list."""


def matches_nothing(where: Filter) -> bool:
    """Whether one of the sets is empty, so that no row can match."""
    return any(
        chosen is not None and not chosen for chosen in (where.documents, where.sources, where.passages)
    )


def to_sql(where: Filter) -> str | None:
    """The condition of `where` as LanceDB reads it; None where every row matches."""
    conditions = []
    time = _time(where)
    if time is not None:
        if where.or_passages:
            time = f"({time} OR {numbers_in('passage_no', where.or_passages)})"
        conditions.append(time)
    for column, chosen in (
        ("document_no", where.documents),
        ("source_no", where.sources),
        ("passage_no", where.passages),
    ):
        if chosen is not None:
            conditions.append(numbers_in(column, chosen))
    if where.not_documents:
        conditions.append(f"NOT {numbers_in('document_no', where.not_documents)}")
    return " AND ".join(conditions) or None


def _time(where: Filter) -> str | None:
    if where.known_at is None:
        return None
    known = int(where.known_at)
    believed = f"recorded_from <= {known} AND {known} < recorded_to"
    if where.every_version:
        return f"({believed})"
    if where.valid_at is None:
        return f"({believed} AND {known} < closed_recorded)"
    valid = int(where.valid_at)
    return f"({believed} AND valid_from <= {valid} AND ({valid} < valid_to OR {known} < closed_recorded))"


def numbers_in(column: str, numbers: Collection[int]) -> str:
    """Whether `column` is one of `numbers`, in parentheses."""
    if not numbers:
        return "(1 = 0)"
    single: list[str] = []
    ranges: list[str] = []
    for first, last in _runs(sorted(int(number) for number in numbers)):
        if last - first >= _LONG_RUN:
            ranges.append(f"({column} >= {first} AND {column} <= {last})")
        else:
            single.extend(str(number) for number in range(first, last + 1))
    if single:
        ranges.append(f"{column} IN ({','.join(single)})")
    return f"({' OR '.join(ranges)})"


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of neighbours in `numbers`, which are sorted and distinct."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
