"""A reranker without a model."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.fake_clock import FakeClock


class FakeReranker:
    """Scores a text by how many of the question's words it has, and takes a tenth of a second of its clock for each text."""

    SECONDS = 0.1
    BATCH = 2

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.asked: list[tuple[str, int]] = []
        """(question, number of texts) of every call."""

    def scores(self, question: str, texts: Sequence[str], seconds: float) -> list[float]:
        self.asked.append((question, len(texts)))
        words = set(question.lower().split())
        spent = 0.0
        found: list[float] = []
        for start in range(0, len(texts), self.BATCH):
            if found and spent >= seconds:
                break
            batch = texts[start : start + self.BATCH]
            found += [float(len(words & set(text.lower().split()))) for text in batch]
            spent += self.SECONDS * len(batch)
        return found
