"""Picks the embedder that the configuration names."""

from __future__ import annotations

from indexer.embedding.hashing import HashingEmbedder
from indexer.embedding.sentence import SentenceEmbedder
from indexer.ports import Embedder


def create_embedder(model: str | None) -> Embedder:
    """None: the bundled model; ``hashing``: no model at all; else a folder or a hub name (``owner/name``).

    Loads nothing and looks at nothing yet; the embedder raises `EmbeddingError` where it cannot be used.
    """
    return HashingEmbedder() if model == "hashing" else SentenceEmbedder(model)
