"""Questions whether there is a version: "does version 3.7 exist", "have you got v3", "Grafana 9.5.1 available?"."""

from __future__ import annotations

from typing import Final

from indexer.question import english
from indexer.question.context import spoken_of
from indexer.question.limits import Limit, Limits
from indexer.question.sentence import Sentence
from indexer.question.values import Kind, VersionExpression, is_place
from indexer.question.verdict import Verdict

_LOOKED_AT: Final = 8
"""How many versions of a question are tried as what it is about, and how many words after them are looked at."""
_SUBJECT: Final = 5
"""How many words of a name may stand between a verb and the version that it is about."""
_PRESENT: Final = english.KNOWN | {"exist", "exists", "existing"}
_WHETHER: Final = (
    english.AT_HAND
    | english.FOUND
    | english.AUXILIARIES
    | english.KNOWS
    | _PRESENT
    | english.COUNTED
    | {"it", "or", "not", "ever", "yes", "no", "y/n", "yes/no"}
)
"""All that may follow a version where it is asked whether it is there, and nothing of what it says."""


def existence(s: Sentence, limits: Limits) -> Verdict | None:
    """EXISTS where that is asked, else None; with the candidate that counts then, since the question is about nothing else."""
    asks = s.first in english.AUXILIARIES and s.first not in english.PAST - {"was", "were"}
    asks = asks or (
        s.first == "did" and s.word(s.head + 1) in ("you", "we") and s.word(s.head + 2) in english.INDEXING
    )
    for limit in limits.limits[:_LOOKED_AT]:
        if isinstance(limit.expression, VersionExpression) and spoken_of(s, limit):
            return Verdict(Kind.EXISTS, limit if limit.weak else None)
        named = isinstance(limit.expression, VersionExpression)
        if asks and added(s, limits):
            asked = True
        elif asks:
            asked = _there_is(s, limit) or (
                named
                and (_looked_up(s, limit) or _known_of(s, limit) or _predicate(s, limit) or _has(s, limit))
            )
        else:
            asked = s.told and (_there_is(s, limit) or (named and _held(s, limit)))
            asked = asked or (named and not is_place(limit.expression) and _stated(s, limit))
        if asked and (named or not limit.weak):
            return Verdict(Kind.EXISTS, limit if limit.weak else None)
    return None


def _there_is(s: Sentence, limit: Limit) -> bool:
    """``is there a v4``, ``is there anything newer than v3``, ``is there documentation for v3``, ``does there exist a v4``."""
    at = next((place for place in range(s.head, s.head + 3) if s.word(place) == "there"), None)
    if at is None:
        return False
    if s.told:
        at = s.skip(at + 1, {"is", "are", "was", "exists", "exist", "has", "been"}, 2) - 1
        if not _nothing_else(s, _behind_name(s, limit.end)):
            return False
    between = [s.word(place) for place in range(at + 1, limit.begin)]
    allowed = english.DETERMINERS | {"such", "thing", "as", "anything", "exist"}
    if between[:2] == ["release", "notes"]:
        between = ["documentation", *between[2:]]
    if english.MATERIAL & set(between[:2]) and _nothing_else(s, _behind_name(s, limit.end)):
        allowed = allowed | english.MATERIAL | {"for", "about", "on", "of"}
    names = [word for word in between if word not in allowed]
    return len(between) <= _SUBJECT and not any(word in english.FUNCTION for word in names)


def _known_of(s: Sentence, limit: Limit) -> bool:
    """``aware of [Bootstrap] version 1.2.3``, ``do you have [the] third edition``, ``have you heard of v3``, ``have you any v3``."""
    if s.first == "have" and s.word(s.head + 1) in english.HOLDER and limit.end == len(s):
        names = [s.word(place) for place in range(s.head + 2, limit.begin)]
        if len(names) <= _SUBJECT and not any(
            word in english.FUNCTION - english.DETERMINERS for word in names
        ):
            return True
    for at in range(limit.begin - 1, max(limit.begin - 2 - _SUBJECT, 0), -1):
        word = s.word(at)
        knows = word in english.KNOWING or (word == "knowledge" and s.first in ("has", "have", "does", "do"))
        if knows or (word in english.INDEXING and s.word(at - 1) in ("you", "we")):
            subject = [s.word(place) for place in range(at)]
            if subject[-1] in english.STORES and {"your", "our"} & set(subject):
                return _nothing_else(s, limit.end)  # "do your docs include v3"
            if subject[-1] in english.STORES - english.HOLDER and subject[-2] == "the":
                return _nothing_else(s, _behind_name(s, limit.end))
            return any(holder in english.HOLDER for holder in subject)
        material = s.word(at - 1) in english.MATERIAL and word in ("on", "for", "about", "of")
        if word in english.FUNCTION - english.DETERMINERS - {"of", "about", "anything"} and not material:
            return False
    return False


