"""Cuts blocks into atoms: the smallest pieces that a passage boundary may fall between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import Final
from zlib import crc32

from indexer.model import Block, BlockKind

Offsets = Callable[[str], list[tuple[int, int]]]
"""`ports.TokenCounter.offsets`."""


class Cut(IntEnum):
    """What a boundary in front of an atom would part, from harmless to last resort."""

    BLOCK = 0
    PART = 1
    SENTENCE = 2
    WORDS = 3
    WORD = 4
    STRETCH = 5
    """Stretches of a text without blanks so long that its tokens are not asked for at once."""
    INSIDE = 6
    HEAD = 7
    """A heading from its text, or a table's header from its first row."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A slice of the canonical text and what may be done with it."""

    separator: str
    """What stands before it."""
    text: str
    cut: Cut
    """What a boundary in front of it parts."""
    finest: Cut
    """How it was made: it can only be split more finely than this."""
    block: Block
    whole: bool
    """It is all of `block`, which can be split at its parts."""
    header: str = ""
    """Header rows of the table, if a passage that begins here would begin in its middle."""


def whole_block(block: Block, separator: str, *, after_heading: bool) -> Atom:
    """The block as one atom."""
    cut = Cut.HEAD if after_heading else Cut.BLOCK
    return Atom(separator, block.text, cut, Cut.BLOCK, block, whole=True)


def split(atom: Atom, offsets: Offsets, repeatable: Callable[[str], str]) -> list[Atom]:
    """Split `atom` at the next finer kind of place that it has; one atom if it is a single character.

    `repeatable` gives the share of a table's header that later pieces of the table repeat.
    """
    if atom.whole and len(atom.block.parts) > 1:
        found = _parts(atom, repeatable)
        if len(found) > 1:
            return found
    for finest, cutter in (
        (Cut.SENTENCE, _sentences),
        (Cut.WORDS, _word_groups),
        (Cut.WORD, _words),
        (Cut.STRETCH, _stretches),
        (Cut.INSIDE, lambda text: _inside(text, offsets)),
    ):
        if atom.finest < finest:
            found = _sliced(atom, _trimmed(atom.text, cutter(atom.text)), finest)
            if len(found) > 1:
                return found
    middle = len(atom.text) // 2
    if middle == 0:
        return [atom]
    first = replace(atom, text=atom.text[:middle], finest=Cut.INSIDE, whole=False)
    return [first, replace(first, separator="", text=atom.text[middle:], cut=Cut.INSIDE)]


def _parts(atom: Atom, repeatable: Callable[[str], str]) -> list[Atom]:
    """The parts as atoms, the rows of a table's header as one."""
    block = atom.block
    header_parts = min(block.header_parts, len(block.parts)) if block.kind is BlockKind.TABLE else 0
    header = "\n".join(block.parts[:header_parts])
    spans = []
    start = 0
    for piece in ([header] if header_parts else []) + list(block.parts[header_parts:]):
        spans.append((start, start + len(piece)))
        start += len(piece) + 1
    found = _sliced(atom, spans, Cut.PART)
    if header.strip() and len(found) > 1:
        repeated = repeatable(header)
        found[1:] = [replace(row, header=repeated) for row in found[1:]]
        found[1] = replace(found[1], cut=Cut.HEAD)
    return found


_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]")
_WORD: Final = re.compile(r"\S+")
_LONGEST_GROUP: Final = 32
"""Words or tokens; a group ends on average after eight, at words that their own spelling chooses."""


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    return _between(text, (match.end() for match in _SENTENCE_END.finditer(text)))


def _word_groups(text: str) -> Iterator[tuple[int, int]]:
    return _grouped(text, (match.span() for match in _WORD.finditer(text)))


def _words(text: str) -> Iterator[tuple[int, int]]:
    return _between(text, (match.end() for match in _WORD.finditer(text)))


_LONGEST_STRETCH: Final = 4096
"""Characters; a stretch ends on average after 1,024."""


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Cuts where four characters in a row mix to a rare value: the same four cut wherever they stand."""
    if len(text) <= _LONGEST_STRETCH:
        return _between(text, ())
    import numpy as np  # here: only text without blanks needs it

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    mixed = codes[:-3] * np.uint32(0x9E3779B1) + codes[1:-2] * np.uint32(0x85EBCA77)
    mixed = (mixed ^ (mixed >> 15)) * np.uint32(0xC2B2AE3D) + codes[2:-1] * np.uint32(0x27D4EB2F) + codes[3:]
    chosen = np.flatnonzero((mixed * np.uint32(0x165667B1)) >> 22 == 0)

    def ends() -> Iterator[int]:
        last = 0
        for place in [*(int(place) + 4 for place in chosen), len(text)]:
            while place - last > _LONGEST_STRETCH:
                last += _LONGEST_STRETCH
                yield last
            last = place
            yield place

    return _between(text, ends())


def _inside(text: str, offsets: Offsets) -> Iterator[tuple[int, int]]:
    return _grouped(text, offsets(text))


def _grouped(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of spans. A span's own characters decide whether it ends one, so that runs fall into step after an edit."""

    def ends() -> Iterator[int]:
        length = 0
        for start, end in spans:
            length += 1
            if length == _LONGEST_GROUP or crc32(text[start:end].encode("utf-8", "surrogatepass")) % 8 == 0:
                length = 0
                yield end

    return _between(text, ends())


def _between(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for place in places:
        if start < place < len(text):
            yield start, place
            start = place
    yield start, len(text)


def _trimmed(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        piece = text[start:end]
        body = piece.lstrip()
        yield end - len(body), end - (len(body) - len(body.rstrip()))


def _sliced(atom: Atom, spans: Iterable[tuple[int, int]], finest: Cut) -> list[Atom]:
    """Those of the spans that are not blank as atoms; what stands between them are the separators."""
    text = atom.text
    kept = [(start, end) for start, end in spans if text[start:end].strip()]
    if len(kept) < 2:
        return [atom]
    kept[0] = (0, kept[0][1])
    kept[-1] = (kept[-1][0], len(text))
    found = [
        Atom(
            atom.separator, text[: kept[0][1]], atom.cut, finest, atom.block, whole=False, header=atom.header
        )
    ]
    for (_, before), (start, end) in pairwise(kept):
        found.append(
            Atom(
                text[before:start],
                text[start:end],
                finest,
                finest,
                atom.block,
                whole=False,
                header=atom.header,
            )
        )
    return found
