"""The values of a snapshot plan: what was recorded, what is seen, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.ports.recorded import Recorded


@dataclass(frozen=True, slots=True)
class Seen:
    """A key as the listing in hand shows it; nothing of it was read yet."""

    key: str
    etag: str | None
    file_id: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a listing says before anything is read. Every tuple is sorted by key."""

    unchanged: int
    """How many documents are as they were recorded, by their etags."""
    to_read: tuple[Seen, ...]
    """New keys, other etags, and what was not settled."""
    missing: tuple[Recorded, ...]
    """Provably not at their keys any more."""
    unverifiable: tuple[Recorded, ...]
    """Not seen, which proves nothing: the scope is unknown, or was not listed."""


# --- decisions: `key` is where the document is now, or was when it is buried -------------------


@dataclass(frozen=True, slots=True)
class Touched:
    """Another etag, the same content: no version; only what the last scan saw changes."""

    document_no: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edited:
    """Other content at the same key; also a document whose bytes could not be read before and now can."""

    document_no: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The document is at another key."""

    document_no: int
    previous_key: str
    key: str
    edited: bool
    """False: the content is the same, byte for byte."""
    reason: str


@dataclass(frozen=True, slots=True)
class Created:
    """A new document begins."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """A key whose document was deleted holds something again: that document goes on."""

    document_no: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Buried:
    """The document is gone: a tombstone."""

    document_no: int
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something is at `key` and its bytes could not be read."""

    document_no: int | None
    """The document that is there; None: a new one begins."""
    key: str
    reason: str
    previous_key: str | None = None
    """Where the document was, if it moved here (same inode, same size)."""


Decision = Touched | Edited | Moved | Created | Resumed | Buried | Unreadable
