"""The contracts between the core and everything that touches the world.

Connectors, parsers, embedders and stores implement these protocols; the write side (`ingest`) and
the read side (`query`) know nothing else of them. Each has a contract suite in `tests/contract`
that every implementation passes, fakes included.

Terms: a *key* is where a source finds a document; an *origin* is what the source calls one
immutable state of it; a *scope* is a key prefix (a folder, empty for the whole source).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from indexer.model import Instant, ParsedDocument, Row, TimeBasis

if TYPE_CHECKING:  # commands that answer from the catalog alone start without numpy
    import numpy as np
    from numpy.typing import NDArray

Vector: TypeAlias = "NDArray[np.float32]"
"""Shape (dimension,), length 1."""
Vectors: TypeAlias = "NDArray[np.float32]"
"""Shape (n, dimension), each of length 1."""

# --- connectors ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceTime:
    """A time that the source gives for a state, and which clock it was read from."""

    instant: Instant
    basis: TimeBasis


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes, with the stat that belongs to exactly these bytes."""

    data: bytes
    etag: str | None = None
    """Replaces the listing's etag: the file may have changed since it was listed."""
    times: tuple[SourceTime, ...] = ()
    settled: bool = True
    """False when a later edit could leave the same etag (the clock's granularity): read it again next time."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A document has this state.

    A *snapshot* source (a folder) leaves `origin` None: it knows only the present, so the core
    compares etags and contents with what is recorded, finds renames, and assigns the instant from
    `times` (best first). A *history* source (Git, a wiki) names each state by an immutable
    `origin`; observing a known one again changes nothing.
    """

    key: str
    read: Callable[[], Content]
    """Reads the bytes; called only when the core needs them. Raises `ReadError`."""
    times: tuple[SourceTime, ...] = ()
    origin: str | None = None
    etag: str | None = None
    """Cheap to compute; equal etags mean equal bytes, so that nothing is read."""
    file_id: str | None = None
    """Survives a rename (an inode). A hint that is checked, since numbers are used again."""
    size: int | None = None
    lineage: str | None = None
    """The source's own immutable identity of the document (a page id). Without it the key, followed through renames, is its identity."""
    sequence: int | None = None
    """The state's place in its document's history, increasing; None puts it after all that is known. Lower than known ones: late history."""
    previous_key: str | None = None
    """Renamed and edited in one step: the key that it had before."""
    aside: bool = False
    """Never was on the line of history (a tag's own content): reachable by label, never as-of."""
    author: str | None = None
    message: str | None = None
    title: str | None = None
    labels: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A document got another key and kept its content: a version with the same manifest."""

    key: str
    previous_key: str
    origin: str
    time: SourceTime
    lineage: str | None = None
    sequence: int | None = None
    author: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """The source says outright that the document is gone (a commit that deletes it). Always buries."""

    key: str
    time: SourceTime
    origin: str
    lineage: str | None = None
    sequence: int | None = None
    author: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The source took states back (history rewritten): they stay citable and known-at finds them."""

    key: str
    origins: tuple[str, ...]
    lineage: str | None = None


