"""What the documents and works of an index are called, so that a question can be matched with them. Pure."""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from indexer.families import EditionKind
from indexer.query.asking.words import plural, said, said_at, telling, tokens, words

COVERED: Final = 0.7
"""From such a share of a name's words on, weighed by how rare they are, a question names what is called so."""
_LONGEST: Final = 24
"""Words of a name that is looked for as it is written."""
_LONG: Final = 3
"""Words of a name that nobody writes by chance."""
_EQUAL: Final = 0.999
"""What is as good but for rounding."""
_LEAST_RARITY: Final = math.log(2)
"""Of a word that all names have."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Edition:
    """One document of a work."""

    document_no: int
    label: str
    """As it is written in its name, such as ``3.5.4``."""
    stated: tuple[str, ...] = ()
    """Labels that the document itself states, where they are other ones."""
    begins: date | None = None
    """Where its label is a date: the first day of that."""


@dataclass(frozen=True, slots=True)
class Work:
    """Documents that are editions of one thing."""

    name: str
    editions: tuple[Edition, ...]
    """The oldest first."""
    kind: EditionKind = EditionKind.NUMBER


@dataclass(frozen=True, slots=True)
class Meant:
    """How well a question fits something."""

    no: int
    weight: float
    """Of the words that both have, by how rare they are among the names."""
    coverage: float
    """The share of the best fitting name's words, by the same weights, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Written:
    """A name that stands in a question word by word."""

    numbers: frozenset[int]
    """All that are called so."""
    text: str
    """As it is written there."""
    words: int
    """How many words it has that may tell one name from another; of a long one all of them."""
    weight: float
    whole: bool
    """Whether it is all that the question says."""


