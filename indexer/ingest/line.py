"""One document's versions while a change is folded into them, one event after another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from indexer.ingest.drafts import VersionDraft
from indexer.ingest.rendering import Rendered
from indexer.model import Instant, VersionKind
from indexer.ports.recorded import LineVersion
from indexer.timing import monotone


@dataclass(slots=True)
class Item:
    """A version on its way to a place in time."""

    version_no: int
    id: str
    origin: str
    sequence: int
    source_time: Instant
    key: str
    kind: VersionKind
    aside: bool
    manifest_no: int | None = None
    content_hash: str | None = None
    pipeline: str | None = None
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    purge_no: int | None = None
    """Set where it was purged."""
    draft: VersionDraft | None = None
    """Set where the version is new to the catalog."""
    stood: tuple[int | None, Instant] | None = None
    """Number and effective time that it had when it was withdrawn, where that came before its first commit."""

    def say(self, rendered: Rendered) -> None:
        """Take over what its text says of itself, and which pipeline read it."""
        self.pipeline, self.title, self.metadata = rendered.pipeline, rendered.title, rendered.metadata

    def carry(self, before: Item | None) -> None:
        """Have the content of the version before it, as after a rename."""
        if before is None or before.kind is VersionKind.TOMBSTONE:
            self.kind = VersionKind.UNREADABLE
            return
        self.kind, self.content_hash, self.manifest_no = before.kind, before.content_hash, before.manifest_no
        self.pipeline, self.title, self.metadata = before.pipeline, before.title, before.metadata
        self.purge_no = before.purge_no


class Line:
    """The versions that stand: those on the line of history, and those aside."""

    def __init__(self, known: Iterable[LineVersion]) -> None:
        standing = (v for v in known if v.number is not None or (v.aside and v.key))
        self._standing = {version.no: known_item(version) for version in standing}
        self._new: dict[str, Item] = {}

    def __contains__(self, version_no: int) -> bool:
        return version_no in self._standing

    def __getitem__(self, version_no: int) -> Item:
        return self._standing[version_no]

    @property
    def standing(self) -> list[Item]:
        """Every version that was not withdrawn."""
        return list(self._standing.values())

    @property
    def new(self) -> list[Item]:
        """Versions that the catalog does not know yet, withdrawn ones included, as they were drawn."""
        return list(self._new.values())

    def ordered(self) -> list[Item]:
        """Those on the line, in source order."""
        on_line = (item for item in self._standing.values() if not item.aside)
        return sorted(on_line, key=lambda item: (item.sequence, item.version_no))

    def aside(self) -> list[Item]:
        """Those that stand aside."""
        aside = (item for item in self._standing.values() if item.aside)
        return sorted(aside, key=lambda item: item.version_no)

    def next_sequence(self) -> int:
        """A place after all that stands."""
        return max((item.sequence for item in self._standing.values()), default=0) + 1

    def before(self, sequence: int) -> Item | None:
        """The last one on the line up to this place."""
        return next((item for item in reversed(self.ordered()) if item.sequence <= sequence), None)

    def drawn(self, version_id: str) -> Item | None:
        """The version with this id, where it is new."""
        return self._new.get(version_id)

    def put(self, item: Item) -> None:
        """Let `item` stand; again, if it was withdrawn."""
        item.stood = None
        self._standing[item.version_no] = item
        if item.draft is not None:
            self._new[item.id] = item

    def withdraw(self, origins: Collection[str]) -> bool:
        """Take these states out; whether any of them stood."""
        ordered = self.ordered()
        times = monotone(item.source_time for item in ordered)
        stood: dict[int, tuple[int | None, Instant]] = {
            item.version_no: (number, time)
            for number, (item, time) in enumerate(zip(ordered, times, strict=True), 1)
        }
        out = [item for item in self._standing.values() if item.origin in origins]
        for item in out:
            if item.draft is not None:
                item.stood = stood.get(item.version_no, (None, item.source_time))
            del self._standing[item.version_no]
        return bool(out)


def known_item(version: LineVersion) -> Item:
    """A version that the catalog knows."""
    read_later = version.kind is VersionKind.UNREADABLE and version.manifest_no is not None
    return Item(
        version_no=version.no,
        id=version.id,
        origin=version.origin,
        sequence=version.sequence,
        source_time=version.source_time,
        key=version.key,
        kind=VersionKind.CONTENT if read_later else version.kind,
        aside=version.aside,
        manifest_no=version.manifest_no,
        content_hash=version.content_hash,
        pipeline=version.pipeline,
        title=version.title,
        metadata=version.metadata,
        purge_no=version.purge_no,
    )
