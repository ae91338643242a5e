"""Puts the best of what was found into the order of a reranker, within its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.ports.reranker import Reranker
from indexer.query.ordering import Order


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranker, and how much it may do for one search."""

    reranker: Reranker
    top: int
    """Passages that it looks at."""
    seconds: float

    def order(self, question: str) -> Order:
        """Those that it scored first, the best of them first; the others behind, as they were."""

        def order(texts: Sequence[str]) -> list[int]:
            scores = self.reranker.scores(question, texts[: self.top], self.seconds)
            scored = sorted(range(len(scores)), key=lambda place: -scores[place])
            return [*scored, *range(len(scores), len(texts))]

        return order
