"""Reading settings that several kinds of sources have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any, Final

MAX_FILE_SIZE: Final = 50_000_000
"""Bytes; what is read where nobody says otherwise."""

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*((?:[kmgt]i?)?b?)", re.IGNORECASE)
_POWERS: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def unknown(key: str, known: Sequence[str]) -> str:
    """The problem with a setting that is none of `known`."""
    near = difflib.get_close_matches(key, known, n=1)
    return f"{key}: no such setting" + (f"; did you mean {near[0]}?" if near else "")


def max_file_size(value: Any, problems: list[str]) -> int:
    """Bytes, of a number or of a text such as ``"50 MB"``; 0 after adding to `problems`."""
    size = 0
    if isinstance(value, int) and not isinstance(value, bool):
        size = value
    elif isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        unit = match[2].lower()
        size = int(float(match[1]) * (1024 if "i" in unit else 1000) ** _POWERS[unit.rstrip("b").rstrip("i")])
    if size < 1:
        problems.append(f"max_file_size: {value!r} is not a size; write bytes, or something like '50 MB'")
    return size
