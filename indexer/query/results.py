"""What queries ask and answer, as values; the command line and services only render them.

Every answer holds at one recorded instant R: numbers, status, validity and keys in it are those
believed at R.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from indexer.model import Document, Failure, Instant, Version
from indexer.query.family import Family


class Mode(StrEnum):
    """How a search compares the question with passages."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    TEXT = "text"
    PHRASE = "phrase"
    """Only passages that hold its words side by side, in this order, in whatever form."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched, and where. Names, selectors and dates are as people write them."""

    text: str
    k: int = 10
    """The most hits wanted, 1 to 1,000."""
    sources: tuple[str, ...] = ()
    """Only these sources; empty: all."""
    paths: tuple[str, ...] = ()
    """Only documents whose key matches one of these globs; empty: all."""
    labels: tuple[str, ...] = ()
    """Only documents that their source sorts under all of these words, whatever their case."""
    under: str | None = None
    """Only documents at or below this place in their source's tree, such as ``HR/Policies``."""
    document: str | None = None
    """DOC, or DOC@SEL."""
    version: str | None = None
    """SEL: of `document`, or of every document that has such a version."""
    as_of: str | None = None
    known_at: str | None = None
    history: bool = False
    """All versions instead of the present."""
    mode: Mode = Mode.HYBRID
    literal: bool = False
    """Search for the words as they are: versions, dates and the kind of question are not looked for in them."""


# --- parts of answers ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A version with what it changed: the ``version`` object of every answer."""

    version: Version
    added: int | None = None
    """Passages that the version before lacks, repeats counted; None where either text is unknown."""
    removed: int | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What the source says of a document as a whole; nothing, where it says nothing."""

    labels: tuple[str, ...] = ()
    path: str | None = None
    """Where it stands in the source's own tree; the first spelling of several."""
    access: Mapping[str, Any] | None = None
    """Who may see it, as the source's connector puts it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Versions that the source counted between two neighbours on a line and has not got any more."""

    runs: tuple[tuple[int, int], ...]
    """First and last of each run of its numbers."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a search looked, after names, selectors and dates were resolved."""

    resolved_by: str
    """For people: how the scope was found, such as ``label "3"`` or ``the present``."""
    document: Document | None = None
    version: VersionEntry | None = None
    """The one version that answers, where there is one."""
    as_of: Instant | None = None
    """The last instant of the date that was asked for."""
    known_at: Instant | None = None
    """The last instant of the date that was asked for; None: what is known now."""
    alternatives: tuple[VersionEntry, ...] = ()
    selector: str | None = None
    documents_with: int | None = None
    """With a selector over many documents: how many have such a version."""
    documents_without: int | None = None
    recorded: Instant | None = None
    """The last commit that the answer saw; None where that was not noted."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, in the version that it is cited from."""

    rank: int
    """1 for the best."""
    score: float
    """Comparable within one answer only; higher is better."""
    text: str
    heading: tuple[str, ...]
    page: int | None
    document: Document
    version: VersionEntry
    """A version whose text holds this passage, always."""
    citation: str
    stale: bool = False
    """The document cannot be read at present; this is its last readable text."""
    also_in: tuple[tuple[int, int], ...] = ()
    """First and last number of each run of other versions that hold the same passage."""
    editions: tuple[str, ...] = ()
    """Where the document is an edition of a work: the labels of all editions that say nearly the same, the oldest first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the catalog itself says to a question, besides passages."""

    kind: str
    """Such as ``nothing-in-version``."""
    text: str
    """One sentence for people."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The other keys of this kind; versions in it are `VersionEntry`."""


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """One place in a shown text."""

    citation: str
    heading: tuple[str, ...]
    start: int
    """Characters into the text, where the passage begins; `end` is just behind it."""
    end: int
    page: int | None
    introduced: int | None
    """Number of the version since which the passage stands there unbroken; None off the line."""


class ChangeKind(StrEnum):
    """What happened to a passage between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class WordKind(StrEnum):
    """What happened to a stretch of words."""

    EQUAL = "equal"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A stretch of words of one change; in order they spell both texts."""

    op: WordKind
    text: str
    """With the white space that follows the words."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions."""

    op: ChangeKind
    heading: tuple[str, ...]
    """Where the text stands in the later version; where it stood, if it was removed."""
    before: str | None
    """None where it was added."""
    after: str | None
    """None where it was removed."""
    previous_heading: tuple[str, ...] | None = None
    """Where it stood before, if that was under another heading."""
    words: tuple[WordSpan, ...] = ()
    """Changed texts, word by word."""