@dataclass(slots=True)
class NameIndex:
    """Names by their words. May be asked by several threads while one of them changes it."""

    _names: dict[int, tuple[frozenset[str], ...]] = field(default_factory=dict)
    _by_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _whole: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _by_whole: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _put: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Names that were not cut into words yet: what only asks for works needs none."""
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def put(self, no: int, names: Iterable[str]) -> None:
        """From now on it is called so."""
        with self._lock:
            self.drop(no)
            self._put[no] = tuple(names)

    def settle(self) -> None:
        """Cut into words what was put, as the first question would have to."""
        with self._lock:
            for no, names in self._put.items():
                self._take(no, names)
            self._put.clear()

    def _take(self, no: int, names: Iterable[str]) -> None:
        spoken = [tokens(name) for name in names]
        sets = (frozenset(map(plural, telling(_words(name)))) for name in spoken)
        found = tuple(one for one in dict.fromkeys(sets) if one)
        whole = (" ".join(map(_said, name)) for name in spoken)
        kept = tuple(dict.fromkeys(name for name in whole if name))
        self._names[no] = found
        for word in frozenset().union(*found):
            self._by_word[word].add(no)
        self._whole[no] = kept
        for name in kept:
            self._by_whole[name].add(no)

    def drop(self, no: int) -> None:
        """It is not there any more."""
        with self._lock:
            self._put.pop(no, None)
            for word in frozenset().union(*self._names.pop(no, ())):
                self._by_word[word].discard(no)
                if not self._by_word[word]:
                    del self._by_word[word]
            for name in self._whole.pop(no, ()):
                self._by_whole[name].discard(no)
                if not self._by_whole[name]:
                    del self._by_whole[name]

    def written(self, text: str) -> list[Written]:
        """The names that stand in `text` word by word, the one that says most first; what lies within another is left out."""
        spoken = said_at(text)
        found: list[tuple[int, int, Written]] = []
        with self._lock:
            self.settle()
            for begin in range(len(spoken)):
                for end in range(min(len(spoken), begin + _LONGEST), begin, -1):
                    name = [word for word, _ in spoken[begin:end]]
                    if numbers := self._by_whole.get(" ".join(name)):
                        words_of = telling(name)
                        written = Written(
                            frozenset(numbers),
                            text[spoken[begin][1][0] : spoken[end - 1][1][1]],
                            len(words_of) if end - begin < _LONG else end - begin,
                            sum(map(self._rarity, words_of)),
                            end - begin == len(spoken),
                        )
                        found.append((begin, end, written))
                        break
        outer = [
            one
            for one in found
            if not any(a <= one[0] and one[1] <= b and (a, b) != one[:2] for a, b, _ in found)
        ]
        return sorted((one for _, _, one in outer), key=lambda one: (-one.weight, -one.words, one.text))

    def meant(self, text: str, covered: float = 0.0, among: Container[int] | None = None) -> list[Meant]:
        """Of whatever has a word of `text` in its name what fits best, and what fits as well; the best first.

        Only what is `among` these, all if None, and of which a name's words are said by a share of `covered` at least. Most
        have only words that many have, and are not looked at closely: what they cannot reach is known by the words alone.
        """
        asked = frozenset(map(plural, words(text)))
        found: list[Meant] = []
        best = 0.0
        with self._lock:
            self.settle()
            rarity = {word: self._rarity(word) for word in asked & self._by_word.keys()}
            for reach, matched, numbers in self._having(rarity):
                if reach * (1 + _ROUNDING) < best * _EQUAL:
                    break
                for no in numbers:
                    missing = min(map(len, self._names[no])) - matched
                    if reach < (covered - _ROUNDING) * (reach + _LEAST_RARITY * max(0, missing)):
                        continue
                    if among is not None and no not in among:
                        continue
                    meant = self._fitting(no, rarity)
                    if meant.coverage >= covered:
                        found.append(meant)
                        best = max(best, meant.weight)
        found = [meant for meant in found if meant.weight >= best * _EQUAL]
        return sorted(found, key=lambda meant: (-meant.weight, -meant.coverage, meant.no))

    def _having(self, rarity: dict[str, float]) -> list[tuple[float, int, list[int]]]:
        """What has the same of these words together: how much these weigh, how many they are, and what has them; the most first."""
        masks: dict[int, int] = {}
        for place, word in enumerate(rarity):
            bit = 1 << place
            for no in self._by_word[word]:
                masks[no] = masks.get(no, 0) | bit
        groups: dict[int, list[int]] = defaultdict(list)
        for no, mask in masks.items():
            groups[mask].append(no)
        weights = list(rarity.values())
        having = [
            (math.fsum(weight for place, weight in enumerate(weights) if mask >> place & 1), mask.bit_count(), numbers)
            for mask, numbers in groups.items()
        ]  # fmt: skip
        return sorted(having, key=lambda one: -one[0])

    def _fitting(self, no: int, rarity: dict[str, float]) -> Meant:
        """How well the best fitting name of this fits."""
        best = Meant(no, 0.0, 0.0)
        for name in self._names[no]:
            # Exact sums: of names that fit equally well the order must not depend on that of a set's words.
            shared = math.fsum(weight for word, weight in rarity.items() if word in name)
            coverage = shared / math.fsum(map(self._rarity, name))
            if (coverage, shared) > (best.coverage, best.weight):
                best = Meant(no, shared, coverage)
        return best

    def _rarity(self, word: str) -> float:
        return math.log(1 + len(self._names) / max(1, len(self._by_word.get(word, ()))))


@lru_cache(maxsize=65_536)
def _forms(token: str) -> frozenset[str]:
    return frozenset(words(token))


@lru_cache(maxsize=65_536)
def _said(token: str) -> str:
    return said(token)[0]


def forget_words() -> None:
    """Let go of the words of names that were looked at: somebody wants them gone."""
    _forms.cache_clear()
    _said.cache_clear()


def _words(spoken: Iterable[str]) -> frozenset[str]:
    """What `words` finds in a name, of which these are the tokens: one stands in many names."""
    return frozenset().union(*map(_forms, spoken))


class Names:
    """The names of the documents and works of an index."""

    def __init__(
        self,
        documents: NameIndex,
        works: Sequence[Work],
        *,
        gone: frozenset[int] = frozenset(),
        within: frozenset[int] | None = None,
    ) -> None:
        """`gone` are documents that were deleted; `within`: only these may be meant, None: all."""
        self.within = within
        self.works = tuple(works if within is None else _left(works, within))
        self.edition_of = {
            edition.document_no: (no, place)
            for no, work in enumerate(self.works)
            for place, edition in enumerate(work.editions)
        }
        """Document → its work, and its place in that."""
        self._documents = documents
        self._gone = gone
        self._works = NameIndex()
        for no, work in enumerate(self.works):
            self._works.put(no, (work.name,))

    def settle(self) -> None:
        """Do now what the first question would have to wait for."""
        self._documents.settle()

    def narrowed(self, within: frozenset[int]) -> Names:
        """The same where only these documents may be meant."""
        return Names(self._documents, self.works, gone=self._gone, within=within)

    def written_works(self, text: str) -> list[Written]:
        """The works whose names stand in `text` as they are written, the name that says most first."""
        return self._works.written(text)

    def written_documents(self, text: str) -> list[Written]:
        """The same for documents by their titles and the names of their files; deleted ones only where no others are."""
        return [
            replace(one, numbers=numbers)
            for one in self._documents.written(text)
            if (numbers := self.preferred(one.numbers))
        ]

    def meant_works(self, text: str) -> tuple[list[int], float]:
        """The works that `text` names, all that fit equally well, and how well; empty if none is named."""
        found = self._works.meant(text)
        if not found or found[0].weight <= 0:
            return [], 0.0
        return [meant.no for meant in found], found[0].weight

    def meant_documents(self, text: str) -> tuple[list[int], float]:
        """The documents that `text` names by most of a name, and how well; empty if none is."""
        found = self._documents.meant(text, COVERED, self.within)
        if not found:
            return [], 0.0
        best = max(found, key=lambda meant: (meant.weight, meant.coverage))
        equal = frozenset(
            meant.no
            for meant in found
            if (meant.weight, meant.coverage) >= (best.weight * _EQUAL, best.coverage * _EQUAL)
        )
        return sorted(self.preferred(equal)), best.weight

    def near_documents(self, text: str, count: int) -> list[int]:
        """The documents whose names have most of the words of `text`, the best first; of deleted ones none."""
        found = self._documents.meant(text)
        living = [meant.no for meant in found if meant.no not in self._gone]
        return [no for no in living if self.within is None or no in self.within][:count]

    def preferred(self, numbers: Iterable[int]) -> frozenset[int]:
        """Those that may be meant; of deleted ones none where there are others."""
        left = frozenset(numbers) if self.within is None else frozenset(numbers) & self.within
        return left - self._gone or left


def _left(works: Iterable[Work], within: frozenset[int]) -> Iterator[Work]:
    """What is left of the works when only these documents are; one edition is still an edition."""
    for work in works:
        editions = tuple(edition for edition in work.editions if edition.document_no in within)
        if editions:
            yield work if len(editions) == len(work.editions) else replace(work, editions=editions)