@dataclass(frozen=True, slots=True)
class Relabelled:
    """A state's labels are now exactly these (a tag moved)."""

    key: str
    origin: str
    labels: tuple[str, ...]
    lineage: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A scope could not be seen: nothing missing under it counts as deleted. What is observed in it counts."""

    scope: str
    """A key prefix without a trailing slash; empty for the whole source."""
    reason: str
    """A code: ``permission``, ``missing``, ``other-device``, ``damaged``, ``network`` …"""
    detail: str
    """One line for people: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before this is safe to commit together with `cursor`; a restart goes on from it."""

    cursor: str


@dataclass(frozen=True, slots=True)
class ListingEnd:
    """The last event of every listing."""

    complete: bool
    """True: every document that exists was observed or lies under an `Unknown`, so that omission buries."""
    cursor: str | None


Event = Observed | Renamed | Absent | Withdrawn | Relabelled | Unknown | Checkpoint | ListingEnd


class Connector(Protocol):
    """Reads one source.

    Implementations keep no state between calls except in the cursor, may be asked again at any
    time, never write to the source, and open no document until its `read` is called.
    """

    @property
    def kind(self) -> str:
        """``files``, ``git``, ``confluence``."""

    @property
    def snapshot(self) -> bool:
        """True when the source knows only the present (see `Observed`)."""

    @property
    def uid(self) -> str:
        """Stable identity of the source: equal uid, same documents, also after it was renamed in the configuration."""

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """Yield what changed since `cursor` (everything, if None), in effective order within a document.

        `scopes` limits a snapshot listing to these key prefixes (a delta; it buries only inside
        them). The last event is a `ListingEnd`, whose cursor is committed with the last batch.

        Raises `SourceError` where nothing at all can be listed; part of a source that cannot be
        seen is an `Unknown` instead. Trying again later may help.
        """

    def accept(self, cursor: str) -> str:
        """The cursor with any doubt that its listing had (another device) taken as settled.

        Called when nothing that is recorded was missing after all, or a person accepted the
        deletions. Connectors without such doubts give the cursor back as it is.
        """


class ConnectorFactory(Protocol):
    """What an entry point of the group ``indexer.connectors`` loads: name = kind, value = factory."""

    def __call__(self, name: str, settings: Mapping[str, Any]) -> Connector:
        """Make the connector of the source `name`.

        Raises `ConfigurationError` listing every problem with `settings`. Touches neither disk nor
        network: a source that is away is found out by `changes`.
        """


# --- parsing and embedding -------------------------------------------------------------------


class Parser(Protocol):
    """Makes blocks of bytes."""

    @property
    def versions(self) -> frozenset[str]:
        """Every name and version that `identify` can give: a rendition by any other is out of date."""

    def identify(self, data: bytes, key: str) -> str:
        """Name and version of the parser that `parse` would use, such as ``markdown/1``. Never raises; ``none/0`` if none fits."""

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        """Parse the bytes of the document at `key` (whose ending is a hint, not the truth).

        Pure: no network, no clock. Raises `ParseError`; the same bytes fail again.
        """


class TokenCounter(Protocol):
    """The model's own tokenizer, as far as chunking needs it."""

    @property
    def name(self) -> str:
        """Identifies the vocabulary; part of the pipeline that names a rendition."""

    @property
    def limit(self) -> int:
        """The most tokens that the model reads of one text, its special tokens not counted."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, never truncated."""

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Character range of each token of `text`, in order: where a text without spaces may be cut."""



class Embedder(Protocol):
    """Turns texts into vectors of one fingerprint."""

    @property
    def fingerprint(self) -> str:
        """Covers model files, dimension, normalisation, pooling, truncation, prompts and precision. Cheap: loads no model."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    @property
    def counter(self) -> TokenCounter:
        """The tokenizer of this model. Cheap: loads no model."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), each of length 1, in the order given.

        A text's vector does not depend on the others. Raises `EmbeddingError`.
        """

    def embed_query(self, text: str) -> Vector:
        """The vector of a question, shape (dimension,), length 1."""


# --- stores ----------------------------------------------------------------------------------


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


class PassageSnapshot(Protocol):
    """The passages table at one published version; unaffected by later commits and upkeep."""

    def search_vector(self, vector: Vector, where: Filter, limit: int) -> list[Match]:
        """Nearest rows by cosine similarity, filtered *before* the search, best first, exact or nearly so."""

    def search_text(self, query: str, where: Filter, limit: int) -> list[Match]:
        """Best rows by BM25 over `embedded`, filtered before the search. Any words are legal; no query syntax is read."""

    def scan(self, batch: int = 4096) -> Iterator[list[StoredPassage]]:
        """Every row, in no particular order, for verification and for making another table."""

    def count(self) -> int:
        """How many rows there are."""


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

    def upkeep_due(self) -> bool:
        """Whether `compact` would do something worth its time."""

    def prune(self, keep: Iterable[int]) -> None:
        """Delete versions other than `keep` that are older than the retention period."""


class VersionGoneError(Exception):
    """The asked version of a passages table was pruned: take the catalog's snapshot again, and the table with it."""


class Originals(Protocol):
    """The bytes of documents, addressed by content."""

    def put(self, data: bytes) -> str:
        """Store durably and return the hash (``b3:…``); storing again has no effect. Raises `StorageFullError`."""

    def get(self, content_hash: str) -> bytes | None:
        """The bytes; None if they were not kept. Raises `DamagedStoreError` if they do not match their hash."""

    def has(self, content_hash: str) -> bool:
        """Whether the bytes are kept, without reading them."""

    def hashes(self) -> Iterator[str]:
        """Every hash that is kept."""


class WriterLock(Protocol):
    """Keeps a second writer out of the data folder."""

    def __call__(self) -> AbstractContextManager[None]:
        """Hold the lock inside the `with`. Raises `BusyError` at once if another process has it."""
