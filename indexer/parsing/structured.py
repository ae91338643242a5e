"""JSON and YAML: the source's own lines as code, in blocks that begin at top-level entries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.text import read_text

_LONG_LINE: Final = 2000
"""Characters from which on a line of JSON is laid out anew, so that it can be cut."""
_DEEPEST_MARGIN: Final = 16
"""Levels that are indented; without an end, nesting alone could multiply the text's size."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)

_YAML_KEY: Final = re.compile(r"[^\s#\-\[\]{},][^\n]*?:(?:\s|\Z)|-[^\s-][^\n]*?:(?:\s|\Z)")


def read_json(text: str) -> Reading:
    """JSON or JSON Lines as it stands; very long lines are laid out anew with the same tokens. Otherwise plain text."""
    if _is_json(text):
        if max(map(len, text.split("\n"))) > _LONG_LINE:
            text = "\n".join(_laid_out(text))
        lines = text.split("\n")
        return Reading(_cut(lines, _json_entries(lines)))
    lines = text.split("\n")
    if all(_is_json(line) for line in lines if line.strip()):
        laid_out = [
            list(_laid_out(line)) if len(line) > _LONG_LINE else [line] for line in lines if line.strip()
        ]
        return Reading([Block(BlockKind.CODE, tuple(line for record in laid_out for line in record))])
    return read_text(text)


def read_yaml(text: str) -> Reading:
    """YAML as it stands, valid or not, of any number of documents.

    Only its lines are looked at: nothing needs to be constructed, and PyYAML takes time that grows
    with the square of the nesting (ten seconds for 40 kB of brackets).
    """
    lines = text.split("\n")
    return Reading(_cut(lines, _yaml_entries(lines)))


def _is_json(text: str) -> bool:
    try:
        # Numbers stay strings: a very long one would be refused, and none is looked at.
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _laid_out(text: str) -> Iterator[str]:
    """The tokens of valid JSON, unchanged, one entry a line."""
    line: list[str] = []
    depth = 0
    for found in _TOKEN.finditer(text):
        mark = found[0]
        if mark in "}]":
            if line:
                yield "".join(line)
            depth -= 1
            line = ["  " * min(depth, _DEEPEST_MARGIN), mark]
            continue
        if not line:
            line = ["  " * min(depth, _DEEPEST_MARGIN)]
        line.append(": " if mark == ":" else mark)
        if mark in "{[,":
            depth += mark != ","
            yield "".join(line)
            line = []
    if line:
        yield "".join(line)


def _json_entries(lines: list[str]) -> Iterator[int]:
    """The lines on which an entry of the outermost object or array begins."""
    depth = 0
    for number, line in enumerate(lines):
        if depth == 1 and line.strip() and line.lstrip()[0] not in "]}":
            yield number
        for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', line):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(found[0], 0)


def _yaml_entries(lines: list[str]) -> Iterator[int]:
    """The lines on which a document or an entry of its outermost mapping or sequence begins."""
    keyed = False
    for number, line in enumerate(lines):
        if line.startswith(("---", "...")):
            keyed = False
            yield number
        elif _YAML_KEY.match(line):
            keyed = True
            yield number
        elif line.startswith("- ") and not keyed:  # below a key, items may stand at the margin
            yield number


def _cut(lines: list[str], entries: Iterable[int]) -> Iterator[Block]:
    """Blocks that begin where an entry of several lines begins or ends, with the comments above it."""
    starts = sorted({0, len(lines), *(_with_comments(lines, number) for number in entries)})
    block: list[str] = []
    long = False
    for start, end in pairwise(starts):
        entry = lines[start:end]
        several = sum(1 for line in entry if line.strip() and not line.startswith("#")) > 1
        if block and (long or several):
            yield Block(BlockKind.CODE, tuple(block))
            block = []
        long = several
        block.extend(entry)
    if block:
        yield Block(BlockKind.CODE, tuple(block))


def _with_comments(lines: list[str], number: int) -> int:
    while number > 0 and lines[number - 1].startswith("#"):
        number -= 1
    return number
