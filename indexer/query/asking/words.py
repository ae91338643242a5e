"""Words of names and of questions, made comparable: ``Node.js``, ``nodejs`` and ``NodeJS`` are one word. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*", re.UNICODE)
_INNER: Final = re.compile(r"[.'’]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

COMMON: Final = frozenset(
    """
    a about an and any are as at be by can change changed changes did do does doc docs document documents draft edition file final for from
    had has have how if in into is it its know known many new of on or our page pages please policy rev revision release
    said say says show states system tell text that the their there these they this those to under us version versions
    was were what when where which who why will with you your
    """.split()  # noqa: SIM905 - a list of so many would be half a page long
)
"""Words that say nothing about which document is meant, where there are others that do."""


def words(text: str, whole_only: Container[str] = ()) -> list[str]:
    """The words of `text` in lower case, dots inside them left out; parts of dotted and humped words follow the whole.

    Parts of words in `whole_only`, without plural endings, are left out.
    """
    found: list[str] = []
    for match in _WORD.finditer(text):
        whole = _INNER.sub("", match[0]).casefold()
        found.append(whole)
        if plural(whole) in whole_only:
            continue
        parts = [part for piece in _INNER.split(match[0]) for part in _HUMP.split(piece)]
        if len(parts) > 1:
            found += [part.casefold() for part in parts if len(part) > 1]
    return found


def telling(found: Iterable[str]) -> frozenset[str]:
    """Those that may tell one document from another; all of them, where none does."""
    everything = frozenset(found)
    return everything - COMMON or everything


def plural(word: str) -> str:
    """The word without the s of a plural, so that ``policies`` and ``policy`` meet halfway."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
