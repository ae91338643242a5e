"""A history source in memory, scripted step by step: `FakeConnector`.

    wiki = FakeConnector()
    first = wiki.observe("leave.md", b"20 days", at=100)
    wiki.observe("leave.md", b"25 days", at=200, labels=("v2",))
    wiki.observe("leave.md", b"15 days", at=50, sequence=wiki.before("leave.md"))  # late history
    wiki.fail_reads(first, "unreadable")

Each call appends one event to `log`; a listing yields the log from the cursor on, with a
checkpoint after every `checkpoint_every` events, each of which can be resumed from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from indexer.errors import ReadError, SourceError
from indexer.model import Instant, TimeBasis
from indexer.ports import (
    Absent,
    Checkpoint,
    Content,
    Event,
    ListingEnd,
    Observed,
    Relabelled,
    Renamed,
    SourceTime,
    Unknown,
    Withdrawn,
)
from tests.support.fake_folder import carriers

_FIRST_SEQUENCE: Final = 1000
"""Leaves room below for late history."""


class FakeConnector:
    """Implements `indexer.ports.Connector` for a source with history."""

    kind: Final = "fake"
    snapshot: Final = False
    lasting: Final = True

    def __init__(self, uid: str = "fake:history", *, checkpoint_every: int = 1) -> None:
        self.uid: Final = uid
        self.checkpoint_every = checkpoint_every
        self.log: list[Event] = []
        self.reads: list[str] = []
        """Origins in the order in which their bytes were read."""
        self.unknown: dict[str, Unknown] = {}
        """Scopes that every listing reports as unknown, until they are deleted here."""
        self.unwanted: set[str] = set()
        """Keys inside documents that are not to be documents of their own."""
        self._bytes: dict[str, bytes] = {}
        self._failing: dict[str, list[str | None]] = {}
        self._sequences: dict[str, list[int]] = {}
        self._interruptions: list[int] = []

    # --- the port ---

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """The log from `cursor` on; `scopes` are for snapshot sources and ignored."""
        position = 0 if cursor is None else int(cursor)
        interrupted_after = self._interruptions.pop(0) if self._interruptions else None
        yield from list(self.unknown.values())
        for count, event in enumerate(self.log[position:][:interrupted_after], start=1):
            yield event
            if count % self.checkpoint_every == 0:
                yield Checkpoint(str(position + count))
        if interrupted_after is not None:
            raise SourceError("the fake source went away", remedy="list it again")
        yield ListingEnd(False, str(len(self.log)))

    def read_state(self, key: str, origin: str) -> Content:
        """A state by its origin, whatever was withdrawn since."""
        return self._read(key, origin)

    def wants(self, key: str) -> bool:
        """Everything but `unwanted` and what that carries."""
        return not any(carried in self.unwanted for carried in carriers(key))

    def accept(self, cursor: str) -> str:
        """Nothing here depends on devices."""
        return cursor

    # --- what happens at the source ---

    def observe(
        self,
        key: str,
        data: bytes,
        *,
        at: Instant | None = None,
        origin: str | None = None,
        lineage: str | None = None,
        sequence: int | None = None,
        previous_key: str | None = None,
        aside: bool = False,
        labels: Sequence[str] = (),
        title: str | None = None,
        author: str | None = None,
        message: str | None = None,
    ) -> str:
        """A state of the document; returns its origin. Without `sequence` it comes after all before."""
        origin = origin or self._new_origin()
        if previous_key is not None:
            self._follow(previous_key, key, lineage)
        self._bytes[origin] = data
        self.log.append(
            Observed(
                key=key,
                read=partial(self._read, key, origin),
                times=(SourceTime(at, TimeBasis.COMMIT),) if at is not None else (),
                origin=origin,
                size=len(data),
                lineage=lineage,
                sequence=None if aside else self._next(lineage or key, sequence),
                previous_key=previous_key,
                aside=aside,
                author=author,
                message=message,
                title=title,
                labels=tuple(labels),
            )
        )
        return origin

    def rename(
        self, key: str, to: str, *, at: Instant, lineage: str | None = None, sequence: int | None = None
    ) -> str:
        """The document at `key` is called `to` from now on; returns the origin."""
        origin = self._new_origin()
        self._follow(key, to, lineage)
        number = self._next(lineage or to, sequence)
        time = SourceTime(at, TimeBasis.COMMIT)
        self.log.append(Renamed(to, key, origin, time, lineage, number))
        return origin

    def remove(
        self, key: str, *, at: Instant, lineage: str | None = None, sequence: int | None = None
    ) -> str:
        """The document is gone, outright; returns the origin."""
        origin = self._new_origin()
        time = SourceTime(at, TimeBasis.COMMIT)
        self.log.append(Absent(key, time, origin, lineage, self._next(lineage or key, sequence)))
        return origin

    def withdraw(self, key: str, *origins: str, lineage: str | None = None) -> None:
        """The source takes these states back."""
        self.log.append(Withdrawn(key, origins, lineage))

    def relabel(self, key: str, origin: str, *labels: str, lineage: str | None = None) -> None:
        """The state's labels are now exactly these."""
        self.log.append(Relabelled(key, origin, labels, lineage))

    def hide(self, scope: str, reason: str = "network") -> None:
        """Every listing says that `scope` is unknown, until `show`."""
        self.unknown[scope] = Unknown(scope, reason, f"{scope or 'the fake source'} cannot be seen: {reason}")

    def show(self, scope: str) -> None:
        """Undo `hide`."""
        del self.unknown[scope]

    def before(self, document: str) -> int:
        """A sequence below all that the document (its lineage, else its key) has: for late history."""
        return min(self._sequences.get(document, [_FIRST_SEQUENCE])) - 1

    # --- what goes wrong ---

    def fail_reads(self, origin: str, reason: str = "unreadable", *, times: int | None = None) -> None:
        """Reading this state raises `ReadError`, for ever or the next `times` times."""
        self._failing[origin] = [None, reason] if times is None else [reason] * times

    def mend_reads(self, origin: str) -> None:
        """Undo `fail_reads`."""
        self._failing.pop(origin, None)

    def interrupt(self, *after: int) -> None:
        """The next listings (one for each number) break off with `SourceError` after so many log events."""
        self._interruptions.extend(after)

    # --- inside ---

    def _read(self, key: str, origin: str) -> Content:
        self.reads.append(origin)
        failing = self._failing.get(origin)
        if failing:
            reason = failing[1] if failing[0] is None else failing.pop(0)
            raise ReadError(str(reason), f"{key} cannot be read: {reason}", remedy="mend_reads")
        return Content(self._bytes[origin])

    def _new_origin(self) -> str:
        return f"origin-{len(self.log) + 1}"

    def _next(self, document: str, sequence: int | None) -> int:
        known = self._sequences.setdefault(document, [])
        if sequence is None:
            sequence = max(known, default=_FIRST_SEQUENCE - 1) + 1
        known.append(sequence)
        return sequence

    def _follow(self, key: str, to: str, lineage: str | None) -> None:
        if lineage is None and key in self._sequences:
            self._sequences[to] = self._sequences.pop(key)
