"""Embedding ahead gives the vectors that embedding at once would give, and makes each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedding.hashing import HashingEmbedder
from indexer.errors import EmbeddingError
from indexer.ingest.embedding_ahead import JOB, EmbeddingAhead
from indexer.ports import Vectors


class Counting(HashingEmbedder):
    """Remembers what it embedded; fails on the text ``bad``."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        if "bad" in texts:
            raise EmbeddingError("it does not like this text")
        self.embedded += texts
        return super().embed(texts)


@pytest.fixture
def embedder() -> Counting:
    return Counting()


@pytest.fixture
def ahead(embedder: Counting) -> Iterator[EmbeddingAhead]:
    ahead = EmbeddingAhead(embedder)
    yield ahead
    ahead.drop()


words = st.lists(st.sampled_from([f"word {n}" for n in range(12)]), max_size=20)


@given(announced=st.lists(words, max_size=4), taken=st.lists(words, max_size=4))
def test_vectors_are_the_same_whatever_was_announced(
    announced: list[list[str]], taken: list[list[str]]
) -> None:
    embedder = Counting()
    ahead = EmbeddingAhead(embedder)
    for texts in announced:
        ahead.announce(texts)
    for texts in (list(dict.fromkeys(texts)) for texts in taken):
        made = ahead.take(texts)
        assert len(made) == len(texts)
        for vector, expected in zip(made, HashingEmbedder().embed(texts), strict=True):
            assert np.array_equal(vector, expected)
    ahead.drop()


def test_each_text_is_embedded_once_however_often_it_is_announced(
    embedder: Counting, ahead: EmbeddingAhead
) -> None:
    texts = [f"text {n}" for n in range(3 * JOB)]
    for _ in range(3):
        ahead.announce(texts)
        ahead.announce(texts[::-1])
    for start in range(0, len(texts), 100):
        ahead.take(texts[start : start + 100])
    assert sorted(embedder.embedded) == sorted(texts)


def test_what_was_taken_is_forgotten(ahead: EmbeddingAhead) -> None:
    texts = [f"text {n}" for n in range(JOB + 5)]
    ahead.announce(texts)
    assert ahead.waiting == len(texts)
    ahead.take(texts)
    assert ahead.waiting == 0


def test_a_failure_comes_to_the_one_who_takes(ahead: EmbeddingAhead) -> None:
    ahead.announce(["bad"])
    with pytest.raises(EmbeddingError, match="does not like"):
        ahead.take(["bad"])


def test_what_is_dropped_is_embedded_anew(embedder: Counting, ahead: EmbeddingAhead) -> None:
    ahead.announce(["one", "two"])
    ahead.drop()
    assert ahead.waiting == 0
    assert len(ahead.take(["one"])) == 1
    assert embedder.embedded == ["one"]
