"""YAML front matter: what a document says of itself above its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import yaml

from indexer.parsing.canonical import one_line

_LIMIT: Final = 32_768
"""Characters; longer "front matter" is something between two rules, and slow to read."""
_MOST_ENTRIES: Final = 200
_DEEPEST: Final = 3
_MOST_BRACKETS: Final = 1000
_LABEL_KEYS: Final = ("version", "revision", "edition", "rev")
_OPENING: Final = re.compile(r"---[ \t]*\n")
_CLOSING: Final = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The text's beginning, read as far as it can be read."""

    lines: int
    """How many lines it takes, its fences included; 0 if there is none."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False
    """It is fenced like front matter, but is no YAML: to be kept as text."""


def front_matter(text: str) -> FrontMatter:
    """The front matter at the very start of `text`. Never raises.

    A rule that merely opens a document (what follows is no mapping) is no front matter.
    """
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end(), opening.end() + _LIMIT) if opening else None
    if opening is None or closing is None:
        return FrontMatter(0)
    lines = text.count("\n", 0, closing.start()) + 1
    inner = text[opening.end() : closing.start()]
    if inner.count("[") + inner.count("{") > _MOST_BRACKETS:
        return FrontMatter(lines, broken=True)  # PyYAML's time grows with the square of open brackets
    try:
        # Composed, not constructed: no tag is acted on, no alias multiplied, and a scalar keeps its
        # spelling (a version 1.10 is not the number 1.1). The pure Python loader raises where the
        # input is nested too deep for its stack; the C one would end the process.
        node = yaml.compose(inner, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return FrontMatter(lines, broken=True)
    if node is None:
        return FrontMatter(lines)
    if not isinstance(node, yaml.MappingNode):
        return FrontMatter(0)
    metadata: dict[str, str] = {}
    for name, value in _entries(node, "", 1):
        metadata.setdefault(name, value)
        if len(metadata) >= _MOST_ENTRIES:
            break
    return FrontMatter(lines, metadata)


def labels(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The version names that `metadata` (keys in lower case) states."""
    return tuple(dict.fromkeys(metadata[key] for key in _LABEL_KEYS if metadata.get(key)))


def _entries(node: yaml.MappingNode, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    """Names and values; a nested mapping's names are joined by dots."""
    for key, value in node.value[:_MOST_ENTRIES]:
        if not isinstance(key, yaml.ScalarNode):
            continue
        name = prefix + one_line(key.value).lower()
        if isinstance(value, yaml.ScalarNode):
            yield name, _scalar(value)
        elif isinstance(value, yaml.SequenceNode):
            items = [
                _scalar(item) for item in value.value[:_MOST_ENTRIES] if isinstance(item, yaml.ScalarNode)
            ]
            yield name, ", ".join(filter(None, items))
        elif isinstance(value, yaml.MappingNode) and depth < _DEEPEST:
            yield from _entries(value, f"{name}.", depth + 1)


def _scalar(node: yaml.ScalarNode) -> str:
    return "" if node.tag == "tag:yaml.org,2002:null" else one_line(node.value)
