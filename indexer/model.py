"""The values that everything else speaks in: documents, versions, passages, time.

Times are `Instant`: whole microseconds since 1970-01-01T00:00:00Z, as plain integers, so that
they compare, store and filter exactly. `FOREVER` stands for an end that is not known yet.

Two axes of time run through the model (SQL:2011 calls them application and system time):

* *effective*: when the source says something was true, `[valid_from, valid_to)`;
* *recorded*: when this index learnt it, `[recorded_from, recorded_to)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Instant = int
FOREVER: Final[Instant] = 2**63 - 1


class VersionKind(StrEnum):
    """What a version says about its document."""

    CONTENT = "content"
    TOMBSTONE = "tombstone"
    """Known absent since `valid_from`."""
    UNREADABLE = "unreadable"
    """It exists, but its text is unknown; a failure says why."""


class VersionStatus(StrEnum):
    """Where a version stands, as believed at one recorded instant."""

    CURRENT = "current"
    PAST = "past"
    WITHDRAWN = "withdrawn"
    ASIDE = "aside"


class TimeBasis(StrEnum):
    """Which clock an effective time was read from."""

    COMMIT = "commit"
    PAGE_VERSION = "page version"
    MTIME = "mtime"
    CTIME = "ctime"
    OBSERVED = "observed"


# --- what parsers give and the chunker takes -------------------------------------------------


class BlockKind(StrEnum):
    """The shapes of text that chunking tells apart."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a parsed document; `text` is its exact share of the canonical text.

    `parts` are the places where it may be cut when it is too large: the rows of a table, the
    items of a list, the lines of code; a paragraph and a heading have one. They are joined by
    one line feed. A part never is empty at the start or the end of the block.
    """

    kind: BlockKind
    parts: tuple[str, ...]
    level: int = 0
    """Headings: 1 for the outermost. Otherwise 0."""
    title: str = ""
    """Headings: the words alone, without markup, for heading paths."""
    header_parts: int = 0
    """Tables: how many leading parts are the header, repeated in what is embedded of each piece."""
    page: int | None = None
    """1-based page, sheet or slide, where the format has them."""

    @property
    def text(self) -> str:
        """The block as it stands in the canonical text."""
        return "\n".join(self.parts)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a document carries, such as a mail's attachment: to be indexed as a document of its own."""

    name: str
    """As the carrier names it, cleaned of anything that is not a file name; distinct within its carrier."""
    data: bytes


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser made of a document's bytes."""

    blocks: tuple[Block, ...]
    parser: str
    """Name and version, such as ``markdown/1``: part of the pipeline that names a rendition."""
    media_type: str
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What the document says of itself (front matter, properties), keys in lower case."""
    labels: tuple[str, ...] = ()
    """Version names that the document states, such as the front matter's ``version: 3.1``."""
    attachments: tuple[Attachment, ...] = ()


# --- what the chunker gives ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chunk:
    """One passage before it has an identity."""

    text: str
    """An exact slice of the canonical text."""
    separator: str
    """What stands between the passage before and this one; empty for the first."""
    heading: tuple[str, ...]
    """Titles of the headings that it stands under, outermost first, its own included."""
    table_header: str
    """The header rows that are repeated for a later piece of a split table, else empty."""
    embedded: str
    """What is embedded and searched: heading path, table header and text; no file name."""
    tokens: int
    """Length of `embedded` by the model's tokenizer, without its special tokens."""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ChunkedText:
    """A canonical text cut into passages: `text == "".join(c.separator + c.text for c in chunks)`."""

    text: str
    chunks: tuple[Chunk, ...]


# --- what the catalog keeps ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A configured origin, as recorded."""

    no: int
    uid: str
    name: str
    kind: str
    cursor: str | None
    state: str
    """``new``, ``ok``, ``incomplete`` (part of it could not be seen), ``unavailable`` or ``refused``."""
    detail: str | None
    last_scan: Instant | None
    """When the last complete scan began."""
    last_change: Instant | None


