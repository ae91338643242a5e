"""A model small enough to be made for tests: two layers, drawn weights, the bundled model's tokenizer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from indexer.embedding.choose import create_embedder
from indexer.embedding.tokens import bundled_model_folder

QUERY_PROMPT = "question: "
DOCUMENT_PROMPT = "passage of a document: "


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with 32 dimensions, another prompt for each role, and at most 64 tokens."""
    import torch
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("models") / "tiny"
    shutil.copytree(bundled_model_folder(), folder, ignore=shutil.ignore_patterns("model.safetensors"))
    settings = json.loads((folder / "config.json").read_bytes())
    # Weights far from zero, so that unlike texts get unlike vectors.
    settings |= {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "initializer_range": 0.4}  # fmt: skip
    write(folder / "config.json", settings)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = BertModel(BertConfig(**settings))
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()}, folder / "model.safetensors"
    )
    write(
        folder / "1_Pooling/config.json", {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    )
    write(folder / "sentence_bert_config.json", {"max_seq_length": 64, "do_lower_case": False})
    prompts = {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT}
    write(folder / "config_sentence_transformers.json", {"prompts": prompts})
    return folder


@pytest.fixture(scope="session")
def exported(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the export of the tiny model. To be read; copy it to change it."""
    cache = tmp_path_factory.mktemp("data") / "models"
    create_embedder(str(tiny), cache=cache).embed_query("make it")
    return cache


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))
