"""Answers a question: scope, retrieval, and hits that name the version they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from indexer.errors import DamagedStoreError, StoreError, UsageError
from indexer.model import ManifestEntry, Published, Row, Version
from indexer.ports import Filter, PassageSnapshot, VersionGoneError
from indexer.ports.elected import Place
from indexer.query.beside import beside
from indexer.query.fusion import Ranked
from indexer.query.lookup import Lookup
from indexer.query.naming import cited
from indexer.query.ordering import Order, ordered
from indexer.query.presence import Spans, number_ranges
from indexer.query.results import Hit, Mode, Question, SearchResult
from indexer.query.retrieve import BY_MEANING, depth_of, retrieve
from indexer.query.scope import look_up
from indexer.query.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.ports import Embedder, PassageStore

T = TypeVar("T")

MOST_HITS: Final = 1000
_ATTEMPTS: Final = 3
_Attributed = tuple[Ranked, Version, Spans[Place]]
"""What was found, the version that it is cited from, and when the document's passages were there."""


class Searches:
    """What the searches for one question found so far: several of them may look for the same, in the same places.

    Of one view; the vectors may go on to the next.
    """

    def __init__(self, vectors: dict[tuple[str, str], NDArray[np.float32]]) -> None:
        """`vectors`: of questions, by fingerprint and text."""
        self.vectors = vectors
        self._found: dict[tuple[str, Mode, Filter, int], list[Ranked]] = {}

    def found(
        self,
        table: PassageSnapshot,
        question: Question,
        vector: Callable[[], NDArray[np.float32]],
        where: Filter,
        wanted: int,
    ) -> list[Ranked]:
        """As `retrieve` finds them."""
        key = (question.text, question.mode, where, depth_of(wanted))
        if key not in self._found:
            self._found[key] = retrieve(table, question.text, vector, where, question.mode, wanted)
        return self._found[key]


