"""The catalog as it is seen while one question is answered: one snapshot, one recorded instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import tzinfo

from indexer.clock import rfc3339, to_datetime
from indexer.errors import NotFoundError
from indexer.model import Document, Instant, ManifestEntry, Version, VersionKind
from indexer.ports import Filter
from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.query.presence import Presence, on_line
from indexer.query.results import VersionEntry
from indexer.selectors import parse_instant


class View:
    """A snapshot read at R, with what was read of it so far.

    R is the last instant of the date `known_at`; without one, the snapshot's last commit.
    """

    def __init__(self, snapshot: Snapshot, zone: tzinfo, known_at: str | None = None) -> None:
        self.snapshot = snapshot
        self.zone = zone
        self.asked: Instant | None = None if known_at is None else parse_instant(known_at, zone)[1]
        """R where somebody asked for one."""
        self.known_at: Instant = snapshot.recorded if self.asked is None else self.asked
        self.believed = Filter(known_at=self.known_at, latest=self.known_at >= snapshot.recorded)
        """The passages of the present as believed at R, to be narrowed."""
        self._versions: dict[int, list[Version]] = {}
        self._passages: dict[int, list[int]] = {}
        self._presences: dict[int, Presence] = {}
        self._entries: dict[int, VersionEntry] = {}

    # --- documents and versions --------------------------------------------------------------

    def documents(self, document_nos: Iterable[int]) -> list[Document]:
        """Those of these documents that are known at R, by number; ones of which all was withdrawn included."""
        wanted = set(document_nos)
        found = self.snapshot.documents(wanted, self.known_at) if wanted else []
        for no in sorted(wanted - {document.no for document in found}):
            # What came and went within one commit was believed at no instant.
            ended = [
                v.recorded_to
                for v in self.versions(no)
                if v.recorded_to is not None and v.recorded_to > v.recorded_from
            ]
            if ended:
                found += self.snapshot.documents([no], max(ended) - 1)
        return sorted(found, key=lambda document: document.no)

    def document(self, document_no: int) -> Document:
        """The document as believed at R. Raises `NotFoundError` if it was not known then."""
        found = self.documents([document_no])
        if not found:
            raise NotFoundError(
                f"this document was not known yet at {self.moment(self.known_at)}",
                remedy="ask for a later --known-at",
                code="no-such-document",
            )
        return found[0]

    def versions(self, document_no: int) -> list[Version]:
        """Its versions at R: those on the line, oldest first, then the others."""
        self.read_versions([document_no])
        return self._versions[document_no]

    def read_versions(self, document_nos: Iterable[int] | None = None) -> None:
        """Read the versions of many documents at once; without numbers, of all."""
        if document_nos is None:
            self._versions |= self.snapshot.versions_of(None, self.known_at)
        elif wanted := set(document_nos) - self._versions.keys():
            found = self.snapshot.versions_of(wanted, self.known_at)
            self._versions |= {no: found.get(no, []) for no in wanted}

    def line(self, document_no: int) -> list[Version]:
        """Its versions on the line, oldest first."""
        return on_line(self.versions(document_no))

    def current(self, document_no: int) -> Version | None:
        """The last version on the line, whatever its kind."""
        line = self.line(document_no)
        return line[-1] if line else None

    def effective(self, document_no: int, at: Instant) -> Version | None:
        """The version on the line that holds at effective time `at`."""
        for version in reversed(self.line(document_no)):
            if version.valid_from is not None and version.valid_from <= at:
                return version
        return None

    def last_readable(self, document_no: int) -> Version | None:
        """The last version with a text, where only unreadable ones follow it."""
        for version in reversed(self.line(document_no)):
            if version.kind is not VersionKind.UNREADABLE:
                return version if version.manifest_no is not None else None
        return None

    # --- texts -------------------------------------------------------------------------------

    def manifest(self, version: Version) -> tuple[ManifestEntry, ...]:
        """Its text as passages; nothing where it has none."""
        return () if version.manifest_no is None else self.snapshot.manifest(version.manifest_no)

    def passage_nos(self, version: Version) -> list[int]:
        """The passages of its text in order; nothing where it has none."""
        if version.manifest_no is None:
            return []
        self.read_manifests([version])
        return self._passages[version.manifest_no]

    def read_manifests(self, versions: Iterable[Version]) -> None:
        """Read the passages of many versions at once."""
        wanted = {v.manifest_no for v in versions if v.manifest_no is not None} - self._passages.keys()
        if wanted:
            self._passages |= self.snapshot.manifest_passages(wanted)

    def presence(self, document_no: int) -> Presence:
        """When the document's passages were there, as believed at R."""
        if document_no not in self._presences:
            rows = self.snapshot.rows(document_no=document_no)
            self._presences[document_no] = Presence(rows, self.versions(document_no), self.known_at)
        return self._presences[document_no]

    # --- versions for answers ----------------------------------------------------------------

    def entry(self, version: Version) -> VersionEntry:
        """The version with what it changed against the one before it on the line.

        Counted once: every passage of a long text names its version.
        """
        if version.no not in self._entries:
            self._entries[version.no] = self._entry(version)
        return self._entries[version.no]

    def _entry(self, version: Version) -> VersionEntry:
        if version.number is None:
            return VersionEntry(version)
        line = self.line(version.document_no)
        before = line[version.number - 2] if version.number > 1 else None
        if _unknown(version) or (before is not None and _unknown(before)):
            return VersionEntry(version)
        held = Counter(self.passage_nos(before)) if before is not None else Counter()
        holds = Counter(self.passage_nos(version))
        return VersionEntry(version, added=(holds - held).total(), removed=(held - holds).total())

    def entries(self, versions: Iterable[Version]) -> tuple[VersionEntry, ...]:
        """`entry` of each."""
        return tuple(map(self.entry, versions))

    def moment(self, instant: Instant | None) -> str:
        """An instant for people, in their zone, to the second."""
        if instant is None or rfc3339(instant) is None:
            return "an unknown time"
        local = to_datetime(instant).astimezone(self.zone)
        return local.isoformat(sep=" ", timespec="seconds")


def _unknown(version: Version) -> bool:
    return version.kind is not VersionKind.TOMBSTONE and version.manifest_no is None
