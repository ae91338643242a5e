"""Reads a question and passages together, and says how well each fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Scores passages for a question: slower than comparing vectors, and more exact."""

    def scores(self, question: str, texts: Sequence[str], seconds: float) -> list[float]:
        """How well the first of `texts` fit the question, in their order; higher is better.

        As many are scored as begin within `seconds`, the first ones always, loading aside; so there may be fewer scores than texts.
        Equal input gives equal scores, but for how many there are. Raises `EmbeddingError`.
        """
