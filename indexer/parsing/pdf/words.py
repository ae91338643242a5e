"""Characters and words: ligatures, odd blanks, bullets, and the hyphens of line ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

BREAK: Final = "\x02"
"""What pdfium gives for a hyphen at the end of a line."""

_HYPHENS: Final = (BREAK, "-", "\u2010", "\u00ad")
_PRESENTATION: Final = re.compile("[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufeff]+")
_ODD_BLANKS: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE: Final = re.compile("[\u200b\u2060\ufeff\ufffe\uffff]")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BACKWARD_STRETCH: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc](?:[^0-9A-Za-z\u00c0-\u052f]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])*"
)
_LEFT_TO_RIGHT: Final = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f]")
_SYMBOLS: Final = {
    "\uf0b7": "•",  # the bullets and marks of Symbol and Wingdings, which files give by their number
    "\uf0a7": "▪",
    "\uf0a8": "▫",
    "\uf0d8": "➢",
    "\uf076": "❖",
    "\uf0fc": "✓",
    "\uf06e": "■",
    "\uf071": "❑",
    "\uf0e0": "→",
    "\uf0e8": "➔",
    "\uf02d": "-",
    "\uf0be": "—",
}
_SYMBOL_TABLE: Final = str.maketrans(_SYMBOLS)
_TEX_LIGATURES: Final = {0x0B: "ff", 0x0C: "fi", 0x0E: "ffi", 0x0F: "ffl"}
"""Where TeX's fonts (encoding OT1) have them; files without Unicode maps show these numbers."""
_MISREAD_LIGATURE: Final = re.compile("(?<=[a-z])\u21b5|\u21b5(?=[a-z])")
"""What some programs write for TeX's ff."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_LAST_PART: Final = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*\Z")
_LONGEST_WORD: Final = 100
_FIRST_PART: Final = re.compile(r"[^\W\d_]+")
_SUSPENDED: Final = frozenset(
    {"und", "oder", "and", "or", "bzw", "bis", "to", "en", "of", "et", "ou", "och", "eller"}
)
"""Words before which a hyphen stands for what follows later: "Vor- und Nachteile"."""
_SPACELESS: Final = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\u3001-\u303f]"
)
"""Scripts that set no blanks between words, so that a line end is none either."""


def normal_characters(text: str) -> str:
    """`text` with ligatures and presentation forms as letters and with plain blanks."""
    if text.isascii():
        return text
    text = text.translate(_SYMBOL_TABLE)
    text = _PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _MISREAD_LIGATURE.sub("ff", text)
    return _INVISIBLE.sub("", _ODD_BLANKS.sub(" ", text))


def letter_of(character: int) -> str:
    """The text of one character as pdfium gives it; U+FFFD where the font does not say which it is."""
    if character in _TEX_LIGATURES:
        return _TEX_LIGATURES[character]
    known = character == 0x02 or (
        character >= 0x20 and not 0xD800 <= character <= 0xDFFF and character <= 0x10FFFF
    )
    return chr(character) if known else "\ufffd"


def read_backwards(text: str) -> str:
    """`text` of a file that draws its letters from left to right, whatever the script, in reading order."""
    return _BACKWARD_STRETCH.sub(lambda found: found[0][::-1], text)


def unmapped(character: int) -> bool:
    """Whether the code point is none that a text has: private, replaced, or a control character."""
    if character < 0x20:
        return character not in (0x02, 0x09, 0x0A, 0x0D) and character not in _TEX_LIGATURES
    return (
        character == 0xFFFD or (0xE000 <= character <= 0xF8FF and chr(character) not in _SYMBOLS)
    ) or character >= 0xF0000


def reads_backwards(character: int) -> bool:
    """Whether the letter is of a script that is read from right to left."""
    return 0x590 <= character <= 0x8FF or 0xFB1D <= character <= 0xFDFF or 0xFE70 <= character <= 0xFEFC


def right_to_left(text: str) -> bool:
    """Whether most letters of `text` are of a script that is read from right to left."""
    if text.isascii():
        return False
    backwards = len(_RIGHT_TO_LEFT.findall(text))
    return backwards > 0 and backwards >= len(_LEFT_TO_RIGHT.findall(text))


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """The words of a document that stand whole within a line, in lower case."""
    found: set[str] = set()
    for text in texts:
        words = _WORD.findall(text.lower())
        found.update(words[:-1] if text.endswith(_HYPHENS) else words)
    return frozenset(found)


def mended(first: str, second: str, known: frozenset[str]) -> str:
    """Two lines of one paragraph as one, a word that the line end parted made whole.

    A hyphen that belongs to the word stays: where the document has the word with it elsewhere, and
    before capitals and figures. `known` is the document's `vocabulary`.
    """
    if not first or not second:
        return first or second
    if not first.endswith(_HYPHENS):
        blank = "" if _SPACELESS.match(first[-1]) and _SPACELESS.match(second[0]) else " "
        return first + blank + second
    mark, stem = first[-1], first[:-1]
    start = _FIRST_PART.match(second)
    end = _LAST_PART.search(stem[-_LONGEST_WORD:])
    if start is None or end is None:
        return (stem + "-" if mark == BREAK else first) + ("" if end else " ") + second
    if start[0].lower() in _SUSPENDED and mark != "\u00ad":
        return stem + "- " + second
    whole, parted = (end[0] + start[0]).lower(), f"{end[0]}-{start[0]}".lower()
    if mark == "\u00ad" or whole in known:
        return stem + second
    compound = parted in known or len(end[0]) == 1
    return stem + ("-" if compound or not start[0][0].islower() else "") + second


def plain(text: str) -> str:
    """`text` where a hyphen at its end is just that."""
    return text.replace(BREAK, "-").replace("\u00ad", "")