def _held(s: Sentence, limit: Limit) -> bool:
    """In "check whether …": ``the system has version 3``, ``you know of v3``, ``v3 is something that you hold``."""
    words = s.words[s.head : limit.begin]
    verb = next((at for at, word in enumerate(words) if word in english.KNOWING | english.KNOWS), None)
    if verb is None or verb > _SUBJECT or not (english.HOLDER | english.STORES) & set(words[:verb]):
        return False
    allowed = english.DETERMINERS | english.MATERIAL | english.KNOWING | {"of", "about", "on", "for", "been"}
    names = [word for word in words[verb + 1 :] if word not in allowed]
    if len(names) > _SUBJECT or any(word in english.FUNCTION for word in names):
        return False
    return _nothing_else(s, _behind_name(s, limit.end))


def _looked_up(s: Sentence, limit: Limit) -> bool:
    """``can I look up [Bootstrap] 1.2.3 here``, ``could we get the docs for v3``: a version, and nothing that it says."""
    if s.first not in ("can", "could", "may", "am", "are") or s.word(s.head + 1) not in english.HOLDER | {
        "one"
    }:
        return False
    able = s.words[s.head + 2 : s.head + 4] == ("able", "to")
    if able != (s.first in ("am", "are")):
        return False
    verb = s.head + (4 if able else 2)
    if limit.word == "in" or s.word(verb) not in english.LOOKING or not _nothing_else(s, limit.end):
        return False
    leading = english.DETERMINERS | english.MATERIAL | {"up", "for", "of", "on", "about"}
    names = [word for word in s.words[verb + 1 : limit.begin] if word not in leading]
    return len(names) <= _SUBJECT and not any(word in english.FUNCTION for word in names)


def _predicate(s: Sentence, limit: Limit) -> bool:
    """``does [Spark] version 3.7 exist``, ``is release 2.2 available``, ``can v3 be found in the system``."""
    subject = [s.word(place) for place in range(s.head + 1, limit.begin)]
    if subject[:3] == ["the", "existence", "of"]:
        subject = subject[3:]
    if subject[:1] and subject[0] in english.MATERIAL and set(subject[1:2]) & {"on", "for", "about", "of"}:
        subject = subject[2:]  # "is documentation for v3 available"
    names = [word for word in subject if word not in english.DETERMINERS | {"anything", "something"}]
    if len(subject) > _SUBJECT or any(word in english.FUNCTION for word in names):
        return False
    for at in range(limit.end, min(limit.end + _LOOKED_AT, len(s))):
        word = s.word(at)
        if word in _PRESENT or (word in english.STORES and s.word(at - 2) == "in"):
            return True
        if word in english.SAYING - english.FOUND:
            return False
        if word in english.FOUND and at <= limit.end + 1 and _nothing_else(s, at + 1):
            return s.word(at) != "in" or at + 1 < len(s)
    return False


def added(s: Sentence, limits: Limits) -> bool:
    """``has v3 been added to the system``: it is asked whether it is there, and of nothing that came with it."""
    for limit in limits.strong[:1]:
        at = s.skip(limit.end, {"been", "already", "ever"}, 3)
        to = s.skip(at + 2, english.DETERMINERS, 1)
        if (
            s.word(at) in english.PUT
            and s.word(at + 1) in ("to", "into", "in")
            and s.word(to) in english.STORES
        ):
            names = [word for word in s.words[s.head + 1 : limit.begin] if word not in english.DETERMINERS]
            return len(names) <= _SUBJECT and english.FUNCTION.isdisjoint(names) and _nothing_else(s, to)
    return False


def _has(s: Sentence, limit: Limit) -> bool:
    """``does Grafana have a version 9.5.1``."""
    at = limit.begin - 1
    while s.word(at) in english.DETERMINERS:
        at -= 1
    subject = [s.word(place) for place in range(s.head + 1, at)]
    if s.word(at) not in ("have", "got") or s.first not in ("does", "do", "did", "has", "have"):
        return False
    return 0 < len(subject) <= _SUBJECT and limit.end == len(s)


def _stated(s: Sentence, limit: Limit) -> bool:
    """``Grafana 9.5.1 available?``, ``version 3 of the handbook, do you have it?``: a name, a version, and whether it is there."""
    names = [
        s.word(place) for place in range(s.head, limit.begin) if s.word(place) not in english.DETERMINERS
    ]
    if (
        s.first == "any"
        and names[:1]
        and names[0] in english.MATERIAL
        and set(names[1:2]) & {"on", "for", "about", "of"}
    ):
        names = names[2:]  # "any docs on v3"
    if len(names) > _SUBJECT or any(word in english.FUNCTION | english.IMPERATIVES for word in names):
        return False
    at = _behind_name(s, limit.end)
    if s.first == "any" and at == len(s):
        return True
    left = s.words[at:]
    return any(word in _PRESENT | english.THERE for word in left) and all(word in _WHETHER for word in left)


def _behind_name(s: Sentence, end: int) -> int:
    """The place behind "of the handbook", where that stands behind a version; `end` itself where it does not."""
    if s.word(end) != "of":
        return end
    at = s.skip(end + 1, english.DETERMINERS, 1)
    while at <= end + _SUBJECT and s.word(at) not in _WHETHER and not s.breaks(at - 1):
        at += 1
    return at


def _nothing_else(s: Sentence, at: int) -> bool:
    """Whether nothing follows but where it is to be: "in the system", "here", "that you know"."""
    return all(word in english.AT_HAND | {"or", "not", "yes", "no", "y/n", "yes/no"} for word in s.words[at:])
