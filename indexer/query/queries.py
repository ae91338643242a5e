"""Every question that can be asked of the index, in one place; each answer is seen at one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo
from functools import cache, partial
from typing import TYPE_CHECKING

from indexer.clock import Clock, SystemClock
from indexer.errors import ReadError
from indexer.ports import Catalog
from indexer.query import compare, texts
from indexer.query.asking.ask import Asking
from indexer.query.asking.works import Grouping
from indexer.query.history import family_of, history
from indexer.query.kept import Kept
from indexer.query.lookup import Lookup
from indexer.query.ordering import Order, both
from indexer.query.reranking import Reranking
from indexer.query.results import (
    BlameResult,
    CiteResult,
    DiffResult,
    FailuresResult,
    HistoryResult,
    Hit,
    OriginalResult,
    Question,
    SearchResult,
    ShowResult,
    StatusResult,
)
from indexer.query.scope import look_up
from indexer.query.search import Searches, retried, search
from indexer.query.status import status
from indexer.query.surroundings import Surroundings, surroundings_of
from indexer.query.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.model import Instant, Published
    from indexer.ports import Embedder, Originals, PassageStore, TokenCounter


def _no_state(source: str, key: str, origin: str) -> bytes:
    raise ReadError("unreadable", f"{source} is not asked for {key} at {origin}")


class Queries:
    """Asks the index. Not shared between threads, as its catalog is not.

    `passages` (once for each fingerprint), `embedder` and `originals` (once) are called only by the
    questions that need them: all but `search` and `original` read nothing but the catalog. Dates
    and times are read in `zone`. `state` reads a state from its source: (source, key, origin) → bytes,
    or `ReadError`. `grouping` says which documents are editions of one work; by default their names do. `kept` is shared with other
    threads' queries, and knows the grouping itself.
    `reranking` puts what was found into a better order.

    DOC and DOC@SEL are as in the command contract; `known_at` is a date or time as people write
    it. All of them raise `NotFoundError`, `AmbiguousError` (with candidates), `UsageError` and
    `StoreError`; asking again helps with none of these.
    """

    def __init__(
        self,
        catalog: Catalog,
        passages: Callable[[Published], PassageStore],
        embedder: Callable[[], Embedder],
        originals: Callable[[], Originals],
        zone: tzinfo,
        state: Callable[[str, str, str], bytes] = _no_state,
        clock: Clock | None = None,
        grouping: Grouping | None = None,
        reranking: Reranking | None = None,
        kept: Kept | None = None,
    ) -> None:
        self._catalog = catalog
        self._make_passages = passages
        # Kept, since a model takes seconds to load and a table keeps what it has read of its indexes.
        self._tables: dict[str, PassageStore] = {}
        self._embedder = cache(embedder)
        self._originals = cache(originals)
        self._zone = zone
        self._state = state
        self._clock: Clock = clock or SystemClock()
        self._kept = kept or Kept(grouping)
        self._reranking = reranking

    def search(self, question: Question) -> SearchResult:
        """Passages that answer the question, from exactly the versions that it asks for.

        Versions, dates and the kind of question are looked for in its words, unless it is to be taken literally or its options say which versions
        are meant.
        """
        vectors: dict[tuple[str, str], NDArray[np.float32]] = {}
        return retried(lambda: self._answer(question, Searches(vectors)))

    def _answer(self, question: Question, searches: Searches) -> SearchResult:
        with self._view(question.known_at) as view:
            names = partial(self._kept.names.at, view, question)
            searched = partial(self._searched, view, searches)
            result = Asking(view, names, question, searched, self._clock.now()).answer()
            # Every search for it sees the same commit.
            return replace(result, scope=replace(result.scope, recorded=view.snapshot.recorded))

    def _searched(
        self,
        view: View,
        searches: Searches,
        question: Question,
        look: Callable[[View, Question], Lookup] = look_up,
        order: Order | None = None,
    ) -> SearchResult:
        loaded = self._embedder.cache_info().currsize > 0
        if self._reranking is not None:
            order = both(self._reranking.order(question.text), order)
        return search(
            view,
            question,
            self._passages,
            self._embedder,
            searches,
            loaded=loaded,
            look=look,
            order=order,
        )

    def warm(self) -> None:
        """Read what the first question would have to wait for: the names of all documents, and the passages table."""
        retried(self._warm)

    def _warm(self) -> None:
        with self._view() as view:
            self._kept.names.at(view, Question("warming up")).settle()
            if (published := view.snapshot.published()) is not None:
                self._passages(published).at(published.table_version)

    def history(self, reference: str, known_at: str | None = None) -> HistoryResult:
        """The versions of DOC."""
        with self._view(known_at) as view:
            found = history(view, reference)
            names = self._kept.names.at(view, Question(reference))
            return replace(found, family=family_of(view, names, found.document))

    def show(self, reference: str, known_at: str | None = None) -> ShowResult:
        """The text of DOC[@SEL]; without SEL the present one. `NotFoundError` says why there is no text."""
        with self._view(known_at) as view:
            return texts.show(view, reference)

    def original(self, reference: str, known_at: str | None = None) -> OriginalResult:
        """The bytes of DOC[@SEL] as the source had them. `NotFoundError` if they were not kept."""
        with self._view(known_at) as view:
            return texts.original(view, reference, self._originals(), self._state)

    def diff(self, before: str, after: str, known_at: str | None = None) -> DiffResult:
        """What changed from DOC@A (`before`) to B or DOC@B (`after`)."""
        with self._view(known_at) as view:
            return compare.diff(view, before, after)

    def blame(self, reference: str, known_at: str | None = None) -> BlameResult:
        """Each passage of DOC[@SEL] with the version that introduced it."""
        with self._view(known_at) as view:
            return compare.blame(view, reference)

    def cite(self, citation: str) -> CiteResult:
        """What a citation refers to, and whether it is still current."""
        with self._view() as view:
            return texts.cite(view, citation)

    def status(self, *, disk: bool = False) -> StatusResult:
        """Sources, counts, freshness, work saved, what is held, and who writes at this moment.

        `disk` measures also texts and folders of very many files, which takes seconds where there is much.
        """
        with self._catalog.snapshot() as snapshot:
            return status(snapshot, self._catalog.path.parent, disk=disk)

    def surroundings(self, hits: Sequence[Hit], around: int = 0) -> list[Surroundings | None]:
        """Where each hit stands in the text of its version, and `around` passages on either side; see `surroundings_of`."""
        with self._catalog.snapshot() as snapshot:
            return surroundings_of(snapshot, hits, around)

    @property
    def counter(self) -> TokenCounter:
        """The tokenizer of the configured model. Loads no model."""
        return self._embedder().counter

    def recorded(self) -> Instant:
        """The instant of the last commit; 0 where there is none."""
        with self._catalog.snapshot() as snapshot:
            return snapshot.recorded

    def failures(self) -> FailuresResult:
        """What could not be indexed, and why."""
        with self._catalog.snapshot() as snapshot:
            return FailuresResult(tuple(snapshot.failures()))

    def _passages(self, published: Published) -> PassageStore:
        if published.fingerprint not in self._tables:
            self._tables[published.fingerprint] = self._make_passages(published)
        return self._tables[published.fingerprint]

    @contextmanager
    def _view(self, known_at: str | None = None) -> Iterator[View]:
        with self._catalog.snapshot() as snapshot:
            self._kept.of_commit.see(snapshot.recorded, snapshot.purged)
            yield View(snapshot, self._zone, known_at, self._kept.of_commit)
