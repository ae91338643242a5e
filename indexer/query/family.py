"""The work that a document is an edition of, with the other editions, as values."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.model import Document


@dataclass(frozen=True, slots=True)
class Sibling:
    """One edition of a work."""

    label: str
    document: Document


@dataclass(frozen=True, slots=True)
class Family:
    """The work that a document is an edition of."""

    name: str
    label: str
    """That of the document itself."""
    editions: tuple[Sibling, ...]
    """All of them, the oldest first, the document itself included."""
