"""What is removed for good, as values: what was asked for, what one commit clears, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from indexer.clock import Clock
from indexer.model import Instant, Published, Row
from indexer.ports.batch import Placement


class PurgeScope(StrEnum):
    """How much a purge removes."""

    VERSION = "version"
    DOCUMENT = "document"
    SOURCE = "source"
    RETENTION = "retention"
    """Versions that a retention rule thinned out: they lose their texts, and nothing else."""


class PurgeStage(StrEnum):
    """How far a purge has come; each stage is committed before the next begins."""

    RECORDED = "recorded"
    """It was asked for. Nothing is removed yet."""
    CLEARED = "cleared"
    """The catalog and the published passages are rid of it. Files that nobody opens any more still hold it."""
    ERASED = "erased"
    """So are the passages' old files and the originals. Unused space in the catalog's file may hold it."""
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class PurgeRequest:
    """What is to be removed, and what is to be remembered of it."""

    scope: PurgeScope
    source_no: int
    version_nos: Sequence[int]
    """None of a whole source: all that it has goes."""
    reason: str
    by: str
    lasting: bool = True
    """Whether the same contents stay away when the source shows them again, and not only the same states."""


@dataclass(frozen=True, slots=True)
class PurgeRecord:
    """A purge as the catalog remembers it."""

    no: int
    id: str
    scope: PurgeScope
    source_no: int
    source: str
    """The source's name at that time."""
    reason: str
    by: str
    recorded: Instant
    stage: PurgeStage
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """While `CLEARED`: fingerprint → the files of its passages table that are to remain; none: it is to be dropped."""
    copies: tuple[str, ...] = ()
    """Of a source: the folders, relative to the catalog's, in which its connector kept copies."""


class RenditionBelief(NamedTuple):
    """From when on a version was believed to have which text."""

    version_no: int
    manifest_no: int
    recorded_from: Instant


@dataclass(frozen=True, slots=True)
class Beliefs:
    """All that was ever believed of the versions of one document, and of their texts."""

    placements: Sequence[Placement]
    renditions: Sequence[RenditionBelief]
    aside: frozenset[int]
    """Versions that stand beside the line."""


@dataclass(frozen=True, slots=True)
class Clearing:
    """What one commit removes from the catalog, and what it publishes with that."""

    purge_no: int
    recorded: Instant
    dropped_rows: Sequence[int] = ()
    """Row numbers; those of a whole source go without being named."""
    added_rows: Sequence[Row] = ()
    published: Published | None = None
    """None: no passage changes, or no table is left."""
    retired: Sequence[str] = ()
    """Fingerprints of tables that nobody is to open any more."""
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """See `PurgeRecord`."""


@dataclass(frozen=True, slots=True)
class Thinning:
    """What one commit thins out, and what it publishes with that."""

    source_no: int
    rule: str
    """In words, for the record."""
    version_nos: Sequence[int]
    passages: frozenset[int]
    """Those that no other version has: they go, and so do their rows."""
    recorded: Instant
    published: Published | None = None
    """None: no passage goes."""
    retired: Sequence[str] = ()
    """Fingerprints of tables of other models: they are dropped, since nobody keeps them level."""


class PurgeLookups(Protocol):
    """What those ask who remove for good, and the write side, to which the same may be shown again."""

    def purge_targets(self, purge_no: int) -> dict[int, list[int]]:
        """Document → the versions of it that the purge is about."""

    def beliefs(self, document_no: int) -> Beliefs:
        """All that was ever believed of the versions of a document."""

    def same_bytes(self, version_nos: Sequence[int]) -> list[int]:
        """Other versions, of whatever document, that have the bytes of one of these and are not purged."""

    def passages_only_in(self, version_nos: Sequence[int]) -> frozenset[int]:
        """The passages that stand in these versions and in no others."""

    def rows_of_passages(self, passage_nos: Iterable[int]) -> list[int]:
        """The numbers of all rows of these passages."""

    def with_old_texts(self, source_no: int, before: Instant, after_document: int, limit: int) -> list[int]:
        """The first documents of a source with a number above `after_document` that have more than one version
        with a text, of which one was superseded before that instant.
        """

    def copies(self) -> set[str]:
        """The folders in which connectors keep copies of what they read, relative to the catalog's."""

    def copies_of(self, source_no: int) -> tuple[str, ...]:
        """Those of one source's connector."""

    def carried(self, document_no: int) -> list[int]:
        """The documents that this one ever carried, by their keys."""

    def withheld(self, source_no: int, document_no: int | None, content_hash: str) -> int | None:
        """The purge by which these bytes stay away from this document, or this source; None: they may come.

        They may where the document, or the source, has them in a version that was not purged.
        """

    def withheld_origins(self, source_no: int) -> Mapping[str, int]:
        """Masked origin → purge, of all states that stay away from this source."""

    def left_of_purged(self) -> list[tuple[str, str]]:
        """(version id, what is kept) of purged versions of which more is kept than the record."""

    def unused_manifests(self) -> list[int]:
        """Texts that belong to no version."""

    def purges(self) -> frozenset[str]:
        """The ids of all of which at least the catalog is rid."""

    def purge_named(self, purge_no: int) -> PurgeRecord:
        """The purge with this number."""


class Purges(Protocol):
    """The part of the catalog that removes for good. Only for the holder of the writer's lock."""

    def request_purge(self, request: PurgeRequest, clock: Clock) -> PurgeRecord:
        """Write down what is to be removed. From here on it will be, whatever happens."""

    def unfinished_purges(self) -> list[PurgeRecord]:
        """Those that were interrupted, in the order in which they were asked for."""

    def clear_purge(self, clearing: Clearing) -> None:
        """Remove from every table what the purge is about, all or nothing."""

    def thin_out(self, thinning: Thinning, clock: Clock) -> PurgeRecord:
        """Take their texts from these versions, all or nothing; what was only theirs goes, and a record remains."""

    def mark_purge(self, purge_no: int, stage: PurgeStage) -> None:
        """Say how far it has come."""

    def compact(self) -> bool:
        """Write the catalog's file anew, so that nothing that was removed is left in it.

        False: a reader kept the old one in use for too long; to be tried again.
        """
