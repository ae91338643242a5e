"""What a question about a passage may call its subject: the heading and the rarest words; and what two near-equal texts differ in. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]{4,20}(?:-[^\W\d_]{2,20})?")
_NO_PROSE: Final = re.compile(r"\S*[/\\=@_<>{}#|~]\S*|\S{30,}")
"""Addresses, paths, markup and code: nobody asks for a word out of the middle of these."""
_TOKEN: Final = re.compile(r"\w+(?:[.,:/'’-]\w+)*|[^\w\s]")
_MORE: Final = 3
"""Words that may be added to the fewest that name a subject."""
_LONGEST_HEADING: Final = 8
_NEAR: Final = 0.7
"""The share of tokens that two texts must have in common, in order, to be near-equal."""
_MOST_DIFFERENT: Final = 6
"""Tokens in which they may differ."""
_LONGEST_COMPARED: Final = 400


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEGATIONS: Final = _these(
    "no not never none nothing neither nor without cannot can't don't doesn't mustn't won't isn't aren't "
    "unless must may should shall optional required forbidden allowed"
)
_MONTHS: Final = _these(
    "january february march april may june july august september october november december"
)
_TELLING: Final = _MONTHS | _these(
    "version versions edition editions release releases revision revisions draft drafts number label commit "
    "first second third fourth fifth last latest newest oldest current previous next initial final original "
    "since before after until between during earlier later today yesterday tomorrow week weeks month months "
    "year years monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter "
    "what which when where change changes changed changing difference differences differ added removed "
    "introduced deleted dropped exist exists history compare compared comparison about says said does"
)
"""Words that say which version, which time or what kind of answer is meant, wherever they stand in a question."""


def words_of(text: str) -> list[str]:
    """The words of `text` that may name a subject, in order, each once, in small letters."""
    found = (match.group().casefold() for match in _WORD.finditer(_NO_PROSE.sub(" ", text)))
    return [word for word in dict.fromkeys(found) if word not in _TELLING and word not in _NEGATIONS]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question calls the passage that it is about."""

    heading: str
    """Empty where the heading would say something else to a reader of the question."""
    words: tuple[str, ...]
    """In the order of the text."""

    @property
    def text(self) -> str:
        """As it stands in a question."""
        if not self.heading:
            return ", ".join(self.words[:-1]) + f" and {self.words[-1]}"
        return f"{self.heading} ({', '.join(self.words)})"


class Words:
    """Which words stand in which passages: those that were read, not the whole index."""

    def __init__(self) -> None:
        self._holders: dict[str, list[int]] = {}

    def add(self, passage_no: int, words: Iterable[str]) -> None:
        """Remember what a passage holds."""
        for word in words:
            self._holders.setdefault(word, []).append(passage_no)

    def rarity(self, word: str) -> int:
        """In how many passages the word stands."""
        return len(self._holders.get(word, ()))

    def holding(self, words: Sequence[str]) -> set[int]:
        """The passages that hold all of these words."""
        rarest, *others = sorted(words, key=self.rarity)
        found = set(self._holders.get(rarest, ()))
        for word in others:
            if len(found) <= 1:
                break
            found.intersection_update(self._holders.get(word, ()))
        return found


def subjects(
    heading: Sequence[str],
    text: str,
    known: Words,
    fewest: int,
    usable: frozenset[str] | None = None,
    skipped: int = 0,
) -> Iterator[Subject]:
    """Ways to name a passage by its heading and its `fewest` or more rarest words, the shortest first; none where it has fewer.

    `usable`: only these words may be used; None: all of the text's. `skipped`: so many of the rarest are left out.
    """
    title = _heading(heading)
    there = words_of(text)
    own = set(words_of(title))
    rarest = sorted(
        (word for word in there if word not in own and (usable is None or word in usable)),
        key=lambda word: (known.rarity(word), word),
    )[skipped:]
    for count in range(fewest, min(fewest + _MORE, len(rarest)) + 1):
        chosen = frozenset(rarest[:count])
        yield Subject(title, tuple(word for word in there if word in chosen))


def _heading(heading: Sequence[str]) -> str:
    """The innermost heading as a subject; empty where it has digits or words that mean something in a question."""
    title = " ".join(heading[-1].split()) if heading else ""
    words = title.casefold().split()
    plain = all(character.isalpha() or character in " -'’&," for character in title)
    if (
        not plain
        or not 0 < len(words) <= _LONGEST_HEADING
        or any(word.strip(",'’") in _TELLING for word in words)
    ):
        return ""
    return title


def shared_words(one: str, other: str) -> frozenset[str] | None:
    """The words that both have, of two texts that differ in nothing but numbers, dates and negations; None of others."""
    if one == other:
        return None
    first, second = _TOKEN.findall(one), _TOKEN.findall(other)
    if (
        not 0 < max(len(first), len(second)) <= _LONGEST_COMPARED
        or abs(len(first) - len(second)) > _MOST_DIFFERENT
    ):
        return None
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR or matcher.ratio() < _NEAR:
        return None
    different: list[str] = []
    for op, start, end, other_start, other_end in matcher.get_opcodes():
        if op != "equal":
            different += first[start:end] + second[other_start:other_end]
    if not 0 < len(different) <= 2 * _MOST_DIFFERENT or not all(map(_telling_apart, different)):
        return None
    return frozenset(words_of(one)) & frozenset(words_of(other))


def _telling_apart(token: str) -> bool:
    word = token.casefold()
    return (
        any(character.isdigit() for character in word)
        or word in _NEGATIONS
        or word in _MONTHS
        or not word[0].isalnum()
    )
