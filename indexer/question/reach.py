"""Questions how far what is known reaches: "how far back do your docs go", "up to which version do you have", "how current is it"."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from indexer.question import english
from indexer.question.sentence import Found, Sentence
from indexer.question.values import VersionExpression, VersionReading

_NAME: Final = 5
"""How many words a name may have."""


def reach(s: Sentence, at: int) -> Found | None:
    """The oldest or the newest version there is, as a candidate, where the words from `at` on ask how far what is known reaches."""
    word = s.word(at)
    if word == "how" and s.word(at + 1) == "far" and s.word(at + 2) == "back":
        return _found(s, at, at + 3, 1)
    if word == "how" and s.word(at + 1) in english.UP_TO_DATE:
        return _found(s, at, at + 2, -1)
    if word in ("up", "until", "till", "through"):
        return _which(s, at, s.skip(at + 1, {"to", "until"}, 2), -1)
    return _which(s, at, at + 1, 1) if word in ("from", "since") else None


def _which(s: Sentence, at: int, which: int, position: int) -> Found | None:
    """``up to which Grafana version`` and ``from which release on``, `which` being the place of that word."""
    if s.word(which) not in ("which", "what"):
        return None
    places = range(which + 1, which + 1 + _NAME)
    noun = next((place for place in places if s.word(place) in english.COUNTED), None)
    if noun is None or any(s.word(place) in english.FUNCTION for place in range(which + 1, noun)):
        return None
    end = s.skip(noun + 1, {"on", "onwards"}, 1)
    return _found(s, at, end, position, name=(which + 1, noun))


def _found(s: Sentence, begin: int, end: int, position: int, name: tuple[int, int] = (0, 0)) -> Found | None:
    """A version by its place, where what follows asks of what is known here, and of nothing else."""
    if s.word(end) not in ("do", "does", "is", "are", "can", "have") or s.word(end + 1) not in english.OURS:
        return None
    following = s.words[end + 1 : end + 2 + 2 * _NAME]
    if not any(word in english.REACHING or word in english.MATERIAL | english.STORES for word in following):
        return None
    expression = VersionExpression(
        s.written(begin, end), s.span(begin, end), VersionReading.POSITION, position=position
    )
    return replace(Found(begin, end, expression, name=name), weak=True)
