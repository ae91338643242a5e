"""Translates a `Filter` to SQL text, of integers and column names only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from indexer.model import Instant
from indexer.ports import Filter
from indexer.store.passages.columns import PERIOD, period, period_column

_LONG_RUN: Final = 64
"""From here on a run of neighbouring numbers becomes a range: shorter ones are faster inside a list."""


def matches_nothing(where: Filter) -> bool:
    """Whether one of the sets is empty, so that no row can match."""
    return any(
        chosen is not None and not chosen for chosen in (where.documents, where.sources, where.passages)
    )


def to_sql(where: Filter, *, indexed: bool = False) -> str | None:
    """The condition of `where` as LanceDB reads it; None where every row matches.

    `indexed`: instants and their periods have indexes, so a comparison asks both. Without indexes
    that would be slower, since more columns would be read.
    """
    conditions = []
    time = _Time(indexed).condition(where)
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


@dataclass(frozen=True, slots=True)
class _Time:
    """Conditions on instants, which ask the periods too where those are `indexed`."""

    indexed: bool

    def condition(self, where: Filter) -> str | None:
        known = where.known_at
        if known is None:
            return None
        needed = [self.after("recorded_to", known)]
        if not where.latest:
            needed.append(self.upto("recorded_from", known))
        if not where.every_version:
            still_open = self.after("closed_recorded", known)
            if where.valid_at is None:
                needed.append(still_open)
            else:
                needed.append(self.upto("valid_from", where.valid_at))
                needed.append(f"({self.after('valid_to', where.valid_at)} OR {still_open})")
        return f"({' AND '.join(needed)})"

    def after(self, column: str, instant: Instant) -> str:
        at = int(instant)
        if not self.indexed:
            return f"{column} > {at}"
        its = period(at)
        rest = f"{column} > {at} AND {column} <= {PERIOD * its + PERIOD - 1}"
        return f"({period_column(column)} > {its} OR ({rest}))"

    def upto(self, column: str, instant: Instant) -> str:
        at = int(instant)
        if not self.indexed:
            return f"{column} <= {at}"
        its = period(at)
        return f"({period_column(column)} < {its} OR ({column} >= {PERIOD * its} AND {column} <= {at}))"


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
