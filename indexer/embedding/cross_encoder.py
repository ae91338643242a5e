"""A CrossEncoder of sentence-transformers as a reranker: from a folder, or by its name on the Hugging Face hub."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.clock import Clock
from indexer.embedding.runtime import first_line
from indexer.errors import EmbeddingError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH: Final = 8
"""Passages that are read at once: so many begin before the time is looked at again."""


class CrossEncoderReranker:
    """`Reranker` over a model that is loaded, with torch, when it is first asked. Threads take turns."""

    def __init__(self, model: str, clock: Clock) -> None:
        """`model`: a folder, or a name on the hub; only a name that is not on this machine yet makes a connection, once."""
        self._name = model
        self._clock = clock
        self._turn = threading.Lock()

    def scores(self, question: str, texts: Sequence[str], seconds: float) -> list[float]:
        with self._turn:
            model = self._model
            until = self._clock.monotonic() + seconds
            found: list[float] = []
            for start in range(0, len(texts), _BATCH):
                if found and self._clock.monotonic() >= until:
                    break
                pairs = [(question, text) for text in texts[start : start + _BATCH]]
                try:
                    scores = model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
                except (RuntimeError, ValueError, IndexError, TypeError, MemoryError) as error:
                    raise EmbeddingError(
                        f"the reranker {self._name} failed: {first_line(error)}",
                        remedy="check the model's folder and the free memory, or leave `reranker` out",
                    ) from error
                found += [float(score) for score in scores]
            return found

    @cached_property
    def _model(self) -> CrossEncoder:
        folder = Path(self._name).is_absolute()
        if folder:
            # Everything needed lies there: nothing may be asked for.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from sentence_transformers import CrossEncoder
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            model = CrossEncoder(self._name, device="cpu", num_labels=1, local_files_only=folder)
        except Exception as error:
            raise EmbeddingError(
                f"cannot load the reranker {self._name}: {first_line(error)}",
                remedy="name the folder of a complete CrossEncoder, or leave `reranker` out",
            ) from error
        return model
