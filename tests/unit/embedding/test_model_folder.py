"""A model's folder without loading the model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from indexer.embedding.model_embedder import ModelEmbedder
from indexer.embedding.model_folder import ModelFolder, find_model
from indexer.embedding.sentence import batches
from indexer.embedding.tokens import PromptedCounter, WordCounter
from indexer.errors import EmbeddingError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Tiny Model"
    (path / "1_Pooling").mkdir(parents=True)
    write(path / "config.json", {"hidden_size": 32})
    write(path / "tokenizer.json", {})
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    write(
        path / "modules.json", [{"path": p, "type": f"sentence_transformers.models.{t}"} for p, t in modules]
    )
    write(path / "1_Pooling/config.json", {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True})
    (path / "model.safetensors").write_bytes(b"weights")
    return path


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content))


def fingerprint(path: Path) -> str:
    return find_model(str(path)).fingerprint()


def test_the_fingerprint_is_readable(folder: Path) -> None:
    name, dimension, digits = fingerprint(folder).rsplit("-", 2)
    assert (name, dimension, len(digits)) == ("tiny-model", "32", 16)


def test_a_copy_elsewhere_has_the_same_digits(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy" / folder.name)
    assert fingerprint(tmp_path / "copy" / folder.name) == fingerprint(folder)


@pytest.mark.parametrize(
    "file",
    ["config.json", "1_Pooling/config.json", "model.safetensors", "tokenizer.json", "config_sentence_transformers.json"],
)  # fmt: skip
def test_every_file_that_shapes_vectors_changes_the_fingerprint(folder: Path, file: str) -> None:
    before = fingerprint(folder)
    path = folder / file
    path.write_bytes((path.read_bytes() if path.exists() else b"{}") + b" ")
    assert fingerprint(folder) != before


@pytest.mark.parametrize(
    "file", ["README.md", ".gitattributes", "pytorch_model.bin", "onnx/model.onnx", "LICENSE"]
)
def test_files_that_shape_no_vector_do_not(folder: Path, file: str) -> None:
    before = fingerprint(folder)
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_bytes(b"something")
    assert fingerprint(folder) == before


def test_a_dense_layer_after_pooling_sets_the_dimension(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules.insert(2, {"path": "2_Dense", "type": "sentence_transformers.models.Dense"})
    write(folder / "modules.json", modules)
    (folder / "2_Dense").mkdir()
    write(folder / "2_Dense/config.json", {"in_features": 32, "out_features": 8})
    assert find_model(str(folder)).dimension() == 8


def test_a_bare_transformer_has_its_hidden_size(folder: Path) -> None:
    (folder / "modules.json").unlink()
    assert find_model(str(folder)).dimension() == 32


def test_the_document_prompt_is_read_and_takes_its_share_of_the_limit(folder: Path) -> None:
    assert find_model(str(folder)).document_prompt() == ""
    write(
        folder / "config_sentence_transformers.json", {"prompts": {"query": "q: ", "document": "title text"}}
    )
    prompt = find_model(str(folder)).document_prompt()
    assert prompt == "title text"
    counter = PromptedCounter(WordCounter(limit=20), prompt)
    assert counter.limit == 18
    assert counter.count(["one two"]) == [2]


@pytest.mark.parametrize(
    ("missing", "said"),
    [("config.json", "config.json is missing"), ("tokenizer.json", "tokenizer.json is missing"), ("model.safetensors", "no weights"), ("1_Pooling/config.json", "cannot read")],
)  # fmt: skip
def test_an_incomplete_folder_is_said_in_one_line(folder: Path, missing: str, said: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(EmbeddingError, match=said) as raised:
        fingerprint(folder)
    assert "\n" not in str(raised.value)
    assert raised.value.remedy


def test_a_folder_that_lost_the_list_of_its_modules_is_not_taken_for_a_bare_transformer(folder: Path) -> None:
    write(folder / "config_sentence_transformers.json", {})
    (folder / "modules.json").unlink()
    with pytest.raises(EmbeddingError, match=r"modules\.json is missing"):
        fingerprint(folder)


def test_a_configuration_that_is_not_json_is_said(folder: Path) -> None:
    (folder / "modules.json").write_text("{")
    with pytest.raises(EmbeddingError, match=r"modules\.json is not JSON"):
        fingerprint(folder)


@pytest.mark.parametrize("model", ["/no/such/folder", "./relative/nothing", "~/nothing-here", "justaname"])
def test_a_path_that_does_not_exist_never_reaches_the_hub(model: str) -> None:
    with pytest.raises(EmbeddingError, match="there is no embedding model at"):
        find_model(model)


def test_a_damaged_model_is_said_in_one_line(folder: Path) -> None:
    write(folder / "sentence_bert_config.json", {"max_seq_length": 64})
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbeddingError) as raised:
        ModelEmbedder(str(folder)).embed(["text"])
    assert "\n" not in str(raised.value)
    assert raised.value.remedy


def test_the_bundled_model_is_described_by_its_folder() -> None:
    bundled = find_model(None)
    assert isinstance(bundled, ModelFolder)
    assert bundled.fingerprint().startswith("all-minilm-l6-v2-384-")


def test_batches_hold_every_text_once_longest_first_within_the_budget() -> None:
    lengths = [5, 100, 0, 40, 40, 7, 300, 5]
    made = batches(lengths, 100)
    assert sorted(place for batch in made for place in batch) == list(range(len(lengths)))
    assert made[0] == [6]
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= 100
    assert batches([], 100) == []
