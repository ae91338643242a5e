"""What is said before a question and asks nothing: greetings, "could you tell me", "I was wondering whether"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from indexer.question import english, english_before

_LONGEST: Final = 12
"""How many words may stand before "whether"."""
_KNOWING: Final = ("do", "you", "know")

_BIDDEN: Final = (
    (english.IMPERATIVES - {"see"}) | english_before.GREETINGS | english_before.STATING | {"point", "supply"}
)
"""After "could you"."""


def head(words: Sequence[str]) -> int:
    """The place of the first word, in lower case, that belongs to the question; 0 where all of them would be left out."""
    at = 0
    while at < len(words):
        after = _past(words, at)
        if after == at:
            return at
        at = after
    return 0


def _past(words: Sequence[str], at: int) -> int:
    """The place behind what begins at `at` and asks nothing; `at` itself where that belongs to the question."""
    if words[at] in english_before.GREETINGS:
        return at + 1
    if at and words[at] == "that" and words[at - 1] in english_before.MAKING_SURE:
        return at + 1
    if (at and words[at] == "if") or words[at] == "whether":
        return at + (3 if tuple(words[at + 1 : at + 3]) == ("or", "not") else 1)
    if (asked := _asked_whether(words, at)) is not None:
        return asked
    if words[at] in english_before.POLITE and tuple(words[at + 1 : at + 2]) == ("you",):
        following = words[at + 2] if at + 2 < len(words) else ""
        return at + 2 if following in _BIDDEN else at
    if (stated := _stated(words, at)) > at and _asks(words, stated):
        return stated
    for request in english_before.REQUESTS:
        after = at + len(request)
        if tuple(words[at:after]) == request and (request != _KNOWING or _asks(words, after)):
            return after
    return at


def _stated(words: Sequence[str], at: int) -> int:
    """The place behind "state" or "point out", before a question word; `at` itself where neither stands there."""
    if tuple(words[at : at + 2]) == ("point", "out"):
        return at + 2
    return at + (words[at] in english_before.STATING)


def _asked_whether(words: Sequence[str], at: int) -> int | None:
    """The place of "whether" or "if" behind words that only ask for an answer: "can you have a look if", "we need to find out whether"."""
    asked = False
    for place in range(at, min(at + _LONGEST, len(words))):
        if words[place] in ("if", "whether") or (
            words[place] == "that" and words[place - 1] in english_before.MAKING_SURE
        ):
            return place if asked else None
        asked = asked or words[place] in english_before.ASKING
        if words[
            place
        ] not in english_before.ASKING | english_before.AROUND_ASKING | english_before.GREETINGS | {"a"}:
            return None
    return None


def _asks(words: Sequence[str], at: int) -> bool:
    """Whether a question follows: "do you know which version …", and not "do you know version 3"."""
    following = [*words[at : at + 2], "", ""]
    return following[0] in english.QUESTION_WORDS | {"if", "whether"} or (
        following[0] in english.PREPOSITIONS and following[1] in english.QUESTION_WORDS
    )
