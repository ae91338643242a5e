"""The catalog as the two sides use it: snapshots for readers, lookups and commits for the one writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from indexer.clock import Clock
from indexer.model import (
    Document,
    Failure,
    Instant,
    ManifestEntry,
    Passage,
    Point,
    Published,
    Row,
    Source,
    Version,
)
from indexer.ports.batch import Batch
from indexer.ports.elected import ElectedVersions, Place
from indexer.ports.purges import PurgeRecord, Purges
from indexer.ports.query_log import LoggedQueries, QueryLog
from indexer.ports.recorded import RecordedState
from indexer.ports.sizes import Sizes
from indexer.ports.stated import StatedNames


class CatalogSnapshot(Sizes, LoggedQueries, ElectedVersions, StatedNames, Protocol):
    """A consistent view of the catalog: nothing that is committed meanwhile shows in it.

    `known_at` is the recorded instant R at which the answer was believed; it defaults to `recorded`.
    """

    @property
    def recorded(self) -> Instant:
        """The instant of the last commit that this view sees; 0 where there is none."""

    def sources(self) -> list[Source]:
        """Every source that was ever indexed, by number."""

    def counts(self) -> dict[int, dict[str, int]]:
        """Per source number: documents (live), versions, passages (present), failed, and the work counters."""

    def failures(self, source_no: int | None = None, scopes: Sequence[str] | None = None) -> list[Failure]:
        """What could not be indexed, by source and key; of one source, or of keys at or under `scopes` in it only."""

    def last_runs(self, count: int) -> list[dict[str, Any]]:
        """Reports of the latest runs, newest first."""

    def forgotten(self, document_id: str) -> PurgeRecord | None:
        """Of a document whose source was forgotten: by which purge."""

    def published(self, fingerprint: str | None = None) -> Published | None:
        """The commit point of a fingerprint's table; of the active one if none is named."""

    def document(self, document_no: int, known_at: Instant | None = None) -> Document:
        """The document as believed at `known_at`. Raises `StoreError` for a number that is not there."""

    def documents(
        self, document_nos: Iterable[int] | None = None, known_at: Instant | None = None
    ) -> list[Document]:
        """These documents (all, if None) as believed at `known_at`, by number; ones unknown then are left out."""

    def named_after(self, placement_no: int, rendition_no: int) -> tuple[set[int], int, int]:
        """The documents that may be called otherwise since this placement and this rendition, and the numbers of the last ones.

        Those of which anything was placed anew, or a version got a text; with 0 and 0 all.
        """

    def names_purged(self) -> int:
        """How many purges took the names of documents away: what others remember of names is to be forgotten when it grows."""

    def purged(self) -> int:
        """How many purges there were, retention included: after each, numbers of what it removed may be those of something else."""

    def find_documents(
        self,
        *,
        id_prefix: str = "",
        key: str = "",
        key_ending: str = "",
        title: str = "",
        source: str | None = None,
    ) -> list[int]:
        """Numbers of the documents that match the one criterion given, now or at any time of their history.

        `key_ending` matches whole path parts at the end: ``leave-policy.md`` finds ``hr/leave-policy.md``.
        """

    def keys(self, known_at: Instant, valid_at: Instant | None = None) -> Iterator[tuple[int, int, str]]:
        """(document number, source number, key) of every document that exists at (T, R); see `weave.visible`."""

    def unreadable(self, known_at: Instant) -> list[tuple[int, int]]:
        """(document number, source number) of every document whose current version has no text at `known_at`."""

    def every_key(self, known_at: Instant | None = None) -> Iterator[tuple[int, int, str]]:
        """(document number, source number, key) for every key that a document ever had, as far as `known_at` knew."""

    def attributes(
        self, document_nos: Iterable[int], known_at: Instant | None = None
    ) -> Mapping[int, Mapping[str, tuple[str, ...]]]:
        """What is said of each of these documents as a whole: name → values, sorted; those without any left out."""

    def attribute_values(self, name: str) -> dict[int, str]:
        """Number → value of every value of this name that was ever said of any document."""

    def documents_with(self, value_nos: Iterable[int], known_at: Instant | None = None) -> set[int]:
        """The documents of which any of these values is said, deleted ones included."""

    def versions(
        self, document_no: int, known_at: Instant | None = None, *, tags: bool = True
    ) -> list[Version]:
        """A document's versions as believed at `known_at`: those on the line by number, then the others.

        Without `tags` these are left out of their labels, which costs less.
        """

    def versions_of(
        self, document_nos: Iterable[int] | None = None, known_at: Instant | None = None, *, tags: bool = True
    ) -> dict[int, list[Version]]:
        """`versions` of each of these documents, or of all, by document number; those without any left out.

        All of them always come without tags: these would be as many as tags × documents.
        """

    def versions_by_no(
        self, version_nos: Iterable[int], known_at: Instant | None = None, *, tags: bool = True
    ) -> dict[int, Version]:
        """These versions as believed at `known_at`; ones unknown then are left out.

        Without `tags` these are left out of their labels, which costs less.
        """

    def given_labels(
        self, document_no: int, known_at: Instant | None = None
    ) -> Mapping[int, tuple[str, ...]]:
        """Version number in the catalog → the labels that the source gives it: no tags, none stated by its text."""

    def places(self, document_nos: Iterable[int], known_at: Instant | None = None) -> dict[int, list[Place]]:
        """The versions on each document's line at `known_at`, by number: a fraction of the work of `versions_of`."""

    def version_by_id(self, version_id: str, known_at: Instant | None = None) -> Version | None:
        """The version with exactly this id; None if there is none, or none known yet."""

    def revisions(self, source_no: int, prefix: str, known_at: Instant | None = None) -> dict[str, int]:
        """Some of the revisions on a source's line whose names begin with these 4 or more hexadecimal digits, with their places."""

    def tags(self, source_no: int, known_at: Instant | None = None) -> dict[str, str]:
        """Name → revision of every tag of a source."""

    def point(self, source_no: int, revision: str, known_at: Instant | None = None) -> Point:
        """What is known of a revision of a source, by its full name."""

    def states_at(
        self, source_no: int, point: Point, known_at: Instant | None = None
    ) -> dict[int, list[int]]:
        """`points.states` of every document of a source at once: document → version numbers, those without any left out."""

    def manifest(self, manifest_no: int) -> tuple[ManifestEntry, ...]:
        """The entries of a manifest. Raises `DamagedStoreError` where they cannot be decoded."""

    def renditions(self, version_no: int) -> list[int]:
        """The manifests of every rendition that a version ever had, newest first."""

    def manifest_passages(self, manifest_nos: Iterable[int]) -> dict[int, list[int]]:
        """Passage numbers of each manifest, in order."""

    def passages(self, passage_nos: Iterable[int]) -> dict[int, Passage]:
        """These passages by number, texts included."""

    def passage_by_id(self, passage_id: str) -> Passage | None:
        """The passage with this id."""

    def rows(self, *, document_no: int | None = None, passage_nos: Iterable[int] | None = None) -> list[Row]:
        """Weave rows of a document, of some passages, or all of them; every belief included, by number."""


