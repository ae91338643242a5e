"""Versions by their place: the third, the latest, the one before v4."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from indexer.question import english
from indexer.question.calendar import Calendar
from indexer.question.dates import dated
from indexer.question.named import named, number
from indexer.question.reach import reach
from indexer.question.sentence import Edge, Found, Sentence
from indexer.question.values import Bound, DateExpression, VersionExpression, VersionReading

_ORDINAL: Final = re.compile(r"([0-9]{1,4})(?:st|nd|rd|th)", re.IGNORECASE)
_WITHIN: Final = 4
"""How many words of a name may stand between "latest" and "version"."""


def placed(s: Sentence, at: int, calendar: Calendar) -> Found | Edge | None:
    """The version that the words from `at` on name by its place, or the question when something came or went, if they do."""
    return (
        reach(s, at)
        or _ago(s, at)
        or _before_last(s, at)
        or _neighbour(s, at)
        or _newer(s, at)
        or _position(s, at, calendar)
    )


def _position(s: Sentence, at: int, calendar: Calendar) -> Found | Edge | None:
    """``the third version``, ``the latest Node.js release``, with what limits which versions are counted."""
    adjective = _adjective(s, at)
    if adjective is None:
        return _predicate(s, at)
    position, following = adjective
    noun = _noun(s, following)
    if noun is None:
        return _implied(s, at, position, following) or _held(s, at, position, following) or _predicate(s, at)
    after = noun + 1
    words = s.word(at)
    if position == 1 or words == "last":
        that = _such_that(s, noun)
        if that is not None:
            return Edge(at, noun + 1, position != 1)
    if s.word(after) in english.BEFORE | english.AFTER | {"prior", "since", "until"} and not s.breaks(noun):
        limited = _limited(s, at, after, position, (following, noun), calendar)
        if limited is not None:
            return limited
    if words in english.NEXT:
        return None  # the next one is known of no version but another's
    return _found(s, at, after, position, name=(following, noun))


def _such_that(s: Sentence, noun: int) -> int | None:
    """Where "that", "with" or the like stands behind ``first version [of Grafana]``, and says what a version has; else None."""
    at = noun + 1
    if s.word(at) == "of":
        at = s.skip(at + 1, english.DETERMINERS, 1)
        ends = english.FUNCTION | english.KNOWN
        while at <= noun + _WITHIN + 2 and s.word(at) and s.word(at) not in ends and not s.breaks(at):
            at += 1
    if s.breaks(at - 1) or s.word(at) not in english.SUCH_THAT or _at_hand(s, at):
        return None
    return at if _version(s, at + 1) is None else None


def _at_hand(s: Sentence, at: int) -> bool:
    """``that you know of``, ``which we have``, ``that is known``: it says of no version what is in it."""
    if s.word(at) == "that" and s.tokens[at].possessive:  # "that's"
        return s.word(at + 1) in english.KNOWN or s.words[at + 1 : at + 3] in (
            ("in", "there"),
            ("in", "here"),
        )
    if s.word(at) in ("that", "which") and s.word(at + 1) in ("is", "are", "was"):
        return s.word(at + 2) in english.KNOWN
    if s.word(at) not in ("that", "which", "where"):
        return False
    holder = s.skip(at + 1, english.DETERMINERS, 1)
    if s.word(holder) not in english.HOLDER:
        return False
    verb = s.skip(holder + 1, {"currently", "actually"}, 1)
    if s.word(verb) not in english.KNOWING | english.KNOWS:
        return False
    last = s.skip(verb + 1, english.MATERIAL, 2) - 1
    return s.breaks(last) or s.word(last + 1) in english.PREPOSITIONS


def _adjective(s: Sentence, at: int) -> tuple[int, int] | None:
    """(position, the place after the adjective)."""
    word = s.word(at)
    if not word or s.breaks(at):
        return None
    if word == "most" and s.word(at + 1) in english.MOST_LATE | english.MOST_EARLY:
        return (-1 if s.word(at + 1) in english.MOST_LATE else 1), at + 2
    if word == "last" and s.word(at + 1) == "but" and s.word(at + 2) == "one":
        return -2, at + 3
    if word == "second" and s.word(at + 1) in ("last", "newest", "latest"):
        return -2, at + 2
    if word in english.LAST_BUT_ONE or word in english.PREVIOUS:
        return -2, at + 1
    if word == "first" or word in english.FIRST:
        return 1, at + 1
    if word in english.LATEST or word in english.NEXT:
        return -1, at + 1
    if word in english.ORDINALS:
        return english.ORDINALS[word], at + 1
    if written := s.matches(at, _ORDINAL):
        return int(written[1]), at + 1
    return None


def _noun(s: Sentence, at: int) -> int | None:
    """Where the noun stands that the adjective before `at` belongs to: ``latest [Apache Spark] version``."""
    for place in range(at, at + _WITHIN + 1):
        word = s.word(place)
        if place < len(s) and s.tokens[place].lead[:1] in ("(", "["):
            return None
        if word in english.COUNTED and s.word(place - 1) not in english.NOT_BEFORE_NOUN:
            return None if s.word(place + 1) in english.NOT_AFTER_NOUN and not s.breaks(place) else place
        if (
            not word
            or word in english.FUNCTION
            or word in english.MONTHS
            or word in english.IMPERATIVES
            or s.breaks(place)
            or s.tokens[place].possessive
        ):
            return None
    return None


def _implied(s: Sentence, at: int, position: int, following: int) -> Found | None:
    """``the current one``; ``the first and the latest version``."""
    if s.word(following) == "one" and s.word(at) not in english.ORDINALS:
        return _found(s, at, following + 1, position)
    if s.word(following) not in english.LINKS:
        return None
    other = s.skip(following + 1, english.DETERMINERS, 1)
    adjective = _adjective(s, other) if other < len(s) else None
    if adjective is None or _noun(s, adjective[1]) is None:
        return None
    return _found(s, at, following, position)


def _held(s: Sentence, at: int, position: int, following: int) -> Found | None:
    """``the newest Spark that you have``, ``the oldest Bootstrap is which``: a candidate, since the name may be of no versions."""
    if position not in (1, -1) or s.word(at) not in english.FIRST | english.LATEST | {"most"}:
        return None
    place = following
    while (
        place <= following + _WITHIN
        and s.word(place)
        and s.word(place) not in english.FUNCTION | english.HAVING
    ):
        place += 1
    after = s.skip(place, {"that", "which"}, 1)
    owned = s.word(after) in english.HOLDER and s.word(after + 1) in english.KNOWING
    owned = owned or s.word(after) in english.HAVING
    which = s.word(place) in ("is", "was") and s.word(place + 1) in ("which", "what")
    if place == following or not (owned or which):
        return None
    found = _found(s, at, place, position, name=(following, place))
    return replace(found, weak=True)


def _predicate(s: Sentence, at: int) -> Found | None:
    """``which version is the oldest``."""
    if (late := _came_out(s, at)) is not None:
        return late
    verb = at - 2 if s.word(at - 1) == "the" else at - 1
    most = s.word(at) == "most" and s.word(at + 1) in english.MOST_LATE | english.MOST_EARLY
    end = at + (2 if most else 1)
    if not (most or s.word(at) in english.FIRST | english.LATEST) or s.word(verb) not in ("is", "was"):
        return None
    ours = s.word(s.skip(end, {"that", "which"}, 1)) in english.HOLDER
    if not (
        ours or s.breaks(end - 1) or all(word in english.AT_HAND for word in s.words[end : end + _WITHIN])
    ):
        return None
    first = s.word(end - 1) in english.FIRST | english.MOST_EARLY
    return _found(s, at, end, 1 if first else -1) if s.asks_which(verb) else None


def _came_out(s: Sentence, at: int) -> Found | None:
    """``which version came out first``, ``which of them was released most recently``."""
    most = s.word(at) == "most" and s.word(at + 1) in english.ADVERBS | english.MOST_LATE | english.MOST_EARLY
    end = at + (2 if most else 1)
    if not most and s.word(at) not in english.FIRST | english.LATEST:
        return None
    verb = at - 2 if s.word(at - 1) == "out" else at - 1
    if s.word(verb) in english.PUBLISHING and s.word(verb - 1) in ("is", "was", "got"):
        verb -= 1
    elif s.word(verb) not in english.APPEARED:
        return None
    if not s.asks_which(verb) or any(word not in english.AT_HAND for word in s.words[end:]):
        return None
    return _found(s, at, end, 1 if s.word(end - 1) in english.FIRST | english.MOST_EARLY else -1)


def _limited(
    s: Sentence, at: int, place: int, position: int, name: tuple[int, int], calendar: Calendar
) -> Found | None:
    """``last version before v4``, ``first version after 12 May 2021``."""
    word = s.word(place)
    bound = _bound(word)
    place += 2 if word == "prior" else 1
    anchor = _version(s, place)
    start = s.skip(place, english.DETERMINERS, 1)
    date = dated(s, start, calendar) if start < len(s) else None
    if (
        anchor is not None
        and isinstance(anchor.expression, VersionExpression)
        and (date is None or date.end < anchor.end)
    ):
        if (position, bound) in ((-1, Bound.BEFORE), (-2, Bound.BEFORE), (1, Bound.AFTER), (-1, Bound.AFTER)):
            if position == -1 and bound is Bound.AFTER and s.word(at) not in english.NEXT:
                return None
            offset = -1 if bound is Bound.BEFORE else 1
            return replace(_beside(s, at, anchor.end, offset, anchor.expression), name=name)
        return None
    if date is None:
        return None
    limit = DateExpression(
        s.written(place, date.end), s.span(place, date.end), date.periods[0], bound, date.periods[1:]
    )
    return _found(s, at, date.end, position, limit, name)


def _bound(word: str) -> Bound:
    if word in english.BEFORE or word == "prior":
        return Bound.BEFORE
    if word in english.AFTER:
        return Bound.AFTER
    return Bound.SINCE if word == "since" else Bound.UNTIL


def _version(s: Sentence, at: int) -> Found | None:
    """What a version can stand beside: v4, 2.1, version 3, the latest one."""
    place = s.skip(at, english.DETERMINERS, 1)
    if place >= len(s):
        return None
    adjective = _adjective(s, place)
    if adjective is not None:
        position, following = adjective
        noun = following if s.word(following) == "one" else _noun(s, following)
        return None if noun is None else _found(s, place, noun + 1, position, name=(following, noun))
    known = named(s, place)
    if known is not None and not known.weak:
        return Found(at, known.end, known.expression)
    bare = number(s, place)
    return bare if bare is not None and s.closes(place) and not _is_year(s, place) else None


def _is_year(s: Sentence, at: int) -> bool:
    text = s.tokens[at].text
    return len(text) == 4 and text.isdigit() and text[:2] in ("19", "20")


def _neighbour(s: Sentence, at: int) -> Found | None:
    """``version before v4``, ``one after 2.1``, ``version that came before v4``, ``version precedes 5.3.3``."""
    if (s.word(at) not in english.COUNTED and s.word(at) != "one") or s.breaks(at):
        return None
    of = _of_what(s, at + 1)
    place = s.skip(of, english.CAME | {"that", "which"}, 4)
    word = s.word(place)
    if word == "prior" and s.word(place + 1) == "to":
        offset, place = -1, place + 2
    elif word in english.BEFORE:
        offset, place = -1, place + 1
    elif word in english.AFTER:
        offset, place = 1, place + 1
    else:
        return None
    anchor = _version(s, place)
    if anchor is None or not isinstance(anchor.expression, VersionExpression):
        return None
    found = _beside(s, at, anchor.end, offset, anchor.expression)
    return found if of == at + 1 else replace(found, name=(at + 1, of))


def _of_what(s: Sentence, at: int) -> int:
    """The place behind "of the travel policy", where "came" follows it; else `at`."""
    if s.word(at) != "of":
        return at
    for place in range(at + 2, at + 3 + _WITHIN):
        if s.word(place) in english.CAME - {"is", "was", "right"}:
            return place
        if s.breaks(place - 1) or s.word(place) in english.FUNCTION:
            return at
    return at


def _newer(s: Sentence, at: int) -> Found | None:
    """``newer version than v3``, ``anything newer than v3``."""
    word = s.word(at)
    if word not in english.NEWER | english.OLDER or s.breaks(at):
        return None
    place = at + 2 if s.word(at + 1) in english.COUNTED or s.word(at + 1) == "one" else at + 1
    about = s.word(at + 1) in english.COUNTED or s.word(at - 1) in english.COUNTED | {
        "anything",
        "something",
        "any",
    }
    if s.word(place) != "than" or not about:
        return None
    anchor = _version(s, place + 1)
    if anchor is None or not isinstance(anchor.expression, VersionExpression):
        return None
    return _beside(s, at, anchor.end, 1 if word in english.NEWER else -1, anchor.expression)


def _before_last(s: Sentence, at: int) -> Found | None:
    """``version before last``."""
    if s.word(at) in english.COUNTED and s.word(at + 1) == "before" and s.word(at + 2) == "last":
        return _found(s, at, at + 3, -2)
    return None


def _ago(s: Sentence, at: int) -> Found | None:
    """``two versions ago``."""
    count = english.COUNTS.get(s.word(at))
    if count is None and s.tokens[at].text in "123456789":
        count = int(s.tokens[at].text or 0)
    noun = s.word(at + 1)
    if not count or s.word(at + 2) != "ago" or (noun not in english.COUNTED and noun not in english.PLURALS):
        return None
    return _found(s, at, at + 3, -1 - count)


def _found(
    s: Sentence,
    begin: int,
    end: int,
    position: int,
    anchor: DateExpression | None = None,
    name: tuple[int, int] = (0, 0),
) -> Found:
    expression = VersionExpression(
        s.written(begin, end), s.span(begin, end), VersionReading.POSITION, position=position, anchor=anchor
    )
    return Found(begin, end, expression, name=name)


def _beside(s: Sentence, begin: int, end: int, offset: int, anchor: VersionExpression) -> Found:
    if anchor.reading is VersionReading.POSITION and anchor.position < 0 and offset < 0:
        return _found(s, begin, end, anchor.position + offset)
    expression = VersionExpression(
        s.written(begin, end), s.span(begin, end), VersionReading.NEIGHBOUR, offset=offset, anchor=anchor
    )
    return Found(begin, end, expression)