@dataclass(frozen=True, slots=True)
class BlamedPassage:
    """A passage and where it comes from."""

    text: str
    heading: tuple[str, ...]
    introduced: VersionEntry
    """The version since which this wording stands under this heading without a break."""
    citation: str


@dataclass(frozen=True, slots=True)
class SourceDisk:
    """What a source holds. What several sources share counts for the one that was indexed first."""

    originals: int
    """Files."""
    original_bytes: int
    """As the source had them; they are stored packed."""
    rows: int
    """Lines of the passages table, of its whole history."""
    text_bytes: int | None
    """Of the texts of passages, packed; None where that was not measured."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes that the parts of the data folder take on the disk; None where that was not measured."""

    catalog: int
    """Texts included."""
    passages: int
    models: int
    originals: int | None
    copies: int | None
    """Of remote repositories and the like."""
    free: int
    """On the same file system."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source stands."""

    name: str
    kind: str
    state: str
    """``new``, ``ok``, ``incomplete`` or ``refused``."""
    detail: str | None
    documents: int
    """Those that exist at present."""
    versions: int
    passages: int
    """Those present in the current versions."""
    failed: int
    last_scan: Instant | None
    last_change: Instant | None
    disk: SourceDisk | None = None
    """None where it was never indexed."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over all sources, and the work that was saved."""

    documents: int
    versions: int
    passages: int
    failed: int
    embedded_passages: int
    embedded_tokens: int
    seen_passages: int
    """What embedding every version whole would have been."""
    seen_tokens: int

    @property
    def reused_share(self) -> float | None:
        """The share of tokens that did not have to be embedded, 0 to 1; None where nothing was seen."""
        return 1 - self.embedded_tokens / self.seen_tokens if self.seen_tokens else None


@dataclass(frozen=True, slots=True)
class Writer:
    """The process that writes to the index at this moment."""

    pid: int
    since: Instant | None


# --- answers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages that answer a question, best first."""

    query: str
    scope: Scope
    hits: tuple[Hit, ...] = ()
    answer: Answer | None = None
    """None for plain content."""


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """A document's versions, newest first; withdrawn ones and those aside come last."""

    document: Document
    versions: tuple[VersionEntry, ...]
    gaps: Mapping[int, Gap] = field(default_factory=dict)
    """Number of a version in the catalog → what the source did not keep between it and the next one on the line."""
    family: Family | None = None
    """Where the document is an edition of a work."""


@dataclass(frozen=True, slots=True)
class ShowResult:
    """The text of a version."""

    document: Document
    version: VersionEntry
    text: str
    passages: tuple[ShownPassage, ...]
    resolved_by: str
    alternatives: tuple[VersionEntry, ...] = ()
    description: Description = Description()


@dataclass(frozen=True, slots=True)
class OriginalResult:
    """The bytes of a version, as its source had them."""

    document: Document
    version: VersionEntry
    data: bytes
    name: str
    """The last part of the key that the version had: a fitting file name."""
    resolved_by: str


@dataclass(frozen=True, slots=True)
class DiffResult:
    """What changed between two versions of a document, in the order of the text."""

    document: Document
    before: VersionEntry
    after: VersionEntry
    changes: tuple[Change, ...]
    resolved_by: str
    alternatives: tuple[VersionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class BlameResult:
    """Where each passage of a version comes from, in the order of the text."""

    document: Document
    version: VersionEntry
    passages: tuple[BlamedPassage, ...]
    resolved_by: str
    alternatives: tuple[VersionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class CiteResult:
    """What a citation refers to, and what became of it."""

    citation: str
    document: Document
    version: VersionEntry
    heading: tuple[str, ...]
    text: str
    """The passage; the whole text where the citation names none."""
    page: int | None
    current: bool
    """Whether the document's current version still holds it."""
    newer: VersionEntry | None
    """The document's current version, where that is another one."""
    standing: str
    """For people, in one sentence: still current, changed since, withdrawn, or deleted."""


@dataclass(frozen=True, slots=True)
class StatusResult:
    """How the index stands."""

    sources: tuple[SourceStatus, ...]
    totals: Totals
    writer: Writer | None = None
    disk: DiskUse | None = None
    """None where nothing is indexed yet."""


@dataclass(frozen=True, slots=True)
class FailuresResult:
    """What could not be indexed, by source and key."""

    failures: tuple[Failure, ...]
