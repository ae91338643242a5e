"""Embeds with a model on this machine: its ONNX export on the CPU, else sentence-transformers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.embedding.cores import cores
from indexer.embedding.model_folder import ModelFolder, find_model
from indexer.embedding.onnx_cache import ExportCache, NoExportError
from indexer.embedding.precision import Precision
from indexer.embedding.runtime import Role, Runtime, normalised
from indexer.embedding.sentence import SentenceModel
from indexer.embedding.tokens import PromptedCounter, TokenizerFile
from indexer.errors import EmbeddingError
from indexer.ports import TokenCounter, Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_log = logging.getLogger("indexer.embedding")


class ModelEmbedder:
    """`ports.Embedder` over a model folder: None is the bundled model, else a path or a hub name.

    `threads` compute at once: as many as this process may use cores, unless told otherwise. `cache` is the folder of the exports; its parent exists when it is used. Without one, nothing is
    exported and sentence-transformers embeds. Both make the same vectors but for rounding (cosine at
    least 0.9999, found 1 - 1e-12; components within 1e-6), so they share a fingerprint and a table.
    With the export a text's vector is the same to the last bit whatever is embedded with it. With
    sentence-transformers it may differ by 1e-5 in a component (2e-7 seen).
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        cache: Path | None = None,
        precision: Precision = Precision.FLOAT32,
        threads: int | None = None,
    ) -> None:
        self._model_name = model
        self._cache = cache
        self._precision = precision
        self._threads = threads or cores()
        self._choosing = threading.Lock()
        self._chosen: dict[Role, Runtime] = {}

    @cached_property
    def fingerprint(self) -> str:
        return self._folder.fingerprint(self._precision)

    @cached_property
    def dimension(self) -> int:
        return self._folder.dimension()

    @cached_property
    def counter(self) -> TokenCounter:
        tokenizer = TokenizerFile(self._folder.path)
        prompt = self._folder.document_prompt()
        return PromptedCounter(tokenizer, prompt) if prompt else tokenizer

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, Role.DOCUMENT)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._encode([text], Role.QUERY)[0]
        return vector

    def _encode(self, texts: Sequence[str], role: Role) -> Vectors:
        if not texts:
            import numpy as np

            return np.zeros((0, self.dimension), dtype=np.float32)
        return normalised(self._runtime(role).encode(texts, role), self.dimension, self._folder.name)

    @cached_property
    def _folder(self) -> ModelFolder:
        return find_model(self._model_name)

    def _runtime(self, role: Role) -> Runtime:
        with self._choosing:
            if role is Role.DOCUMENT and self._precision is Precision.FLOAT32 and gpu_present():
                return self._on_gpu
            return self._on_cpu

    @cached_property
    def _on_gpu(self) -> Runtime:
        # Questions are answered on the CPU, where nothing has to be loaded first: prepare for them.
        _ = self._on_cpu
        return SentenceModel(self._folder.path, self.counter, self.dimension, device="cuda")

    @cached_property
    def _on_cpu(self) -> Runtime:
        try:
            if self._cache is None:
                raise NoExportError("there is no folder to keep it in")
            return ExportCache(self._cache).obtain(
                self._folder, self.fingerprint, self._precision, self._threads
            )
        except NoExportError as error:
            if self._precision is not Precision.FLOAT32:
                raise EmbeddingError(
                    f"the model {self._folder.name} cannot run at {self._precision}: {error}",
                    remedy='set precision = "float32" under [embedding], or mend the cause',
                ) from error
            if self._cache is not None:
                _log.warning(
                    "the model %s runs without its ONNX export, slower and slow to start: %s",
                    self._folder.name,
                    error,
                )
            return SentenceModel(self._folder.path, self.counter, self.dimension, threads=self._threads)


def gpu_present() -> bool:
    """Whether torch can compute on a GPU here; torch is only asked where the system shows one."""
    if not (any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/kfd").exists()):
        return False
    import torch

    return torch.cuda.is_available()
