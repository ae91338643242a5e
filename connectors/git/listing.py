"""One listing of a branch: what landed since the last one, or the whole of its history."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import Final

from connectors.git.branch import Branch, Landing
from connectors.git.changes import Change, tree_changes
from connectors.git.cursor import Cursor
from connectors.git.documents import Documents
from connectors.git.repository import Repository
from connectors.git.settings import GitSettings, History
from connectors.git.squash import Squash, Step
from connectors.git.tags import Beside
from connectors.names import key_of_bytes
from indexer.errors import SourceError
from indexer.ports import (
    Absent,
    Checkpoint,
    Event,
    Formerly,
    Landed,
    ListingEnd,
    Observed,
    Renamed,
    Retold,
    Revision,
    Tagged,
    Unknown,
    Working,
)

CHECKPOINT: Final = 300
"""Events between two checkpoints, about."""
_QUIETLY: Final = 50
"""Commits that are compared without a word."""
_LANDED: Final = 1000
"""Revisions in one event."""


class Listing:
    """Yields the events of one listing; see `indexer.ports.Connector.changes`."""

    def __init__(self, repository: Repository, settings: GitSettings, cursor: str | None) -> None:
        self._repository = repository
        self._settings = settings
        self._documents = Documents(settings.include, settings.exclude)
        self._cursor = None if cursor is None else Cursor.read(cursor)
        self._patterns = _digest(settings.patterns)
        self._head = ""
        """The branch that is told where none is configured; empty for a HEAD that names none."""

    def events(self) -> Iterator[Event]:
        """Everything that changed since the cursor."""
        self._repository.reopen()
        known = self._cursor
        if self._settings.ref is None:
            self._head = self._repository.head_branch(known.branch if known is not None else "")
        branch = Branch(self._repository, self._repository.tip(self._settings.ref or self._head or None))
        new = None if known is None or self._must_retell(known, branch) else self._since(branch, known)
        if known is None or new is None:
            yield from self._whole(branch, known)
        else:
            yield from self._landed(branch, known, new)

    # --- what is to be told -------------------------------------------------------------------

    def _must_retell(self, known: Cursor, branch: Branch) -> bool:
        if known.patterns != self._patterns:
            return True
        if not self._settings.history.within(History.parse(known.history)):
            return True
        if History.parse(known.history).mode == "tags" and known.tags != _tags_digest(
            self._repository.tags()
        ):
            return True
        return self._deepened(known, branch)

    def _deepened(self, known: Cursor, branch: Branch) -> bool:
        """Whether a shallow clone has older commits now than it had."""
        return known.shallow and known.root not in branch.grafts and known.root in branch.back()

    def _since(self, branch: Branch, known: Cursor) -> list[str] | None:
        """The commits after the tip that is known, oldest first; None where the branch was rewritten."""
        new: list[str] = []
        for id_ in branch.back():
            if id_ == known.tip:
                return new[::-1]
            new.append(id_)
        if new[-1] in branch.grafts:
            raise self._gap(f"lacks the commits since {known.tip[:12]}")
        return None

    def _gap(self, what: str) -> SourceError:
        return SourceError(
            f"{self._repository.path} is a shallow clone that {what}",
            remedy="run `git fetch --unshallow` in it, or fetch more with --deepen",
            code="shallow-gap",
        )

    def _whole(self, branch: Branch, known: Cursor | None) -> Iterator[Event]:
        """All of the history that is configured, or was told before."""
        configured = self._settings.history
        told = configured if known is None else _wider(configured, History.parse(known.history))
        line = list(branch.back())
        line.reverse()
        shallow = line[0] in branch.grafts
        if shallow and known is not None and known.root not in line:
            raise self._gap(f"reaches back to {known.root[:12]} no more, where it began")
        # A shallow clone that has older commits now: those that were told keep their places.
        deepened = known is not None and self._deepened(known, branch)
        first = _first_place(known, line)
        every = self._every_from(told, known, branch, line, first)
        yield Retold(history_open=shallow or told.mode != "all", exact=deepened)
        tagged = set(self._repository.tags().values()) if told.mode == "tags" else set()
        chosen = frozenset(id_ for id_ in line if id_ in tagged)
        shown = [
            Revision(id_, place) for place, id_ in enumerate(line, first) if place >= every or id_ in chosen
        ]
        for start in range(0, len(shown), _LANDED):
            yield Landed(tuple(shown[start : start + _LANDED]))
        squash: Squash[Landing] = Squash()
        last: Landing | None = None
        for landing in branch.landings(line, first):
            if landing.place % _QUIETLY == 0:
                yield Working()
            changes = self._changes(branch, None if last is None else last.id, landing.id)
            last = landing
            if landing.place > every:
                yield from self._said(Step(landing, change, change.path) for change in changes)
            else:
                squash.add(landing, changes)
                if landing.place == every or landing.id in chosen:
                    yield from self._said(squash.take())
            if deepened and known is not None and landing.id == known.root:
                yield from self._formerly(branch, landing.id)
        assert last is not None
        end = Cursor(
            tip=last.id,
            place=last.place,
            time=last.time.instant,
            history=str(told),
            patterns=self._patterns,
            every=every,
            root=line[0],
            first=first,
            shallow=shallow,
        )
        yield from self._end(branch, end, chosen, complete=True)

    def _every_from(
        self, told: History, known: Cursor | None, branch: Branch, line: list[str], first: int
    ) -> int:
        """The place from which each commit is told for itself; what lies before becomes one state of each document."""
        if told.mode == "all":
            return first - 1
        end = first + len(line) - 1
        before = end if known is None else min(known.every, end)
        if told.since is None:
            return before
        late = (
            landing.place for landing in branch.landings(line, first) if landing.time.instant >= told.since
        )
        # The last one before that date shows what stood then.
        return min(max(first, next(late, end + 1) - 1), before)

    # --- events ---------------------------------------------------------------------------------

    def _landed(self, branch: Branch, known: Cursor, new: list[str]) -> Iterator[Event]:
        """The commits `new`, oldest first, which follow on the known tip, with checkpoints between them."""
        at, events = known, 0
        landed: list[Revision] = []
        for done, landing in enumerate(branch.landings(new, at.place + 1, at.time), 1):
            if done % _QUIETLY == 0:
                yield Working()
            changes = self._changes(branch, at.tip, landing.id)
            for event in self._said(Step(landing, change, change.path) for change in changes):
                yield event
                events += 1
            landed.append(Revision(landing.id, landing.place))
            at = replace(at, tip=landing.id, place=landing.place, time=landing.time.instant)
            if events >= CHECKPOINT or len(landed) >= _LANDED:
                yield Landed(tuple(landed))
                yield Checkpoint(at.write(), done, len(new))
                events, landed = 0, []
        if landed:
            yield Landed(tuple(landed))
            yield Checkpoint(at.write(), len(new), len(new))
        yield from self._end(branch, at, frozenset(), complete=False)

    def _formerly(self, branch: Branch, root: str) -> Iterator[Event]:
        """What a shallow clone showed first: it was told as if the commit at which that ended had made it."""
        for change in self._changes(branch, None, root):
            key = key_of_bytes(change.path)
            yield Formerly(key, f"{root}:{key}")

    def _changes(self, branch: Branch, before: str | None, after: str) -> list[Change]:
        tree = branch.tree(after)
        assert tree is not None
        with self._repository.intact():
            return tree_changes(self._repository.handle, branch.tree(before), tree, self._documents)

    def _said(self, steps: Iterable[Step[Landing]]) -> Iterator[Event]:
        for step in steps:
            landing, change = step.commit, step.change
            key = key_of_bytes(change.path)
            origin = f"{landing.id}:{key_of_bytes(step.path)}"
            place, author, message = landing.place, landing.author, landing.message
            previous = None if change.previous is None else key_of_bytes(change.previous)
            if change.blob is None:
                yield Absent(key, landing.time, origin, sequence=place, author=author, message=message)
            elif self._carries(change):
                assert previous is not None
                yield Renamed(
                    key,
                    previous,
                    origin,
                    landing.time,
                    sequence=place,
                    author=author,
                    message=message,
                    exchanged=step.exchanged,
                )
            else:
                yield Observed(
                    key,
                    partial(self._repository.read, str(change.blob), key),
                    (landing.time,),
                    origin,
                    sequence=place,
                    previous_key=previous,
                    exchanged=step.exchanged,
                    author=author,
                    message=message,
                )

    def _carries(self, change: Change) -> bool:
        """Whether it was only renamed, so that its text is the one before: if that was read, and is read the same."""
        if change.previous is None or change.blob is None or change.edited:
            return False
        same_format = _format(key_of_bytes(change.path)) == _format(key_of_bytes(change.previous))
        return same_format and self._repository.has(change.blob)

    def _end(
        self, branch: Branch, cursor: Cursor, chosen: frozenset[str], *, complete: bool
    ) -> Iterator[Event]:
        """What cannot be seen; the tags, if they changed or may mean something else now; the end.

        `chosen` are the commits before `cursor.every` that were told.
        """
        if branch.grafts:
            yield Unknown("", "shallow", self._shallow())
        tags = self._repository.tags()
        digest = _tags_digest(tags)
        if digest != cursor.tags:
            beside = Beside(self._repository, branch, self._documents, cursor, chosen)
            yield Tagged(tags, beside.look)
            if beside.missing:
                digest = ""  # so that they are looked at again
                if not branch.grafts:
                    yield Unknown("", "missing-object", self._missing(tags, beside.missing))
        yield ListingEnd(complete, replace(cursor, tags=digest, branch=self._head).write())

    def _missing(self, tags: Mapping[str, str], missing: Collection[str]) -> str:
        names = sorted(name for name, commit in tags.items() if commit in missing)
        shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        return (
            f"{self._repository.path} lacks objects of tags, which cannot be resolved until they are there: {shown} "
            "— fetch them, or see what `git fsck` says"
        )

    def _shallow(self) -> str:
        return (
            f"{self._repository.path} is a shallow clone: what documents said before it begins is not known "
            "— run `git fetch --unshallow` in it"
        )


def _format(key: str) -> str:
    """The ending of a name: under another one the same bytes may be read as another text."""
    return PurePosixPath(key).suffix.lower()


def _first_place(known: Cursor | None, line: list[str]) -> int:
    """The place of the first commit of `line`, so that those that were told keep theirs."""
    if known is not None:
        for id_, place in ((known.tip, known.place), (known.root, known.first)):
            if id_ in line:
                return place - line.index(id_)
    return 0


def _wider(one: History, other: History) -> History:
    if one.within(other):
        return other
    return one if other.within(one) else History("all")


def _tags_digest(tags: Mapping[str, str]) -> str:
    return _digest(f"{name}\0{commit}" for name, commit in sorted(tags.items()))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