@dataclass(frozen=True, slots=True)
class Document:
    """A thing with a history in one source, as believed at one recorded instant."""

    no: int
    id: str
    source_no: int
    source: str
    key: str
    """The key of its last version, also when that is a tombstone."""
    title: str
    deleted: bool
    history_open: bool = False
    """True while older history may still arrive, so that version numbers are provisional."""


@dataclass(frozen=True, slots=True)
class Purged:
    """That a version's content was removed: the record of it."""

    id: str
    at: Instant
    by: str
    """Who asked for it; of what was thinned out, the rule of which source."""
    reason: str
    thinned: bool = False
    """By the retention rule of its source: its names and times stay, and so do passages that kept versions have as well."""


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a document, with its place in time as believed at one recorded instant."""

    no: int
    id: str
    document_no: int
    kind: VersionKind
    status: VersionStatus
    number: int | None
    """1 for the first on the line; None for withdrawn versions and those aside."""
    was_number: int | None
    """The last number that a withdrawn version had."""
    key: str
    title: str
    valid_from: Instant | None
    valid_to: Instant | None
    """None while it is the last."""
    time_basis: TimeBasis
    recorded_from: Instant
    """When this index first learnt of the version."""
    recorded_to: Instant | None
    """When it stopped being believed (withdrawn), else None."""
    source_time: Instant | None
    """The source's own time, before ties and clocks running backwards were mended."""
    author: str | None
    message: str | None
    origin: str
    sequence: int
    """Its place in the source's order: on a line of revisions that of the one which made it."""
    content_hash: str | None
    """``b3:…`` of the original bytes."""
    text_hash: str | None
    """``b3:…`` of the canonical text."""
    passages: int
    labels: tuple[str, ...] = ()
    """Those that the source gives it, the tags at which it is the document's state, those that its text states."""
    provisional: bool = False
    manifest_no: int | None = None
    """Its rendition's manifest at that recorded instant; None where there is no text."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    purged: Purged | None = None
    """Set where its content was removed for good, at whatever recorded instant it is asked for."""


@dataclass(frozen=True, slots=True)
class Point:
    """A state of a whole source at which a document's version can be asked for, such as a commit that a tag names."""

    revision: str
    """Its full name, hexadecimal digits in lower case."""
    place: int | None
    """Where it stands on the line; for one beside it the place that it is compared with; None: nothing is known of it."""
    keys: frozenset[str] = frozenset()
    """Beside the line: the keys at which it differs from the line at `place`."""
    origins: frozenset[str] = frozenset()
    """The states that it has at these keys instead."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One place in a text: the passage that stands there."""

    passage_no: int
    separator: str
    """What stands before it."""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk with an identity: hash(document, heading, table header, text)."""

    no: int
    id: str
    document_no: int
    heading: tuple[str, ...]
    table_header: str
    text: str
    embedded: str
    embed_no: int
    """The number of `embedded` alone: equal strings in any document share it, and one vector."""
    tokens: int


@dataclass(frozen=True, slots=True)
class Row:
    """A passage's presence over one interval, as the weave keeps it and the passages table mirrors it.

    Believed at R iff ``recorded_from <= R < recorded_to``; at R its end is `valid_to` from
    `closed_recorded` on, and open before that. See `indexer.weave.visible`.
    """

    no: int
    passage_no: int
    document_no: int
    source_no: int
    embed_no: int
    valid_from: Instant
    valid_to: Instant
    recorded_from: Instant
    recorded_to: Instant
    closed_recorded: Instant


@dataclass(frozen=True, slots=True)
class Published:
    """The commit point of one fingerprint's passages table, as the catalog holds it."""

    fingerprint: str
    dimension: int
    """Length of its vectors."""
    table_version: int
    recorded: Instant
    """The instant of the commit that published it."""
    active: bool
    """Whether searches use it; False while a new model's table is still being filled."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document or a scope that could not be indexed, and why."""

    source_no: int
    source: str
    key: str
    """The document's key, or the scope (a folder; empty for the whole source)."""
    reason: str
    """One of a small set of codes for scripts, such as ``no-parser`` or ``unreadable``."""
    detail: str
    attempts: int
    first_seen: Instant
    next_retry: Instant | None
    """None where the same bytes would fail again."""
