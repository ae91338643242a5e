"""Runs the ONNX export of a model on the CPU, one text at a time on each core.

A text alone needs no padding, so that nothing is computed in vain, and its vector cannot depend on
the texts beside it: the same bits come out whatever is embedded together. Each run keeps to one
thread and the cores work on different texts, so that none waits for another within a layer; that
is as fast as the best batches (see docs/decisions/0011-embedding-runtime.md), also while
another thread of the process is busy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from indexer.embedding.cores import cores
from indexer.embedding.runtime import Role, first_line
from indexer.embedding.sharing import SharedThreads
from indexer.errors import EmbeddingError
from indexer.ports import Vector, Vectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onnxruntime import InferenceSession

GRAPH: Final = "model.onnx"
WEIGHTS: Final = "model.weights"
"""Beside the graph, so that they are mapped into memory: word vectors that no text needs are never read."""
TOKENIZER: Final = "tokenizer.json"
INPUT: Final = "input_ids"
OUTPUT: Final = "sentence_embedding"


class OnnxModel:
    """`Runtime` over an export's folder. Any number of threads may call it; they share its cores.

    Loads the graph and the tokenizer at once, in about 0.2 s for the bundled model, and neither torch
    nor transformers. Raises whatever onnxruntime and tokenizers raise for files that they cannot use.
    """

    def __init__(
        self, folder: Path, dimension: int, prompts: Mapping[Role, str], *, threads: int | None = None
    ) -> None:
        from tokenizers import Tokenizer

        self._folder = folder
        self._dimension = dimension
        self._prompts = dict(prompts)
        self._shared = SharedThreads(threads or cores())
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._session = session(folder / GRAPH)

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        import numpy as np

        prompt = self._prompts[role]
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)

        def work(place: int) -> None:
            vectors[place] = self._run(prompt + texts[place])

        if len(texts) == 1:
            work(0)  # in no queue: what a search asks and what most edits change
        else:
            # The longest first, so that the last to end are short and the cores stop together.
            self._shared.run(work, sorted(range(len(texts)), key=lambda place: -len(texts[place])))
        return vectors

    def _run(self, text: str) -> Vector:
        import numpy as np

        try:
            tokens = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
            vector: Vector = self._session.run([OUTPUT], {INPUT: tokens})[0][0]
        except Exception as error:
            raise EmbeddingError(
                f"the ONNX export in {self._folder} failed on a text of {len(text)} characters: {first_line(error)}",
                remedy="check the free memory; remove the folder, and it is made again",
            ) from error
        return vector


def session(graph: Path, entries: Mapping[str, str] | None = None, **settings: Any) -> InferenceSession:
    """An onnxruntime session that runs on the calling thread. `settings` and `entries` are those of its options."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what matters is raised
    for name, value in settings.items():
        setattr(options, name, value)
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
