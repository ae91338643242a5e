"""The weave: each item is stored once with the interval of versions in which it is present.

The weave of passages answers "what was true at T, as known at R" with one interval test; the same
algebra places versions in time. Pure: no I/O, no clock.

The idea of a weave is Rochkind's (The Source Code Control System, 1975); the two axes of time are
SQL:2011's application and system time.

`reconcile` states what is wanted and changes only what differs from what is believed, so the same
function appends a version, slips late history in, and takes withdrawn history out. `append` is the
shortcut for the common case; a property test holds them to the same result.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from indexer.model import FOREVER, Instant

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Span(Generic[T]):
    """An item's presence over one effective interval, and when that was believed.

    Closing a span records `valid_to` together with `closed_recorded`, the instant from which that
    end is known: at an earlier R the end still reads as open, so the past is never rewritten.
    """

    item: T
    valid_from: Instant
    valid_to: Instant = FOREVER
    recorded_from: Instant = 0
    recorded_to: Instant = FOREVER
    closed_recorded: Instant = FOREVER

    @property
    def open(self) -> bool:
        """Believed now, and without an end."""
        return self.recorded_to == FOREVER and self.closed_recorded == FOREVER


@dataclass(frozen=True, slots=True)
class State(Generic[T]):
    """What one version on the line contains: `items` hold from `valid_from` until the next state."""

    valid_from: Instant
    items: frozenset[T]


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """What a fold does to the spans that were believed before it."""

    close: tuple[tuple[Span[T], Span[T]], ...] = ()
    """(believed, the same span with its end): items that are absent from a later version."""
    supersede: tuple[tuple[Span[T], Span[T]], ...] = ()
    """(believed, the same span no longer believed): history arrived late, or was withdrawn."""
    add: tuple[Span[T], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.close or self.supersede or self.add)

    def applied(self, spans: Iterable[Span[T]]) -> list[Span[T]]:
        """The spans after these changes, in no particular order."""
        changed = dict((*self.close, *self.supersede))
        return [changed.get(span, span) for span in spans] + list(self.add)


def visible(span: Span[T], known_at: Instant, valid_at: Instant | None = None) -> bool:
    """Whether `span` holds at effective time `valid_at`, as believed at `known_at`.

    Without `valid_at`: whether it belongs to the present as believed at `known_at`, which is the
    last version in source order and not a point in time.
    """
    if not span.recorded_from <= known_at < span.recorded_to:
        return False
    if valid_at is None:
        return known_at < span.closed_recorded
    return span.valid_from <= valid_at and (valid_at < span.valid_to or known_at < span.closed_recorded)


def believed_end(span: Span[T], known_at: Instant) -> Instant:
    """The end of `span` as believed at `known_at`; `FOREVER` while it was open then."""
    return span.valid_to if span.closed_recorded <= known_at else FOREVER


def intervals(line: Sequence[State[T]]) -> dict[tuple[T, Instant], Instant]:
    """Maximal runs of presence along a line: (item, start) → end, `FOREVER` if still present.

    `line` is in source order with strictly increasing `valid_from`.
    """
    started: dict[T, Instant] = {}
    runs: dict[tuple[T, Instant], Instant] = {}
    for state in line:
        for item in [item for item in started if item not in state.items]:
            runs[item, started.pop(item)] = state.valid_from
        for item in state.items:
            started.setdefault(item, state.valid_from)
    runs.update(((item, start), FOREVER) for item, start in started.items())
    return runs


def reconcile(
    believed: Iterable[Span[T]],
    line: Sequence[State[T]],
    now: Instant,
    aside: Collection[tuple[T, Instant]] = (),
) -> Changes[T]:
    """Make what is believed say exactly what `line` says, as of the recorded instant `now`.

    `believed` are the document's spans with `recorded_to == FOREVER`. `aside` are items, each with
    an instant, that were never on the line: they get spans that are born closed and empty in time,
    unless the line or another span already holds the item.

    The order of the result follows the line, so equal input gives equal output.
    """
    wanted = intervals(line)
    present = {item for item, _ in wanted}
    for item, instant in aside:
        if item not in present:
            present.add(item)
            wanted[item, instant] = instant
    close: list[tuple[Span[T], Span[T]]] = []
    supersede: list[tuple[Span[T], Span[T]]] = []
    kept: set[tuple[T, Instant]] = set()
    for span in believed:
        place = (span.item, span.valid_from)
        end = wanted.get(place)
        if end is not None and place not in kept:
            if end == believed_end(span, now):
                kept.add(place)
                continue
            if span.open:
                kept.add(place)
                close.append((span, replace(span, valid_to=end, closed_recorded=now)))
                continue
        supersede.append((span, replace(span, recorded_to=now)))
    add = tuple(
        _span(item, start, end, now) for (item, start), end in wanted.items() if (item, start) not in kept
    )
    return Changes(tuple(close), tuple(supersede), add)


def append(open_spans: Iterable[Span[T]], state: State[T], now: Instant) -> Changes[T]:
    """Fold one version after all others: what it lacks is closed, what is new in it is added.

    `open_spans` are the spans that are `open`. Costs no more than the two versions' items.
    """
    close: list[tuple[Span[T], Span[T]]] = []
    held: set[T] = set()
    for span in open_spans:
        if span.item in state.items:
            held.add(span.item)
        else:
            close.append((span, replace(span, valid_to=state.valid_from, closed_recorded=now)))
    add = tuple(_span(item, state.valid_from, FOREVER, now) for item in state.items if item not in held)
    return Changes(tuple(close), (), add)


def _span(item: T, start: Instant, end: Instant, now: Instant) -> Span[T]:
    """A new span; one that has an end from the start is born closed."""
    closed = FOREVER if end == FOREVER else now
    return Span(item, start, end, recorded_from=now, closed_recorded=closed)
