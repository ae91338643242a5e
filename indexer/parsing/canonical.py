"""The canonical form of parsed text: what every parser's blocks are brought into, in one place.

Canonical text is the blocks' texts joined by one blank line. It is NFC, its line ends are single line feeds,
and it holds no NUL and no lone surrogates (stores and hashes need valid UTF-8). Outside code no
line ends in blanks and form feeds count as blanks; code is verbatim. A block has no blank line at
its start or end and is never empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from indexer.model import Attachment, Block, BlockKind

SEPARATOR: Final = "\n\n"
"""What stands between two blocks."""

_LONGEST_TITLE: Final = 500
"""Characters of a heading's title; the heading's text is kept whole."""
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_FEEDS: Final = str.maketrans("\f\v", "  ")
_MARKS: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{64})"
    "(?=[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff])"
)
_JOINER: Final = "\u034f"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one format's parser found, before it is brought into canonical form."""

    blocks: Iterable[Block]
    title: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def canonical_text(blocks: Iterable[Block]) -> str:
    """The text that `blocks` stand for."""
    return SEPARATOR.join(block.text for block in blocks)


def canonical_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same blocks in canonical form; those without text are dropped."""
    return tuple(clean for block in blocks if (clean := _canonical_block(block)) is not None)


def normal(text: str) -> str:
    """`text` in NFC, with line feeds as line ends and without what cannot be stored."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    text = _UNSTORABLE.sub("\ufffd", text)
    if unicodedata.is_normalized("NFC", text):
        return text
    # Sorting a run of combining marks is quadratic in its length, so that one made for the purpose
    # would hold up the indexer for hours: breaking it is what UAX #15 calls stream-safe text.
    return unicodedata.normalize("NFC", _MARKS.sub(rf"\1{_JOINER}", text))


def one_line(text: str) -> str:
    """`text` with every run of white space folded into one blank, for titles and metadata."""
    return " ".join(normal(text).split())


def trimmed(lines: list[str]) -> list[str]:
    """`lines` without the blank ones at the start and the end."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _canonical_block(block: Block) -> Block | None:
    if block.kind is BlockKind.CODE:
        parts = trimmed(normal("\n".join(block.parts)).split("\n"))
        return replace(block, parts=tuple(parts)) if parts else None
    if block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH):
        text = _clean(block.text)
        return replace(block, parts=(text,), title=_title(block.title)) if text else None
    cleaned = [_clean(part) for part in block.parts]
    header = sum(1 for part in cleaned[: block.header_parts] if part)
    parts = [part for part in cleaned if part]
    return replace(block, parts=tuple(parts), header_parts=header) if parts else None


def _title(title: str) -> str:
    """A heading path stands before every passage under it, so that it must not outgrow them."""
    words = one_line(title[: 8 * _LONGEST_TITLE])
    return words if len(words) <= _LONGEST_TITLE else normal(words[: _LONGEST_TITLE - 1].rstrip() + "…")


def _clean(part: str) -> str:
    lines = normal(part).translate(_FEEDS).split("\n")
    return "\n".join(trimmed([line.rstrip() for line in lines]))
