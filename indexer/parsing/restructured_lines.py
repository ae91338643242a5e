"""What single lines of reStructuredText look like, and the words inside its inline markup.

The patterns follow the reStructuredText Markup Specification of the Docutils project.
"""

from __future__ import annotations

import re
from typing import Final

ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1*\s*\Z")
"""The line over or under a section title, or a transition."""
BULLET: Final = re.compile(r"([-+*•‣⁃])(?:\s|\Z)")
ENUMERATOR: Final = re.compile(
    r"(?:\(?(?:\d{1,9}|[a-zA-Z]|#|[ivxlcdmIVXLCDM]{1,12})\)|(?:\d{1,9}|[a-zA-Z]|#|[ivxlcdmIVXLCDM]{1,12})\.)(?:\s|\Z)"
)
FIELD: Final = re.compile(r":(?![:\s])([^:\\]*(?:(?:\\.|:(?![\s`]|\Z))[^:\\]*)*)(?<!\s):(?:\s+(.*))?\Z")
DOCTEST: Final = ">>> "
EXPLICIT: Final = re.compile(r"\.\.(?:\s|\Z)")
GRID_TOP: Final = re.compile(r"\+-[-+]*-\+\s*\Z")
GRID_RULE: Final = re.compile(r"\+[-=][-=+]*\+\s*\Z")
SIMPLE_TOP: Final = re.compile(r"=+(?: +=+)+\s*\Z")
SIMPLE_BORDER: Final = re.compile(r"=[= ]*\Z")
SIMPLE_SPAN: Final = re.compile(r"-[- ]*\Z")
DIRECTIVE: Final = re.compile(r"\.\. +(?:\|[^|]+\| +)?([A-Za-z0-9](?:[\w.+:-]*[A-Za-z0-9])?) ?::(?:\s|\Z)")
KEPT_EXPLICIT: Final = re.compile(r"\.\. +(?:_|\[[^\]\s]+\](?:\s|\Z)|\|[^|\s])|\.\. +__(?:\s|:|\Z)")
"""Targets, footnotes, citations and substitutions: everything explicit that is no comment or directive."""

_RCS: Final = re.compile(r"\$[A-Za-z]+(?:: *(.*?) *)?\$\Z")
_INLINE: Final = re.compile(
    r"``(?P<literal>.+?)``"
    r"|(?::[\w.+:-]{1,60}:)?`[~!]?(?P<phrase>[^`]+)`(?:__?)?"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|(?<![\w*])\*(?P<emphasis>[^*\s][^*]*)\*(?![\w*])"
    r"|\s?\[[^\]\s]{1,40}\]_(?!\w)"
    r"|(?<![^\s(\[{<'\"/-])(?P<reference>[A-Za-z0-9]+(?:[-._+:][A-Za-z0-9]+)*)__?(?!\w)"
    r"|\\(?P<escaped>.)"
)
_LONGEST: Final = 2000
"""Characters; what is longer is no title, and the pattern may look at all of it for each word."""
_TARGET: Final = re.compile(r"\s*<[^<>]*>\Z")


def words(title: str) -> str:
    """The words of `title` without inline markup."""
    return _INLINE.sub(_plain, title) if len(title) <= _LONGEST else title


def _plain(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "phrase":
            return _TARGET.sub("", found["phrase"])
        case None:
            return ""  # a footnote's reference
        case "escaped":
            return found["escaped"].strip()
        case group:
            return found[group]


def field_value(value: str) -> str:
    """The words of a bibliographic field; of an RCS keyword what was filled in, if anything."""
    keyword = _RCS.match(value.strip())
    return (keyword[1] or "") if keyword else words(value)


def indent_of(line: str) -> int:
    """How many blanks `line` (without tabs) begins with."""
    return len(line) - len(line.lstrip(" "))
