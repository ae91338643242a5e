"""Questions which versions there are, or which one is the first, the latest, the one before another, the one in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from indexer.question import english, english_before
from indexer.question.limits import Limit, Limits
from indexer.question.reach import reach
from indexer.question.sentence import Sentence
from indexer.question.values import Kind, VersionExpression, VersionReading, is_place
from indexer.question.verdict import Verdict

LOOKED_AT: Final = 8
"""How many versions of a question are tried as what it is about, and how many words after them are looked at."""
_KEYWORDS: Final = 20
"""How many of the first words are looked at for keywords."""
_NAME: Final = 5
"""How many words a name may have."""


def listing(s: Sentence, limits: Limits, versions: list[Limit]) -> Verdict | None:
    """VERSIONS where that is asked, else None; `versions` are those that the question names."""
    if _versions(s, versions):
        return Verdict(Kind.VERSIONS)
    if len(limits.strong) == 1 and _behind_name(s, limits.strong[0]):
        return Verdict(Kind.VERSIONS, tentative=True, otherwise=Kind.CONTENT)
    if not limits.strong and any(_keywords(s, at) for at in range(min(len(s), _KEYWORDS))):
        return Verdict(Kind.VERSIONS, tentative=True)
    held = next((limit for limit in limits.limits if limit.weak and is_place(limit.expression)), None)
    if held is None or limits.strong:
        return None
    if reach(s, held.begin) is not None or reach(s, held.opening) is not None:
        # Of whatever is known, where nothing else is said.
        return Verdict(
            Kind.VERSIONS,
            held,
            tentative=any(word not in english.AT_HAND for word in s.words[held.end + 1 :]),
        )
    if _alone(s, held) or _is_what(s, held):
        return Verdict(Kind.VERSIONS, held, tentative=True)
    return None


def published(s: Sentence, versions: list[Limit]) -> bool:
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
            verbs = [s.word(place) for place in range(limit.end, min(limit.end + LOOKED_AT, len(s)))]
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
            word in english.SAYING for word in s.words[limit.end : limit.end + 3 * LOOKED_AT]
        ):
            return True
    return False


def _keywords(s: Sentence, at: int) -> bool:
    """``Grafana versions``, ``available versions of the handbook``: names and what sorts versions, and nothing else."""
    if s.word(at) not in english.PLURALS or s.word(at - 1) in english.NOT_BEFORE_NOUN:
        return False
    before, after = s.words[s.head : at], s.words[at + 1 :]
    if after[:1] and after[0] in ("of", "for"):
        after = after[1:]
    names = [word for word in before + after if word not in english.SORTS | english.DETERMINERS]
    while names and names[-1] in english.AT_HAND | {"how", "many", "what", "ones"}:
        names.pop()
    spoken = english.FUNCTION | english.IMPERATIVES | english.SAYING | english.DIFFERENCE
    return 0 < len(names) <= _NAME and not any(word in spoken or not word for word in names)


def _listing(s: Sentence, at: int) -> bool:
    """``which [Spark] versions``, ``the number of versions``, ``list all editions``; not ``versions 2 and 3``."""
    if s.word(at) in english.COUNTED and s.first in english.ENUMERATING:
        every = next(
            (place for place in range(at - 1, at - 1 - _NAME, -1) if s.word(place) in ("every", "each")), None
        )
        if every is not None and english.FUNCTION.isdisjoint(s.words[every + 1 : at]):
            return True
    if s.word(at) not in english.PLURALS or s.word(at - 1) in english.NOT_BEFORE_NOUN:
        return False
    if _supported(s, at):
        return False
    if at + 1 < len(s) and s.tokens[at + 1].text[:1].isdigit() and not s.breaks(at):
        return False
    for place in range(at - 1, max(at - 7, -1), -1):
        word = s.word(place)
        if word in ("which", "what", "many"):
            return True
        if word in ("all", "every", "each") and s.word(place - 1) == "of":
            continue
        if word in english.ENUMERATING:
            return place in (0, s.head) or s.first in english.ENUMERATING | english.IMPERATIVES
        if word == "of" and s.word(place - 1) in english.QUANTITY:
            return True
        if word in ("are", "were") and s.word(place - 1) in ("what", "which"):
            return True
        if word in ("the", "of") and s.word(place - 1) == "of" and s.word(place - 2) in english.QUANTITY:
            return True
        if word in english.FUNCTION - english.DETERMINERS - {"me"}:
            return False
    return False


def _supported(s: Sentence, at: int) -> bool:
    """``which versions does it support``, ``which versions of Java are supported``; not ``which versions of the support policy``."""
    if s.words[-1] in ("there", "exist", "exists"):
        return False
    before = english.DETERMINERS | {"of", "for"}
    return any(
        s.word(place) in english.SUPPORT and s.word(place - 1) not in before
        for place in range(at + 1, len(s))
    )


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
    if s.word(at) in ("list", "overview") and s.word(at - 1) in english.COUNTED:
        return s.word(at + 1) in ("of", "for", "") and s.spoken.isdisjoint(english.AUXILIARIES)
    if s.word(at) not in english.HISTORY:
        return False
    if s.word(at - 1) in english.COUNTED or (s.word(at + 1) == "of" and s.word(at + 2) in english.PLURALS):
        return True
    return s.first in english.ENUMERATING and at <= s.head + 4 and s.word(at + 1) == "of"


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
    """``what is the latest version``, ``which is the newest one``, ``which version came before v4``, ``the oldest one is which?``."""
    if s.word(limit.end) in ("is", "was") and s.word(limit.end + 1) in ("which", "what"):
        return True
    if s.word(limit.begin - 1) in english.PUBLISHING | english.APPEARED | {"out"} and any(
        s.asks_which(limit.begin - back) for back in (0, 1, 2)
    ):
        return True
    at = limit.begin - 1
    while at >= 0 and s.word(at) in english.DETERMINERS:
        at -= 1
    if s.word(at) in ("which", "what") and (at != limit.begin - 1 or s.word(limit.begin) in english.COUNTED):
        return True
    if s.tokens[max(at, 0)].possessive and s.word(at) in ("what", "which"):
        return True
    if s.word(at) == "be" and s.word(at - 1) in ("would", "could", "might", "may"):
        at -= 1
    elif s.word(at) not in ("is", "was", "are", "were"):
        return False
    return s.word(at - 1) in ("what", "which") or s.asks_which(at)


def _alone(s: Sentence, limit: Limit) -> bool:
    """``newest Spark release?``, ``tell me the latest version of the policy``: nothing is asked of it but which one it is."""
    leading = english.DETERMINERS | english.NAMING | english_before.GREETINGS
    if s.spoken & (english_before.ASKING | {"need", "want", "like"}):
        leading |= english_before.ASKING | english_before.AROUND_ASKING | {"in", "about"}
    if any(s.word(at) not in leading for at in range(_behind_choice(s, limit.begin), limit.begin)):
        return False
    named = 0
    for at in range(limit.end, len(s)):
        word = s.word(at)
        if word in english.AT_HAND | english.KNOWS | english.MATERIAL | english.COUNTED | {"what", "for"}:
            named = _NAME + 1 if word in ("of", "for") else named
        elif named <= 0 or _is_function(word) or not word:
            return False
        named -= 1
    return s.words[-1] not in ("for", "the") and (
        s.words[-1] != "of" or s.word(len(s) - 2) in english.KNOWING
    )


def _behind_choice(s: Sentence, end: int) -> int:
    """The place behind "among the Grafana versions that you know,", where the question begins so; else where it begins."""
    if s.first in ("among", "amongst", "of", "from", "out"):
        for at in range(s.head, end):
            if s.breaks(at):
                chosen = s.words[s.head : at + 1]
                return s.head if english.PLURALS.keys().isdisjoint(chosen) else at + 1
    return s.head


def _behind_name(s: Sentence, limit: Limit) -> bool:
    """``Grafana: newest version``, ``travel policy oldest edition in the system``: a name, and which of its versions."""
    if (
        not is_place(limit.expression)
        or s.word(limit.begin) not in (english.FIRST | english.LATEST | {"most"}) - english.ORDINALS.keys()
    ):
        return False
    names = [word for word in s.words[s.head : limit.begin] if word not in english.DETERMINERS]
    spoken = english.FUNCTION | english.IMPERATIVES | english.SAYING | english.DIFFERENCE
    if not 0 < len(names) <= _NAME or any(word in spoken or not word for word in names):
        return False
    return all(word in english.AT_HAND | english.KNOWS | english.MATERIAL for word in s.words[limit.end :])


def _is_function(word: str) -> bool:
    return word in english.FUNCTION - english.DETERMINERS
