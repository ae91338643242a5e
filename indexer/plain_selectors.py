"""Selectors that say so little that a few numbers of each document answer them, and not all of its versions. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from indexer.selectors import (
    IDENTIFIER,
    NUMBER,
    WORDS,
    Reading,
    bare_label,
    is_instant,
    looks_like_commit,
    parse_selector,
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A selector that says nothing but a rank, a label or a number: whoever knows these needs no more of the versions."""

    word: str | None = None
    """``first``, ``latest`` or ``previous``; then it is nothing else."""
    label: str | None = None
    """The label that is tried first."""
    number: int | None = None
    """The number that is tried where no version has such a label."""

    def same(self, names: Iterable[str]) -> list[str]:
        """Those of these names that are the label, in the strictest way in which any is: but for case, else but for a v."""
        assert self.label is not None
        for same in (str.casefold, bare_label):
            if found := [name for name in names if same(name) == same(self.label)]:
                return found
        return []


def plain(text: str, zone: tzinfo) -> Plain | None:
    """What `select` would look for, where it is so little; None where dates, commits or ids come into it. Raises `UsageError`."""
    selector = parse_selector(text)
    value, reading = selector.value, selector.reading
    number = NUMBER.fullmatch(value)
    if reading is Reading.NUMBER and number is not None:
        return Plain(number=int(number[1]))
    if reading is Reading.LABEL:
        return Plain(label=value)
    if reading is not None or IDENTIFIER.fullmatch(value):
        return None
    if value.lower() in WORDS:
        return Plain(word=value.lower())
    if is_instant(value, zone) or looks_like_commit(value):
        return None
    return Plain(label=value, number=None if number is None else int(number[1]))
