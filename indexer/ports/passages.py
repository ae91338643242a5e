"""The passages table of one embedding fingerprint: rows of the weave with texts and vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from indexer.model import Instant, Row
from indexer.ports.embedder import Vector


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """One line of the passages table: a weave row with what is searched."""

    row: Row
    embedded: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a search may see. All conditions hold together; an empty set matches nothing.

    `valid_at` None with `known_at` set means the present as believed at `known_at`; both set, the
    state effective at `valid_at`; `known_at` None does not look at time at all (manifests decide).
    """

    known_at: Instant | None = None
    latest: bool = False
    """Nothing in the table was recorded after `known_at`. Changes no result, but saves looking."""
    valid_at: Instant | None = None
    every_version: bool = False
    """With `known_at`: all rows believed then, whatever their effective time (search in history)."""
    documents: frozenset[int] | None = None
    not_documents: frozenset[int] | None = None
    sources: frozenset[int] | None = None
    passages: frozenset[int] | None = None
    """Passage numbers: exactly the passages of some manifests."""
    or_passages: frozenset[int] = frozenset()
    """Passages that are let in although time excludes them (the last readable text of stale documents)."""


@dataclass(frozen=True, slots=True)
class Match:
    """One row that a search found; scores are comparable within one result only, higher is better."""

    row_no: int
    passage_no: int
    document_no: int
    score: float
    vector: Vector | None = field(default=None, compare=False, repr=False)
    """The row's own, where it was asked for."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A version of a passages table that shares no file with those before it."""

    version: int
    files: tuple[str, ...]
    """All that it consists of, for `PassageStore.keep_only`."""


class PassageSnapshot(Protocol):
    """The passages table at one published version; unaffected by later commits and upkeep."""

    def search_vector(
        self, vector: Callable[[], Vector], where: Filter, limit: int, *, vectors: bool = False
    ) -> list[Match]:
        """Nearest rows by cosine similarity, filtered *before* the search, best first, exact or nearly so.

        `vector` gives the question's, perhaps after a wait: what can be done without it is done before.
        With `vectors` each match has its row's vector.
        """

    def search_text(self, query: str, where: Filter, limit: int, *, vectors: bool = False) -> list[Match]:
        """Best rows by BM25 over `embedded`, filtered before the search. Any words are legal; no query syntax is read.

        With `vectors` each match has its row's vector.
        """

    def search_phrase(self, phrase: str, where: Filter, limit: int) -> list[Match]:
        """Best rows by BM25 of those whose `embedded` has the words of `phrase` side by side, filtered before the search.

        As with `search_text` any words are legal, in any of their forms, and what stands between them says nothing.
        """

    def scan(self, batch: int = 4096) -> Iterator[list[StoredPassage]]:
        """Every row, in no particular order, for verification and for making another table."""

    def count(self) -> int:
        """How many rows there are."""


class UpkeepDue(IntEnum):
    """Whether a table is to be looked after."""

    NO = 0
    WHEN_QUIET = 1
    """It pays; nobody who commits should have to wait for it."""
    NOW = 2
    """Searches are slowed down."""


class PassageStore(Protocol):
    """The passages table of one fingerprint. One writer at a time; any number of readers.

    A commit is invisible to readers until its version is published in the catalog.
    """

    def newest(self) -> int | None:
        """The table's newest version; None if there is no table. Raises `DamagedStoreError` if it cannot be read."""

    def commit(self, add: Sequence[StoredPassage], change: Sequence[Row]) -> int:
        """Add rows and overwrite the times of existing ones by row number, in one table commit; durable on return.

        Returns the new version. Repeating it has no further effect. Raises `StorageFullError`, `StoreError`.
        """

    def remove(self, row_nos: Sequence[int]) -> int:
        """Take these rows out; durable on return. The new version; their bytes go when files are merged."""

    def restore(self, version: int) -> int:
        """Make the table what it was at `version`, discarding later commits; the number that this made."""

    def drop(self) -> None:
        """Remove the table, if there is one."""

    def vectors(self, embed_nos: Sequence[int]) -> dict[int, Vector]:
        """Vectors that the newest version holds for these embedded texts; missing ones are left out."""

    def at(self, version: int) -> PassageSnapshot:
        """The table at `version`. Raises `VersionGoneError` if it was pruned, `DamagedStoreError` if it cannot be read."""

    def compact(self) -> int:
        """Build and refresh indexes and merge small files where that pays; prunes nothing. The newest version."""

    def upkeep_due(self) -> UpkeepDue:
        """Whether `compact` would do something worth its time, and how pressing that is."""

    def prune(self, keep: Iterable[int]) -> None:
        """Delete versions other than `keep` that are older than the retention period."""

    def rewrite(self, version: int, replaced: Callable[[Row], Sequence[Row]]) -> Rewritten:
        """Write the table that was published as `version` anew, each row as those that `replaced` gives for it.

        They have its text and its vector: itself where it is to stay, none where it is to go. Nothing is
        published or deleted by it. Raises as `commit` and `at` do.
        """

    def keep_only(self, files: Sequence[str]) -> None:
        """Delete every file of the table but these, at once: a reader of another version is refused it.

        Only for what `rewrite` gave, once that is published and before anything else is committed.
        """


class VersionGoneError(Exception):
    """The asked version of a passages table was pruned: take the catalog's snapshot again, and the table with it."""
