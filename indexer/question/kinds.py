"""What kind of question it is, from its skeleton and from the versions and dates that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from indexer.question import english
from indexer.question.limits import Limit, Limits
from indexer.question.sentence import Sentence
from indexer.question.turning import turning_point
from indexer.question.values import Bound, Kind, VersionExpression, VersionReading

_LOOKED_AT: Final = 8
"""How many versions of a question are tried as what it is about, and how many words after them are looked at."""
_SUBJECT: Final = 5
"""How many words of a name may stand between a verb and the version that it is about."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a question."""

    kind: Kind
    promoted: Limit | None = None
    """A candidate that counts because the question is about nothing else: "does Spark 3.7 exist"."""


def kind_of(s: Sentence, limits: Limits) -> Verdict:
    """The kind of the question. The first that fits of: coming and going, existence, versions, comparison of all, changes, comparison, content."""
    if limits.edges:
        return Verdict(Kind.REMOVED if limits.edges[0].last else Kind.INTRODUCED)
    versions = [limit for limit in limits.strong if isinstance(limit.expression, VersionExpression)][
        :_LOOKED_AT
    ]
    if _published(s, versions):
        return Verdict(Kind.VERSIONS)
    turning = turning_point(s, versions)
    if turning is not None:
        return Verdict(turning)
    exists = _exists(s, limits)
    if exists is not None:
        return exists
    if _across(s):
        return Verdict(Kind.COMPARISON)
    if _versions(s, versions):
        return Verdict(Kind.VERSIONS)
    if _changes(s, limits):
        return Verdict(Kind.CHANGES)
    beside = [limit for limit in limits.strong if limit.expression.bound is Bound.AT]
    same = {isinstance(limit.expression, VersionExpression) for limit in beside}
    if len(beside) > len(same) or (len(beside) > 1 and not s.spoken.isdisjoint(english.SIDE_BY_SIDE)):
        return Verdict(Kind.COMPARISON)
    return Verdict(Kind.CONTENT if limits.strong else Kind.PLAIN)


# --- existence ---------------------------------------------------------------------------------


def _exists(s: Sentence, limits: Limits) -> Verdict | None:
    """``does version 3.7 exist``, ``is the system aware of v3``, ``is there a v4``, ``do you have rev. B``."""
    if not (s.word(0) in english.AUXILIARIES and s.word(0) not in english.PAST - {"was", "were"}):
        return None
    for limit in limits.limits[:_LOOKED_AT]:
        named = isinstance(limit.expression, VersionExpression)
        asked = _there_is(s, limit) or (named and (_known_of(s, limit) or _predicate(s, limit)))
        if asked and (named or not limit.weak):
            return Verdict(Kind.EXISTS, limit if limit.weak else None)
    return None


def _there_is(s: Sentence, limit: Limit) -> bool:
    """``is there a v4``, ``is there anything newer than v3``."""
    at = next((place for place in range(3) if s.word(place) == "there"), None)
    if at is None:
        return False
    between = [s.word(place) for place in range(at + 1, limit.begin)]
    allowed = english.DETERMINERS | {"such", "thing", "as", "anything"}
    names = [word for word in between if word not in allowed]
    return len(between) <= _SUBJECT and not any(word in english.FUNCTION for word in names)


def _known_of(s: Sentence, limit: Limit) -> bool:
    """``aware of [Bootstrap] version 1.2.3``, ``do you have [the] third edition``."""
    for at in range(limit.begin - 1, max(limit.begin - 2 - _SUBJECT, 0), -1):
        word = s.word(at)
        if word in english.KNOWING:
            subject = [s.word(place) for place in range(at)]
            return any(holder in english.HOLDER for holder in subject)
        if word in english.FUNCTION - english.DETERMINERS - {"of", "about"}:
            return False
    return False


def _predicate(s: Sentence, limit: Limit) -> bool:
    """``does [Spark] version 3.7 exist``, ``is release 2.2 available``."""
    subject = [s.word(place) for place in range(1, limit.begin)]
    names = [word for word in subject if word not in english.DETERMINERS]
    if len(subject) > _SUBJECT or any(word in english.FUNCTION for word in names):
        return False
    exists = english.KNOWN | {"exist", "exists"}
    for at in range(limit.end, min(limit.end + _LOOKED_AT, len(s))):
        word = s.word(at)
        if word in exists or (word in english.STORES and s.word(at - 2) == "in"):
            return True
        if word in english.SAYING:
            return False
    return False


