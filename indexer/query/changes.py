"""What changed between two texts that are cut into passages: by passage, then by word. Pure.

Passages are aligned by identity first. What is left between aligned ones is aligned by sentences
and lines, so that passages whose boundaries only shifted count as unchanged, and an edit is reported
with the passages that it touches and no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from indexer.query.results import Change, ChangeKind, WordKind, WordSpan

SIMILAR: Final = 0.5
"""From this share of common words on, two sentences are one that was edited."""
_RELATED: Final = 0.3
"""Below this share of common words, one text replaced the other instead of being edited into it."""
_PAIRED: Final = 40_000
"""More pairs of sentences than these are not compared with each other: a text that was rewritten whole."""
_UNIT: Final = re.compile(r"[^\n]*?(?:[.!?](?=\s)|\n|\Z)\s*")
_WORD: Final = re.compile(r"\s*(\S+)(\s*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage at its place in a text."""

    no: int
    """Equal numbers, equal passages."""
    heading: tuple[str, ...]
    text: str
    separator: str = ""
    """What stands before it."""


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Pieces between aligned ones; either side may be empty."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def changes(before: Sequence[Piece], after: Sequence[Piece]) -> list[Change]:
    """The differences in the order of the later text; what was removed stands where it was."""
    hunks = list(_hunks(before, after))
    moved = _moved(hunks)
    found: list[Change] = []
    for hunk in hunks:
        stayed = _Hunk(
            tuple(piece for piece in hunk.before if id(piece) not in moved),
            tuple(piece for piece in hunk.after if id(piece) not in moved),
        )
        places = {id(piece): place for place, piece in enumerate(hunk.after)}
        placed = [(places[id(p)], _move(moved[id(p)], p)) for p in hunk.after if id(p) in moved]
        last = -1
        for part in _parts(stayed):
            placed += ((last + 1 if part.after else last, change) for change in _change(part))
            last = places[id(part.after[-1])] if part.after else last
        found += [change for _, change in sorted(placed, key=lambda one: one[0])]
    return found


def _hunks(before: Sequence[Piece], after: Sequence[Piece]) -> Iterator[_Hunk]:
    matcher = SequenceMatcher(None, [p.no for p in before], [p.no for p in after], autojunk=False)
    for op, start, end, new_start, new_end in matcher.get_opcodes():
        if op != "equal":
            # Copies, since a passage may stand in a text twice, and each place moves on its own.
            yield _Hunk(
                tuple(replace(piece) for piece in before[start:end]),
                tuple(replace(piece) for piece in after[new_start:new_end]),
            )


def _moved(hunks: Sequence[_Hunk]) -> dict[int, Piece]:
    """Pieces with equal text that left one place and arrived at another: id of either → where it was."""
    moved: dict[int, Piece] = {}
    left: dict[str, list[Piece]] = {}
    for hunk in hunks:
        for piece in hunk.before:
            left.setdefault(piece.text, []).append(piece)
    for hunk in hunks:
        for piece in hunk.after:
            if leaving := left.get(piece.text):
                # The same heading first: then nothing but the place differs.
                origin = next((p for p in leaving if p.heading == piece.heading), leaving[0])
                leaving.remove(origin)
                moved[id(piece)] = moved[id(origin)] = origin
    return moved


def _move(origin: Piece, piece: Piece) -> Change:
    other = None if origin.heading == piece.heading else origin.heading
    return Change(ChangeKind.MOVED, piece.heading, origin.text, piece.text, previous_heading=other)


# --- inside a hunk ---------------------------------------------------------------------------


def _parts(hunk: _Hunk) -> Iterator[_Hunk]:
    """The hunk cut wherever passages on both sides end at the same point of the aligned texts."""
    units, ends = _units(hunk.before)
    new_units, new_ends = _units(hunk.after)
    start = new_start = 0
    for at, new_at in _path(units, new_units):
        if at in ends and new_at in new_ends and (ends[at], new_ends[new_at]) > (start, new_start):
            yield _Hunk(hunk.before[start : ends[at]], hunk.after[new_start : new_ends[new_at]])
            start, new_start = ends[at], new_ends[new_at]
    if start < len(hunk.before) or new_start < len(hunk.after):
        yield _Hunk(hunk.before[start:], hunk.after[new_start:])


def _units(pieces: Sequence[Piece]) -> tuple[list[str], dict[int, int]]:
    """The sentences and lines of all pieces, and after how many of them how many pieces end."""
    units: list[str] = []
    ends = {0: 0}
    for count, piece in enumerate(pieces, start=1):
        units += [unit.strip() for unit in _UNIT.findall(piece.text) if unit.strip()] or [piece.text]
        ends[len(units)] = count
    return units, ends


