"""When each passage of one document was there, from its weave rows. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from indexer.model import FOREVER, Instant, Row, Version, VersionKind


class OnLine(Protocol):
    """A version on the line, as far as it matters here."""

    @property
    def number(self) -> int | None: ...

    @property
    def valid_from(self) -> Instant | None: ...


V = TypeVar("V", bound=OnLine)


class Spans(Generic[V]):
    """The intervals of a document's passages as believed at `known_at`, read against its versions."""

    def __init__(self, rows: Iterable[Row], line: Sequence[V], known_at: Instant) -> None:
        """`rows` of one document, those not believed at `known_at` passed over; `line` by number, all on it."""
        self._line = line
        self._starts = [version.valid_from or 0 for version in self._line]
        self._intervals: dict[int, list[tuple[Instant, Instant]]] = {}
        for row in rows:
            if row.recorded_from <= known_at < row.recorded_to:
                end = row.valid_to if row.closed_recorded <= known_at else FOREVER
                if row.valid_from < end:  # empty ones belong to versions aside
                    self._intervals.setdefault(row.passage_no, []).append((row.valid_from, end))
        for intervals in self._intervals.values():
            intervals.sort()

    def versions_with(self, passage_no: int) -> list[V]:
        """The versions on the line that hold the passage, oldest first."""
        return [
            version
            for start, end in self._intervals.get(passage_no, ())
            for version in self._line[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        ]


class Presence(Spans[Version]):
    """`Spans` that also tell since when."""

    def introduced(self, passage_no: int, at: Instant) -> Version | None:
        """The version that began the passage's unbroken presence at effective time `at`; None if it was absent.

        Versions whose text is unknown, or was purged, break nothing: the same wording on both sides of them
        counts as one presence.
        """
        began: Instant | None = None
        before: Instant | None = None
        for start, end in self._intervals.get(passage_no, ()):
            if start > at:
                break
            if before is None or not self._unreadable_throughout(before, start):
                began = start
            before = end
        if began is None or before is None or at >= before:
            return None
        return self._line[bisect_right(self._starts, began) - 1]

    def _unreadable_throughout(self, start: Instant, end: Instant) -> bool:
        between = self._line[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        return all(
            version.kind is VersionKind.UNREADABLE or version.purged is not None for version in between
        )


def on_line(versions: Iterable[Version]) -> list[Version]:
    """The versions that have a number, oldest first."""
    return sorted((v for v in versions if v.number is not None), key=lambda v: v.number or 0)


def number_ranges(versions: Iterable[OnLine], without: int | None = None) -> tuple[tuple[int, int], ...]:
    """First and last of each run of numbers among `versions`, the number `without` left out."""
    ranges: list[tuple[int, int]] = []
    for number in sorted({v.number for v in versions if v.number is not None} - {without}):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
