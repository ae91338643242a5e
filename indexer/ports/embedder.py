"""From texts to vectors, and the tokenizer that says how long a text is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:  # commands that answer from the catalog alone start without numpy
    import numpy as np
    from numpy.typing import NDArray

Vector: TypeAlias = "NDArray[np.float32]"
"""Shape (dimension,), length 1."""
Vectors: TypeAlias = "NDArray[np.float32]"
"""Shape (n, dimension), each of length 1."""


class TokenCounter(Protocol):
    """The model's own tokenizer, as far as chunking needs it."""

    @property
    def name(self) -> str:
        """Identifies the vocabulary; part of the pipeline that names a rendition."""

    @property
    def limit(self) -> int:
        """The most tokens that the model reads of one text, its special tokens not counted."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens, never truncated."""

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Character range of each token of `text`, in order: where a text without spaces may be cut."""


class Embedder(Protocol):
    """Turns texts into vectors of one fingerprint."""

    @property
    def fingerprint(self) -> str:
        """Covers model files, dimension, normalisation, pooling, truncation, prompts and precision. Cheap: loads no model."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    @property
    def counter(self) -> TokenCounter:
        """The tokenizer of this model. Cheap: loads no model."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimension), each of length 1, in the order given.

        A text's vector does not depend on the others. Raises `EmbeddingError`.
        """

    def embed_query(self, text: str) -> Vector:
        """The vector of a question, shape (dimension,), length 1."""
