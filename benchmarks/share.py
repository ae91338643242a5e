"""A file share of small documents, each found by a word of its own, and people who save to it."""

from __future__ import annotations

import os
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Save = Literal["edit", "create", "rename", "delete"]
SAVES: tuple[Save, ...] = get_args(Save)
IN_FOLDER = 100
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_WORDS = re.findall(
    r"\w+",
    "leave policy request days carry over office manager approval travel expense receipt limit year month team "
    "holiday sickness note doctor contract notice period salary review budget training laptop badge door visitor "
    "parking lunch meeting room calendar remote work hours weekend overtime project customer invoice delivery",
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What is to be seen of one save, once it is searchable."""

    save: Save
    key: str
    """Where the document is; where it was, if it was deleted."""
    word: str
    """Only this document has it; nothing has it any more, if it was deleted."""


class Share:
    """A folder of documents; equal seeds and equal calls make equal shares."""

    def __init__(self, root: Path, seed: int = 1) -> None:
        self.root = root
        self._random = random.Random(seed)
        self.words: dict[str, str] = {}
        """Key → the document's word."""

    def fill(self, count: int, folder: str = "") -> list[str]:
        """Write so many new documents, `IN_FOLDER` to a folder; their keys."""
        keys = []
        for number in range(count):
            place = f"{folder}{number // IN_FOLDER:03}/{self._name()}.md"
            (self.root / place).parent.mkdir(parents=True, exist_ok=True)
            self.write(place)
            keys.append(place)
        return keys

    def read(self) -> None:
        """Find the documents of a share that was filled earlier."""
        for place, _, names in os.walk(self.root):
            for name in names:
                file = Path(place, name)
                last = file.read_text(encoding="utf-8").split()[-1]
                self.words[file.relative_to(self.root).as_posix()] = last
        # What is chosen must not depend on the order in which a file system lists.
        self.words = dict(sorted(self.words.items()))
        # Nor may anybody save once more what was saved the last time.
        self._random.seed("".join(self.words.values()))

    def write(self, key: str, *, renamed: bool = False) -> str:
        """Write a document anew, through a temporary file if `renamed`; its new word."""
        word = self.words[key] = self._word()
        text = self._text(word)
        target = self.root / key
        if renamed:
            temporary = target.with_name(f".{target.name}.tmp")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(target)
        else:
            target.write_text(text, encoding="utf-8")
        return word

    def save(self, save: Save) -> Saved:
        """Do as somebody who edits, creates, renames or deletes some document."""
        key = self._random.choice(list(self.words))
        if save == "edit":
            return Saved(save, key, self.write(key, renamed=self._random.random() < 0.5))
        if save == "create":
            key = f"{key.rpartition('/')[0]}/{self._name()}.md"
            return Saved(save, key, self.write(key))
        word = self.words.pop(key)
        if save == "delete":
            (self.root / key).unlink()
            return Saved(save, key, word)
        other = self._random.choice(list(self.words)).rpartition("/")[0]
        new = f"{other}/{self._name()}.md"
        (self.root / key).rename(self.root / new)
        self.words[new] = word
        return Saved(save, new, word)

    def choose(self, count: int) -> list[str]:
        """So many different documents."""
        return self._random.sample(list(self.words), count)

    def pause(self, shortest: float, longest: float) -> float:
        """Seconds until somebody saves again."""
        return self._random.uniform(shortest, longest)

    def _text(self, word: str) -> str:
        title, *sentences = (self._sentence() for _ in range(self._random.randint(3, 5)))
        return f"# {title}\n\n{' '.join(sentences)} {word}\n"

    def _sentence(self) -> str:
        return " ".join(self._random.choices(_WORDS, k=self._random.randint(4, 9))).capitalize() + "."

    def _name(self) -> str:
        return f"{self._random.choice(_WORDS)}-{self._random.getrandbits(40):010x}"

    def _word(self) -> str:
        """A word that nothing else has, and that is not inflected."""
        return "z" + "".join(self._random.choices(_CONSONANTS, k=13)) + "q"
