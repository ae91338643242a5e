"""The visible text of an HTML element, as a stream of pieces without recursion.

Nesting comes from outside and may be deep, so nothing here calls itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from lxml import etree

BREAK: Final = "\x00"
"""Stands for a forced line break among pieces of text; never part of a document's text."""

BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "col", "colgroup", "dd",
        "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
        "form", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html",
        "legend", "li", "main", "menu", "ol", "optgroup", "option", "p", "pre", "search", "section",
        "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
"""Elements that begin a line of their own; all others, unknown ones too, stand within a line."""
_UNSEEN: Final = frozenset(
    {
        "script", "style", "nav", "template", "head", "noscript", "iframe", "object", "embed", "canvas",
        "svg", "select", "textarea", "datalist", "map", "audio", "video",
    }
)  # fmt: skip
_HIDDEN_STYLE: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


class Event(Enum):
    """What a piece is."""

    OPEN = auto()
    CLOSE = auto()
    TEXT = auto()


class Piece(NamedTuple):
    """A run of text, or the start or end of an element."""

    event: Event
    element: etree._Element
    text: str = ""

    @property
    def tag(self) -> str:
        """The element's name in lower case."""
        return tag_of(self.element)


def tag_of(element: etree._Element) -> str:
    """The name of `element` in lower case, without a namespace's prefix; empty for comments and the like."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def pieces(root: etree._Element) -> Iterator[Piece]:
    """Everything visible inside `root`, in order; `root` itself is neither opened nor closed."""
    yield from _text(root, root.text)
    child = next(iter(root), None)
    while child is not None:
        seen = _is_seen(child)
        if seen:
            yield Piece(Event.OPEN, child)
            yield from _text(child, child.text)
            if len(child):
                child = child[0]
                continue
            yield Piece(Event.CLOSE, child)
        elif tag_of(child) in BLOCKS:
            yield Piece(Event.TEXT, child, " ")  # what is hidden still keeps its neighbours apart
        yield from _text(child, child.tail)
        after = child.getnext()
        while after is None:
            child = child.getparent()
            if child is None or child is root:
                return
            yield Piece(Event.CLOSE, child)
            yield from _text(child, child.tail)
            after = child.getnext()
        child = after


def folded(texts: Iterable[str]) -> str:
    """Text as a browser shows it: white space folded, lines only where they are forced."""
    lines = (" ".join(line.split()) for line in "".join(texts).split(BREAK))
    return "\n".join(lines).strip("\n")


def inline(piece: Piece) -> str:
    """What `piece` contributes to a line of text."""
    if piece.event is Event.TEXT:
        return piece.text
    if piece.event is Event.OPEN:
        if piece.tag == "br":
            return BREAK
        if piece.tag == "img":
            return f" {piece.element.get('alt', '')} "
    return ""


def _text(element: etree._Element, text: str | None) -> Iterator[Piece]:
    if text:
        yield Piece(Event.TEXT, element, text)


def _is_seen(element: etree._Element) -> bool:
    return (
        tag_of(element) not in _UNSEEN
        and tag_of(element) != ""
        and element.get("hidden") is None
        and not _HIDDEN_STYLE.search(element.get("style", ""))
    )
