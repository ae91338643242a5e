"""Embeds with a sentence-transformers model on this machine; loads torch only when it first embeds."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from indexer.embedding.model_folder import ModelFolder, find_model
from indexer.embedding.tokens import TokenizerFile
from indexer.errors import EmbeddingError
from indexer.ports import TokenCounter, Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

BATCH_TOKENS: Final = 1024
"""Padded tokens of one batch. On two cores the speed is flat from 512 to 2,048 and falls on both sides."""


class SentenceEmbedder:
    """`ports.Embedder` over a model folder: None is the bundled model, else a path or a hub name.

    Texts are batched by their length in tokens, since padding is what costs time on a CPU. A vector
    depends on its batch only by rounding: at most 1e-5 in any component (2e-7 seen). Calls from
    several threads take turns, batch by batch.
    """

    def __init__(self, model: str | None = None, *, device: str = "cpu", threads: int | None = None) -> None:
        self._model_name = model
        self._device = device
        self._threads = threads
        self._turn = threading.Lock()

    @cached_property
    def fingerprint(self) -> str:
        return self._folder.fingerprint()

    @cached_property
    def dimension(self) -> int:
        return self._folder.dimension()

    @cached_property
    def counter(self) -> TokenCounter:
        tokenizer = TokenizerFile(self._folder.path)
        prompt = self._folder.document_prompt()
        return PromptedCounter(tokenizer, prompt) if prompt else tokenizer

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for batch in batches(self.counter.count(texts), BATCH_TOKENS):
            vectors[batch] = self._encode([texts[place] for place in batch], "document")
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._encode([text], "query")[0]
        return vector

    @cached_property
    def _folder(self) -> ModelFolder:
        return find_model(self._model_name)

    def _encode(self, texts: list[str], role: Literal["document", "query"]) -> Vectors:
        import numpy as np

        with self._turn:
            model = self._loaded
            encode = model.encode_query if role == "query" else model.encode_document
            try:
                raw = encode(texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True)
            except (RuntimeError, ValueError, IndexError, TypeError, MemoryError) as error:
                raise EmbeddingError(
                    f"the model {self._folder.name} failed on {len(texts)} texts: {_first_line(error)}",
                    remedy="check the model's folder and the free memory",
                ) from error
        return self._normalised(np.asarray(raw, dtype=np.float32))

    def _normalised(self, raw: Vectors) -> Vectors:
        import numpy as np

        if raw.shape[1] != self.dimension:
            raise EmbeddingError(
                f"the model {self._folder.name} gives vectors of length {raw.shape[1]}, its files say {self.dimension}",
                remedy="copy the model again",
            )
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        if not np.all(np.isfinite(raw)) or not np.all(lengths > 0):
            raise EmbeddingError(
                f"the model {self._folder.name} gives vectors that are not numbers",
                remedy="its weights are damaged: copy the model again",
            )
        vectors: Vectors = raw / lengths
        return vectors

    @cached_property
    def _loaded(self) -> SentenceTransformer:
        # Everything needed lies in the folder by now, also for a hub model: nothing may be asked for.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        path = self._folder.path
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            if self._threads is not None:
                torch.set_num_threads(self._threads)
            model = SentenceTransformer(str(path), device=self._device, local_files_only=True)
        except Exception as error:
            raise EmbeddingError(
                f"cannot load the embedding model in {path}: {_first_line(error)}",
                remedy="name the folder of a complete sentence-transformers model",
            ) from error
        return model.float().eval()


class PromptedCounter:
    """A `TokenCounter` that leaves room for the prompt which the model wants before every passage."""

    def __init__(self, counter: TokenCounter, prompt: str) -> None:
        self._counter = counter
        self._prompt = prompt

    @property
    def name(self) -> str:
        return self._counter.name

    @cached_property
    def limit(self) -> int:
        return max(1, self._counter.limit - self._counter.count([self._prompt])[0])

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._counter.count(texts)

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return self._counter.offsets(text)


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


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
