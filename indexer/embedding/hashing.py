"""An embedder without a model: hashed words and letter trigrams. For tests and dry runs.

Feature hashing after Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009):
each feature adds +1 or -1 (by one bit of its hash) to the component that the rest of its hash names.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from indexer.embedding.tokens import WordCounter
from indexer.ports import TokenCounter, Vectors

_WORD: Final = re.compile(r"\w+")
_TRIGRAM_WEIGHT: Final = 0.3
"""Trigrams make near-equal words near; whole words still decide."""


class HashingEmbedder:
    """`ports.Embedder` that is deterministic on every machine, immediate, and knows no meaning."""

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension
        self._counter = WordCounter()

    @property
    def fingerprint(self) -> str:
        return f"hashing-1-{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def counter(self) -> TokenCounter:
        return self._counter

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for place, text in enumerate(texts):
            vectors[place] = self._vector(text)
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._vector(text)

    def _vector(self, text: str) -> NDArray[np.float32]:
        sums = np.zeros(self._dimension, dtype=np.float64)
        for feature, weight in _features(text):
            number = int.from_bytes(blake3(feature.encode("utf-8", "surrogatepass")).digest(8), "big")
            sums[(number >> 1) % self._dimension] += weight if number & 1 else -weight
        length = float(np.linalg.norm(sums))
        if length == 0.0:
            # No words, or features that cancel out: any fixed direction serves.
            sums[0] = length = 1.0
        return (sums / length).astype(np.float32)


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word, times in sorted(Counter(_WORD.findall(text.casefold())).items()):
        weight = 1.0 + math.log(times)
        yield f"w {word}", weight
        padded = f" {word} "
        for start in range(len(padded) - 2):
            yield f"t {padded[start : start + 3]}", weight * _TRIGRAM_WEIGHT
