"""The catalog as it is seen while one question is answered: one snapshot, one recorded instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import tzinfo
from typing import Protocol, TypeVar

from indexer.clock import rfc3339, to_datetime
from indexer.errors import DamagedStoreError, NotFoundError
from indexer.model import Document, Instant, ManifestEntry, Version, VersionKind
from indexer.points import KnownPoints
from indexer.ports import Filter
from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.ports.elected import Place
from indexer.query.presence import Presence, on_line
from indexer.query.results import VersionEntry
from indexer.selectors import parse_instant

T = TypeVar("T")


class Keeping(Protocol):
    """Keeps what was worked out of one commit for later questions; see `kept.OfCommit`."""

    def get(self, recorded: Instant, key: Hashable, make: Callable[[T | None], T]) -> T: ...


class View:
    """A snapshot read at R, with what was read of it so far.

    R is the last instant of the date `known_at`; without one, the snapshot's last commit.
    """

    def __init__(
        self, snapshot: Snapshot, zone: tzinfo, known_at: str | None = None, keeping: Keeping | None = None
    ) -> None:
        """`keeping`: where `kept` looks; None: nowhere."""
        self.snapshot = snapshot
        self._keeping = keeping
        self.zone = zone
        self.asked: Instant | None = None if known_at is None else parse_instant(known_at, zone)[1]
        """R where somebody asked for one."""
        self.known_at: Instant = snapshot.recorded if self.asked is None else self.asked
        self.believed = Filter(known_at=self.known_at, latest=self.known_at >= snapshot.recorded)
        """The passages of the present as believed at R, to be narrowed."""
        self._versions: dict[int, list[Version]] = {}
        self._lines: dict[int, list[Version]] = {}
        self._places: dict[int, list[Place]] = {}
        self._by_no: dict[int, Version] = {}
        self._passages: dict[int, list[int]] = {}
        self._presences: dict[int, Presence] = {}
        self._entries: dict[int, VersionEntry] = {}
        self._points: dict[int, KnownPoints] = {}

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of this snapshot at R, as another question left it if one did.

        It must hold no name of a source, which changes without a commit.
        """
        return self.kept_since(key, lambda _: make())

    def kept_since(self, key: Hashable, make: Callable[[T | None], T]) -> T:
        """The same; `make` is given what it was at an earlier commit, None where that is not known, or something was purged since."""
        if self._keeping is None:
            return make(None)
        at = None if self.asked is None else self.known_at
        return self._keeping.get(self.snapshot.recorded, (key, at), make)

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
        """Read all versions of many documents at once; without numbers, of all, and then without tags."""
        if document_nos is None:
            self._take(self.snapshot.versions_of(None, self.known_at))
        elif wanted := {no for no in document_nos if no not in self._versions}:
            found = self.snapshot.versions_of(wanted, self.known_at)
            self._take({no: found.get(no, []) for no in wanted})

    def _take(self, versions: dict[int, list[Version]]) -> None:
        self._versions |= versions
        for of_one in versions.values():
            self._by_no |= {version.no: version for version in of_one}

    def line(self, document_no: int) -> list[Version]:
        """Its versions on the line, oldest first."""
        if document_no not in self._lines:
            self._lines[document_no] = on_line(self.versions(document_no))
        return self._lines[document_no]

    def places(self, document_no: int) -> list[Place]:
        """Where its versions on the line stand, oldest first: far cheaper than the versions themselves."""
        self.read_places([document_no])
        return self._places[document_no]

    def read_places(self, document_nos: Iterable[int]) -> None:
        """Read the places of many documents at once."""
        if wanted := {no for no in document_nos if no not in self._places}:
            found = self.snapshot.places(wanted, self.known_at)
            self._places |= {no: found.get(no, []) for no in wanted}

    def version_at(self, place: Place) -> Version:
        """The version at a place."""
        return self.version_by_no(place.version_no)

    def read_versions_at(self, places: Iterable[Place]) -> None:
        """Read the versions at many places at once."""
        self.read_versions_by_no(place.version_no for place in places)

    def version_by_no(self, version_no: int) -> Version:
        """The version with this number in the catalog."""
        self.read_versions_by_no([version_no])
        if version_no not in self._by_no:
            raise DamagedStoreError(
                f"version {version_no} is missing in the catalog", remedy="run `indexer check --deep`"
            )
        return self._by_no[version_no]

    def read_versions_by_no(self, version_nos: Iterable[int]) -> None:
        """Read many versions at once."""
        if wanted := {no for no in version_nos if no not in self._by_no}:
            self._by_no |= self.snapshot.versions_by_no(wanted, self.known_at)

    def labelled(self, versions: Iterable[Version]) -> dict[int, Version]:
        """These versions by number, with the tags among their labels."""
        return self.snapshot.versions_by_no({version.no for version in versions}, self.known_at)

    def points(self, source_no: int) -> KnownPoints:
        """The revisions and tags of a source."""
        if source_no not in self._points:
            self._points[source_no] = KnownPoints(
                lambda prefix: self.snapshot.revisions(source_no, prefix, self.known_at),
                lambda: self.snapshot.tags(source_no, self.known_at),
                lambda revision: self.snapshot.point(source_no, revision, self.known_at),
            )
        return self._points[source_no]

    def current(self, document_no: int) -> Version | None:
        """The last version on the line, whatever its kind."""
        places = self.places(document_no)
        return self.version_at(places[-1]) if places else None

    def effective_place(self, document_no: int, at: Instant) -> Place | None:
        """Where the version stands that holds at effective time `at`."""
        for place in reversed(self.places(document_no)):
            if place.valid_from <= at:
                return place
        return None

    def before(self, version: Version) -> Version | None:
        """The version before it on the line; None for the first, and for one that is not on the line."""
        if version.number is None or version.number == 1:
            return None
        return self.version_at(self.places(version.document_no)[version.number - 2])

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
        numbers = (version.manifest_no for version in versions)
        if wanted := {no for no in numbers if no is not None and no not in self._passages}:
            self._passages |= self.snapshot.manifest_passages(wanted)

    def presence(self, document_no: int) -> Presence:
        """When the document's passages were there, as believed at R."""
        if document_no not in self._presences:
            rows = self.snapshot.rows(document_no=document_no)
            self._presences[document_no] = Presence(rows, self.line(document_no), self.known_at)
        return self._presences[document_no]

    # --- versions for answers ----------------------------------------------------------------

    def read_ahead(self, versions: Sequence[Version]) -> None:
        """Read what `entry` of each will need, all at once instead of one by one."""
        self.read_places(version.document_no for version in versions)
        self.read_versions_at(
            self.places(version.document_no)[version.number - 2]
            for version in versions
            if version.number and version.number > 1
        )
        self.read_manifests([*versions, *filter(None, map(self.before, versions))])

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
        before = self.before(version)
        if _unknown(version) or (before is not None and _unknown(before)):
            return VersionEntry(version)
        held = Counter(self.passage_nos(before)) if before is not None else Counter()
        holds = Counter(self.passage_nos(version))
        return VersionEntry(version, added=(holds - held).total(), removed=(held - holds).total())

    def entries(self, versions: Iterable[Version]) -> tuple[VersionEntry, ...]:
        """`entry` of each."""
        wanted = list(versions)
        self.read_ahead(wanted)
        return tuple(map(self.entry, wanted))

    def moment(self, instant: Instant | None) -> str:
        """An instant for people, in their zone, to the second."""
        if instant is None or rfc3339(instant) is None:
            return "an unknown time"
        local = to_datetime(instant).astimezone(self.zone)
        return local.isoformat(sep=" ", timespec="seconds")

    def minute(self, instant: Instant | None) -> str:
        """When a version began, for people: to the minute, as its history shows it."""
        if instant is None or rfc3339(instant) is None:
            return "an unknown time"
        return f"{to_datetime(instant).astimezone(self.zone):%Y-%m-%d %H:%M}"


def _unknown(version: Version) -> bool:
    return version.kind is not VersionKind.TOMBSTONE and version.manifest_no is None