# --- versions ----------------------------------------------------------------------------------


def _published(s: Sentence, versions: list[Limit]) -> bool:
    """``when was version 3 published``, ``when did v3 come out``, ``who wrote v3``."""
    for limit in versions:
        at = limit.begin - 1
        while at >= 0 and limit.begin - at <= 4 and s.word(at) not in english.AUXILIARIES | english.WRITING:
            at -= 1
        if at < 0:
            continue
        if s.word(at) in english.WRITING and s.word(at - 1) == "who":
            return True
        if s.word(at) in english.AUXILIARIES and s.word(at - 1) in ("when", "who"):
            verbs = [s.word(place) for place in range(limit.end, min(limit.end + _LOOKED_AT, len(s)))]
            if any(word in english.PUBLISHING or word in ("come", "appear", "published") for word in verbs):
                return True
    return False


def _versions(s: Sentence, versions: list[Limit]) -> bool:
    """``which versions exist``, ``how many versions``, ``the latest version is which``, ``which one was in force``."""
    tests: tuple[Callable[[Sentence, int], bool], ...] = (_listing, _singular, _history, _number_of)
    within = any(
        limit.word in ("in", "for") or (limit.end < len(s) and s.breaks(limit.end - 1)) for limit in versions
    )
    if not within and any(test(s, at) for at in range(len(s)) for test in tests):
        return True
    for limit in versions:
        if not isinstance(limit.expression, VersionExpression):
            continue
        if limit.expression.reading not in (VersionReading.POSITION, VersionReading.NEIGHBOUR):
            continue
        if _alone(s, limit):
            return True
        if _is_what(s, limit) and not any(
            word in english.SAYING for word in s.words[limit.end : limit.end + 3 * _LOOKED_AT]
        ):
            return True
    return False


def _listing(s: Sentence, at: int) -> bool:
    """``which [Spark] versions``, ``the number of versions``, ``list all editions``; not ``versions 2 and 3``."""
    if s.word(at) in english.COUNTED and s.word(at - 1) in ("every", "each"):
        return s.word(0) in english.ENUMERATING
    if s.word(at) not in english.PLURALS or s.word(at - 1) in english.NOT_BEFORE_NOUN:
        return False
    if at + 1 < len(s) and s.tokens[at + 1].text[:1].isdigit() and not s.breaks(at):
        return False
    for place in range(at - 1, max(at - 7, -1), -1):
        word = s.word(place)
        if word in ("which", "what", "many"):
            return True
        if word in english.ENUMERATING:
            return place == 0 or s.word(0) in english.ENUMERATING or s.word(0) in english.IMPERATIVES
        if word == "of" and s.word(place - 1) in english.QUANTITY:
            return True
        if word in english.FUNCTION - english.DETERMINERS - {"me"}:
            return False
    return False


def _singular(s: Sentence, at: int) -> bool:
    """``which version was in force``, ``which version is this``, ``which version precedes v4``."""
    if s.word(at) not in ("which", "what"):
        return False
    noun = next((place for place in range(at + 1, at + 5) if s.word(place) in english.COUNTED), None)
    if noun is None or any(s.word(place) in english.FUNCTION for place in range(at + 1, noun)):
        return False
    for place in range(noun + 1, noun + 9):
        if s.word(place) in ("is", "was", "were", "are", "became"):
            words = [s.word(place + step) for step in (1, 2, 3)]
            return words[0] in english.IN_FORCE - {"use", "force", "effect"} or (
                words[0] in ("in", "the") and words[1] in english.IN_FORCE
            )
        if s.word(place) in english.SAYING or s.breaks(place):
            return False
    return False


def _history(s: Sentence, at: int) -> bool:
    """``version history of``, ``show the history of``."""
    if s.word(at) not in english.HISTORY:
        return False
    if s.word(at - 1) in english.COUNTED or (s.word(at + 1) == "of" and s.word(at + 2) in english.PLURALS):
        return True
    return s.word(0) in english.ENUMERATING and at <= 4 and s.word(at + 1) == "of"


def _number_of(s: Sentence, at: int) -> bool:
    """``what is the version number of``, ``what is the version of the handbook``."""
    if (
        s.word(at) not in english.COUNTED
        or s.word(at - 1) not in ("the", "its")
        or s.word(at - 2) not in ("is", "what", "what's")
    ):
        return False
    following = s.word(at + 1)
    return following in ("number", "no") or (following == "of" and s.word(at + 2) in english.DETERMINERS)