def _path(units: Sequence[str], new_units: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Points (units before, units after) that an alignment of both passes through, ascending."""
    matcher = SequenceMatcher(None, units, new_units, autojunk=False)
    for op, start, end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            yield from zip(range(start + 1, end + 1), range(new_start + 1, new_end + 1), strict=True)
            continue
        at, new_at = start, new_start
        for i, j in _similar(units[start:end], new_units[new_start:new_end]):
            yield from _walk(at, new_at, start + i, new_start + j)
            at, new_at = start + i + 1, new_start + j + 1
            yield at, new_at
        yield from _walk(at, new_at, end, new_end)


def _walk(at: int, new_at: int, end: int, new_end: int) -> Iterator[tuple[int, int]]:
    """All removed units first, then all added ones."""
    yield from ((i, new_at) for i in range(at + 1, end + 1))
    yield from ((end, j) for j in range(new_at + 1, new_end + 1))


def _similar(units: Sequence[str], new_units: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of edited sentences, ascending on both sides, with the largest sum of likeness."""
    if len(units) * len(new_units) > _PAIRED:
        return []
    words = [unit.split() for unit in units]
    new_words = [unit.split() for unit in new_units]
    best = [[0.0] * (len(new_units) + 1) for _ in range(len(units) + 1)]
    alike: dict[tuple[int, int], float] = {}
    for i in range(len(units) - 1, -1, -1):
        for j in range(len(new_units) - 1, -1, -1):
            likeness = _likeness(words[i], new_words[j], SIMILAR)
            if likeness >= SIMILAR:
                alike[i, j] = likeness
            best[i][j] = max(best[i + 1][j], best[i][j + 1], alike.get((i, j), 0.0) + best[i + 1][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(units) and j < len(new_units):
        if (i, j) in alike and best[i][j] == alike[i, j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(words: Sequence[str], new_words: Sequence[str], enough: float) -> float:
    """The share of words in common, in order, 0 to 1; an upper bound of it where that is not `enough`."""
    matcher = SequenceMatcher(None, words, new_words, autojunk=False)
    for bound in (matcher.real_quick_ratio(), matcher.quick_ratio()):
        if bound < enough:
            return bound
    return matcher.ratio()


def _change(part: _Hunk) -> Iterator[Change]:
    if not part.after:
        yield from (Change(ChangeKind.REMOVED, piece.heading, piece.text, None) for piece in part.before)
        return
    if not part.before:
        yield from (Change(ChangeKind.ADDED, piece.heading, None, piece.text) for piece in part.after)
        return
    before, after = _joined(part.before), _joined(part.after)
    if before == after:
        return
    words, new_words = before.split(), after.split()
    if _likeness(words, new_words, _RELATED) < _RELATED:
        yield from _change(_Hunk(part.before, ()))
        yield from _change(_Hunk((), part.after))
        return
    heading, previous = part.after[0].heading, part.before[0].heading
    yield Change(
        ChangeKind.CHANGED,
        heading,
        before,
        after,
        previous_heading=None if heading == previous else previous,
        words=word_changes(before, after),
    )


def _joined(pieces: Sequence[Piece]) -> str:
    first, *others = pieces
    return first.text + "".join(piece.separator + piece.text for piece in others)


# --- by word ---------------------------------------------------------------------------------


def word_changes(before: str, after: str) -> tuple[WordSpan, ...]:
    """The words of both texts: equal and added ones spell `after`, equal and removed ones `before`, but for white space."""
    words, spaces = _words(before)
    new_words, new_spaces = _words(after)
    matcher = SequenceMatcher(None, words, new_words, autojunk=False)
    spans: list[WordSpan] = []
    for op, start, end, new_start, new_end in matcher.get_opcodes():
        if op == "equal":
            spans.append(WordSpan(WordKind.EQUAL, _spell(words[start:end], new_spaces[new_start:new_end])))
            continue
        if start < end:
            spans.append(WordSpan(WordKind.REMOVED, _spell(words[start:end], spaces[start:end])))
        if new_start < new_end:
            spans.append(
                WordSpan(WordKind.ADDED, _spell(new_words[new_start:new_end], new_spaces[new_start:new_end]))
            )
    return tuple(spans)


def _words(text: str) -> tuple[list[str], list[str]]:
    found = _WORD.findall(text)
    return [word for word, _ in found], [space for _, space in found]


def _spell(words: Iterable[str], spaces: Iterable[str]) -> str:
    return "".join(word + space for word, space in zip(words, spaces, strict=True))
