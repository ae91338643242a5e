"""What is to become of one document: the values between planning and folding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.ingest.rendering import Rendered
from indexer.model import VersionKind
from indexer.ports import SourceTime


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document's number in the catalog and its id for the outside."""

    no: int
    id: str


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """A version that a source shows, before it is known whether it is new."""

    kind: VersionKind
    origin: str
    key: str
    time: SourceTime
    sequence: int | None = None
    """Order on the line; None: after all that is known."""
    aside: bool = False
    content_hash: str | None = None
    size: int | None = None
    author: str | None = None
    message: str | None = None
    title: str | None = None
    labels: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    rendered: Rendered | None = None
    carries: bool = False
    """It has the content of the version before it: a rename."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The source took these states back."""

    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """Everything that one commit does to one document."""

    document_no: int | None
    """None: it is new."""
    steps: tuple[VersionDraft | Withdrawal, ...] = ()
    """In the order in which the source tells them: a rename holds what stood before it at that moment."""
    relabelled: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(origin, the labels that it has now)."""
    lineage: str | None = None
    history_open: bool = False
    attributes: Mapping[str, tuple[str, ...]] | None = None
    """All that the source says of the document as a whole; None: it said nothing of that."""
    late: bool = False
    """`attributes` come from an earlier look: they fill in only names of which nothing is recorded."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What folding a change did."""

    document_no: int
    versions_added: int
    changed: bool
    """Whether anything about the document is different now; labels of its versions do not count."""
    withheld: tuple[int, ...] = ()
    """The purges by which states that were shown stay away."""
