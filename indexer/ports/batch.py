"""What one commit writes to the catalog, as values: computed whole before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.model import Instant, Published, Row, TimeBasis, VersionKind
from indexer.ports.events import Revision


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document at first sight."""

    no: int
    id: str
    source_no: int
    lineage: str | None
    history_open: bool


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version at first sight; immutable from then on."""

    no: int
    id: str
    document_no: int
    kind: VersionKind
    origin: str
    sequence: int
    aside: bool
    source_time: Instant
    time_basis: TimeBasis
    content_hash: str | None
    size: int | None
    author: str | None
    message: str | None
    title: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Placement:
    """A version's place in time over one interval of belief (see `indexer.weave.Span`)."""

    no: int
    version_no: int
    document_no: int
    source_no: int
    number: int | None
    key: str
    valid_from: Instant
    valid_to: Instant
    recorded_from: Instant
    recorded_to: Instant
    closed_recorded: Instant


@dataclass(frozen=True, slots=True)
class NewManifest:
    """The text of one rendition, as passages."""

    no: int
    document_no: int
    hash: bytes
    text_hash: str
    passages: int
    tokens: int
    entries: bytes


@dataclass(frozen=True, slots=True)
class NewRendition:
    """What one pipeline made of a version. A version's earlier rendition ends when it gains another."""

    no: int
    version_no: int
    manifest_no: int
    pipeline: str
    title: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage at first sight."""

    no: int
    id: str
    document_no: int
    embed_no: int
    tokens: int
    heading: tuple[str, ...]
    table_header: str
    text: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A version that is a state which was purged: nothing of it is kept but that it is there."""

    version_no: int
    document_no: int
    purge_no: int
    key: str
    origin: str
    """Masked, and so is the key, unless another version says it."""
    content_hash: str | None
    """None where not its bytes say that it was purged, but its origin."""


@dataclass(frozen=True, slots=True)
class SeenRow:
    """What a scan saw at a key, and which document holds it."""

    key: str
    document_no: int
    etag: str
    file_id: str | None
    content_hash: str | None
    size: int | None
    settled: bool
    verified: Instant | None = None


@dataclass(slots=True)
class Points:
    """What a commit changes in the states of the whole source that can select versions: revisions and tags."""

    cut_after: int | None = None
    """Every revision with a greater sequence that is believed now is not on the line any more; told first."""
    offshoots_anew: bool = False
    """What is known of revisions beside the line is to be found out again; told first as well."""
    landed: list[Revision] = field(default_factory=list)
    """Revisions on the line from now on. One that is believed already at this sequence changes nothing."""
    tags: Mapping[str, str] | None = None
    """Name → revision of every tag that there is from now on; None leaves them as they are."""
    offshoots: dict[str, tuple[int, Mapping[str, str | None]]] = field(default_factory=dict)
    """Revision beside the line → (the place on the line that it is compared with, key → origin there or None)."""


@dataclass(frozen=True, slots=True)
class FailureRow:
    """One thing that could not be indexed."""

    key: str
    scope: bool
    reason: str
    detail: str
    permanent: bool
    next_retry: Instant | None
    tried_with: str | None = None
    """The parsers that failed on it; None where parsing is not to blame."""


@dataclass(slots=True)
class Work:
    """How much was embedded, and how much embedding every version whole would have been."""

    embedded_passages: int = 0
    embedded_tokens: int = 0
    seen_passages: int = 0
    seen_tokens: int = 0

    def add(self, other: Work) -> None:
        """Add another count to this one."""
        self.embedded_passages += other.embedded_passages
        self.embedded_tokens += other.embedded_tokens
        self.seen_passages += other.seen_passages
        self.seen_tokens += other.seen_tokens


@dataclass(slots=True)
class SourceUpdate:
    """What a commit changes in a source's own record; None leaves a field as it is."""

    cursor: str | None = None
    state: str | None = None
    detail: str | None = None
    last_scan: Instant | None = None
    last_change: Instant | None = None
    name: str | None = None
    history_open: bool | None = None
    """Whether older history may still arrive, for all its documents."""


@dataclass(slots=True)
class Batch:
    """Everything that one commit writes for one source. `recorded` is its instant."""

    recorded: Instant
    source_no: int
    documents: list[NewDocument] = field(default_factory=list)
    versions: list[NewVersion] = field(default_factory=list)
    identified: list[tuple[int, str, int | None]] = field(default_factory=list)
    """(version, content hash, size) of versions that could not be read before."""
    withheld: list[Withheld] = field(default_factory=list)
    originals: list[tuple[str, int]] = field(default_factory=list)
    """(content hash, bytes) of originals that are kept."""
    placements: list[Placement] = field(default_factory=list)
    changed_placements: list[Placement] = field(default_factory=list)
    manifests: list[NewManifest] = field(default_factory=list)
    renditions: list[NewRendition] = field(default_factory=list)
    embeddings: list[tuple[int, bytes]] = field(default_factory=list)
    passages: list[NewPassage] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    changed_rows: list[Row] = field(default_factory=list)
    labels: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """version number in the catalog → (document, the labels that the source gives it from now on)."""
    stated_labels: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """version number in the catalog → (document, the labels that its text states)."""
    attributes: dict[int, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """document → all that the source says of it as a whole from now on: name → values, sorted; no value: it says
    that there is none. What is believed already is not written again."""
    seen: list[SeenRow] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    """Keys that hold no live document any more."""
    failures: list[FailureRow] = field(default_factory=list)
    cleared: list[tuple[str, bool]] = field(default_factory=list)
    """(key, scope) of failures that are over."""
    source: SourceUpdate = field(default_factory=SourceUpdate)
    points: Points = field(default_factory=Points)
    work: Work = field(default_factory=Work)
    published: Published | None = None

    @property
    def changes_passages(self) -> bool:
        """Whether the passages table has to change with this commit."""
        return bool(self.rows or self.changed_rows)

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to write."""
        return not (
            self.documents or self.versions or self.changed_placements or self.placements
            or self.renditions or self.rows or self.changed_rows or self.labels or self.stated_labels
            or self.attributes or self.withheld or self.seen or self.unseen or self.failures or self.cleared
            or self.source != SourceUpdate() or self.points != Points()
        )  # fmt: skip
