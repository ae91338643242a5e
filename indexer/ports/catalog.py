"""The catalog as the two sides use it: snapshots for readers, lookups and commits for the one writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

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
    VersionKind,
)
from indexer.ports.batch import Batch, Placement
from indexer.ports.purges import PurgeLookups, PurgeRecord, Purges
from indexer.ports.query_log import LoggedQueries, QueryLog
from indexer.ports.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Recorded:
    """A live document as the last scan left it."""

    key: str
    document_no: int
    etag: str | None
    file_id: str | None
    content_hash: str | None
    """None if its bytes could not be read then."""
    size: int | None
    settled: bool = True
    """False when a later edit could have left the same etag: it is read again."""


@dataclass(frozen=True, slots=True)
class LineVersion:
    """A version as the fold sees it: its order, its own time, and the text that it has."""

    no: int
    id: str
    kind: VersionKind
    origin: str
    sequence: int
    aside: bool
    source_time: Instant
    content_hash: str | None
    key: str
    number: int | None
    """None where it is withdrawn or aside."""
    manifest_no: int | None
    pipeline: str | None
    title: str | None
    """Given by its rendition, as is `metadata`."""
    metadata: Mapping[str, str]
    purge_no: int | None = None
    """Set where it was purged: it has no text then, and its origin is masked."""


@dataclass(frozen=True, slots=True)
class FailureState:
    """How often something failed, and when it is worth trying again."""

    attempts: int
    permanent: bool
    next_retry: Instant | None
    tried_with: str | None


class Place(NamedTuple):
    """Where a version stands on its document's line."""

    version_no: int
    number: int
    valid_from: Instant
    key: str


class CatalogSnapshot(Sizes, LoggedQueries, Protocol):
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

    def failures(self) -> list[Failure]:
        """What could not be indexed, by source and key."""

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

    def placed_after(self, placement_no: int) -> tuple[set[int], int]:
        """The documents of which anything was placed anew after this placement, and the number of the last one; 0: all."""

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


class RecordedState(PurgeLookups, Protocol):
    """What the write side and the check ask: where a document stands, and which numbers are taken."""

    def next_numbers(self) -> dict[str, int]:
        """The first free number of each table."""

    def seen(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, Recorded]:
        """What the last scan saw of a source, by key; of keys at or under `scopes` only, where these are given."""

    def verified(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, Instant]:
        """Keys whose state was last verified by something else than the last complete scan, and when; `scopes` as in `seen`."""

    def present(self, source_no: int) -> int:
        """How many documents of a snapshot source are there, attachments included."""

    def live(self, source_no: int) -> int:
        """How many documents the last scan saw that the source lists itself: all but attachments."""

    def buried(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, int]:
        """Keys whose last holder was deleted there, with that document's number; `scopes` as in `seen`."""

    def holder(self, source_no: int, lineage: str | None, key: str) -> int | None:
        """The document with this lineage; without one, the present or the deleted last holder of the key, or
        else one that had it and has nothing on the line any more, or not yet.
        """

    def lineage(self, document_no: int) -> str | None:
        """The source's own identity of a document, where it has one."""

    def document_id(self, document_no: int) -> str:
        """The id drawn for a document at first sight."""

    def attributes(self, document_no: int) -> Mapping[str, tuple[str, ...]]:
        """What is said of the document as a whole, as it was told: name → values, sorted; empty if nothing was."""

    def line(self, document_no: int) -> list[LineVersion]:
        """Every version of a document in source order, withdrawn ones and those aside included."""

    def unread(self, source_no: int) -> list[tuple[int, LineVersion]]:
        """(document, version) of the believed versions, aside ones included, that exist and whose text is not known."""

    def holder_at(self, source_no: int, key: str, sequence: int) -> int | None:
        """The document that had `key` on the line at this place, else the one whose tombstone was the last there.

        Of documents without any version on the line up to there: the first that has the key later,
        then one that has it only aside. None where no document ever had it, or it had moved away.
        """

    def after(self, source_no: int, sequence: int) -> dict[int, list[LineVersion]]:
        """The versions on the line with a greater sequence, by document number."""

    def origins(self, source_no: int) -> dict[str, int]:
        """Origin → document number, of every version of a source, withdrawn ones included."""

    def offshoots(self, source_no: int) -> set[str]:
        """The revisions beside the line that were looked at and are still compared with a place on it."""

    def on_line(self, source_no: int, revisions: Iterable[str]) -> dict[str, int]:
        """Those of these revisions that are on the line, with their places."""

    def tags(self, source_no: int) -> dict[str, str]:
        """Name → revision of the tags that are believed now."""

    def last(self, document_no: int) -> LineVersion | None:
        """The version that ends the line; None where nothing is on it."""

    def placements(self, document_no: int, *, only_open: bool) -> list[Placement]:
        """The placements of a document that are believed now; with `only_open`, just the last one's."""

    def rows(self, document_no: int, *, only_open: bool) -> list[Row]:
        """The weave rows of a document that are believed now; with `only_open`, those without an end."""

    def rows_changed_since(self, recorded: Instant, after_no: int, limit: int) -> list[Row]:
        """Rows with a number above `after_no` of which anything was recorded after `recorded`, by number."""

    def passage_numbers(self, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Passages that are known already: id → (passage number, number of its embedded text)."""

    def embed_numbers(self, hashes: Sequence[bytes]) -> dict[bytes, int]:
        """Embedded texts that are known already: hash → number."""

    def manifest_number(self, document_no: int, digest: bytes) -> int | None:
        """An equal manifest of the same document, if there is one."""

    def manifest_passages(self, manifest_no: int) -> list[int]:
        """Passage numbers of a manifest, in order."""

    def embed_numbers_of(self, passage_nos: Sequence[int]) -> dict[int, int]:
        """The number of the embedded text of each passage."""

    def manifest_tokens(self, manifest_no: int) -> tuple[int, int]:
        """(passages, tokens) of a manifest."""

    def failures(self, source_no: int) -> dict[tuple[str, bool], FailureState]:
        """What failed before, by (key, is a scope)."""

    def present_tokens(self, source_no: int) -> dict[int, int]:
        """Tokens of the present text of each live document of a source."""

    def live_documents(self, source_no: int, lineage: str = "") -> dict[int, str]:
        """Documents of a source that exist now, with their keys; `lineage`: only those whose lineage begins so."""

    def document_ids(self) -> list[tuple[int, str]]:
        """(number, id) of every document."""

    def instants(self, document_no: int) -> Iterator[Instant]:
        """Every recorded instant at which a belief about the document began or ended."""

    def shared_keys(self) -> list[tuple[str, str]]:
        """(key, ids) where several documents of one source live at one key, and the source tells them apart by keys."""

    def stray_labels(self, document_no: int) -> list[tuple[str, str]]:
        """(label, version id) where a label's document is not its version's."""

    def clashing_attributes(self) -> Iterator[tuple[str, str, str]]:
        """(document id, name, value) of what is believed of a document twice at one instant."""

    def passage_numbers_of(self, document_no: int) -> list[int]:
        """The passages of a document."""

    def manifests_of(self, document_no: int) -> list[tuple[int, str]]:
        """(number, text hash) of every manifest of a document."""

    def embed_hash(self, embed_no: int) -> bytes | None:
        """The hash of an embedded text."""

    def originals(self) -> Iterator[str]:
        """Hashes of the bytes that are kept."""

    def kept(self, content_hashes: Iterable[str]) -> set[str]:
        """Those of these bytes that are kept."""


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
