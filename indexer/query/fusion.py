"""Puts what was found by meaning and by words into one ranking. Pure.

Why so, and with which numbers: docs/decisions/0025-ranking-by-scores.md. The methods are

* a convex combination of scores that are scaled by their least possible value and the largest one found:
  Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (TOIS 2023);
* Rocchio's feedback with vectors, the best passages being taken for relevant: Li, Mourad, Zhuang, Koopman and
  Zuccon, "Pseudo Relevance Feedback with Deep Language Models and Dense Retrievers" (TOIS 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from indexer.ports import Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.ports import Vector

MEANING: Final = 0.8
"""The weight of the meaning; that of the words is the rest. As Bruch et al. recommend where nothing is known."""
FEEDBACK: Final = 5
"""Passages that the question moves to. This and the next are those of Li et al."""
KEPT: Final = 0.4
"""What remains of the question; the rest is the mean of these passages."""
_LEAST: Final = -1.0
"""No cosine is less; no score by words is less than 0."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its score; higher is better."""

    passage_no: int
    document_no: int
    score: float


def ranked(match: Match) -> Ranked:
    """What a search by one side alone found, with that side's score."""
    return Ranked(match.passage_no, match.document_no, match.score)


def fuse(by_meaning: Sequence[Match], by_words: Sequence[Match], question: Vector) -> list[Ranked]:
    """All passages of both sides, best first, with scores up to 1.

    Each side names a passage once, and every match has its vector. A passage is as near to the question as its
    vector is, whoever found it; what the words did not find has none of them. The best are then taken for
    answers: the question moves towards them, and everything is weighed again. So nothing is found or lost by
    that, and what is near to several good answers rises. Equal scores stand in the order of their numbers.
    """
    import numpy as np

    found = {match.passage_no: match for match in (*by_meaning, *by_words)}
    if not found:
        return []
    matches = sorted(found.values(), key=lambda match: (match.document_no, match.passage_no))
    vectors = np.stack([match.vector for match in matches if match.vector is not None])
    scores = {match.passage_no: match.score for match in by_words}
    words = np.array([scores.get(match.passage_no, 0.0) for match in matches], dtype=np.float32)
    first = _combined(_nearness(vectors, question), words)
    moved = KEPT * question + (1 - KEPT) * _best(vectors, first).mean(axis=0)
    final = _combined(_nearness(vectors, moved), words)
    return [
        Ranked(matches[place].passage_no, matches[place].document_no, float(final[place]))
        for place in np.argsort(-final, kind="stable").tolist()
    ]


def _nearness(vectors: NDArray[np.float32], question: Vector) -> NDArray[np.float32]:
    """Inner products; the same for equal vectors, which a matrix product does not promise."""
    import numpy as np

    products: NDArray[np.float32] = np.einsum("ij,j->i", vectors, question)
    return products


def _combined(nearness: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.float32]:
    meant = (nearness - _LEAST) / max(float(nearness.max()) - _LEAST, 1e-6)
    said = words / max(float(words.max()), 1e-6)
    combined: NDArray[np.float32] = MEANING * meant + (1 - MEANING) * said
    return combined


def _best(vectors: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors of the best passages, each wording once: a text that many documents repeat is one answer."""
    import numpy as np

    best: dict[bytes, NDArray[np.float32]] = {}
    for place in np.argsort(-scores, kind="stable"):
        best.setdefault(vectors[place].tobytes(), vectors[place])
        if len(best) == FEEDBACK:
            break
    return np.stack(list(best.values()))
