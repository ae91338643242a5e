"""What the documents and works of an index are called, so that a question can be matched with them. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.query.asking.words import plural, telling, words

COVERED: Final = 0.7
"""From such a share of a name's words on, weighed by how rare they are, a question names what is called so."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One document of a work."""

    document_no: int
    label: str
    """As it is written in its name, such as ``3.5.4``."""


@dataclass(frozen=True, slots=True)
class Work:
    """Documents that are editions of one thing."""

    name: str
    editions: tuple[Edition, ...]
    """The oldest first."""


@dataclass(frozen=True, slots=True)
class Meant:
    """How well a question fits something."""

    no: int
    weight: float
    """Of the words that both have, by how rare they are among the names."""
    coverage: float
    """The share of the best fitting name's words, by the same weights, 0 to 1."""


@dataclass(slots=True)
class NameIndex:
    """Names by their words."""

    _names: dict[int, list[frozenset[str]]] = field(default_factory=dict)
    _by_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def put(self, no: int, names: Iterable[str]) -> None:
        """From now on it is called so."""
        self.drop(no)
        sets = (frozenset(map(plural, telling(words(name)))) for name in names)
        self._names[no] = found = [one for one in dict.fromkeys(sets) if one]
        for word in frozenset().union(*found):
            self._by_word[word].add(no)

    def drop(self, no: int) -> None:
        """It is not there any more."""
        for word in frozenset().union(*self._names.pop(no, ())):
            self._by_word[word].discard(no)
            if not self._by_word[word]:
                del self._by_word[word]

    def meant(self, text: str) -> list[Meant]:
        """Whatever has a word of `text` in its name, the best first."""
        asked = frozenset(map(plural, words(text)))
        known = asked & self._by_word.keys()
        fitting: set[int] = set().union(*(self._by_word[word] for word in known)) if known else set()
        found = []
        for no in fitting:
            best = Meant(no, 0.0, 0.0)
            for name in self._names[no]:
                shared = sum(self._rarity(word) for word in name & known)
                coverage = shared / sum(self._rarity(word) for word in name)
                if (coverage, shared) > (best.coverage, best.weight):
                    best = Meant(no, shared, coverage)
            found.append(best)
        return sorted(found, key=lambda meant: (-meant.weight, -meant.coverage, meant.no))

    def _rarity(self, word: str) -> float:
        return math.log(1 + len(self._names) / len(self._by_word[word]))


class Names:
    """The names of the documents and works of an index."""

    def __init__(self, documents: NameIndex, works: Sequence[Work]) -> None:
        self.works = tuple(works)
        self.edition_of = {
            edition.document_no: (no, place)
            for no, work in enumerate(self.works)
            for place, edition in enumerate(work.editions)
        }
        """Document → its work, and its place in that."""
        self._documents = documents
        self._works = NameIndex()
        for no, work in enumerate(self.works):
            self._works.put(no, (work.name,))

    def meant_works(self, text: str) -> list[int]:
        """The works that `text` names, all that fit equally well; empty if none is named."""
        found = self._works.meant(text)
        if not found or found[0].weight <= 0:
            return []
        best = found[0].weight
        return [meant.no for meant in found if meant.weight >= best * 0.999]

    def meant_documents(self, text: str) -> list[int]:
        """The documents that `text` names by most of a name; empty if none is."""
        found = [meant for meant in self._documents.meant(text) if meant.coverage >= COVERED]
        if not found:
            return []
        best = max(found, key=lambda meant: (meant.weight, meant.coverage))
        return [
            meant.no
            for meant in found
            if (meant.weight, meant.coverage) >= (best.weight * 0.999, best.coverage * 0.999)
        ]
