"""A search in the version of every document that one selector means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from indexer.errors import AmbiguousError, NotFoundError
from indexer.model import Document, Point, Version
from indexer.ports import Filter
from indexer.query.lookup import Lookup
from indexer.query.results import Scope
from indexer.query.view import View
from indexer.selectors import select, tag_for_all

_FEW_DOCUMENTS = 200  # beyond, the versions of all documents are read, which needs no list of them


@dataclass(slots=True)
class _Found:
    """What the selector means, document by document."""

    matches: Callable[[int, str], bool] | None
    """Whether the document with this number and this key lies in the scope; None: all do."""
    chosen: dict[int, Version] = field(default_factory=dict)
    without: int = 0
    unclear: int = 0

    def take(self, version: Version) -> None:
        if self.matches is None or self.matches(version.document_no, version.key):
            self.chosen[version.document_no] = version

    def lack(self, document_no: int, key: str) -> None:
        self.without += self.matches is None or self.matches(document_no, key)


def version_everywhere(
    view: View, selector: str, sources: frozenset[int] | None, matches: Callable[[int, str], bool] | None
) -> Lookup:
    """The passages of every document's version that `selector` means, by their manifests.

    A tag is resolved once for all documents of its source, without reading their histories.
    """
    found = _Found(matches)
    notes: list[str] = []
    documents: dict[int, list[Document]] = {}
    for document in view.snapshot.documents(known_at=view.known_at):
        if sources is None or document.source_no in sources:
            documents.setdefault(document.source_no, []).append(document)
    asked: list[Document] = []
    for source_no, its_documents in documents.items():
        point = tag_for_all(selector, view.points(source_no))
        if point is None:
            asked += its_documents
            continue
        _at_point(view, point, source_no, its_documents, found)
        if point.place is None:
            notes.append(f"what {its_documents[0].source} had at it is not known")
    _by_selector(view, selector, asked, found)
    if found.unclear:
        notes.append(f"{found.unclear} documents in which it fits several versions are left out")
    scope = Scope(
        "; ".join([f'the version "{selector}" of each document that has one', *notes]),
        selector=selector,
        documents_with=len(found.chosen),
        documents_without=found.without + found.unclear,
    )
    view.read_manifests(found.chosen.values())
    passages = frozenset(no for version in found.chosen.values() for no in view.passage_nos(version))
    return Lookup(scope, Filter(passages=passages), chosen=found.chosen)


def _at_point(view: View, point: Point, source_no: int, documents: Iterable[Document], found: _Found) -> None:
    states = view.snapshot.states_at(source_no, point, view.known_at)
    wanted = (no for version_nos in states.values() for no in version_nos)
    versions = view.snapshot.versions_by_no(wanted, view.known_at, tags=False)
    for version_nos in states.values():
        if len(version_nos) == 1:
            found.take(versions[version_nos[0]])
        else:
            found.unclear += 1
    for document in documents:
        if document.no not in states:
            found.lack(document.no, document.key)


def _by_selector(view: View, selector: str, documents: Sequence[Document], found: _Found) -> None:
    view.read_versions(None if len(documents) > _FEW_DOCUMENTS else [document.no for document in documents])
    for document in documents:
        if not (versions := view.versions(document.no)):
            continue
        try:
            found.take(select(versions, selector, view.zone, view.points(document.source_no)).version)
        except NotFoundError:
            found.lack(document.no, versions[-1].key)
        except AmbiguousError:
            found.unclear += 1
