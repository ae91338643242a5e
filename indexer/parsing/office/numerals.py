"""Numbers as list labels show them: digits, letters, Roman numerals."""

from __future__ import annotations

from typing import Final

_LARGEST_ROMAN: Final = 3999
_MOST_LETTERS: Final = 9
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def numeral(number: int, form: str) -> str:
    """`number`, from 1, in a form that is named by its first numeral: ``1``, ``01``, ``a``, ``A``, ``i`` or ``I``."""
    if not form or number < 1:
        return ""
    if form in ("a", "A"):
        letters = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, _MOST_LETTERS)
        return letters if form == "a" else letters.upper()
    if form in ("i", "I") and number <= _LARGEST_ROMAN:
        letters = ""
        for worth, letter in _ROMAN:
            letters += letter * (number // worth)
            number %= worth
        return letters if form == "i" else letters.upper()
    return f"{number:02}" if form == "01" else str(number)
