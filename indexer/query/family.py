"""The work that a document is an edition of, with the other editions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.model import Document

if TYPE_CHECKING:
    from indexer.query.asking.names import Names
    from indexer.query.view import View


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


def family_of(view: View, names: Names, document: Document) -> Family | None:
    """The work that a document is an edition of; None where it is none."""
    place = names.edition_of.get(document.no)
    if place is None:
        return None
    work = names.works[place[0]]
    documents = {
        known.no: known for known in view.documents(edition.document_no for edition in work.editions)
    }
    editions = tuple(
        Sibling(edition.label, documents[edition.document_no])
        for edition in work.editions
        if edition.document_no in documents
    )
    return Family(work.name, work.editions[place[1]].label, editions)
