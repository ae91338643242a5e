"""What of a source is in motion while it is looked at, as its watcher tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import Final, Protocol

from indexer.clock import Clock
from indexer.plan.scopes import lies_in

CAUGHT_UP: Final = 0.2
"""Seconds for the watcher to tell what happened before."""
LONGEST: Final = 10.0
"""Seconds for which a document that is gone, or a new file, waits for another look: where something happens all the time,
there is always one to come.
"""
CALM: Final = 5.0
"""Seconds for which nothing had a key wait before it may wait as long again: far more than from one look at it to the next."""


class Pending(Protocol):
    """The hints that wait; see `hints.Hints`."""

    def covers(self, key: str, since: float | None = None) -> bool:
        """Whether something waits at `key`, or of a folder that it lies in; hinted at or after `since`."""

    def folders(self, since: float | None = None) -> Sequence[str]:
        """The folders of which anything may have changed, and which wait; hinted at or after `since`."""

    def scopes(self, since: float | None = None) -> Sequence[str]:
        """All that waits; hinted at or after `since`."""

    def moves(self) -> Sequence[tuple[str, str]]:
        """From where to where something moved lately, in order, whether it was looked at since or not."""

    def together(self, key: str, other: str) -> None:
        """Both are looked at, and at the same time."""


class Motion:
    """Implements `ingest.afoot.Afoot`. Not thread-safe: one loop asks."""

    def __init__(
        self,
        hints: Pending,
        caught_up: Callable[[float], bool],
        clock: Clock,
        unseen: Callable[[], bool] = lambda: False,
        meant: Callable[[], bool] = lambda: False,
    ) -> None:
        """`caught_up`: waits until all is hinted that happened before, at most so many seconds.

        `unseen`: whether something may have moved that nobody told of, and moved again since. `meant`: whether somebody
        said that deletions are meant, which nobody says of the next look.
        """
        self._hints = hints
        self._caught_up = caught_up
        self._clock = clock
        self._unseen = unseen
        self._meant = meant
        self._waits: dict[str, tuple[float, float]] = {}
        """Key → when it was first made to wait, and last. [monotonic seconds]"""

    def waiting(self, gone: Collection[str], come: Collection[str], since: float | None) -> Collection[str]:
        self._caught_up(CAUGHT_UP)
        now = self._clock.monotonic()
        self._waits = {key: wait for key, wait in self._waits.items() if now - wait[1] < CALM}
        moves = self._hints.moves()
        onwards, back = Trail(moves), Trail([(new, old) for old, new in reversed(moves)])
        unseen, meant = since is not None and self._unseen(), self._meant()
        # What moves into a folder that was just made is told to leave its place, and not where it came: nobody watched there yet.
        new = self._hints.folders(since)
        # And what moved before may have moved on from a place that nobody knows of, to any of which something is told.
        anywhere = self._hints.scopes(since) if unseen or self._waits else ()
        held = []
        joined: dict[bool, Sequence[str]] = {}
        for key in gone:
            far = unseen or key in self._waits
            wide = () if meant else anywhere if far else new
            others = [*self._others((key, *onwards.places(key)), since), *wide[:1]]
            if self._holds(key, others, now):
                held.append(key)
                joined[far] = wide
        for wide in joined.values():
            for one, other in pairwise(wide):
                self._hints.together(one, other)
        return held + [key for key in come if self._holds(key, self._others(back.places(key), since), now)]

    def _others(self, places: Sequence[str], since: float | None) -> list[str]:
        """The last of these places, if something waits at any of them."""
        return [places[-1]] if any(self._hints.covers(place, since) for place in places) else []

    def _holds(self, key: str, others: Sequence[str], now: float) -> bool:
        """Whether `key` waits, for a look at these as well: it may have moved more than once, and not all of its places wait."""
        if not others or not self._may_wait(key, now):
            return False
        for other in others:
            self._hints.together(key, other)
        return True

    def _may_wait(self, key: str, now: float) -> bool:
        first, _ = self._waits.get(key, (now, now))
        if now - first >= LONGEST:
            return False
        self._waits[key] = first, now
        return True


class Trail:
    """Moves (from, to), one after another."""

    def __init__(self, moves: Sequence[tuple[str, str]]) -> None:
        self._moves = moves
        self._left = frozenset(old for old, _ in moves)

    def places(self, key: str) -> tuple[str, ...]:
        """Where what was at `key` came with them, in order."""
        places: list[str] = []
        # Most keys never moved, and there may be many.
        for old, new in self._moves if lies_in(key, self._left) else ():
            if lies_in(key, {old}):
                key = new + key[len(old) :]
                places.append(key)
        return tuple(places)
