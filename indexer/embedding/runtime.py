"""What runs a model, and the checks that its vectors pass whatever ran it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from indexer.errors import EmbeddingError
from indexer.ports import Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Role(StrEnum):
    """What a text is to the model; some put another prompt before each."""

    DOCUMENT = "document"
    QUERY = "query"


class Runtime(Protocol):
    """Runs one model."""

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """What the model gives for the texts, shape (len(texts), dimension), of any length. Raises `EmbeddingError`."""


def normalised(raw: NDArray[np.float32], dimension: int, model: str) -> Vectors:
    """The vectors at length 1. Raises `EmbeddingError` if they are not what `model`'s files promise."""
    import numpy as np

    if raw.ndim != 2 or raw.shape[1] != dimension:
        raise EmbeddingError(
            f"the model {model} gives vectors of length {raw.shape[-1]}, its files say {dimension}",
            remedy="copy the model again",
        )
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    if not np.all(np.isfinite(raw)) or not np.all(lengths > 0):
        raise EmbeddingError(
            f"the model {model} gives vectors that are not numbers",
            remedy="its weights are damaged: copy the model again",
        )
    vectors: Vectors = raw / lengths
    return vectors


def first_line(error: BaseException) -> str:
    """What the error says, in a line; libraries say a lot."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
