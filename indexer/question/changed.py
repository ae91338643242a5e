"""Questions what changed: between versions or dates, in one version, or at last."""

from __future__ import annotations

from typing import Final

from indexer.question import english
from indexer.question.limits import Limit, Limits
from indexer.question.sentence import Sentence
from indexer.question.values import VersionExpression

_LOOKED_AT: Final = 8
"""How many versions and dates of a question are tried as what changed."""
_NAME: Final = 5
"""How many words a name may have."""


def asks_for_changes(s: Sentence, limits: Limits) -> bool:
    """Whether it is asked what changed."""
    if _said_about(s):
        return False
    if _what_changed(s):
        return True
    if _how_to(s):
        return False
    if not limits.strong and not _in_any_version(s):
        return False
    if not s.spoken.isdisjoint(english.DIFFERENCE):
        return s.first != "who"
    if any(a == "release" and b == "notes" for a, b in zip(s.words, s.words[1:], strict=False)):
        return True
    changing = set(s.words[_behind_story(s) :]) & (english.CHANGING - {"new"})
    if all(s.word(at - 1) in english.DETERMINERS for at in range(len(s)) if s.word(at) == "correct"):
        changing -= {"correct"}  # "the correct way"
    if any(_did(s, limit) or _beside(s, limit) for limit in limits.strong[:_LOOKED_AT]):
        return True
    if s.first == "new" and s.word(s.head + 1) in english.NOVELTIES:
        return True
    behind = limits.strong[-1].end if limits.strong else 0
    if behind and s.word(behind) == "to" and not s.breaks(behind):
        behind += 1  # a dash
    elif not behind or not s.breaks(behind - 1):
        behind = -1
    if {s.first, s.word(behind)} & {"is", "are", "was", "were", "has", "have"}:
        changing -= {"deprecated"}  # whether it is, and not that it was just done
    if not (changing or s.news()):
        return False
    heads = [at for at in range(len(s)) if s.word(at) in english.CHANGE_HEADS]
    return any(at <= s.head + 3 or s.breaks(at - 1) for at in heads)


def _behind_story(s: Sentence) -> int:
    """Where the question begins behind "we upgrade to version 3 next week.": what people do there is nothing that is asked."""
    if s.first not in english.ACTORS | {"our", "my"}:
        return 0
    return next((at + 1 for at in range(s.head, len(s) - 1) if "." in s.tokens[at].trail), 0)


def _did(s: Sentence, limit: Limit) -> bool:
    """``what did 5.3.2 do about badges``, ``what shipped in 5.3.2``, ``what came with the second edition``."""
    if not isinstance(limit.expression, VersionExpression):
        return False
    head = next((at for at in range(s.head, s.head + 3) if s.word(at) in ("what", "which")), None)
    if head is None:
        return False
    if s.word(head + 1) == "did" and s.word(_behind_name(s, limit.end)) in english.DEEDS:
        names = s.words[head + 2 : limit.begin]
        return len(names) <= _NAME and not any(
            word in english.FUNCTION - english.DETERMINERS for word in names
        )
    verb = limit.opening - 1
    while s.word(verb) in ("along", "away", "out", "in"):
        verb -= 1
    return limit.word in ("in", "with") and s.word(verb) in english.CAME_WITH


def _behind_name(s: Sentence, at: int) -> int:
    """The place behind "of the handbook", where that stands at `at`; else `at`."""
    if s.word(at) != "of":
        return at
    place = s.skip(at + 1, english.DETERMINERS, 1) + 1
    return next((verb for verb in range(place, place + _NAME) if s.word(verb) in english.DEEDS), at)


def _beside(s: Sentence, limit: Limit) -> bool:
    """``fixes in 5.3.2``, ``5.3.2 fixes``, ``dependency updates in Bootstrap 5.3.2``: no sentence, but what changed."""
    if not s.spoken.isdisjoint(english.QUESTION_WORDS | english.AUXILIARIES | english.SAYING):
        return False
    if s.word(limit.end) in english.CHANGE_NOUNS:
        return True
    for at in range(limit.opening - 1, max(limit.opening - 2 - _NAME, -1), -1):
        word = s.word(at)
        if word in english.CHANGE_NOUNS:
            return True
        if word in english.FUNCTION - {"in", "of", "for", "with", "the"} or s.breaks(at):
            return False
        if word in ("in", "of", "for", "with"):
            return s.word(at - 1) in english.CHANGE_NOUNS
    return limit.opening == limit.begin and s.word(limit.begin - 1) in english.CHANGE_NOUNS


def _said_about(s: Sentence) -> bool:
    """``what does v3 say about fixes``: whatever follows is what is looked for in it."""
    if s.first != "what" or s.word(s.head + 1) not in ("does", "did", "do"):
        return False
    return any(s.word(at) == "about" and s.word(at - 1) in english.SAYING for at in range(s.head + 2, len(s)))


def _how_to(s: Sentence) -> bool:
    """``how do I update to version 3``, ``how to migrate from v2 to v3``: what is to be done, and not what was.

    Not ``how can I tell the differences``, ``how would you describe the changes between v2 and v3``.
    """
    between = any(pair == ("changes", "between") for pair in zip(s.words, s.words[1:], strict=False))
    if between or not s.spoken.isdisjoint(english.DIFFERENCES):
        return False
    for at in range(len(s)):
        if s.word(at) == "how" and (
            at == s.head or s.word(at - 1) in ("know", "me", "us", "explain", "show")
        ):
            following, actor = s.word(at + 1), s.word(at + 2)
            if following == "to" or (following in english.MODALS | {"do"} and actor in english.ACTORS):
                return True
    return False


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
    """``in any [Node.js] version``, ``did it ever change in a [Node.js] version``."""
    some = {"any", "some"} | ({"a", "one"} if s.first in english.PAST | {"did", "has", "have"} else set())
    if s.first in ("did", "has", "have", "was", "were") and any(
        s.word(at) in english.PLURALS and {"between", "across"} & set(s.words[max(at - _NAME, 0) : at])
        for at in range(len(s))
    ):
        return True
    return any(
        s.word(at) in some
        and any(
            s.word(place) in english.COUNTED and not english.FUNCTION & set(s.words[at + 1 : place])
            for place in range(at + 1, at + _NAME)
        )
        for at in range(len(s))
    )
