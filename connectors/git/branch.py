"""The line of a branch: its commits along first parents, each with a place and an effective time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pygit2

from connectors.git.repository import Repository
from indexer.model import TimeBasis
from indexer.ports import SourceTime

_LATEST: Final = 4_102_444_800
"""2100-01-01, in seconds: a later commit was written by a broken clock or importer, and says nothing."""


_LONGEST: Final = 16_384
"""Characters of a message that are kept: every version that a commit made holds it."""


@dataclass(frozen=True, slots=True)
class Landing:
    """A commit on the line."""

    id: str
    place: int
    """How many first parents it has. In a shallow clone, counted from where that ends."""
    time: SourceTime
    """Its committer time; later than that of every commit before it, whatever their clocks said."""
    author: str
    message: str


class Branch:
    """The first-parent line of one commit, read from its end. Raises `SourceError` for missing objects."""

    def __init__(self, repository: Repository, tip: pygit2.Commit) -> None:
        self._repository = repository
        self.tip = str(tip.id)
        self.grafts = repository.grafts()

    def back(self, start: str | None = None) -> Iterator[str]:
        """The commits from `start` (the tip) to the first one, or to where a shallow clone ends."""
        handle = self._repository.handle
        at: str | None = start or self.tip
        while at is not None:
            with self._repository.intact():
                commit = handle[at].peel(pygit2.Commit)
                parents = commit.parent_ids
            yield at
            at = str(parents[0]) if parents and at not in self.grafts else None

    def landings(self, ids: Iterable[str], first: int, after: int | None = None) -> Iterator[Landing]:
        """`ids`, oldest first, the first of them at place `first` and later than the instant `after`."""
        for place, id_ in enumerate(ids, first):
            with self._repository.intact():
                commit = self._repository.handle[id_].peel(pygit2.Commit)
            seconds = commit.commit_time
            instant = seconds * 1_000_000 if 0 <= seconds <= _LATEST else 0
            after = instant if after is None else max(instant, after + 1)
            yield Landing(id_, place, SourceTime(after, TimeBasis.COMMIT), *_said(commit))

    def tree(self, id_: str | None) -> pygit2.Tree | None:
        """The tree of a commit; None for None."""
        if id_ is None:
            return None
        with self._repository.intact():
            return self._repository.handle[id_].peel(pygit2.Tree)


def _said(commit: pygit2.Commit) -> tuple[str, str]:
    """(author, message), in whatever encoding they are; of a long message its beginning."""
    try:
        encoding = commit.message_encoding or "utf-8"
    except UnicodeError:
        encoding = "utf-8"
    author = commit.author
    name = author.raw_name or author.raw_email or b""
    return _text(name, encoding).strip(), _text(commit.raw_message, encoding).strip()[:_LONGEST]


def _text(data: bytes, encoding: str) -> str:
    """Never fails: what a header names may be no encoding, or none of text."""
    for tried in (encoding, "utf-8"):
        try:
            text = data.decode(tried)
            text.encode("utf-8")  # some leave half of a surrogate pair
        except (LookupError, UnicodeError, ValueError):
            continue
        return text.replace("\0", "")
    return data.decode("latin-1").replace("\0", "")  # what old commits without a header mostly are
