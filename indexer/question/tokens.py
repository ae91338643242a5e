"""A question cut into words, in time proportional to its length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_OPENING: Final = "([{<\"'“‘„«¿¡*`"
_CLOSING: Final = ".,;:!?)]}>\"'”’»…*`"
_LONGEST: Final = 200
"""Characters; what is longer is no version, date or name, and is not looked into."""
_CHUNK: Final = re.compile(r"\S+")
_QUOTES: Final = {'"': '"', "“": "”", "„": "“", "«": "»", "`": "`"}
_OPENS: Final = re.compile("[" + "".join(_QUOTES) + "]")
_SINGLE: Final = re.compile(r"(?<!\S)['‘](?![0-9]{2}\b)[^'’\n]{1,200}['’](?!\w)")
_RELEASE: Final = r"[vVrR]?[0-9]{1,9}(?:\.[0-9]{1,9}){0,5}"
AT_SIGN: Final = "@"
"""The punctuation before a version that is written with the name of a package."""
_PAIR: Final = re.compile(rf"({_RELEASE})(->|→|⇒|\.{{2,3}}|…|--|-|–|—|/|,)({_RELEASE})")
_PACKAGED: Final = re.compile(r"([@A-Za-z][\w@./-]{0,100})@([vV]?[0-9]{1,4}(?:\.[0-9]{1,5}){0,2})")
"""As package managers write a version: ``node@16.20.2``; not an address such as ``me@10.0.0.1``."""
_ARROWS: Final = frozenset({"->", "→", "⇒", "..", "...", "…", "--", "–", "—", "-"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word without the punctuation around it."""

    text: str
    lower: str
    start: int
    """Of the word itself, in characters of the question."""
    end: int
    lead: str
    """The punctuation before it."""
    trail: str
    """The punctuation after it, with a possessive ``'s`` before that."""
    quoted: bool = False
    """Within quotation marks: nothing in it names a version or date."""

    @property
    def possessive(self) -> bool:
        """Whether it ends in ``'s``."""
        return self.trail[:2] in ("'s", "’s")

    @property
    def breaks(self) -> bool:
        """Whether a clause ends after it."""
        return any(character in ",;:!?.)—" for character in self.trail)


def tokenise(text: str) -> list[Token]:
    """The words of `text`, in order."""
    quoted = [(start, end) for start, end, _ in quotations(text)]
    tokens: list[Token] = []
    at = 0
    for chunk in _CHUNK.finditer(text):
        while at < len(quoted) and quoted[at][1] <= chunk.start():
            at += 1
        inside = at < len(quoted) and quoted[at][0] < chunk.end()
        tokens.extend(_cut(chunk[0], chunk.start(), inside))
    return tokens


def quotations(text: str) -> list[tuple[int, int, str]]:
    """(start, end, words) of what stands in quotation marks, marks included in the span, in order and apart."""
    found: list[tuple[int, int, str]] = []
    unclosed: set[str] = set()
    at = 0
    while opened := _OPENS.search(text, at):
        closing = _QUOTES[opened[0]]
        end = -1 if closing in unclosed else text.find(closing, opened.end())
        if end < 0:
            unclosed.add(closing)
            at = opened.end()
            continue
        found.append((opened.start(), end + 1, text[opened.end() : end]))
        at = end + 1
    found.extend((single.start(), single.end(), single[0][1:-1]) for single in _SINGLE.finditer(text))
    found.sort()
    apart: list[tuple[int, int, str]] = []
    for quotation in found:
        if not apart or quotation[0] >= apart[-1][1]:
            apart.append(quotation)
    return apart


def _cut(chunk: str, start: int, quoted: bool) -> list[Token]:
    """The words of what stands between two blanks: one, or the two ends of a range with its sign between."""
    if chunk in _ARROWS:
        return [Token(chunk, "to", start, start + len(chunk), "", "", quoted)]
    bare = chunk.lstrip(_OPENING)
    lead = chunk[: len(chunk) - len(bare)]
    word = bare.rstrip(_CLOSING.replace(")", "") if "(" in bare else _CLOSING)
    trail = bare[len(word) :]
    start += len(lead)
    if not word:
        return [Token("", "", start, start, lead, trail, quoted)] if lead or trail else []
    if word[-2:] in ("'s", "’s") and len(word) > 2:
        word, trail = word[:-2], word[-2:] + trail
    packaged = None if quoted or len(word) > _LONGEST else _PACKAGED.fullmatch(word)
    if packaged is not None:
        name, release = packaged.groups()
        middle = start + len(name) + 1
        return [
            Token(name, name.lower(), start, middle - 1, lead, ""),
            Token(release, release.lower(), middle, start + len(word), AT_SIGN, trail),
        ]
    pair = None if quoted or len(word) > _LONGEST else _PAIR.fullmatch(word)
    if pair is None or not _is_range(pair[1], pair[2], pair[3]):
        return [Token(word, word.lower(), start, start + len(word), lead, trail, quoted)]
    first, sign, second = pair.groups()
    middle = start + len(first)
    tokens = [Token(first, first.lower(), start, middle, lead, "" if sign != "," else ",", quoted)]
    if sign != ",":
        written = "to" if sign in _ARROWS else sign
        tokens.append(Token(sign, written, middle, middle + len(sign), "", "", quoted))
    tokens.append(Token(second, second.lower(), middle + len(sign), start + len(word), "", trail, quoted))
    return tokens


def _is_range(first: str, sign: str, second: str) -> bool:
    """Whether two numbers with a sign between them are two versions: v2-v4, 1.0.2..1.0.4, 2-4; and not 2024-03, 24/7, 3.5/4."""
    marked = first[0] in "vVrR"
    if marked:
        return first[0] == second[0] or second[0].isdigit()
    if not second[0].isdigit():
        return False
    releases = first.count(".") >= 2 and second.count(".") >= 2
    if sign in ("/", ","):
        return releases or (sign == "," and "." not in first + second and len(first) < 3 and len(second) < 3)
    if sign == "-":
        return (
            releases
            or (first.count(".") == 1 and second.count(".") == 1)
            or (len(first) < 3 and len(second) < 3)
        )
    return True
