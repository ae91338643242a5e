"""Shows a spreadsheet's numbers as its formats do: decimals, percent, currency, dates (as ISO 8601).

A subset of ECMA-376 part 1, 18.8.31 (number formats): fractions are shown as decimals, colours and
fill characters say nothing, and dates lose the order of their parts, which differs by country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import Final

BUILT_IN: Final[dict[int, str]] = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: "#,##0", 42: "$#,##0", 43: "#,##0.00", 44: "$#,##0.00", 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss", 48: "0.0E+0",
}  # fmt: skip
"""The formats that files name by number only."""

_PIECE: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]'
    r"|_.|\*.|(?P<general>General)|(?P<half>AM/PM|A/P)|(?P<power>E[+-]0+)"
    r"|(?P<digits>[#0?][#0?,.]*|\.[#0?]+)|(?P<moment>[yYmMdDhHsSgGeE]+)|(?P<text>.)",
    re.DOTALL | re.IGNORECASE,
)
_SECTION: Final = re.compile(r'((?:"[^"]*"?|\\.|\[[^\]]*\]|[^;"\\\[])*)(?:;|\Z)', re.DOTALL)
_LEAP_BUG: Final = 61
"""Excel counts a 29 February 1900 that never was: before it, days are one off."""
_LAST_DAY: Final = 2_958_465
_MOST_DECIMALS: Final = 15


class _Kind(Enum):
    GENERAL = auto()
    FIXED = auto()
    POWER = auto()
    DATE = auto()
    TIME = auto()
    MOMENT = auto()
    ELAPSED = auto()
    WORDS = auto()


@dataclass(frozen=True, slots=True)
class _Section:
    kind: _Kind
    before: str = ""
    after: str = ""
    decimals: int = 0
    thousands: bool = False
    scale: float = 1.0
    seconds: bool = False


def shown(number: float, code: str, *, since_1904: bool = False) -> str:
    """`number` in the format `code`; days are counted from 1900 unless the workbook says 1904."""
    sections = _sections(code)
    section = sections[0]
    if number < 0 and len(sections) > 1:
        section, number = sections[1], -number
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    if section.kind is _Kind.WORDS:
        return section.before.strip()
    if section.kind is _Kind.GENERAL:
        return f"{section.before}{general(number)}{section.after}".strip()
    if section.kind is _Kind.POWER:
        return f"{section.before}{number:.{section.decimals}E}{section.after}".strip()
    if section.kind is _Kind.FIXED:
        comma = "," if section.thousands else ""
        digits = f"{abs(number) * section.scale:{comma}.{section.decimals}f}"
        sign = "-" if number < 0 and digits.strip("0.,") else ""
        return f"{sign}{section.before}{digits}{section.after}".strip()
    return _moment(number, section, since_1904) or general(number)


def general(number: float) -> str:
    """A number as it is shown without a format: up to 11 digits, whole numbers in full."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.11g}".replace("e", "E")


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    found = [match[1] for match in _SECTION.finditer(code)][:3]
    if re.search(r"\[[<>=]", code):
        del found[1:]  # conditions of its own choose among these sections, not the sign
    return tuple(map(_section, filter(None, found))) or (_Section(_Kind.GENERAL),)


def _section(code: str) -> _Section:
    before: list[str] = []
    after: list[str] = []
    moments = ""
    digits: str | None = None
    power = elapsed = plain = False
    percent = 0
    for match in _PIECE.finditer(code):
        name, piece = match.lastgroup, match[0]
        words = before if digits is None and not plain else after
        if name in ("quoted", "escaped", "currency"):
            words.append(match[str(name)])
        elif name == "text":
            percent += piece == "%"
            words.append("" if piece == "@" else piece)
        elif name == "digits":
            digits = piece if digits is None else digits
        elif name in ("moment", "half"):
            moments += piece.lower() if name == "moment" else "h"
        elif name == "elapsed":
            elapsed, moments = True, moments + piece
        power = power or name == "power"
        plain = plain or name == "general"
    left, right = "".join(before), "".join(after)
    if moments and not plain:
        return _moment_section(moments, elapsed=elapsed)
    if digits is None:
        return _Section(
            _Kind.GENERAL if plain or "@" in code or not code.strip() else _Kind.WORDS, left, right
        )
    whole, _, fraction = digits.partition(".")
    decimals = min(len(re.sub(r"[^0#?]", "", fraction)), _MOST_DECIMALS)
    if power:
        return _Section(_Kind.POWER, left, right, decimals)
    scale = 100.0**percent / 1000.0 ** len(digits[len(digits.rstrip(",")) :])
    return _Section(_Kind.FIXED, left, right, decimals, "," in whole.rstrip(","), scale)


def _moment_section(moments: str, *, elapsed: bool) -> _Section:
    seconds = "s" in moments
    if elapsed:
        return _Section(_Kind.ELAPSED, seconds=seconds)
    timed = "h" in moments or seconds
    dated = "y" in moments or "d" in moments or not timed
    kind = _Kind.MOMENT if dated and timed else _Kind.DATE if dated else _Kind.TIME
    return _Section(kind, seconds=seconds)


def _moment(number: float, section: _Section, since_1904: bool) -> str | None:
    if not 0 <= number <= _LAST_DAY:
        return None
    seconds = round(number * 86_400)
    if section.kind is _Kind.ELAPSED:
        hours, rest = divmod(seconds, 3600)
        return f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if section.seconds else "")
    days, rest = divmod(seconds, 86_400)
    time = f"{rest // 3600:02}:{rest // 60 % 60:02}" + (f":{rest % 60:02}" if section.seconds else "")
    if section.kind is _Kind.TIME:
        return time
    first = date(1904, 1, 1) if since_1904 else date(1899, 12, 30 if days >= _LEAP_BUG else 31)
    try:
        day = (first + timedelta(days=days)).isoformat()
    except OverflowError:
        return None
    return day if section.kind is _Kind.DATE else f"{day} {time}"