class Catalog(Purges, QueryLog, Protocol):
    """The catalog: the truth about everything but embeddings.

    Not shared between threads; open as many as needed. Raises `StoreError` and its kinds.
    """

    @property
    def path(self) -> Path:
        """Where it lives: a file in the data folder."""

    def close(self) -> None:
        """Close the connection; harmless twice."""

    def snapshot(self) -> AbstractContextManager[CatalogSnapshot]:
        """A consistent view: nothing that is committed meanwhile shows in it. Does not block the writer."""

    def recorded(self) -> AbstractContextManager[RecordedState]:
        """The write side's lookups, inside one read transaction."""

    def current(self) -> RecordedState:
        """The write side's lookups without a transaction: for the one writer, between whose commits nothing moves."""

    def next_instant(self, clock: Clock) -> Instant:
        """The instant of the next commit: now, but later than every commit before it."""

    def commit(self, batch: Batch) -> None:
        """Write `batch` durably, all or nothing: the sole commit point. Raises `StorageFullError`."""

    def publish(self, published: Published, rows_through: int | None = None) -> None:
        """Publish a table version outside a batch: after recovery, upkeep, or while filling a table."""

    def unpublish(self, fingerprint: str) -> None:
        """Forget a table that cannot be read; it has to be filled again."""

    def register(self, uid: str, name: str, kind: str, copies: Sequence[str] = ()) -> Source:
        """The source with this uid, made at first sight; a changed name is taken over.

        A name that another, no longer configured source still has is freed for this one. `copies` are
        the folders, relative to the catalog's, in which its connector keeps copies of what it reads.
        """

    def record_run(
        self, started: Instant, finished: Instant, report: Mapping[str, Any], keep: int = 1000
    ) -> None:
        """Keep the report of a run, and of at most `keep` runs."""

    def publications(self) -> list[tuple[Published, int | None, int | None]]:
        """(commit point, previous table version, last row copied while it is being filled) of every table."""

    def integrity(self) -> list[str]:
        """What SQLite itself finds wrong with the file; empty if nothing."""
