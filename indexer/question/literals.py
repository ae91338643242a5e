"""Words that must be found as they are written: identifiers, quoted phrases, section signs, numbers with units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from indexer.question import english
from indexer.question.sentence import Sentence
from indexer.question.tokens import Token, quotations
from indexer.question.values import Literal, LiteralKind

_LONGEST: Final = 120
"""Characters of an identifier."""
_JOINED: Final = re.compile(r"[^\W_][_@#\\:=/.][^\W_]")
_ABBREVIATED: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]\.?")
"""``i.e.``, ``e.g.``, ``U.S.``: joined by dots, and written for other words."""
_CAMEL: Final = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]+[A-Z]")
_CODED: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Z]{2,}[A-Z0-9]*[-_]?[A-Z0-9-]*")
_STARTED: Final = re.compile(r"(?:--?|[.#@$/\\])[A-Za-z0-9_][\w.*/-]+|#[0-9]+|0x[0-9a-fA-F]+")
_NUMBER: Final = re.compile(r"[-+]?[$€£]?[0-9][0-9.,]{0,20}")
_MEASURED: Final = re.compile(
    r"[-+]?(?:[$€£][0-9][0-9.,]{0,20}|[0-9][0-9.,]{0,20}(?:%|€|°C|°F|°|[kKMGT]i?B|ms|kg|km|cm|mm|GHz|MHz|kW|[kM]W|px|pt))"
)
_AFTER_COLON: Final = ("?", ")", '"', "'")
"""What may follow a colon that belongs to the word before it."""
_SECTION: Final = re.compile(r"§{1,2}[0-9][0-9A-Za-z.()]{0,20}")
_SECTION_NUMBER: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,5}[a-z]?(?:\([0-9a-z]{1,4}\)){0,4}")
_SECTION_WORDS: Final = frozenset(
    {"§", "§§", "section", "clause", "article", "paragraph", "chapter", "appendix", "annex"}
)


def literals(s: Sentence) -> tuple[Literal, ...]:
    """The literals of a question, in order and apart."""
    found = [
        Literal(words, (start, end), LiteralKind.PHRASE)
        for start, end, words in quotations(s.text)
        if words.strip()
    ]
    found.extend(_single(s))
    return tuple(sorted(found, key=lambda literal: literal.span))


def _single(s: Sentence) -> Iterator[Literal]:
    at = 0
    while at < len(s):
        token = s.tokens[at]
        if token.quoted or not token.text or len(token.text) > _LONGEST:
            at += 1
            continue
        words, kind = _kind(s, at, token)
        if kind is not None:
            start, end = s.span(at, at + words)
            end += _is_scheme(s, at)  # the colon too
            yield Literal(s.text[start:end], (start, end), kind)
        at += words


def _kind(s: Sentence, at: int, token: Token) -> tuple[int, LiteralKind | None]:
    """How many words from `at` on are one literal, and of what kind; one word and none where they are not."""
    if _SECTION.fullmatch(token.text):
        return 1, LiteralKind.SECTION
    if s.word(at) in _SECTION_WORDS and not s.breaks(at) and s.matches(at + 1, _SECTION_NUMBER):
        return 2, LiteralKind.SECTION
    if _MEASURED.fullmatch(token.text):
        return 1, LiteralKind.QUANTITY
    if _NUMBER.fullmatch(token.text):
        measured = not token.trail and s.word(at + 1) in english.UNITS
        return (2, LiteralKind.QUANTITY) if measured else (1, None)
    return 1, LiteralKind.IDENTIFIER if _is_identifier(token.text) or _is_scheme(s, at) else None


def _is_scheme(s: Sentence, at: int) -> bool:
    """``with node: syntax``, ``node: import syntax``, ``the mailto: scheme``, ``begins with tel:?``; not ``note: prefix it``, where a clause ends."""
    token = s.tokens[at]
    if not token.trail.startswith(":") or not token.text.isidentifier() or s.word(at) in english.LABELS:
        return False
    if at and token.trail[1:2] in _AFTER_COLON:
        return True
    if token.trail != ":":
        return False
    scheme = at + 1 if s.word(at + 1) in english.SCHEMES and at else at + 2
    return s.word(scheme) in english.SCHEMES and (scheme == at + 1 or s.word(at + 1) not in english.FUNCTION)


def _is_identifier(word: str) -> bool:
    if word.endswith("()") or "::" in word or _STARTED.fullmatch(word):
        return True
    if _ABBREVIATED.fullmatch(word):
        return False
    return bool(_JOINED.search(word) or _CAMEL.search(word) or _CODED.fullmatch(word))
