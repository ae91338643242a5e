"""Composes the string that is embedded and searched for a passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

PATH_SEPARATOR: Final = " > "
_MARKUP: Final = " \t#=*_`"
_HEADING_UNITS: Final = 180
"""Room for the heading path, in thirds of a token: about 60 tokens, a quarter of what small models read."""
_LETTER: Final = re.compile(r"[A-Za-z ]")
_DIGIT: Final = re.compile(r"[0-9]")
_OTHER_UNITS: Final = 3
"""Any character but a Latin letter, a blank (a third of a token each) or a digit (two thirds)."""


def embedded_text(heading: Sequence[str], table_header: str, text: str) -> str:
    """The heading path, the repeated table header and the text of a passage, one under the other.

    Headings whose own line stands at the beginning of `text` are not said twice. A path that is too
    long loses its outermost titles first, and a long title its end. Everything depends on the
    arguments alone, so that what was embedded can be made again from what is stored.
    """
    return "\n".join(part for part in (path_line(heading, text), table_header, text) if part)


def path_line(heading: Sequence[str], text: str) -> str:
    """The part of `heading` that `text` does not begin with, joined and shortened; may be empty."""
    return _shortened(heading[: len(heading) - _said(heading, text)])


def _said(heading: Sequence[str], text: str) -> int:
    """How many of the innermost titles stand as lines of their own, in order, at the beginning of `text`."""
    # A run of headings has at most a title, an underline and a blank line each.
    lines = [line.strip(_MARKUP) for line in _first_lines(text, 3 * len(heading))]
    end = len(lines)
    for said, title in enumerate(reversed(heading)):
        wanted = title.strip(_MARKUP)
        end = next((place for place in range(end - 1, -1, -1) if lines[place] == wanted), -1)
        if end < 0:
            return said
    return len(heading)


def _first_lines(text: str, most: int) -> Iterator[str]:
    start = 0
    for _ in range(most):
        end = text.find("\n", start)
        if end < 0:
            yield text[start:]
            return
        yield text[start:end]
        start = end + 1


def _shortened(titles: Sequence[str]) -> str:
    kept: list[str] = []
    room = _HEADING_UNITS
    for title in reversed(titles):
        short = _cut(" ".join(title.split()), room)
        if not short:
            break
        kept.append(short)
        room -= _units(short) + _units(PATH_SEPARATOR)
    return PATH_SEPARATOR.join(reversed(kept))


def _units(text: str) -> int:
    letters, digits = len(_LETTER.findall(text)), len(_DIGIT.findall(text))
    return letters + 2 * digits + _OTHER_UNITS * (len(text) - letters - digits)


def _cut(title: str, room: int) -> str:
    """`title`, or its beginning and an ellipsis; empty if not even that has room."""
    title_start = title[: max(room, 0)]
    if len(title_start) == len(title) and _units(title) <= room:
        return title
    while title_start and _units(title_start) + _OTHER_UNITS > room:
        title_start = title_start[:-1]
    return title_start.rstrip() + "…" if title_start else ""
