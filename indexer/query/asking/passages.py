"""Searching inside the versions that a question means, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from indexer.model import Version
from indexer.ports import Filter
from indexer.query.asking.targets import Target
from indexer.query.lookup import Lookup
from indexer.query.results import Hit, Question, Scope, SearchResult
from indexer.query.view import View

Search = Callable[[Question, Callable[[View, Question], Lookup]], SearchResult]
"""Searches for a question where the lookup says."""


def in_targets(search: Search, question: Question, targets: Sequence[Target], scope: Scope) -> SearchResult:
    """The best passages of exactly these versions; of one document there is one at most."""
    chosen = {target.document.no: target.version for target in targets}

    def look(view: View, _: Question) -> Lookup:
        view.read_manifests(chosen.values())
        passages = frozenset(no for version in chosen.values() for no in view.passage_nos(version))
        return Lookup(scope, Filter(passages=passages), chosen=chosen)

    return search(question, look)


def texts_of(view: View, version: Version) -> list[tuple[int, str]]:
    """(passage number, heading and text) of each passage of a version, in order."""
    numbers = view.passage_nos(version)
    passages = view.snapshot.passages(set(numbers))
    return [(no, "\n".join([*passages[no].heading, passages[no].text])) for no in numbers]


def ranked(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """These hits, with ranks in this order."""
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
