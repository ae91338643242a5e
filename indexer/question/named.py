"""Versions that are named: v3, rev. B, release 1.0.2, commits and tags."""

from __future__ import annotations

import re
from typing import Final

from indexer.question import english
from indexer.question.sentence import Found, Sentence
from indexer.question.tokens import AT_SIGN
from indexer.question.values import VersionExpression, VersionReading

_SUFFIX: Final = r"(?:[-+.]?(?:alpha|beta|rc|pre|preview|dev|snapshot|final|ga|sp|release|m|a|b|p|hotfix|build|lts)(?:[-.]?[0-9]{1,6})?)?"
_NUMBER: Final = re.compile(
    rf"[vV]?([0-9]{{1,9}}(?:\.[0-9]{{1,9}}){{0,5}}(?:\.[xX*])?{_SUFFIX})", re.IGNORECASE
)
_MARKED: Final = re.compile(
    rf"[vV]\.?([0-9]{{1,9}}(?:\.[0-9]{{1,9}}){{0,5}}(?:\.[xX*]|-[0-9A-Za-z]{{1,20}})?{_SUFFIX})",
    re.IGNORECASE,
)
_REVISED: Final = re.compile(r"[rR]([0-9]{1,4})")
_RELEASE: Final = re.compile(rf"([0-9]{{1,4}}(?:\.[0-9]{{1,5}}){{2}}{_SUFFIX})", re.IGNORECASE)
_SHORT: Final = re.compile(rf"([0-9]{{1,4}}\.(?:[0-9]{{1,4}}|[xX*]){_SUFFIX})", re.IGNORECASE)
_DAY_OF_YEAR: Final = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}\.(?:19|20)[0-9]{2}")
"""The form of a day; one that no calendar has is still no version."""
_COUNT: Final = re.compile(r"([0-9]{1,3})")
_SHORTEST: Final = 3
"""Letters of a name in small letters."""
_YEAR: Final = re.compile(r"((?:19|20)[0-9]{2})")
_LETTER: Final = re.compile(r"([A-Z])")
_LABEL: Final = re.compile(r"([A-Z][0-9]{1,3}|[0-9]{4}(?:-[0-9]{2}){1,2}|[0-9]{1,4}[a-z])")
_HEX: Final = re.compile(r"([0-9a-fA-F]{7,64})")
_MIXED: Final = re.compile(r"(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])(?![0-9]+e[0-9]+$)([0-9a-f]{7,64})")
_TAG_NAME: Final = re.compile(r"((?=[^0-9]*[0-9])[0-9A-Za-z][0-9A-Za-z._/-]{0,63})")


def named(s: Sentence, at: int) -> Found | None:
    """The version that the words from `at` on name, if they do."""
    return _commit(s, at) or _tag(s, at) or _with_noun(s, at) or _marked(s, at) or _bare(s, at)


def number(s: Sentence, at: int, noun: str = "") -> Found | None:
    """A version by its number alone, where the words around it say that it is one."""
    written = s.matches(at, _NUMBER)
    return None if written is None else found(s, at, at + 1, written[1], noun)


def found(s: Sentence, begin: int, end: int, name: str, noun: str, *, weak: bool = False) -> Found:
    """A named version over these words."""
    span = s.span(begin, end)
    expression = VersionExpression(s.written(begin, end), span, VersionReading.NAMED, name=name, noun=noun)
    return Found(begin, end, expression, weak and span not in s.accepted)


def _commit(s: Sentence, at: int) -> Found | None:
    """``commit 3fa1b2c``, ``at 3fa1b2c``, or digits and letters that are hardly anything else."""
    begin = at
    said = s.word(at) in english.COMMIT
    if said:
        at += 1
    written = s.matches(at, _HEX if said else _MIXED)
    if written is None:
        return None
    expression = VersionExpression(
        s.written(begin, at + 1), s.span(begin, at + 1), VersionReading.COMMIT, name=written[1].lower()
    )
    return Found(begin, at + 1, expression)


def _tag(s: Sentence, at: int) -> Found | None:
    if s.word(at) not in english.TAG or s.breaks(at):
        return None
    written = s.matches(at + 1, _TAG_NAME)
    if written is None:
        return None
    begin = at - 1 if s.word(at - 1) == "as" else at
    expression = VersionExpression(
        s.written(begin, at + 2), s.span(begin, at + 2), VersionReading.TAG, name=written[1]
    )
    return Found(begin, at + 2, expression)


def _with_noun(s: Sentence, at: int) -> Found | None:
    """``version 3``, ``rev. B``, ``edition no. 4``, ``versions 2``; ``2022 edition``, ``2.1 release``."""
    word = s.word(at)
    noun = english.NOUNS.get(word) or english.PLURALS.get(word)
    if noun is None:
        return _before_noun(s, at)
    if s.word(at - 1) in english.NOT_BEFORE_NOUN or s.tokens[at].possessive:
        return None
    if not _leads_on(s, at):
        return None
    place = at + 1
    if s.word(place) in english.NUMBER_SIGNS and _leads_on(s, place):
        place += 1
    name = _name(s, place, word)
    if name is None:
        return None
    weak = noun == "issue" and s.word(place + 1) != "of"
    previous = s.word(at - 1)
    if previous in english.PROTOCOLS or previous in english.INTERFACES:
        weak = True
    return found(s, at, place + 1, name, noun, weak=weak)


def _leads_on(s: Sentence, at: int) -> bool:
    trail = s.tokens[at].trail
    return not trail or trail == ":" or (trail == "." and s.word(at) in english.ABBREVIATED)


