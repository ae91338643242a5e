"""A made-up library of many small documents with their history, as a Git repository, and an index of it.

The words are invented and as unequally frequent as those of a language, the frequent ones English, so that what
a search by words has to read is not made small by chance. The vectors stand in for the bundled model's: they have
its dimension and its fingerprint, so that questions are embedded by the model itself and cost what they cost,
but they say nothing of meaning. Nothing here may be used to judge what is found.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from indexer.composition import connectors, open_index
from indexer.config import Config, load
from indexer.ingest.backfill import Backfill
from indexer.ports import Embedder, TokenCounter, Vectors

SECTIONS: Final = 5
"""Of a document; each is a passage."""
WORDS: Final = 60
"""Of a section."""
ROUNDS: Final = ("2023-01-10", "2023-06-10", "2023-11-10", "2024-03-10", "2024-07-10", "2024-11-10")
"""Days of the commits; a round is spread over some of them in a row."""
COMMITS: Final = 10
"""Of a round."""
EDITIONS: Final = 3
_FREQUENT: Final = """
    the of and to in a is that for it as was with be by on not this are or from at which all were when we there can
    an your has if will more other about do many then them some would make like into time two see number no way could
    people my than first water been called who its now find long down day did get come made may part over new sound
    take only little work know place years live back give most very after things our just name good say great where
""".split()  # noqa: SIM905 - a list of so many would be half a page long
_SYLLABLES: Final = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "xo", "yu")
_FINISHED: Final = "finished"
"""Is there once the index is whole."""
_VOCABULARY: Final = 30_000
_KINDS: Final = ("policy", "guide", "manual", "handbook", "report")


class Language:
    """Words by how frequent they are: the n-th a n-th as often as the first, about (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        words = dict.fromkeys(_FREQUENT)
        while len(words) < _VOCABULARY:
            words["".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3, 4))))] = None
        self.words = tuple(words)
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self._chance = chance

    def text(self, count: int) -> list[str]:
        """So many words as they come."""
        return self._chance.choices(self.words, cum_weights=self._weights, k=count)

    def telling(self, count: int) -> list[str]:
        """Words that are neither frequent nor found once only."""
        return self._chance.sample(self.words[200:6_000], count)


@dataclass(slots=True)
class Leaf:
    """A document as it is after the last round."""

    key: str
    title: str
    sections: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = [f"# {self.title}"]
        for heading, words in self.sections:
            prose = " ".join(words)
            parts += [f"## {heading}", f"{prose[:1].upper()}{prose[1:]}."]
        return "\n\n".join(parts) + "\n"


def write_repository(folder: Path, documents: int, seed: int = 1) -> None:
    """The repository, bare; each round after the first edits two sections of every other document."""
    chance = random.Random(seed)
    language = Language(chance)
    leaves = list(_leaves(chance, language, documents))
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    importing = subprocess.Popen(
        ["git", "-C", str(folder), "fast-import", "--quiet"], stdin=subprocess.PIPE, text=True
    )
    assert importing.stdin is not None
    with importing.stdin as stream:
        for number, day in enumerate(ROUNDS):
            for part in range(COMMITS):
                mine = leaves[part::COMMITS]
                chosen = mine if number == 0 else chance.sample(mine, len(mine) // 2)
                stream.write(_commit(day, part, f"Round {number}, part {part}"))
                for leaf in chosen:
                    stream.write(_changed(leaf, number, chance, language, leaves))
            stream.write(f"reset refs/tags/r{number + 1}.0\nfrom refs/heads/main\n\n")
    if importing.wait() != 0:
        raise RuntimeError("git fast-import failed")


def _leaves(chance: random.Random, language: Language, count: int) -> Iterator[Leaf]:
    names: set[str] = set()
    while len(names) < count:
        words = language.telling(2)
        stem = "-".join([*words, chance.choice(_KINDS)])
        if stem in names:
            continue
        names.add(stem)
        folder = f"area{chance.randrange(20)}"
        # One in thirty is a work with editions.
        labels = [f"_v{n}" for n in range(1, EDITIONS + 1)] if len(names) % 30 == 0 else [""]
        for label in labels:
            title = " ".join(stem.split("-")).capitalize()
            sections = [(" ".join(language.telling(3)), language.text(WORDS)) for _ in range(SECTIONS)]
            yield Leaf(f"{folder}/{stem}{label}.md", title, sections)


def _commit(day: str, part: int, message: str) -> str:
    seconds = int(np.datetime64(day, "s").astype(int)) + part * 3_600
    who = f"Ada <ada@example.org> {seconds} +0000"
    return f"commit refs/heads/main\ncommitter {who}\ndata {len(message)}\n{message}\n"


def _changed(
    leaf: Leaf, number: int, chance: random.Random, language: Language, leaves: Sequence[Leaf]
) -> str:
    """The document after this round: made, edited, and one in a hundred deleted or renamed."""
    if number and chance.random() < 0.005:
        return f"D {leaf.key}\n"
    gone = ""
    if number and chance.random() < 0.005:
        gone = f"D {leaf.key}\n"
        leaf.key = leaf.key.replace(".md", f"-{number}.md")
    elif number:
        for place in chance.sample(range(SECTIONS), 2):
            heading, words = leaf.sections[place]
            start = chance.randrange(WORDS - 8)
            leaf.sections[place] = (heading, [*words[:start], *language.telling(6), *words[start + 6 :]])
    return f"{gone}M 100644 inline {leaf.key}\ndata {len(leaf.text)}\n{leaf.text}\n"


# --- the index -------------------------------------------------------------------------------


class StandIn:
    """`ports.Embedder` that makes a vector of each text's hash, under the name and the dimension of another."""

    def __init__(self, model: Embedder) -> None:
        self._model = model

    @property
    def fingerprint(self) -> str:
        return self._model.fingerprint

    @property
    def dimension(self) -> int:
        return self._model.dimension

    @property
    def counter(self) -> TokenCounter:
        return self._model.counter

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._model.embed_query(text)

    def _vector(self, text: str) -> NDArray[np.float32]:
        drawn = np.random.default_rng(int.from_bytes(blake3(text.encode()).digest(8), "big"))
        vector = drawn.standard_normal(self.dimension, dtype=np.float32)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def build(place: Path, documents: int) -> Config:
    """The index in `place`, made where there is none."""
    place.mkdir(parents=True, exist_ok=True)
    repository = place / "library.git"
    if not repository.exists():
        write_repository(repository, documents)
    file = place / "config.toml"
    lines = [f"data_dir = {json.dumps(str(place / 'data'))}", 'timezone = "UTC"', "[[source]]"]
    lines += ['name = "library"', 'kind = "git"', f"path = {json.dumps(str(repository))}"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = load(file, os.environ)
    if not (place / _FINISHED).exists():
        bring_up_to_date(config)
        (place / _FINISHED).touch()
    return config


def bring_up_to_date(config: Config) -> None:
    """Index what the repository has now, as `indexer backfill` would."""
    with open_index(config) as index:
        index.embedder = StandIn(index.embedder)
        report = Backfill(index).run(connectors(config))
    if problems := [problem for source in report.sources for problem in source.problems]:
        raise RuntimeError("; ".join(problems))
