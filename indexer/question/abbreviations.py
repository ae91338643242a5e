"""Words as people type them in a hurry, spelt out where the grammar of a question says what they are: "which ver", "any deps", "w/"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from indexer.question import english, english_short
from indexer.question.tokens import Token

_NAME: Final = 4
"""How many words of a name may stand between "which" and "ver"."""
_CHOOSING: Final = (
    english.QUESTION_WORDS & {"which", "what"}
    | english.FIRST
    | english.LATEST
    | english.MOST_LATE
    | english.MOST_EARLY
    | english.PREVIOUS
    | english.NEXT
    | english.NEWER
    | english.OLDER
    | {"that", "this", "any", "each", "every"}
)
"""Before a version that is not named, maybe with the name of what it is of between."""
_GATHERING: Final = english.ENUMERATING | english.SORTS | {"these", "those", "many", "across", "between"}
"""Before several."""
_GOING_ON: Final = (
    english.FUNCTION
    | english.KNOWING
    | english.KNOWS
    | english.KNOWN
    | english.SAYING
    | english.APPEARING
    | english.DISAPPEARING
    | english.SEEING
    | english.GAINED
    | english.APPEARED
    | english.ADVERBS
    | {"no", "made", "exist", "exists", "ago"}
) - {"the", "a", "an", "per"}
"""What goes on behind a version, and not behind what "vers" is in French or "rev" of an engine."""


def spelt_out(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The words with what people shorten spelt out; where they stand in the question is as it was."""
    spoken = {token.lower for token in tokens if not token.quoted}
    return tuple(token if token.quoted else _spelt_out(tokens, at, spoken) for at, token in enumerate(tokens))


def _spelt_out(tokens: Sequence[Token], at: int, spoken: set[str]) -> Token:
    token = tokens[at]
    if not spoken.isdisjoint(english_short.ELSEWHERE.get(token.lower, frozenset())):
        return token
    word = english_short.SHORTENED.get(token.lower)
    if word is not None:
        return replace(token, text=word, lower=word)
    form = english_short.ONE.get(token.lower) or english_short.SEVERAL.get(token.lower)
    if form is None:
        return token
    last = at + 1 == len(tokens)
    dotted = token.trail.startswith(".") and not last
    if not (
        _goes_on(tokens, at, dotted=dotted)
        and _is_chosen(tokens, at, several=token.lower in english_short.SEVERAL)
    ):
        return token
    if dotted:
        return replace(token, text=form, lower=form, end=token.end + 1, trail=token.trail[1:])
    return replace(token, text=form, lower=form)


def _goes_on(tokens: Sequence[Token], at: int, *, dotted: bool) -> bool:
    """Whether a clause ends behind the word at `at` or goes on as it does behind a version."""
    if at + 1 == len(tokens) or (tokens[at].breaks and not dotted):
        return True
    following = tokens[at + 1]
    return following.lower in _GOING_ON or (following.lower.endswith("ed") and following.text.islower())


def _is_chosen(tokens: Sequence[Token], at: int, *, several: bool) -> bool:
    """Whether "which", "any", "the latest" or the like stands before the word at `at`, or nothing but a name does, and nothing but "in the system" behind."""
    choosing = _CHOOSING | _GATHERING if several else _CHOOSING
    for place in range(at - 1, max(at - 2 - _NAME, -1), -1):
        token = tokens[place]
        if token.breaks or token.quoted:
            return False
        if token.lower in choosing:
            return True
        if token.lower == "of":
            return tokens[place - 1].lower in english.QUANTITY if place else False
        if token.lower == "the":
            return at + 1 < len(tokens) and tokens[at + 1].lower in english.SUCH_THAT | {"in", "when", "of"}
        if token.lower in english.FUNCTION or not token.lower:
            return False
    return several and 0 < at <= _NAME and all(token.lower in english.AT_HAND for token in tokens[at + 1 :])
