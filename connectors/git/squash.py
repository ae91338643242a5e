"""Several commits as one step: what each document became, and which commit made it so. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.git.changes import Change

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Step(Generic[C]):
    """The net change of one document, and the last commit that touched it."""

    commit: C
    change: Change
    """Told of the path that it had before the first of the commits where it is gone."""
    path: bytes
    """Where the last commit touched it."""
    exchanged: bool = False
    """Another one of the same steps is renamed to the path that this one had."""


@dataclass(slots=True)
class _Now(Generic[C]):
    commit: C
    change: Change
    born: bytes | None
    """The path that it had before the first of the commits; None: it was not there."""


class Squash(Generic[C]):
    """Collects commits, oldest first. The states between them are nobody's versions; renames are followed."""

    def __init__(self) -> None:
        self._now: dict[bytes, _Now[C]] = {}
        """Path → what is there now, of those that were touched."""
        self._gone: dict[bytes, list[_Now[C]]] = {}
        """Path → how those went that were there last, and are not any more."""
        self._left: set[bytes] = set()
        """Paths before the first commit at which something began that is told of."""

    def add(self, commit: C, changes: Iterable[Change]) -> None:
        """One more commit, with its changes as `tree_changes` orders them."""
        listed = list(changes)
        for change in listed:
            if change.blob is None:
                there = self._now.pop(change.path, None)
                self._gone.setdefault(change.path, []).append(
                    self._kept(commit, change, self._born(change.path, there))
                )
        moved = [change for change in listed if change.previous is not None]
        # All that move leave their places first: two of them may swap.
        born = [self._born(c.previous or b"", self._now.pop(c.previous or b"", None)) for c in moved]
        for change, began in zip(moved, born, strict=True):
            self._now[change.path] = self._kept(commit, change, began)
        for change in listed:
            if change.blob is not None and change.previous is None:
                there = self._now.get(change.path)
                self._now[change.path] = self._kept(commit, change, self._came(change.path, there))

    def _kept(self, commit: C, change: Change, born: bytes | None) -> _Now[C]:
        if born is not None:
            self._left.add(born)
        return _Now(commit, change, born)

    def _born(self, path: bytes, there: _Now[C] | None) -> bytes | None:
        """Where the document at `path` was before the first of the commits."""
        return path if there is None else there.born

    def _came(self, path: bytes, there: _Now[C] | None) -> bytes | None:
        """The same of one that was edited or created at `path`; a path that comes back resumes its document."""
        if there is not None:
            return there.born
        if self._gone.get(path):
            return self._gone[path].pop().born
        return None if path in self._left else path

    def take(self) -> list[Step[C]]:
        """The net changes since the last call, in the order of `tree_changes`."""
        gone = [
            Step(went.commit, Change(went.born, None), went.change.path)
            for _, all_there in sorted(self._gone.items())
            for went in all_there
            if went.born is not None
        ]
        renamed: list[Step[C]] = []
        others: list[Step[C]] = []
        targets = {path for path, now in self._now.items() if now.born is not None and now.born != path}
        for path, now in sorted(self._now.items()):
            moved = path in targets
            change = Change(path, now.change.blob, now.born if moved else None)
            step = Step(now.commit, change, path, exchanged=moved and now.born in targets)
            (renamed if moved else others).append(step)
        self._now, self._gone, self._left = {}, {}, set()
        return gone + renamed + others