def _is_what(s: Sentence, limit: Limit) -> bool:
    """``what is the latest version``, ``which is the newest one``, ``which version came before v4``."""
    at = limit.begin - 1
    while at >= 0 and s.word(at) in english.DETERMINERS:
        at -= 1
    if s.word(at) in ("which", "what") and (at != limit.begin - 1 or s.word(limit.begin) in english.COUNTED):
        return True
    if s.tokens[max(at, 0)].possessive and s.word(at) in ("what", "which"):
        return True
    if s.word(at) not in ("is", "was", "are", "were"):
        return False
    return s.word(at - 1) in ("what", "which") or s.asks_which(at)


def _alone(s: Sentence, limit: Limit) -> bool:
    """``newest Spark release?``, ``the latest version of the policy``: nothing is asked of it but which one it is."""
    if any(s.word(at) not in english.DETERMINERS for at in range(limit.begin)):
        return False
    following = [s.word(at) for at in range(limit.end, len(s))]
    if not following:
        return True
    names = [word for word in following[1:] if word not in english.DETERMINERS]
    return (
        following[0] == "of"
        and 0 < len(names) <= _SUBJECT
        and not any(word in english.FUNCTION or not word for word in names)
    )


# --- changes and comparison --------------------------------------------------------------------


def _across(s: Sentence) -> bool:
    """``how does it differ across versions``, ``compare it in all versions``."""
    for at in range(len(s)):
        if s.word(at) in english.PLURALS and s.word(at - 1) in (
            "across",
            "all",
            "between",
            "of",
            "the",
            "various",
            "different",
        ):
            near = {s.word(place) for place in range(at - 4, at)}
            if near & {"across", "all", "between"} and not s.spoken.isdisjoint(english.VARYING):
                return True
    return False


def _changes(s: Sentence, limits: Limits) -> bool:
    """Whether it is asked what changed."""
    if _said_about(s):
        return False
    if _what_changed(s):
        return True
    if not limits.strong and not _in_any_version(s):
        return False
    if not s.spoken.isdisjoint(english.DIFFERENCE):
        return s.word(0) != "who"
    if any(a == "release" and b == "notes" for a, b in zip(s.words, s.words[1:], strict=False)):
        return True
    changing = s.spoken & (english.CHANGING - {"new"})
    if s.word(0) in ("is", "are", "was", "were"):
        changing -= {"deprecated"}  # whether it is, and not that it was just done
    if not (changing or s.news()):
        return False
    heads = [at for at in range(len(s)) if s.word(at) in english.CHANGE_HEADS]
    return any(at <= 3 or s.breaks(at - 1) for at in heads)


def _said_about(s: Sentence) -> bool:
    """``what does v3 say about fixes``: whatever follows is what is looked for in it."""
    if s.word(0) != "what" or s.word(1) not in ("does", "did", "do"):
        return False
    return any(s.word(at) == "about" and s.word(at - 1) in english.SAYING for at in range(2, len(s)))


def _what_changed(s: Sentence) -> bool:
    """``what changed``, ``what has changed in it``, ``how has it changed``, ``recent changes to it``, ``what's new``."""
    for at in range(len(s)):
        word = s.word(at)
        if word == "what":
            after = s.skip(at + 1, {"has", "have", "had", "is", "else"}, 3)
            if s.word(after) == "changed":
                return True
            if s.word(after) == "new" and s.word(after + 1) in ("", "in", "since", "with", "at", "on"):
                return True
        if word == "how" and s.word(at + 1) in ("has", "have"):
            verb = next(
                (
                    place
                    for place in range(at + 2, min(at + 10, len(s)))
                    if s.word(place) in ("changed", "evolved")
                ),
                None,
            )
            if verb is not None and s.closes(verb):
                return True
        if word in english.RECENT and s.word(at + 1) in ("changes", "edits", "modifications"):
            return s.word(at + 2) in ("", "to", "in", "of")
    return False


def _in_any_version(s: Sentence) -> bool:
    """``in any [Node.js] version``."""
    return any(
        s.word(at) == "any" and any(s.word(place) in english.COUNTED for place in range(at + 1, at + 5))
        for at in range(len(s))
    )
