"""What a snapshot source shows of itself, taken whole before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from indexer.plan.attachments import listable
from indexer.plan.decisions import Comparison, Seen
from indexer.ports import Connector, Event, ListingEnd, Observed, Unknown
from indexer.ports.recorded import Recorded, RecordedState

MOST_PLACES: Final = 500
"""More places than these are not looked at one by one."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One complete walk of a connector."""

    seen: dict[str, Observed]
    unknown: list[Unknown]
    end: ListingEnd


@contextmanager
def listening(
    connector: Connector, cursor: str | None, scopes: Sequence[str] | None = None
) -> Iterator[Iterator[Event]]:
    """The events of a listing; however the `with` ends, the connector lets go of what it holds for it."""
    events = connector.changes(cursor, scopes)
    try:
        yield events
    finally:
        if isinstance(events, Generator):
            events.close()


def take_listing(
    connector: Connector,
    cursor: str | None,
    scopes: Sequence[str] | None = None,
    going_on: Callable[[], None] = lambda: None,
) -> Listing:
    """Everything that the connector lists since `cursor`, or what lies in `scopes`. Raises `SourceError`.

    `going_on` is called at each event, and may raise.
    """
    seen: dict[str, Observed] = {}
    unknown: list[Unknown] = []
    end: ListingEnd | None = None
    with listening(connector, cursor, scopes) as events:
        for event in events:
            going_on()
            if isinstance(event, Observed):
                seen[listable(event.key)] = event
            elif isinstance(event, Unknown):
                unknown.append(event)
            elif isinstance(event, ListingEnd):
                end = event
    assert end is not None, "a connector ends its listing"
    return Listing(seen, unknown, end)


def places_left(
    listing: Listing, recorded: Mapping[str, Recorded], state: RecordedState, source_no: int
) -> list[str]:
    """Where else files were recorded that are new at their places in `listing`; `recorded`: what was at those places.

    Whoever looks at a few places has to look there too: only then it is known whether a file moved. Where these are many, they
    are the folders that they lie in, or everything.
    """
    arrived = {
        seen.file_id
        for key, seen in listing.seen.items()
        if seen.file_id is not None
        and ((known := recorded.get(key)) is None or known.file_id != seen.file_id)
    }
    left = state.file_places(source_no, arrived) - listing.seen.keys() - recorded.keys()
    while len(left) > MOST_PLACES:
        left = {key.rpartition("/")[0] for key in left}
    return sorted(left)


def with_these(comparison: Comparison, listing: Listing, keys: Iterable[str]) -> Comparison:
    """The comparison, with the documents at `keys` to be read though their etags are the same."""
    present = {seen.key for seen in comparison.to_read}
    extra = [
        Seen(o.key, o.etag, o.file_id, o.size)
        for key in sorted(set(keys) - present)
        if (o := listing.seen.get(key)) is not None
    ]
    return Comparison(
        comparison.unchanged - len(extra),
        tuple(sorted((*comparison.to_read, *extra), key=lambda seen: seen.key)),
        comparison.missing,
        comparison.unverifiable,
    )