def retried(answer: Callable[[], T]) -> T:
    """What `answer` returns, tried again where a store was taken away under it: each time it has to take a new snapshot."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return answer()
        except DamagedStoreError:
            if attempt == _ATTEMPTS:
                raise  # a rebuild may have taken it away; a new snapshot tells
        except VersionGoneError as gone:
            if attempt == _ATTEMPTS:
                raise StoreError(
                    f"the passages table was removed while it was read: {gone}",
                    remedy="try again; if it stays so, run `indexer rebuild`",
                ) from gone
    raise AssertionError("every attempt returns or raises")


def search(
    view: View,
    question: Question,
    passages: Callable[[Published], PassageStore],
    embedder: Callable[[], Embedder],
    searches: Searches,
    *,
    loaded: bool = False,
    look: Callable[[View, Question], Lookup] = look_up,
    order: Order | None = None,
) -> SearchResult:
    """The best passages of the question's scope, which `look` finds, in the order that `order` puts them in. See `Queries.search`.

    `loaded`: `embedder` takes no time any more. Then the question is embedded while its scope is
    looked up; otherwise a scope in which nothing can be found should not wait for a model.
    Raises `VersionGoneError` where the table's version was pruned: a new view has to be taken.
    """
    require_answerable(question)
    published = view.snapshot.published()
    vector: Callable[[], NDArray[np.float32]] = partial(
        _embedded, embedder, published, question.text, searches.vectors
    )
    if loaded and published is not None and question.mode in BY_MEANING:
        vector = beside().submit(vector).result
    lookup = look(view, question)
    if lookup.where is None:
        return SearchResult(question.text, lookup.scope, answer=lookup.answer)
    if published is None:
        if any(count["seen_passages"] for count in view.snapshot.counts().values()):
            raise StoreError(
                "the passages table is being made anew, or that was interrupted",
                remedy="wait for `indexer rebuild` to finish, or run `indexer backfill`",
                code="no-passages-table",
            )
        return SearchResult(question.text, lookup.scope, answer=lookup.answer)
    table = passages(published).at(published.table_version)
    hits = _hits(view, lookup, question, table, vector, order, searches)
    return SearchResult(question.text, lookup.scope, hits, lookup.answer)


def require_answerable(question: Question) -> None:
    """Raise `UsageError` for a question that says nothing, or asks for no possible number of hits."""
    if not question.text.strip():
        raise UsageError("the question is empty", remedy="write what to search for")
    if not 1 <= question.k <= MOST_HITS:
        raise UsageError(f"{question.k} hits cannot be asked for", remedy=f"ask for 1 to {MOST_HITS}")


def _embedded(
    embedder: Callable[[], Embedder],
    published: Published | None,
    text: str,
    known: dict[tuple[str, str], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """The question's vector, kept in `known`.

    Raises `StoreError` where the passages' vectors are another model's.
    """
    assert published is not None
    if (published.fingerprint, text) not in known:
        model = embedder()
        if model.fingerprint != published.fingerprint:
            raise StoreError(
                f"the index was made with the model {published.fingerprint}, "
                f"the configuration names {model.fingerprint}",
                remedy="run `indexer backfill` to switch the model, or search with --mode text meanwhile",
                code="other-model",
            )
        known[published.fingerprint, text] = model.embed_query(text)
    return known[published.fingerprint, text]


def _hits(
    view: View,
    lookup: Lookup,
    question: Question,
    table: PassageSnapshot,
    vector: Callable[[], NDArray[np.float32]],
    order: Order | None,
    searches: Searches,
) -> tuple[Hit, ...]:
    """The first `k` passages that a version in the scope holds."""
    assert lookup.where is not None
    wanted = question.k
    while True:
        found = searches.found(table, question, vector, lookup.where, wanted)
        if order is not None:
            found = ordered(view, found, order)
        attributed = _attributed(view, lookup, found, question.k)
        # Only a search in every version at some path drops anything here: it asks for more until it has enough.
        if len(attributed) == question.k or len(found) < wanted:
            return _rendered(view, lookup, attributed)
        wanted = max(len(found) + 1, wanted * 4)


def _attributed(view: View, lookup: Lookup, found: Sequence[Ranked], count: int) -> list[_Attributed]:
    """The best `count` of what was found, each with its version and the presence of its passages."""
    attributed: list[_Attributed] = []
    for start in range(0, len(found), count):
        bite = found[start : start + count]
        documents = {ranked.document_no for ranked in bite}
        view.read_places(documents)
        rows: dict[int, list[Row]] = {}
        for row in view.snapshot.rows(passage_nos=[ranked.passage_no for ranked in bite]):
            rows.setdefault(row.document_no, []).append(row)
        spans = {no: Spans(rows.get(no, ()), view.places(no), view.known_at) for no in documents}
        if lookup.every_version:
            view.read_versions_at(
                place
                for ranked in bite
                for place in spans[ranked.document_no].versions_with(ranked.passage_no)[-1:]
            )
        places = [
            lookup.place_of(view, ranked.document_no, ranked.passage_no, spans[ranked.document_no])
            for ranked in bite
        ]
        there = [place for place in places if place is not None]
        view.read_versions_at(there)
        view.read_ahead([*map(view.version_at, there), *lookup.candidates(view, documents)])
        for ranked in bite:
            no = ranked.document_no
            version = lookup.version_of(view, no, ranked.passage_no, spans[no])
            if version is not None:
                attributed.append((ranked, version, spans[no]))
            if len(attributed) == count:
                return attributed
    return attributed


def _rendered(view: View, lookup: Lookup, attributed: Sequence[_Attributed]) -> tuple[Hit, ...]:
    passages = view.snapshot.passages([ranked.passage_no for ranked, _, _ in attributed])
    documents = {d.no: d for d in view.documents({ranked.document_no for ranked, _, _ in attributed})}
    texts: dict[int, tuple[ManifestEntry, ...]] = {}
    # The versions of many documents are read without the tags that they have.
    labelled = view.labelled(version for _, version, _ in attributed) if lookup.chosen or lookup.among else {}
    hits = []
    for rank, (ranked, found, spans) in enumerate(attributed, start=1):
        version = labelled.get(found.no, found)
        passage = passages[ranked.passage_no]
        document = documents[ranked.document_no]
        if version.no not in texts:
            texts[version.no] = view.manifest(version)
        # Of a version that was thinned out it is not known any more where the passage stood.
        pages = (entry.page for entry in texts[version.no] if entry.passage_no == ranked.passage_no)
        hits.append(
            Hit(
                rank=rank,
                score=ranked.score,
                text=passage.text,
                heading=passage.heading,
                page=next(pages, None),
                document=document,
                version=view.entry(version),
                citation=cited(document, version, passage.id),
                stale=document.no in lookup.stale,
                also_in=number_ranges(spans.versions_with(passage.no), without=version.number),
            )
        )
    return tuple(hits)
