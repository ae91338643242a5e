"""The log of questions, as values and protocols: what was asked, what was answered from where, who may see it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from indexer.model import Instant


class LoggedCitation(NamedTuple):
    """A citation that an answer gave."""

    citation: str
    valid_at: Instant | None
    """T: the effective time at which its passage was visible; None for a version that is not on the line."""


@dataclass(frozen=True, slots=True)
class LoggedQuery:
    """One question and what became of it."""

    asked: Instant
    question: str
    options: Mapping[str, Any] = field(default_factory=dict)
    """Those that were given, by the names that they have in `Question`."""
    interpretation: str = ""
    """How it was understood, for people."""
    answer: str | None = None
    """What was said besides passages, for people."""
    refused: str | None = None
    """The code of the error that it was answered with."""
    recorded: Instant = 0
    """The last commit that the answer saw."""
    known_at: Instant = 0
    """R: what was believed then is what was shown."""
    citations: tuple[LoggedCitation, ...] = ()
    """Best first."""
    microseconds: int = 0
    """That the answer took."""
    who: str | None = None
    """The user who asked; None where that is not known."""
    no: int = 0
    """Its place in the log; 0 while it is in none."""


class QueryLog(Protocol):
    """The catalog's part in keeping the log."""

    def log_queries(self, queries: Sequence[LoggedQuery], oldest: Instant, most: int) -> int:
        """Add `queries`, and drop what is older than `oldest` or beyond the newest `most`; durable afterwards.

        Those whose answers saw what was purged since are left out: how many is returned. Only the process
        that writes may do this, in its turn. Raises `StorageFullError` and other kinds of `StoreError`.
        """


class LoggedQueries(Protocol):
    """What a snapshot shows of the log."""

    def logged_queries(self, count: int | None = None) -> Iterator[LoggedQuery]:
        """The newest `count` (all, if None), newest first."""
