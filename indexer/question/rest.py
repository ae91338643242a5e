"""What is left of a question to search, when versions and dates are taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from indexer.question import english, english_before
from indexer.question.limits import Limit, Limits
from indexer.question.literals import literals
from indexer.question.sentence import Sentence
from indexer.question.tokens import AT_SIGN
from indexer.question.values import Kind

_ENDING: Final = frozenset("?!")
_LEFT_OUT: Final = {
    Kind.EXISTS: english.LISTING,
    Kind.VERSIONS: english.LISTING,
    Kind.CHANGES: english.TURNING | english.DIFFERENCE | english.CHANGING | english.MAKING,
    Kind.INTRODUCED: english.TURNING,
    Kind.REMOVED: english.TURNING,
    Kind.COMPARISON: english.SIDE_BY_SIDE | english.VARYING | frozenset(english.PLURALS) | {"side"},
}


def rest(s: Sentence, limits: Sequence[Limit]) -> str:
    """The question without the words of `limits` and what only joins them to it; the question itself where nothing is left."""
    gone = _gone(s, limits)
    if not gone:
        return s.text[s.tokens[s.head].start - len(s.tokens[s.head].lead) :] if s.head else s.text
    pieces: list[str] = []
    at = s.tokens[s.head].start if s.head and gone[0][0] >= s.head else 0
    for begin, end in gone:
        start, after = _extent(s, begin, end)
        if start > at:
            pieces.append(s.text[at:start])
        at = max(at, after)
    pieces.append(s.text[at:])
    left = _joined(pieces)
    return left if any(character.isalnum() for character in left) else s.text


def topic(s: Sentence, known: Limits, kind: Kind) -> str:
    """The content words of a question of that kind: what it is about. Identifiers and quoted words stand for themselves."""
    begin = s.head + (s.first in english.IMPERATIVES and not s.tokens[s.head].quoted)
    begin = max(begin, _informing(s))
    taken = [at < begin for at in range(len(s))]
    for at in range(1, len(s)):
        # "Bootstrap 5.3.4: list the fixes"
        if s.word(at) in english.IMPERATIVES and s.breaks(at - 1):
            taken[at] = True
    for limit in known.strong:
        taken[limit.opening : limit.end] = [True] * (limit.end - limit.opening)
        taken[slice(*limit.name)] = [False] * (limit.name[1] - limit.name[0])
    for edge in known.edges:
        taken[edge.begin] = True
    left_out = english.FUNCTION | _LEFT_OUT.get(kind, frozenset())
    if kind in (Kind.INTRODUCED, Kind.REMOVED) and "did" in s.spoken:
        left_out |= english.DOING
    if kind in (Kind.INTRODUCED, Kind.REMOVED):
        left_out |= _happened(s)
    exact = {literal.span[0] for literal in literals(s)}
    words: list[str] = []
    for at, token in enumerate(s.tokens):
        if taken[at] or not token.text:
            continue
        kept = token.quoted or token.start in exact or s.word(at) not in left_out
        if kept and (token.start in exact or any(character.isalnum() for character in token.text)):
            words.append(token.text)
    return " ".join(words)


def _informing(s: Sentence) -> int:
    """The place behind "what information is given on", which asks for whatever is said; 0 where no question begins so."""
    if s.first not in ("what", "which") or s.word(s.head + 1) not in ("information", "details", "info"):
        return 0
    at = s.skip(s.head + 2, english.AUXILIARIES, 2)
    at = s.skip(at, english_before.GIVEN | {"you", "have", "we"}, 2)
    return at + 1 if s.word(at) in ("on", "about", "regarding", "concerning") else 0


def _happened(s: Sentence) -> frozenset[str]:
    """Words that only say that something came or went: "saw the addition of", "did the changes to it take effect", "for the first time"."""
    nouns = english.ARRIVAL | english.DEPARTURE
    said = {word for word, after in pairwise(s.words) if word in nouns and after == "of"}
    said |= {
        word for word, after in pairwise(s.words) if word in english.CHANGES and after in english.PREPOSITIONS
    }
    if not s.spoken.isdisjoint({"it", "them", "these", "those"}):
        said |= {word for at, word in enumerate(s.words) if word in english.CHANGES and s.breaks(at)}
    if said:
        said |= english.HAPPENING | english.SEEING | {"effect", "responsible"}
    if "first" in s.spoken:
        said |= {"mentioned", *english.APPEARED}
    if any(s.words[at : at + 4] == ("for", "the", "first", "time") for at in range(len(s))):
        said.add("time")
    if any(word == "made" and after in english.MADE for word, after in pairwise(s.words)):
        said |= {"made", "more", "less"}
    return frozenset(said) | english.GAINED


def _gone(s: Sentence, limits: Sequence[Limit]) -> list[tuple[int, int]]:
    """The words to take out, as ranges in order and apart."""
    ranges: list[tuple[int, int]] = []
    for limit in limits:
        begin, end = _range(s, limit)
        first, after = limit.name
        for start, stop in ((begin, first), (after, end)) if first < after else ((begin, end),):
            if ranges and start <= ranges[-1][1]:
                ranges[-1] = (ranges[-1][0], max(stop, ranges[-1][1]))
            else:
                ranges.append((start, stop))
    return ranges


def _range(s: Sentence, limit: Limit) -> tuple[int, int]:
    """An expression, with the "of" after it or else with the preposition and the article before it.

    "in version 3 of the policy" → "in the policy"; "the policy in version 3" → "the policy"; "the v3 policy" → "the policy";
    "in Node.js version 3" → "in Node.js".
    """
    begin, end = limit.begin, limit.end
    if limit.name[0] < limit.name[1]:
        return begin, end
    if s.word(begin - 1) in ("the", "a") and s.word(end) == "of":
        return begin - 1, end + 1
    if s.word(end) == "of" and not s.tokens[end - 1].trail:
        return begin, end + 1
    if limit.opening < begin and not _goes_on(s, limit):
        return limit.opening, end
    if s.word(begin - 1) in english.DETERMINERS and not _goes_on(s, limit):
        return begin - 1, end
    return begin, end


def _goes_on(s: Sentence, limit: Limit) -> bool:
    """Whether a noun follows that the expression only describes: "in the v3 handbook"."""
    if s.breaks(limit.end - 1) or s.word(limit.begin - 1) not in english.DETERMINERS:
        return False
    following = s.word(limit.end)
    return following not in english.FUNCTION and following not in english.SAYING


def _extent(s: Sentence, begin: int, end: int) -> tuple[int, int]:
    """The characters of these words with the punctuation that goes with them: brackets around, a comma between."""
    first, last = s.tokens[begin], s.tokens[end - 1]
    start, after = first.start - len(first.lead), last.end
    trail = last.trail
    if trail[:2] in ("'s", "’s"):
        after, trail = after + 2, trail[2:]
    if first.lead and trail[:1] in (")", "]"):
        after, trail = after + 1, trail[1:]
    elif first.lead and first.lead != AT_SIGN:
        start = first.start
    leading = begin == 0 or (begin > 0 and s.tokens[begin - 1].breaks)
    if trail[:1] in (",", ":", ";") and leading:
        after, trail = after + 1, trail[1:]
    if end == len(s) or trail[:1] in _ENDING:
        before = s.tokens[begin - 1] if begin else None
        if before is not None and before.trail in (",", ":", ";"):
            start = before.end
    return start, after


def _joined(pieces: Sequence[str]) -> str:
    """The pieces as one text, with one blank where they meet and none before punctuation."""
    text = ""
    for piece in pieces:
        if not text:
            text = piece.lstrip() if not text.strip() else piece
        elif piece[:1] in ("?", "!", ".", ",", ":", ";", ")"):
            text = text.rstrip() + piece
        else:
            text = text.rstrip() + " " + piece.lstrip()
    return text.strip()
