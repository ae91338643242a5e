"""The versions of one document, and the work that it is an edition of."""

from __future__ import annotations

from indexer.model import Document
from indexer.query.asking.names import Names
from indexer.query.documents import resolve
from indexer.query.family import Family, Sibling
from indexer.query.gaps import gaps
from indexer.query.results import HistoryResult
from indexer.query.view import View


def history(view: View, reference: str) -> HistoryResult:
    """The versions of DOC, newest first; those that are not on the line come last, the latest first."""
    document = resolve(view, reference).document
    versions = view.versions(document.no)
    view.read_manifests(versions)
    line = view.line(document.no)
    off_line = [version for version in versions if version.number is None]
    off_line.sort(key=lambda version: (version.recorded_from, version.no), reverse=True)
    given = view.snapshot.given_labels(document.no, view.known_at)
    return HistoryResult(document, view.entries([*reversed(line), *off_line]), gaps(versions, given))


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
