"""Words of names and of questions, made comparable: ``Node.js``, ``nodejs`` and ``NodeJS`` are one word. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*", re.UNICODE)
_INNER: Final = re.compile(r"[.'’]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

_SHORT: Final = 4
"""Letters of a word that has no name in it besides "js"."""
_SQUEEZED: Final = str.maketrans("", "", ".'’")

COMMON: Final = frozenset(
    """
    a about an and any anyway are as at be by can change changed changes did do doc docs document documents does draft
    edition exactly file final for from had handle handled handles handling has have how if in into is it its kind know known
    made make makes many more new of on or our page pages please policy really regard regarding regards related relating release respect rev revision said
    say says show sort states system tell text that the their there these they this those to type under us version versions was way ways
    were what when where which who why will with you your
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
        elif len(whole) > _SHORT and whole.endswith("js"):
            found.append(whole[:-2])  # people say Node for nodejs
    return found


class Sought:
    """Words without plural endings, to be looked for in many texts: what `words` would find, without cutting each text into words."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = tuple(
            (word, word[:-1] if word.endswith("y") else word, _whole_word(word)) for word in wanted
        )

    def within(self, text: str) -> set[str]:
        """Those of the words that stand in `text`."""
        folded = text.casefold()
        squeezed = folded.translate(_SQUEEZED)
        found: set[str] = set()
        cut: frozenset[str] | None = None
        for word, stem, pattern in self._wanted:
            if stem not in squeezed:
                continue
            if pattern.search(squeezed) or pattern.search(folded):
                found.add(word)
            elif _HUMP.search(text):
                cut = cut if cut is not None else frozenset(map(plural, words(text)))
                if word in cut:
                    found.add(word)
        return found


def _whole_word(word: str) -> re.Pattern[str]:
    """A word, or its plural, as `plural` sees it."""
    forms = [word, word + "s"] + ([word[:-1] + "ies"] if word.endswith("y") else [])
    kept = "|".join(re.escape(form) for form in forms if plural(form) == word)
    return re.compile(rf"(?<![^\W_])(?:{kept})(?![^\W_])")


def tokens(text: str) -> list[str]:
    """The words of `text` as they are written, of which each by itself is what it is in the text to `words` and `said`."""
    return _WORD.findall(text)


def said(text: str) -> list[str]:
    """Each word of `text` once, as names are compared word by word: without case, dots inside and plural endings."""
    return [word for word, _ in said_at(text)]


def said_at(text: str) -> list[tuple[str, tuple[int, int]]]:
    """The same, each with where it stands."""
    return [(plural(_INNER.sub("", match[0]).casefold()), match.span()) for match in _WORD.finditer(text)]


def normal(name: str) -> str:
    """A name as `said` would find it."""
    return " ".join(said(name))


def telling(found: Iterable[str]) -> frozenset[str]:
    """Those that may tell one document from another; all of them, where none does."""
    everything = frozenset(found)
    return everything - COMMON or everything


def plural(word: str) -> str:
    """The word without the s of a plural, so that ``policies`` and ``policy`` meet halfway."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
