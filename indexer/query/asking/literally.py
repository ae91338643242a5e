"""Finding words as they are written: which passages hold an identifier or a phrase, whatever the letters' case. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from indexer.query.asking.words import words
from indexer.question import Interpretation, Literal, LiteralKind, english

_CONSTRUCTOR: Final = re.compile(
    r"\bconstruct(?:ing)? an? [A-Z]|\b(?:constructors?|signatures?)\b|\bnew [A-Z]\w*\("
)
_CLASS: Final = re.compile(
    r"\b([A-Z]\w{0,60}) (?:class|constructor)\b|\b(?:class|(?:constructor|signature) (?:of|for)(?: the)?(?: class)?|construct(?:ing)? an?) `?([A-Z]\w{0,60})"
)
_CAPITALS: Final = re.compile(r"(?<![\w.-])[A-Z]{5,40}(?![\w-])")
_LOUD: Final = 0.5
"""Of the letters of a question; where more are capitals, these say nothing."""
_NEW: Final = re.compile(r"\bnew ([A-Z][A-Za-z0-9_]{0,60})\b")
_BLANKS: Final = re.compile(r"\s+")
_SECTION: Final = re.compile(r"§ ")
_ALIKE: Final = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2013": "-"}
)
"""Characters that are written for one another."""
_FIRM: Final = (LiteralKind.IDENTIFIER, LiteralKind.PHRASE, LiteralKind.SECTION)


def wanted(asked: Interpretation, names: Iterable[str] = ()) -> list[str]:
    """What a passage has to hold to be about the question: identifiers, quoted words and sections, in order.

    Not what only repeats one of the `names` of what the question is about.
    """
    return [_plain(literal.text) for literal in _firm(asked, names)]


def exact(asked: Interpretation, names: Iterable[str] = ()) -> bool:
    """Whether some of it is an identifier or a section, which nobody says in other words."""
    return any(literal.kind is not LiteralKind.PHRASE for literal in _firm(asked, names))


def implied(asked: Interpretation) -> list[str]:
    """What is looked for first though nobody wrote it so: of a class's constructor, ``new`` and the class.

    The same where it is written so: "the signature of new Error".
    """
    if not _CONSTRUCTOR.search(asked.text):
        return []
    if made := _NEW.search(asked.text):
        return [f"new {made[1].casefold()}"]
    named = _CLASS.search(asked.text)
    name = "" if named is None else (named[1] or named[2]).casefold()
    # A question begins with a capital too: "Which constructor …".
    return [] if not name or name in english.FUNCTION else [f"new {name}"]


def capitals(asked: Interpretation) -> list[str]:
    """Words in capitals, such as ``EMFILE``: names more often than not, and looked for first; none where all is written so."""
    if sum(map(str.isupper, asked.text)) > _LOUD * sum(map(str.isalpha, asked.text)):
        return []
    said = [word.casefold() for word in _CAPITALS.findall(asked.text)]
    return list(dict.fromkeys(said))


def _firm(asked: Interpretation, names: Iterable[str]) -> list[Literal]:
    called = {word for name in names for word in words(name)}
    return [
        literal
        for literal in asked.literals
        if literal.kind in _FIRM and literal.text.strip() and not _within(literal.text, called)
    ]


def holds(text: str, literal: str) -> bool:
    """Whether `text` holds what `wanted` gave, not as a part of a longer word."""
    plain = _plain(text)
    start = plain.find(literal)
    while start >= 0:
        end = start + len(literal)
        before = plain[start - 1] if start else " "
        after = plain[end] if end < len(plain) else " "
        if not (_joins(before, literal[0]) or _joins(after, literal[-1])):
            return True
        start = plain.find(literal, start + 1)
    return False


def holds_all(text: str, literals: Iterable[str]) -> bool:
    """Whether it holds each of them."""
    return all(holds(text, literal) for literal in literals)


def _within(text: str, called: set[str]) -> bool:
    """Whether the whole of `text` is a word of a name."""
    found = words(text)
    return bool(found) and found[0] in called and not text.endswith(":")


def _plain(text: str) -> str:
    spaced = _BLANKS.sub(" ", text.translate(_ALIKE)).strip().casefold()
    return _SECTION.sub("§", spaced)


def _joins(outer: str, inner: str) -> bool:
    """Whether a character beside a literal belongs to the same word as the literal's own next to it."""
    return (outer.isalnum() or outer == "_") and (inner.isalnum() or inner == "_")
