"""Answers a question: scope, retrieval, and hits that name the version they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Final

from indexer.errors import DamagedStoreError, StoreError, UsageError
from indexer.model import ManifestEntry, Published, Row, Version
from indexer.ports import Catalog, PassageSnapshot, VersionGoneError
from indexer.ports.catalog import Place
from indexer.query.fusion import Ranked
from indexer.query.lookup import Lookup
from indexer.query.naming import cited
from indexer.query.ordering import Order, ordered
from indexer.query.presence import Spans, number_ranges
from indexer.query.results import Hit, Mode, Question, SearchResult
from indexer.query.retrieve import retrieve
from indexer.query.scope import look_up
from indexer.query.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.ports import Embedder, PassageStore

MOST_HITS: Final = 1000
_ATTEMPTS: Final = 3
_Attributed = tuple[Ranked, Version, Spans[Place]]
"""What was found, the version that it is cited from, and when the document's passages were there."""


def search(
    catalog: Catalog,
    question: Question,
    passages: Callable[[Published], PassageStore],
    embedder: Callable[[], Embedder],
    zone: tzinfo,
    *,
    loaded: bool = False,
    look: Callable[[View, Question], Lookup] = look_up,
    order: Order | None = None,
) -> SearchResult:
    """The best passages of the question's scope, which `look` finds, in the order that `order` puts them in. See `Queries.search`.

    `loaded`: `embedder` takes no time any more. Then the question is embedded while its scope is
    looked up; otherwise a scope in which nothing can be found should not wait for a model.
    """
    require_answerable(question)
    vectors: dict[str, NDArray[np.float32]] = {}
    for attempt in range(1, _ATTEMPTS + 1):
        with (
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="question") as beside,
            catalog.snapshot() as snapshot,
        ):
            published = snapshot.published()
            vector: Callable[[], NDArray[np.float32]] = partial(
                _embedded, embedder, published, question.text, vectors
            )
            if loaded and published is not None and question.mode is not Mode.TEXT:
                embedded = beside.submit(vector)
                vector = partial(embedded.result)
            view = View(snapshot, zone, question.known_at)
            lookup = look(view, question)
            if lookup.where is None:
                return SearchResult(question.text, lookup.scope, answer=lookup.answer)
            if published is None:
                if any(count["seen_passages"] for count in snapshot.counts().values()):
                    raise StoreError(
                        "the passages table is being made anew, or that was interrupted",
                        remedy="wait for `indexer rebuild` to finish, or run `indexer backfill`",
                        code="no-passages-table",
                    )
                return SearchResult(question.text, lookup.scope, answer=lookup.answer)
            try:
                table = passages(published).at(published.table_version)
                hits = _hits(view, lookup, question, table, vector, order)
            except DamagedStoreError:
                if attempt == _ATTEMPTS:
                    raise
                continue  # a rebuild may have taken it away; a new snapshot tells
            except VersionGoneError as gone:
                if attempt == _ATTEMPTS:
                    raise StoreError(
                        f"version {published.table_version} of the passages table was removed while it was read",
                        remedy="try again; if it stays so, run `indexer rebuild`",
                    ) from gone
                continue
            return SearchResult(question.text, lookup.scope, hits, lookup.answer)
    raise AssertionError("every attempt returns or raises")


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
    known: dict[str, NDArray[np.float32]],
) -> NDArray[np.float32]:
    """The question's vector, kept in `known` by fingerprint.

    Raises `StoreError` where the passages' vectors are another model's.
    """
    assert published is not None
    if published.fingerprint not in known:
        model = embedder()
        if model.fingerprint != published.fingerprint:
            raise StoreError(
                f"the index was made with the model {published.fingerprint}, "
                f"the configuration names {model.fingerprint}",
                remedy="run `indexer backfill` to switch the model, or search with --mode text meanwhile",
                code="other-model",
            )
        known[published.fingerprint] = model.embed_query(text)
    return known[published.fingerprint]


def _hits(
    view: View,
    lookup: Lookup,
    question: Question,
    table: PassageSnapshot,
    vector: Callable[[], NDArray[np.float32]],
    order: Order | None,
) -> tuple[Hit, ...]:
    """The first `k` passages that a version in the scope holds."""
    assert lookup.where is not None
    wanted = question.k
    while True:
        found = retrieve(table, question.text, vector, lookup.where, question.mode, wanted)
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
        chosen = [version for no in documents if (version := lookup.chosen.get(no)) is not None]
        chosen += [version for no in documents for version in lookup.among.get(no, ())]
        _read_ahead(view, list(filter(None, places)), chosen)
        for ranked in bite:
            no = ranked.document_no
            version = lookup.version_of(view, no, ranked.passage_no, spans[no])
            if version is not None:
                attributed.append((ranked, version, spans[no]))
            if len(attributed) == count:
                return attributed
    return attributed


def _read_ahead(view: View, places: Sequence[Place], chosen: Sequence[Version]) -> None:
    """Read what citing these versions will need, all at once instead of one by one."""
    view.read_versions_at(places)
    versions = [*map(view.version_at, places), *chosen]
    view.read_places(version.document_no for version in chosen)
    view.read_versions_at(
        view.places(version.document_no)[version.number - 2]
        for version in versions
        if version.number and version.number > 1
    )
    view.read_manifests([*versions, *filter(None, map(view.before, versions))])


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
