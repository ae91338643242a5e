"""Versions of which one clause speaks and the next asks whether they are there: "We use v3. Does the system know this version?"."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from indexer.question import english
from indexer.question.limits import Limit
from indexer.question.preamble import head
from indexer.question.sentence import Sentence

_SURE: Final = frozenset({"this", "that"})
"""Before "version", these point back to the one that was named."""
_ALLOWED: Final = (
    english.AUXILIARIES
    | english.AT_HAND
    | english.KNOWS
    | english.INDEXING
    | english.LOOKING
    | english.FOUND
    | english.DETERMINERS
    | english.COUNTED
    | frozenset({"it", "exist", "exists", "existing", "for", "up", "something", "already", "also"})
)
"""All that a clause may say that asks of a version whether it is there, and of nothing that it says."""
_STORED: Final = (
    english.STORES
    | english.KNOWING
    | english.KNOWS
    | english.KNOWN
    | english.INDEXING
    | {"exist", "exists", "existing"}
)
"""Without one of these nothing is asked about what is there."""


def spoken_of(s: Sentence, limit: Limit) -> bool:
    """Whether the clause after that of a version asks of it, by "this version" or "it", whether it is there."""
    begin = next((at + 1 for at in range(limit.end - 1, len(s) - 1) if s.breaks(at)), None)
    if begin is None:
        return False
    words = s.words[begin:]
    words = words[head(words) :]
    if s.breaks(limit.end - 1) and begin == limit.end and _fragment(words):
        return True
    if not words or words[0] not in english.AUXILIARIES or not all(word in _ALLOWED for word in words):
        return False
    if _STORED.isdisjoint(words):
        return False
    pointed = any(
        word in _SURE and following in english.COUNTED | {"one"} for word, following in pairwise(words)
    )
    # "it" may be anything of which the clause speaks: only a version is asked for of a collection, or ends its clause.
    held = not english.STORES.isdisjoint(words) or not {"you", "we"}.isdisjoint(words)
    return pointed or ("it" in words and (held or s.breaks(limit.end - 1)))


def _fragment(words: tuple[str, ...]) -> bool:
    """``… v3. In the system?``, ``… v3 - available?``."""
    allowed = english.AT_HAND | english.FOUND | {"or", "not", "y/n"}
    return (
        all(word in allowed for word in words)
        and (words[:1] == ("in",) or words[:1] == ("on",))
        and not english.STORES.isdisjoint(words)
    )
