"""Searching inside the versions that a question means, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final, Protocol

from indexer.model import Version
from indexer.ports import Filter
from indexer.query.asking.states import Target
from indexer.query.lookup import Lookup
from indexer.query.ordering import Order
from indexer.query.results import Hit, Question, Scope, SearchResult
from indexer.query.view import View


class Search(Protocol):
    """Searches for a question where the lookup says, and puts what is found into an order."""

    def __call__(
        self, question: Question, look: Callable[[View, Question], Lookup], order: Order | None = None
    ) -> SearchResult: ...


MOST_SIDES: Final = 6
"""Versions that are shown side by side."""


def in_targets(
    search: Search,
    question: Question,
    targets: Sequence[Target],
    scope: Scope,
    order: Order | None = None,
    *,
    only: frozenset[int] | None = None,
) -> SearchResult:
    """The best passages of exactly these versions; what several of one document hold is cited from the last of them.

    `only`: of these passages none but those, by their numbers.
    """
    of_document: dict[int, list[Version]] = defaultdict(list)
    for target in targets:
        if target.version not in of_document[target.document.no]:
            of_document[target.document.no].insert(0, target.version)
    everything = [version for versions in of_document.values() for version in versions]

    def look(view: View, _: Question) -> Lookup:
        view.read_manifests(everything)
        passages = only or frozenset(no for version in everything for no in view.passage_nos(version))
        chosen = {no: versions[0] for no, versions in of_document.items() if len(versions) == 1}
        among = {no: versions for no, versions in of_document.items() if len(versions) > 1}
        return Lookup(scope, Filter(passages=passages), chosen=chosen, among=among)

    return search(question, look, order)


def side_by_side(
    search: Search,
    question: Question,
    sides: Sequence[Sequence[Target]],
    scope: Scope,
    order: Order | None = None,
) -> SearchResult:
    """The best passages of each of several versions in turn, so that each has its share of the hits."""
    found = [in_targets(search, question, side, scope, order).hits for side in sides[:MOST_SIDES]]
    turns = [hit for turn in zip_longest(*found) for hit in turn if hit is not None]
    return SearchResult(question.text, scope, ranked(turns[: question.k]))


def ranked(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """These hits with ranks in this order; their scores in order, too, so that these still tell better from worse."""
    kept = list(hits)
    scores = sorted((hit.score for hit in kept), reverse=True)
    return tuple(
        replace(hit, rank=rank, score=score)
        for rank, (hit, score) in enumerate(zip(kept, scores, strict=True), start=1)
    )
