"""Picks the embedder that the configuration names."""

from __future__ import annotations

from pathlib import Path

from indexer.embedding.hashing import HashingEmbedder
from indexer.embedding.model_embedder import ModelEmbedder
from indexer.embedding.precision import Precision
from indexer.ports import Embedder


def create_embedder(
    model: str | None, *, cache: Path | None = None, precision: str = Precision.FLOAT32
) -> Embedder:
    """None: the bundled model; ``hashing``: no model at all; else a folder or a hub name (``owner/name``).

    `cache` is where ONNX exports of models are kept, such as ``<data_dir>/models``: made when it is
    first needed, in a parent that exists by then. Without it sentence-transformers embeds, which is
    slower and loads torch. `precision` is ``float32`` or ``int8``; the vectors of one do not mix with
    those of the other, and their fingerprints differ.

    Loads nothing and looks at nothing yet; the embedder raises `EmbeddingError` where it cannot be used.
    """
    if model == "hashing":
        return HashingEmbedder()
    return ModelEmbedder(model, cache=cache, precision=Precision(precision))
