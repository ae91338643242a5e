"""A question as the grammar looks at it: its words, and what kind of talk it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from indexer.question import english
from indexer.question.preamble import head
from indexer.question.tokens import Token
from indexer.question.values import DateExpression, Span, VersionExpression


@dataclass(frozen=True, slots=True)
class Found:
    """An expression over the words from `begin` up to but without `end`."""

    begin: int
    end: int
    expression: VersionExpression | DateExpression
    weak: bool = False
    """May be part of another name, or no more than mentioned: a candidate."""
    name: tuple[int, int] = (0, 0)
    """Words within it that name what it is a version of: ``latest [Apache Spark] version``; they are not taken out."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Words such as "the first version that": they ask when something came in (`last` false) or went."""

    begin: int
    end: int
    last: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a question; those in quotation marks are empty for whoever looks for meanings."""

    text: str
    tokens: tuple[Token, ...]
    accepted: frozenset[Span] = frozenset()
    """Candidates that somebody found to be editions or labels: they count as if nothing were doubtful."""
    words: tuple[str, ...] = field(init=False)
    spoken: frozenset[str] = field(init=False)
    """The words without their order."""
    head: int = field(init=False)
    """The place at which the question itself begins, behind greetings and "could you tell me"."""
    changing: bool = field(init=False)
    """Whether it speaks of changes or differences, so that bare numbers are versions."""
    past: bool = field(init=False)
    """Whether it is in the past tense, so that a day without a year is one that was."""
    engine: bool = field(init=False)
    """Whether it speaks of engines, so that V8 is one."""

    def __post_init__(self) -> None:
        words = tuple("" if t.quoted else t.lower.replace("’", "'") for t in self.tokens)
        spoken = frozenset(words)
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "spoken", spoken)
        object.__setattr__(self, "head", head(words))
        object.__setattr__(
            self, "changing", not spoken.isdisjoint(english.DIFFERENCE | {"compare", "changelog"})
        )
        object.__setattr__(self, "past", not spoken.isdisjoint(english.PAST))
        object.__setattr__(self, "engine", not spoken.isdisjoint(english.ENGINE))

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, at: int) -> str:
        """The word at that place in lower case; empty outside and within quotation marks."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    @property
    def first(self) -> str:
        """The word with which the question itself begins."""
        return self.word(self.head)

    @property
    def told(self) -> bool:
        """Whether it is asked within another sentence, in the order of words of a statement: "check if v3 is there"."""
        return self.word(self.head - 1) in ("if", "whether", "that", "not")

    def breaks(self, at: int) -> bool:
        """Whether a clause ends after the word at that place, or the question does."""
        return at + 1 >= len(self.tokens) or (at >= 0 and self.tokens[at].breaks)

    def closes(self, at: int) -> bool:
        """Whether nothing that is counted follows the word at that place: "between 2 and 4", not "2 and 4 hours"."""
        following = self.word(at + 1)
        return self.breaks(at) or following in english.FUNCTION | english.SAYING | english.DIFFERENCE

    def news(self) -> bool:
        """Whether "new" says that something came in: "what new settings", "is it new in v3"; not "a new employee"."""
        return any(
            self.word(at) == "new"
            and (
                self.word(at - 1) in english.NEWS
                or self.breaks(at)
                or self.word(at + 1) in english.PREPOSITIONS
            )
            for at in range(len(self))
        )

    def asks_which(self, before: int) -> bool:
        """Whether "which version" or the like stands before the word at that place: "which version of it is …", "of the versions which is …"."""
        asked = before - 1
        if self.word(asked) == "one":
            asked -= 1
        elif self.word(asked) in english.DETERMINERS | {"them"} and self.word(asked - 1) == "of":
            asked -= 2
        if self.word(asked) in ("which", "what") and not english.PLURALS.keys().isdisjoint(
            self.words[:before]
        ):
            return True
        return any(
            self.word(at) in ("which", "what")
            and any(
                self.word(place) in (english.PLURALS if self.word(at + 1) == "of" else english.COUNTED)
                for place in range(at + 1, min(at + 6, before))
            )
            for at in range(before)
        )

    def span(self, begin: int, end: int) -> Span:
        """The characters of the words from `begin` up to `end`."""
        return self.tokens[begin].start, self.tokens[end - 1].end

    def written(self, begin: int, end: int) -> str:
        """These words as they stand in the question."""
        first, last = self.span(begin, end)
        return self.text[first:last]

    def clauses(self, begin: int, end: int) -> bool:
        """Whether a clause ends between the words from `begin` up to `end`, the last one's own end apart."""
        return any(self.tokens[at].breaks for at in range(begin, min(end, len(self.tokens)) - 1))

    def matches(self, at: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Whether the word at that place has a form; never for words in quotation marks and very long ones."""
        if not 0 <= at < len(self.tokens):
            return None
        token = self.tokens[at]
        return None if token.quoted or len(token.text) > 64 else pattern.fullmatch(token.text)

    def skip(self, at: int, words: Collection[str], most: int = 3) -> int:
        """The first place from `at` on that holds none of `words`, at most `most` places on."""
        for place in range(at, at + most):
            if self.word(place) not in words or not self.word(place):
                return place
        return at + most
