"""Makes the ONNX export of a sentence-transformers model and verifies it; run as a process of its own.

    python -m indexer.embedding.onnx_export MODEL FOLDER PRECISION

What it needs of torch's memory is given back when it ends, and an exporter that dies takes nothing
along. FOLDER exists and is empty; afterwards it holds the graph, its weights, the tokenizer and
``verified.json``, or ``refused.json`` with the reason in a line.

The graph takes one text's tokens and no mask: without padding there is nothing to mask. It is stored
after onnxruntime's basic optimisations, which are plain ONNX on any machine; those that depend on
the machine are made when it is loaded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from indexer.embedding.onnx_model import GRAPH, INPUT, OUTPUT, TOKENIZER, WEIGHTS, OnnxModel, session
from indexer.embedding.precision import Precision
from indexer.embedding.runtime import Role, first_line
from indexer.embedding.sentence import load_sentence_transformer
from indexer.embedding.verification_texts import verification_texts
from indexer.errors import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

VERIFIED: Final = "verified.json"
REFUSED: Final = "refused.json"
LEAST_COSINE: Final = {Precision.FLOAT32: 0.9999, Precision.INT8: 0.9}
"""What each verification text has to reach. Less than that at int8 is no rounding but a broken graph."""
OPSET: Final = 17
"""The oldest with layer normalisation as one operator; every later onnxruntime reads it."""
_KNOWN_INPUTS: Final = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_TOKENS_OF_EXAMPLE: Final = 9


class RefusedError(Exception):
    """The model cannot be exported, or its export is not the same model."""


def export(source: Path, folder: Path, precision: Precision) -> dict[str, Any]:
    """Write the export of the model in `source` into `folder`; what there is to know about it.

    Raises `RefusedError`, and `EmbeddingError` where the model itself cannot be loaded.
    """
    model = load_sentence_transformer(source)
    prompts = {role: _prompt(model, role) for role in Role}
    texts = verification_texts(model.tokenizer, model.get_max_seq_length() or 512)
    wanted = {role: _encoded(model, role, texts) for role in Role}
    _write_tokenizer(model, folder / TOKENIZER)
    raw = folder / "raw.onnx"
    _trace(model, raw)
    if precision is Precision.INT8:
        _quantise(raw)
    _optimise(raw, folder / GRAPH)
    for left in folder.glob("raw*"):
        left.unlink()
    dimension = wanted[Role.DOCUMENT].shape[1]
    exported = OnnxModel(folder, dimension, prompts)
    cosine, difference = _compared(exported, wanted, texts)
    if not cosine >= LEAST_COSINE[precision]:  # also where it is not a number
        raise RefusedError(
            f"its vectors are not those of sentence-transformers (cosine {cosine:.6f}, at least {LEAST_COSINE[precision]} is needed)"
        )
    return {
        "dimension": dimension,
        "prompts": prompts,
        "verified": {
            "texts": len(texts) * len(Role),
            "least_cosine": cosine,
            "largest_difference": difference,
        },
        "made_with": {
            name: version(name) for name in ("onnxruntime", "sentence-transformers", "tokenizers", "torch")
        },
    }


def _prompt(model: SentenceTransformer, role: Role) -> str:
    """What ``encode_query`` and ``encode_document`` put before a text."""
    names = ("query",) if role is Role.QUERY else ("document", "passage", "corpus")
    for name in (*names, model.default_prompt_name):
        if name is not None and model.prompts.get(name) is not None:
            prompt: str = model.prompts[name]
            return prompt
    return ""


def _encoded(model: SentenceTransformer, role: Role, texts: Sequence[str]) -> NDArray[np.float32]:
    """In batches of unlike lengths, which sentence-transformers pads."""
    encode = model.encode_query if role is Role.QUERY else model.encode_document
    vectors: NDArray[np.float32] = encode(
        list(texts), batch_size=8, show_progress_bar=False, convert_to_numpy=True
    )
    return vectors


def _write_tokenizer(model: SentenceTransformer, file: Path) -> None:
    """The tokenizer as sentence-transformers set it up: its settings lie in several files of the model."""
    from tokenizers import Tokenizer

    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise RefusedError("its tokenizer is not one of the tokenizers library")
    tokenizer = Tokenizer.from_str(backend.to_str())
    tokenizer.no_padding()
    limit = model.get_max_seq_length()
    if limit is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(limit, direction=model.tokenizer.truncation_side)
    tokenizer.save(str(file))


def _trace(model: SentenceTransformer, file: Path) -> None:
    """Export the whole chain of modules: transformer, pooling, dense layers, normalisation."""
    import torch

    features = model.preprocess(["A text of a few words."])
    tensors = {name for name, value in features.items() if isinstance(value, torch.Tensor)}
    if not {INPUT} <= tensors <= _KNOWN_INPUTS:
        raise RefusedError(f"its first module takes {', '.join(sorted(tensors)) or 'no tokens'}")
    constants = {name: value for name, value in features.items() if name not in tensors}

    class Chain(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            given: dict[str, Any] = {**constants, INPUT: tokens}
            if "attention_mask" in tensors:
                given["attention_mask"] = torch.ones_like(tokens)
            if "token_type_ids" in tensors:
                given["token_type_ids"] = torch.zeros_like(tokens)
            for module in self.model:
                given = module(given)
            vector: torch.Tensor = given[OUTPUT]
            return vector

    spell_out = getattr(getattr(model[0], "model", None), "set_attn_implementation", None)
    if spell_out is not None:
        # Attention written out is what onnxruntime recognises and fuses.
        spell_out("eager")
    with torch.no_grad():
        torch.onnx.export(
            Chain(),
            (features[INPUT][:, :_TOKENS_OF_EXAMPLE],),
            str(file),
            dynamo=False,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {1: "tokens"}},
            opset_version=OPSET,
        )


def _quantise(graph: Path) -> None:
    """Weights of matrix products to 8 bits, a scale for each column; activations when it runs, a scale for each text."""
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folded = graph.with_name("raw-folded.onnx")
    # Weights are transposed constants in the trace; only folded ones are recognised as weights.
    session(
        graph,
        graph_optimization_level=onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
        optimized_model_filepath=str(folded),
    )
    quantize_dynamic(
        folded, graph, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8
    )


def _optimise(graph: Path, file: Path) -> None:
    import onnxruntime

    session(
        graph,
        entries={
            "session.optimized_model_external_initializers_file_name": WEIGHTS,
            "session.optimized_model_external_initializers_min_size_in_bytes": "1024",
        },
        graph_optimization_level=onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
        optimized_model_filepath=str(file),
    )


def _compared(
    exported: OnnxModel, wanted: dict[Role, NDArray[np.float32]], texts: Sequence[str]
) -> tuple[float, float]:
    """The least cosine and the largest difference of a component at length 1, over all texts in both roles."""
    import numpy as np

    cosines, differences = [], []
    for role, reference in wanted.items():
        ours = exported.encode(texts, role).astype(np.float64)
        theirs = reference.astype(np.float64)
        ours /= np.linalg.norm(ours, axis=1, keepdims=True)
        theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
        cosines.append(float(np.min(np.sum(ours * theirs, axis=1))))
        differences.append(float(np.max(np.abs(ours - theirs))))
    # np.min and not min(): a result that is not a number must not get lost.
    return float(np.min(cosines)), float(np.max(differences))


def main() -> int:
    """Export, and leave word in FOLDER; exit code 0 if the export can be used."""
    source, folder, precision = Path(sys.argv[1]), Path(sys.argv[2]), Precision(sys.argv[3])
    try:
        found = export(source, folder, precision)
    except EmbeddingError as error:
        word, told = REFUSED, {"reason": error.message, "remedy": error.remedy, "unusable": True}
    except Exception as error:  # noqa: BLE001 - exporters raise anything; the one who asked is told and goes on without
        word, told = REFUSED, {"reason": first_line(error)}
    else:
        word, told = VERIFIED, found
    (folder / word).write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0 if word == VERIFIED else 1


if __name__ == "__main__":
    sys.exit(main())
