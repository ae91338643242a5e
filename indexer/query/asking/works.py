"""Keeps the names of all documents and works of an index from one question to the next."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from indexer.families import Described, EditionKind, Family, group, parse_name, parse_title
from indexer.families import Edition as Named
from indexer.model import Document, Instant
from indexer.ports.stated import Stated
from indexer.query.asking.names import Edition, NameIndex, Names, Work, forget_words
from indexer.query.narrowing import filters_of, narrow
from indexer.query.results import Question
from indexer.query.view import View


@dataclass(frozen=True, slots=True)
class Grouping:
    """How documents are grouped into works, as configured; keys are those of documents, the same in every source."""

    enabled: bool = True
    patterns: tuple[re.Pattern[str], ...] = ()
    """Searched in keys, the first that fits decides: groups ``edition`` and, if there is one, ``work``."""
    together: tuple[tuple[str, ...], ...] = ()
    """Keys of one work each, the oldest first."""
    apart: tuple[tuple[str, ...], ...] = ()
    """Keys that are no editions of anything."""

    def concerns(self, document: Document, stated: Stated | None) -> bool:
        """Whether the document, which states that of itself, can be an edition of a work."""
        if not self.enabled:
            return False
        if (
            stated is not None
            or parse_name(document.key) is not None
            or parse_title(document.title) is not None
        ):
            return True
        return any(document.key in keys for keys in self.together) or any(
            pattern.search(document.key) for pattern in self.patterns
        )


_Candidate = tuple[Document, Stated]
"""A document that may be an edition, and what it states of itself."""
_NOTHING: Final = Stated()


class KnownNames:
    """Names as they are now, for all threads that ask: after a commit, only those of what it placed or gave a text are read anew.

    A purge, which places nothing, has all of them read anew. A question that began before the last commit that was
    looked at gets the names of that: what they lead to is looked up in its own view.
    """

    def __init__(self, grouping: Grouping | None = None) -> None:
        self._grouping = grouping or Grouping()
        self._lock = threading.Lock()
        self._recorded: Instant = -1
        """The last commit that was looked at."""
        self._placed = self._rendered = 0
        """The last placement, and the last rendition, that was looked at."""
        self._purges = 0
        """How many purges had taken names away by then."""
        self._index = NameIndex()
        self._gone: set[int] = set()
        self._editions: dict[int, _Candidate] = {}
        """Documents that may be editions of a work."""
        self._names = Names(self._index, ())
        self._past: tuple[tuple[Instant, Instant], Names] | None = None
        """Names as they were believed when that was last asked for: (that instant, the last commit then) → names."""

    def at(self, view: View, question: Question) -> Names:
        """The names as believed at the view's instant, of the documents that the question's options leave."""
        with self._lock:
            names = self._at(view)
        within = _within(view, question)
        return names if within is None else names.narrowed(within)

    def _at(self, view: View) -> Names:
        snapshot = view.snapshot
        if view.asked is not None and view.known_at < snapshot.recorded:
            asked = (view.known_at, snapshot.recorded)
            if self._past is None or self._past[0] != asked:
                stated = snapshot.stated(known_at=view.known_at)
                self._past = asked, self._built(snapshot.documents(known_at=view.known_at), stated)
            return self._past[1]
        if snapshot.recorded > self._recorded:
            self._follow(view)
        return self._names

    def _follow(self, view: View) -> None:
        """Take in what was committed since."""
        snapshot = view.snapshot
        purges = snapshot.names_purged()
        changed, placed, rendered = snapshot.named_after(self._placed, self._rendered)
        if purges != self._purges:
            # They are taken out of memory as well, also those that were kept of the past.
            changed, placed, rendered = snapshot.named_after(0, 0)
            self._index, self._gone, self._editions, self._placed = NameIndex(), set(), {}, 0
            self._names, self._past = Names(self._index, ()), None
            forget_words()
        if changed:
            wanted = changed if self._placed else None
            documents = snapshot.documents(wanted, known_at=view.known_at)
            self._take(changed, documents, snapshot.stated(wanted, known_at=view.known_at))
        self._recorded, self._purges = snapshot.recorded, purges
        self._placed, self._rendered = placed, rendered

    def _take(
        self, changed: Iterable[int], documents: Iterable[Document], stated: Mapping[int, Stated]
    ) -> None:
        there = {document.no: document for document in documents}
        regroup = False
        for no in changed:
            before = self._editions.pop(no, None)
            document = there.get(no)
            self._gone.discard(no)
            if document is None:
                self._index.drop(no)
                regroup |= before is not None
                continue
            self._index.put(no, _names(document))
            if document.deleted:
                self._gone.add(no)
            if self._grouping.concerns(document, stated.get(no)):
                self._editions[no] = document, stated.get(no, _NOTHING)
            regroup |= before != self._editions.get(no)
        works = _works(self._editions.values(), self._grouping) if regroup else self._names.works
        self._names = Names(self._index, works, gone=frozenset(self._gone))

    def _built(self, documents: Sequence[Document], stated: Mapping[int, Stated]) -> Names:
        index = NameIndex()
        for document in documents:
            index.put(document.no, _names(document))
        editions = [
            (document, stated.get(document.no, _NOTHING))
            for document in documents
            if self._grouping.concerns(document, stated.get(document.no))
        ]
        gone = frozenset(document.no for document in documents if document.deleted)
        return Names(index, _works(editions, self._grouping), gone=gone)


def _within(view: View, question: Question) -> frozenset[int] | None:
    """The documents that the options of a question leave; None: all."""
    if not (question.sources or question.paths or question.labels or question.under is not None):
        return None
    return view.kept(("documents left", filters_of(view, question)), lambda: _left(view, question))


def _left(view: View, question: Question) -> frozenset[int]:
    narrowing = narrow(view, question, lambda: view.snapshot.every_key(view.known_at))
    if narrowing.nothing is not None:
        return frozenset()
    sources = {source.no for source in view.snapshot.sources() if source.name in question.sources}
    matches = narrowing.matches
    return frozenset(
        no
        for no, source_no, key in view.snapshot.every_key(view.known_at)
        if (not question.sources or source_no in sources) and (matches is None or matches(no, key))
    )


def _names(document: Document) -> tuple[str, ...]:
    name = document.key.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return tuple(dict.fromkeys((stem, document.title, document.key, name)))


def _works(candidates: Iterable[_Candidate], grouping: Grouping) -> list[Work]:
    """The families of each source; documents that follow each other and replace nothing, such as minutes, are none."""
    sources: dict[int, dict[str, Document]] = defaultdict(dict)
    described: dict[int, dict[str, Described]] = defaultdict(dict)
    # Of two that had one key in turn the living one counts.
    for document, stated in sorted(candidates, key=lambda candidate: not candidate[0].deleted):
        sources[document.source_no][document.key] = document
        described[document.source_no][document.key] = Described(
            document.key, document.title, stated.labels, stated.date
        )
    works = []
    for source_no, known in sources.items():
        families = group(described[source_no].values(), grouping.patterns, grouping.together, grouping.apart)
        works += [
            Work(family.name, _editions(family, known), family.kind)
            for family in families
            if family.kind is not EditionKind.SERIES
        ]
    return works


def _editions(family: Family, known: dict[str, Document]) -> tuple[Edition, ...]:
    """The editions; one that was deleted counts where no other stands in its place."""
    there = {edition.label.casefold() for edition in family.editions if not known[edition.key].deleted}
    return tuple(
        Edition(known[edition.key].no, edition.label, edition.stated, _begins(edition))
        for edition in family.editions
        if not known[edition.key].deleted or edition.label.casefold() not in there
    )


def _begins(edition: Named) -> date | None:
    if edition.kind is not EditionKind.DATE:
        return None
    year, month, day = edition.order[:3]
    return date(year, month or 1, day or 1)
