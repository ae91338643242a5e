"""Runs a model with sentence-transformers itself: on a GPU, and where there is no ONNX export of it."""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indexer.embedding.runtime import Role, first_line
from indexer.errors import EmbeddingError
from indexer.ports import TokenCounter, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CPU_BATCH_TOKENS: Final = 1024
"""Padded tokens of one batch. On two cores the speed is flat from 512 to 2,048 and falls on both sides."""
GPU_BATCH_TOKENS: Final = 32_768
"""Enough to fill a GPU; not tuned to any."""


class SentenceModel:
    """`Runtime` over the folder of a sentence-transformers model; loads torch when it first encodes.

    Texts are batched by their length in tokens, since padding costs time. A vector depends on its
    batch only by rounding: at most 1e-5 in any component (2e-7 seen). Calls from several threads
    take turns, batch by batch.
    """

    def __init__(
        self,
        folder: Path,
        counter: TokenCounter,
        dimension: int,
        *,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        self._folder = folder
        self._counter = counter
        self._dimension = dimension
        self._device = device
        self._threads = threads
        self._turn = threading.Lock()

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        import numpy as np

        budget = CPU_BATCH_TOKENS if self._device == "cpu" else GPU_BATCH_TOKENS
        vectors: Vectors | None = None
        for batch in batches(self._counter.count(texts), budget):
            raw = self._encode([texts[place] for place in batch], role)
            if vectors is None:
                vectors = np.zeros((len(texts), raw.shape[1]), dtype=np.float32)
            vectors[batch] = raw
        return np.zeros((0, self._dimension), dtype=np.float32) if vectors is None else vectors

    def _encode(self, texts: list[str], role: Role) -> Vectors:
        import numpy as np

        with self._turn:
            model = self._loaded
            encode = model.encode_query if role is Role.QUERY else model.encode_document
            try:
                raw = encode(texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True)
            except (RuntimeError, ValueError, IndexError, TypeError, MemoryError) as error:
                raise EmbeddingError(
                    f"the model in {self._folder} failed on {len(texts)} texts: {first_line(error)}",
                    remedy="check the model's folder and the free memory",
                ) from error
        return np.asarray(raw, dtype=np.float32)

    @cached_property
    def _loaded(self) -> SentenceTransformer:
        model = load_sentence_transformer(self._folder, self._device)
        if self._threads is not None:
            import torch

            torch.set_num_threads(self._threads)
        return model


def load_sentence_transformer(folder: Path, device: str = "cpu") -> SentenceTransformer:
    """The model in `folder` in single precision, ready to encode. Raises `EmbeddingError`."""
    # Everything needed lies in the folder by now, also for a hub model: nothing may be asked for.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        if not _code_can_be_made():
            import torch

            # oneDNN writes its kernels at run time; torch has others, slower, that came with it.
            torch.backends.mkldnn.enabled = False  # type: ignore[assignment, unused-ignore]
        model = SentenceTransformer(str(folder), device=device, local_files_only=True)
    except Exception as error:
        raise EmbeddingError(
            f"cannot load the embedding model in {folder}: {first_line(error)}",
            remedy="name the folder of a complete sentence-transformers model",
        ) from error
    return model.float().eval()


def _code_can_be_made() -> bool:
    """Whether this process may write code and run it; in the sandbox of a service it may not."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except PermissionError:
        return False
    return True


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Places of texts with these lengths in tokens, longest first, in batches of at most `budget` padded tokens.

    A text longer than the budget gets a batch of its own.
    """
    result: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: (-lengths[place], place)):
        longest = lengths[result[-1][0]] if result else 0
        if result and (len(result[-1]) + 1) * max(longest, 1) <= budget:
            result[-1].append(place)
        else:
            result.append([place])
    return result
