"""Keeping the list of what could not be indexed: what is new on it, what is over, what is due again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from indexer.clock import Clock
from indexer.errors import DocumentError, ParseError
from indexer.hashing import short_id
from indexer.model import Instant
from indexer.plan.scopes import lies_in
from indexer.ports import Unknown
from indexer.ports.batch import Batch, FailureRow
from indexer.ports.recorded import FailureGroup, FailureState

FIRST_RETRY = 60_000_000  # [µs]
LAST_RETRY = 86_400_000_000  # [µs] the pause between two tries doubles until it is a day

OVERWHELMED = frozenset({"parser-timeout", "parser-memory", "parser-crashed"})
"""Reasons that may be the document's fault or a bad moment of the machine: only trying tells."""
FIRST_LONG_RETRY = 3_600_000_000  # [µs] each such try may cost minutes
LONG_TRIES = 6
"""After so many tries, in the course of a day and a half, it was the document: only a change, other
parsers or somebody's wish make it tried again."""


class Failures:
    """One source's failures, as recorded and as this run finds them."""

    def __init__(
        self, clock: Clock, parsers: frozenset[str], recorded: Mapping[tuple[str, bool], FailureState]
    ) -> None:
        self._clock = clock
        self._parsers = short_id("parsers", *sorted(parsers))
        self._recorded = dict(recorded)
        self._found: dict[tuple[str, bool], FailureRow] = {}
        self._over: set[tuple[str, bool]] = set()

    @property
    def count(self) -> int:
        """How many documents and scopes are on the list now."""
        return len((self._recorded.keys() - self._over) | self._found.keys())

    def listed(self, key: str) -> bool:
        """Whether the document at `key` is on the list."""
        return (key, False) in self._recorded

    def due(self, retry: frozenset[str] | None = None) -> list[str]:
        """Keys to read again though nothing shows that they changed; `retry` names more of them."""
        now = self._clock.now()
        due = set(retry or ())
        for (key, scope), state in self._recorded.items():
            if scope:
                continue
            other_parsers = state.tried_with is not None and state.tried_with != self._parsers
            if other_parsers or is_due(state, now):
                due.add(key)
        return sorted(due)

    def document(self, key: str, error: DocumentError) -> None:
        """The document at `key` could not be indexed."""
        place = (key, False)
        overwhelmed = error.reason in OVERWHELMED
        permanent = error.permanent or (overwhelmed and self._attempts(place) + 1 >= LONG_TRIES)
        self._note(
            FailureRow(
                key=key,
                scope=False,
                reason=error.reason,
                detail=str(error),
                permanent=permanent,
                next_retry=None if permanent else self._next_try(place, error.reason),
                tried_with=self._parsers if isinstance(error, ParseError) else None,
            )
        )

    def scope(self, key: str, reason: str, detail: str) -> None:
        """A folder, or with an empty key the whole source, could not be brought up to date."""
        self._note(FailureRow(key, True, reason, detail, False, self._next_try((key, True), reason)))

    def scopes(self, unknown: Iterable[Unknown]) -> None:
        """Exactly these scopes could not be seen; those listed before and not now are over."""
        doubts = {doubt.scope: doubt for doubt in unknown}
        for doubt in doubts.values():
            self.scope(doubt.scope, doubt.reason, doubt.detail)
        for key, scope in self._recorded:
            if scope and key not in doubts:
                self._over.add((key, True))

    def scopes_seen(self, hidden: Iterable[str]) -> None:
        """All that is recorded was looked at, but for what lies in `hidden`: folders that could not be seen before can be now.

        Whether the source as a whole can be seen only a complete scan tells.
        """
        unseen = frozenset(hidden)
        for key, scope in self._recorded:
            if scope and key and not lies_in(key, unseen):
                self._over.add((key, True))

    def over(self, key: str) -> None:
        """The document at `key` was indexed, or is gone."""
        self._found.pop((key, False), None)
        if (key, False) in self._recorded:
            self._over.add((key, False))

    def forget_missing(
        self, present: Iterable[str], hidden: Iterable[str], scopes: Iterable[str] = ("",)
    ) -> None:
        """Documents within `scopes` that are neither present nor in a hidden scope are off the list."""
        there, unseen, looked_at = set(present), frozenset(hidden), frozenset(scopes)
        for key, scope in self._recorded:
            out_of_sight = lies_in(key, unseen) or not lies_in(key, looked_at)
            if not scope and key not in there and not out_of_sight:
                self._over.add((key, False))

    def renew(self, recorded: Mapping[tuple[str, bool], FailureState], theirs: Callable[[str], bool]) -> None:
        """Another run committed: this is what is recorded now. Of `theirs` it knows better than what this one found."""
        self._recorded = dict(recorded)
        self._over = {place for place in self._over & self._recorded.keys() if not theirs(place[0])}
        self._found = {place: row for place, row in self._found.items() if not theirs(place[0])}

    def settle(self, batch: Batch) -> None:
        """Hand what changed since the last call to `batch`."""
        batch.failures.extend(self._found.values())
        batch.cleared.extend(sorted(self._over))
        for place, row in self._found.items():
            attempts = self._recorded[place].attempts + 1 if place in self._recorded else 1
            self._recorded[place] = FailureState(
                attempts, row.permanent, row.next_retry, row.tried_with, row.reason
            )
        for place in self._over:
            self._recorded.pop(place, None)
        self._found, self._over = {}, set()

    def _note(self, row: FailureRow) -> None:
        self._found[row.key, row.scope] = row
        self._over.discard((row.key, row.scope))

    def _attempts(self, place: tuple[str, bool]) -> int:
        return self._recorded[place].attempts if place in self._recorded else 0

    def _next_try(self, place: tuple[str, bool], reason: str) -> Instant:
        return self._clock.now() + pause_after(self._attempts(place) + 1, reason)


def pause_after(attempts: int, reason: str) -> int:
    """Until the next try of what failed so often for this reason. [µs]"""
    first = FIRST_LONG_RETRY if reason in OVERWHELMED else FIRST_RETRY
    return int(min(first * 2 ** min(attempts - 1, 20), LAST_RETRY))


def is_due(state: FailureState, now: Instant) -> bool:
    """Whether what failed is to be tried again: at its time, or where that is further off than it can be.

    Then the clock was set back since, by who knows how much.
    """
    if state.next_retry is None:
        return False
    return state.next_retry <= now or state.next_retry > now + pause_after(state.attempts, state.reason)


def next_due(groups: Iterable[FailureGroup], now: Instant) -> Instant | None:
    """When the first of the documents that failed is to be tried again; not later than `now` where one is due."""
    times = []
    for group in groups:
        # Of folders that could not be seen the next scan tells.
        if group.scope or group.first_retry is None or group.last_retry is None:
            continue
        set_back = group.last_retry > now + pause_after(group.attempts, group.reason)
        times.append(min(now, group.first_retry) if set_back else group.first_retry)
    return min(times, default=None)
