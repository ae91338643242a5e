"""What the documents and works of an index are called, so that a question can be matched with them. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from indexer.families import EditionKind
from indexer.query.asking.words import normal, plural, said_at, telling, words

COVERED: Final = 0.7
"""From such a share of a name's words on, weighed by how rare they are, a question names what is called so."""
_LONGEST: Final = 24
"""Words of a name that is looked for as it is written."""
_LONG: Final = 3
"""Words of a name that nobody writes by chance."""
_EQUAL: Final = 0.999
"""What is as good but for rounding."""


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
    """Names by their words."""

    _names: dict[int, list[frozenset[str]]] = field(default_factory=dict)
    _by_word: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _whole: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _by_whole: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def put(self, no: int, names: Iterable[str]) -> None:
        """From now on it is called so."""
        self.drop(no)
        names = tuple(names)
        sets = (frozenset(map(plural, telling(words(name)))) for name in names)
        self._names[no] = found = [one for one in dict.fromkeys(sets) if one]
        for word in frozenset().union(*found):
            self._by_word[word].add(no)
        whole = (normal(name) for name in names)
        self._whole[no] = kept = tuple(dict.fromkeys(name for name in whole if name))
        for name in kept:
            self._by_whole[name] = (*self._by_whole.get(name, ()), no)

    def drop(self, no: int) -> None:
        """It is not there any more."""
        for word in frozenset().union(*self._names.pop(no, ())):
            self._by_word[word].discard(no)
            if not self._by_word[word]:
                del self._by_word[word]
        for name in self._whole.pop(no, ()):
            left = tuple(other for other in self._by_whole[name] if other != no)
            if left:
                self._by_whole[name] = left
            else:
                del self._by_whole[name]

    def written(self, text: str) -> list[Written]:
        """The names that stand in `text` word by word, the one that says most first; what lies within another is left out."""
        spoken = said_at(text)
        found: list[tuple[int, int, Written]] = []
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
        return math.log(1 + len(self._names) / max(1, len(self._by_word.get(word, ()))))


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
        best = found[0].weight
        return [meant.no for meant in found if meant.weight >= best * _EQUAL], best

    def meant_documents(self, text: str) -> tuple[list[int], float]:
        """The documents that `text` names by most of a name, and how well; empty if none is."""
        found = [
            meant
            for meant in self._documents.meant(text)
            if meant.coverage >= COVERED and self.preferred(frozenset([meant.no]))
        ]
        if not found:
            return [], 0.0
        best = max(found, key=lambda meant: (meant.weight, meant.coverage))
        equal = frozenset(
            meant.no
            for meant in found
            if (meant.weight, meant.coverage) >= (best.weight * _EQUAL, best.coverage * _EQUAL)
        )
        return sorted(self.preferred(equal)), best.weight

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