def _name(s: Sentence, at: int, noun: str) -> str | None:
    """What stands after the noun, if it is the name of a version."""
    for form in (_NUMBER, _LABEL):
        if written := s.matches(at, form):
            digits = written[1]
            unit = s.word(at + 1) in english.UNITS and not s.tokens[at].breaks
            return None if unit else digits
    letter = s.matches(at, _LETTER)
    if letter and noun in english.COUNTED and letter[1] not in "I" and noun not in ("build",):
        return letter[1]
    if noun in ("rev", "revision") and s.word(at) in tuple("bcdefghjklmn") and s.closes(at):
        return s.word(at).upper()
    counted = english.NUMBERS.get(s.word(at))
    if counted and s.word(at) != "one" and s.word(at + 1) not in english.UNITS:
        return str(counted)
    return None


def _before_noun(s: Sentence, at: int) -> Found | None:
    """``the 2022 edition``, ``the 2.1 release``."""
    if (
        s.word(at + 1) not in english.COUNTED
        or s.tokens[at].trail
        or s.word(at + 2) in english.NOT_AFTER_NOUN
    ):
        return None
    written = s.matches(at, _YEAR) or s.matches(at, _SHORT) or s.matches(at, _RELEASE)
    if written is None or s.word(at - 1) in english.MONTHS:
        return None
    noun = english.NOUNS[s.word(at + 1)]
    if s.matches(at, _RELEASE) and not s.closes(at + 1):
        return None  # "2.4.7 release type": the noun belongs to what follows, and the number says enough
    return found(s, at, at + 2, written[1], noun)


def _marked(s: Sentence, at: int) -> Found | None:
    """``v3``, ``V3.2``, ``r3``."""
    previous = s.word(at - 1) if at and not s.tokens[at - 1].breaks else ""
    if written := s.matches(at, _MARKED):
        if previous in english.PROTOCOLS or (s.engine and written[1] in ("4", "6", "8", "10", "12")):
            return None
        alone = s.tokens[at].text == "V8" and not s.past
        return found(s, at, at + 1, written[1], "", weak=previous in english.INTERFACES or alone)
    if written := s.matches(at, _REVISED):
        if s.word(at + 1) in english.STATISTICS:
            return None
        if s.tokens[at].text[0] == "R":
            return found(s, at, at + 1, s.tokens[at].text, "", weak=True) if previous else None
        return found(s, at, at + 1, written[1], "revision")
    return None


def _bare(s: Sentence, at: int) -> Found | None:
    """``5.3.3``; ``Python 3`` and ``Spark 3.5`` as candidates."""
    token = s.tokens[at]
    previous = s.word(at - 1) if at and not s.tokens[at - 1].breaks else ""
    release = s.matches(at, _RELEASE)
    numbered = english.NUMBERED - english.NUMBERED_ONCE if release else english.NUMBERED
    if not token.text[:1].isdigit() or previous in numbered or previous in english.PROTOCOLS:
        return None
    if token.lead == AT_SIGN and (written := s.matches(at, _NUMBER)):
        return found(
            s, at, at + 1, written[1], "", weak=True
        )  # in a lock file it is no version of a document
    if token.lead.strip("([") or _measured(s, at) or (s.word(at + 1) in english.PARTS and not token.trail):
        return None
    if s.span(at, at + 1) in s.accepted and (written := release or s.matches(at, _NUMBER)):
        return found(s, at, at + 1, written[1], "")
    if release:
        if s.matches(at, _DAY_OF_YEAR):
            return found(s, at, at + 1, release[1], "", weak=True)
        return found(s, at, at + 1, release[1], "") if sum(map(str.isdigit, token.text)) < 10 else None
    if written := s.matches(at, _SHORT):
        if s.changing and s.word(at + 1) in ("vs", "versus") and s.matches(at + 2, _SHORT):
            return found(s, at, at + 1, written[1], "")
        there = s.word(at + 1) in english.KNOWN | {"exist", "exists"} and s.head < at
        if previous in english.INTERFACES or _is_product(s, at - 1) or there or _is_noun(s, at - 1):
            return found(s, at, at + 1, written[1], "", weak=True)
        if not s.closes(at):
            return None
        if s.changing and previous in (
            "since",
            "before",
            "after",
            "until",
            "in",
            "and",
            "between",
            "from",
            "to",
        ):
            return found(s, at, at + 1, written[1], "")
        return found(s, at, at + 1, written[1], "", weak=True) if previous == "in" else None
    if (written := s.matches(at, _COUNT)) and _is_product(s, at - 1):
        return found(s, at, at + 1, written[1], "", weak=True)
    return None


def _is_noun(s: Sentence, at: int) -> bool:
    """Whether the word may be a name in small letters: "node 20.19"; nothing but names of editions makes it one."""
    word = s.word(at)
    if at < 0 or len(word) < _SHORTEST or s.tokens[at].trail or not word.replace(".", "").isalpha():
        return False
    return (
        word not in english.FUNCTION | english.SAYING | english.IMPERATIVES | english.NUMBERED | english.UNITS
    )


def _measured(s: Sentence, at: int) -> bool:
    """Whether the number counts or measures something, as none of three parts does."""
    return not s.tokens[at].trail and s.word(at + 1) in english.UNITS and not s.matches(at, _RELEASE)


def _is_product(s: Sentence, at: int) -> bool:
    """Whether the word looks like a name that a number can belong to."""
    if at < 0 or s.tokens[at].quoted or s.tokens[at].trail:
        return False
    word = s.word(at)
    if not s.tokens[at].text[:1].isupper() or not word.replace(".", "").replace("-", "").isalpha():
        return False
    return not (
        word in english.FUNCTION
        or word in english.MONTHS
        or word in english.NUMBERED
        or word in english.PROTOCOLS
        or word in english.NOUNS
        or word in english.PLURALS
        or word in english.IMPERATIVES
        or word in english.WEEKDAYS
        or word in english.AFTER
    )
