"""How much a text is about what a question asks: literally where it says so, else by its words, weighed by how rare they are. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from indexer.query.asking.literally import holds, holds_all, wanted
from indexer.query.asking.marks import code_words
from indexer.query.asking.words import COMMON, Sought, plural, words
from indexer.question import Interpretation

LEAST: Final = 0.5
"""From such a weighed share of the words on, a text is about the topic."""
_AS_GOOD: Final = 0.95
"""Of the best share that any text has, what another needs to be as good."""
_LONGEST_PHRASE: Final = 6
_TERM: Final = 2
"""Words that may be one term, such as "color modes"."""
_BOTH: Final = re.compile(r"[^\W\d_]+/[^\W\d_]+")


class Topic:
    """What a question asks about, among texts of which some may be about it."""

    def __init__(self, asked: Interpretation, names: Iterable[str], texts: Iterable[str]) -> None:
        """`names` of what the question is about say nothing of a part of it; `texts` tell how rare words are."""
        names = tuple(names)
        self.literals = wanted(asked, names)
        called = {plural(word) for name in names for word in words(name)}
        idle = COMMON | code_words(asked)
        said = [plural(word) for word in words(asked.topic or asked.rest, called) if word not in idle]
        self.words = tuple(dict.fromkeys(word for word in said if word not in called))
        """Without plural endings, in the order in which they were said."""
        phrase = _trimmed(said, called)
        self._phrase = " ".join(phrase) if 1 < len(phrase) <= _LONGEST_PHRASE else ""
        self._sought = Sought(self.words)
        self._within: dict[str, frozenset[str]] = {}
        self._having: Counter[str] = Counter()
        texts = tuple(texts)
        self._texts = len(texts)
        for text in texts:
            self._having.update(self._there(text))
        if self._texts:
            self.literals = [word for word in self.literals if not self._says_both(word, texts)]
            # What none of the texts says tells none from another.
            self.words = tuple(word for word in self.words if self._having[word]) or self.words

    @property
    def empty(self) -> bool:
        """Whether it says nothing in particular."""
        return not self.literals and not self.words

    def literally(self, text: str) -> bool:
        """Whether the text holds everything that is to be read literally."""
        return bool(self.literals) and holds_all(text, self.literals)

    def is_term(self) -> bool:
        """Whether it is two words side by side, and no more."""
        return not self.literals and len(self.words) == _TERM and self._phrase == " ".join(self.words)

    def phrased(self, text: str) -> bool:
        """Whether the text has the topic's words one after the other."""
        return bool(self._phrase) and f" {self._phrase} " in f" {' '.join(map(plural, words(text)))} "

    def share(self, text: str) -> float:
        """The share of the topic's words that the text has, by how rare they are: 0 to 1; 1 where there are none."""
        if not self.words:
            return 1.0
        there = self._there(text)
        everything = sum(map(self._rarity, self.words))
        return sum(self._rarity(word) for word in self.words if word in there) / everything

    def chosen(self, texts: Sequence[str]) -> list[bool]:
        """Which of these texts are about the topic: by the strictest reading by which any of them is.

        Literals say enough by themselves, but where the words around them are found as they were said.
        """
        if not self.literals:
            return self._by_words(texts)
        literally = [self.literally(text) for text in texts]
        phrased = [fits and self.phrased(text) for text, fits in zip(texts, literally, strict=True)]
        return phrased if any(phrased) else literally

    def _by_words(self, texts: Sequence[str]) -> list[bool]:
        phrased = [self.phrased(text) for text in texts]
        if any(phrased):
            return phrased
        shares = [self.share(text) for text in texts]
        best = max(shares, default=0.0)
        return [share >= max(LEAST, best * _AS_GOOD) for share in shares]

    def _says_both(self, literal: str, texts: Sequence[str]) -> bool:
        """Whether it is two words with a slash between that no text has so, and one has apart: "weakmap/weakset" is no path then."""
        if not _BOTH.fullmatch(literal) or any(holds(text, literal) for text in texts):
            return False
        both = {plural(word) for word in words(literal)}
        return any(both <= self._there(text) for text in texts)

    def _there(self, text: str) -> frozenset[str]:
        """The topic's words that the text has; of each text they are looked for once."""
        if text not in self._within:
            self._within[text] = frozenset(self._sought.within(text))
        return self._within[text]

    def _rarity(self, word: str) -> float:
        return math.log(1 + (1 + self._texts) / (1 + self._having[word]))


def _trimmed(said: Sequence[str], called: set[str]) -> list[str]:
    """The words without names at both ends."""
    found = list(said)
    while found and found[0] in called:
        found.pop(0)
    while found and found[-1] in called:
        found.pop()
    return found
