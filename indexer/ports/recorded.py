"""What the write side and the check ask the catalog: where documents stand, and which numbers are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.model import Instant, Row, VersionKind
from indexer.ports.batch import Placement
from indexer.ports.purges import PurgeLookups


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
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Documents, or scopes, of a source that failed equally often for the same reason."""

    scope: bool
    reason: str
    attempts: int
    count: int
    first_retry: Instant | None
    """When the first of them is worth trying again; None: none is."""
    last_retry: Instant | None


class RecordedState(PurgeLookups, Protocol):
    """What the write side and the check ask: where a document stands, and which numbers are taken."""

    def next_numbers(self) -> dict[str, int]:
        """The first free number of each table."""

    def seen(self, source_no: int, scopes: Sequence[str] | None = None) -> dict[str, Recorded]:
        """What the last scan saw of a source, by key; of keys at or under `scopes` only, where these are given."""

    def file_places(self, source_no: int, file_ids: Iterable[str]) -> set[str]:
        """The keys at which files of a source were seen last, by their ids."""

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

    def failures(
        self, source_no: int, scopes: Sequence[str] | None = None
    ) -> dict[tuple[str, bool], FailureState]:
        """What failed before, by (key, is a scope); `scopes` as in `seen`."""

    def failure_groups(self, source_no: int) -> list[FailureGroup]:
        """How many failed before, and when they are worth trying again: far fewer than there are failures."""

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

    def shared_documents(self) -> list[tuple[str, str]]:
        """(document id, keys) where the last scan saw one document at several keys."""

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
