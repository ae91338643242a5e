"""Keeps the names of all documents and works of an index from one question to the next."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable

from indexer.families import Described, EditionKind, group, parse_name, parse_title
from indexer.model import Document
from indexer.query.asking.names import Edition, NameIndex, Names, Work
from indexer.query.narrowing import narrow
from indexer.query.results import Question
from indexer.query.view import View


class KnownNames:
    """Names as they are now: after a commit, only those of the documents that it placed are read anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._placed = 0
        """The last placement that was looked at."""
        self._index = NameIndex()
        self._editions: dict[int, Document] = {}
        """Documents that may be editions of a work, by their names."""
        self._names = Names(self._index, ())

    def at(self, view: View, question: Question) -> Names:
        """The names as believed at the view's instant, of the documents that the question's options leave."""
        narrowed = question.sources or question.paths or question.labels or question.under is not None
        if narrowed or view.asked is not None:
            left = _left(view, question)
            return _built(d for d in view.snapshot.documents(known_at=view.known_at) if left(d))
        with self._lock:
            changed, last = view.snapshot.placed_after(self._placed)
            if changed:
                wanted = changed if self._placed else None
                self._take(changed, view.snapshot.documents(wanted, known_at=view.known_at))
            self._placed = last
            return self._names

    def _take(self, changed: Iterable[int], documents: Iterable[Document]) -> None:
        there = {document.no: document for document in documents if not document.deleted}
        regroup = False
        for no in changed:
            regroup |= self._editions.pop(no, None) is not None
            document = there.get(no)
            if document is None:
                self._index.drop(no)
                continue
            self._index.put(no, _names(document))
            if _maybe_edition(document):
                self._editions[no] = document
                regroup = True
        if regroup:
            self._names = Names(self._index, _works(self._editions.values()))


def _built(documents: Iterable[Document]) -> Names:
    index, there = NameIndex(), [document for document in documents if not document.deleted]
    for document in there:
        index.put(document.no, _names(document))
    return Names(index, _works(there))


def _left(view: View, question: Question) -> Callable[[Document], bool]:
    """Whether the options of a question leave a document."""
    narrowing = narrow(view, question, lambda: view.snapshot.keys(view.known_at))
    if narrowing.nothing is not None:
        return lambda document: False
    matches = narrowing.matches
    return lambda document: (
        (not question.sources or document.source in question.sources)
        and (matches is None or matches(document.no, document.key))
    )


def _names(document: Document) -> tuple[str, ...]:
    name = document.key.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return tuple(dict.fromkeys((stem, document.title, document.key)))


def _maybe_edition(document: Document) -> bool:
    return parse_name(document.key) is not None or parse_title(document.title) is not None


def _works(documents: Iterable[Document]) -> list[Work]:
    """The families of each source; documents that follow each other and replace nothing, such as minutes, are none."""
    sources: dict[int, dict[str, Document]] = defaultdict(dict)
    for document in documents:
        sources[document.source_no][document.key] = document
    works = []
    for known in sources.values():
        for family in group(Described(key, document.title) for key, document in known.items()):
            if family.kind is not EditionKind.SERIES:
                editions = tuple(Edition(known[edition.key].no, edition.label) for edition in family.editions)
                works.append(Work(family.name, editions))
    return works
