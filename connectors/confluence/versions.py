"""The versions of one document: their order, their numbers, their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from connectors.confluence.staged import Group
from connectors.confluence.tables import ContentObject
from connectors.confluence.times import parse_time
from indexer.model import Instant, TimeBasis
from indexer.ports import SourceTime

_ROOM: Final = 1 << 40
"""Places between two version numbers: for numbers given twice, and for what the index puts between (absences)."""
_MOST: Final = 1 << 20
"""Version numbers are below; a greater one is a mistake."""


@dataclass(frozen=True, slots=True)
class State:
    """One version of a document."""

    object: ContentObject
    sequence: int | None
    """Its place on the document's line; None where the export gives no number, so that the time of the look decides."""
    label: str | None
    """Confluence's number, as people see it."""
    time: SourceTime
    present: bool
    """Whether it is what the export has as the present one."""
    numbered: bool
    """Whether the export gives any of its versions a number."""


def states(group: Group, zone: tzinfo | None, taken: SourceTime) -> Iterator[State]:
    """The versions in order. `taken` is when the export was made: the latest that one without a time can be of."""
    number, rank = 0, -1
    last: Instant | None = None
    found = [*group.earlier, *(() if group.present is None else (group.present,))]
    numbered = any(one.version is not None for one in found)
    for one in found:
        version = one.version if one.version is not None and 0 <= one.version < _MOST else None
        if version is not None and version > number:
            number, rank = version, 0
        else:
            rank += 1
        instant = parse_time(one.modified, zone)
        if instant is not None:
            time = SourceTime(instant, TimeBasis.PAGE_VERSION)
        else:
            time = taken if last is None or one is group.present else SourceTime(last, TimeBasis.OBSERVED)
        last = time.instant
        yield State(
            one,
            number * _ROOM + rank if numbered else None,
            None if version is None else str(version),
            time,
            one is group.present,
            numbered,
        )
