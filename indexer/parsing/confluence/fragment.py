"""Makes a tree of a fragment in storage format, which has no root and declares neither prefixes nor entities."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from html import escape
from html.entities import html5
from typing import Final

from lxml import etree

from indexer.parsing.confluence.elements import FORBIDDEN
from indexer.parsing.html import NestedTooDeepError, html_tree, without_tags

_PROLOG: Final = re.compile(r"\s*<\?xml[^<>]*\?>|\s*<!DOCTYPE[^<>\[\]]*>", re.IGNORECASE)
_SECTION: Final = re.compile(r"<!--|<!\[CDATA\[")
_REFERENCE: Final = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31};))?")
_PREFIX: Final = re.compile(
    r"</?([A-Z_][\w.-]*):|\s([A-Z_][\w.-]*):[\w.-]+\s*=\s*[\"']", re.ASCII | re.IGNORECASE
)
_PLAIN_BODY: Final = re.compile(r"<[\w.-]+:plain-text(?:-link)?-body\b[^<>]*>\s*\Z")
_PLAIN_BODY_END: Final = re.compile(r"\]\]>(?=\s*</[\w.-]+:plain-text(?:-link)?-body\s*>)")
TOO_DEEP: Final = "it is nested too deep, so that only its words are read"
_PLACE: Final = re.compile(r", line \d+, column \d+\Z")
_PARAMETER: Final = re.compile(r"<ac:(?:default-)?parameter\b[^<>]*>[^<]*</ac:(?:default-)?parameter\s*>")


@dataclass(frozen=True, slots=True)
class Fragment:
    """What could be made of a fragment."""

    root: etree._Element | None
    """None: it is empty, or `flat` has its words."""
    malformed: str = ""
    """What is wrong with it and where, in one line; empty for well-formed XML."""
    flat: str = ""
    """The words alone, of what is nested deeper than any tree may be."""


def read_fragment(text: str) -> Fragment:
    """The tree of `text`; of what is no XML that which an HTML parser makes of it. Never raises."""
    text = FORBIDDEN.sub("", text)
    markup = malformed = ""
    for lenient in (False, True):
        markup = _plain_markup(text, lenient=lenient)
        try:
            return Fragment(etree.fromstring(_rooted(markup), _parser()))
        except etree.XMLSyntaxError as error:
            malformed = f"{_PLACE.sub('', error.msg or 'it is no XML')}, line {error.lineno}"
    try:
        return Fragment(html_tree(markup), malformed)
    except NestedTooDeepError:
        return Fragment(None, TOO_DEEP, without_tags(_PARAMETER.sub("\n", markup)))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )


def _rooted(markup: str) -> bytes:
    """A document with `markup` inside; its lines keep their numbers."""
    prefixes = {found[1] or found[2] for found in _PREFIX.finditer(markup)} - {"xml", "xmlns"}
    declared = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in sorted(prefixes))
    return f"<body{declared}>{markup}</body>".encode()


def _plain_markup(text: str, *, lenient: bool) -> str:
    """`text` with the same lines, but without a prolog, comments, CDATA sections and references by name.

    A section of code ends at the first ``]]>``, or, if `lenient`, at the one before the end of its
    element: older exports split ``]]>`` in a way that cannot always be told from what people wrote.
    """
    pieces: list[str] = []
    ends = [found.span() for found in _PLAIN_BODY_END.finditer(text)] if lenient else []
    at = 0
    while (found := _PROLOG.match(text, at)) is not None:
        pieces.append("\n" * found[0].count("\n"))
        at = found.end()
    comments_end = True
    while (found := _SECTION.search(text, at)) is not None:
        pieces.append(_referenced(text[at : found.start()], lenient=lenient))
        at = found.end()
        if found[0] == "<!--":
            end = text.find("-->", at) if comments_end else -1
            comments_end = end >= 0
            # What is never closed was no comment.
            pieces.append("\n" * text.count("\n", at, end) if comments_end else "&lt;!--")
            at = end + 3 if comments_end else at
            continue
        start, end, at = at, *_section_end(text, at, ends)
        pieces.append(escape(text[start:end].replace("]]><![CDATA[", "")))
    pieces.append(_referenced(text[at:], lenient=lenient))
    return "".join(pieces)


def _section_end(text: str, start: int, ends: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the section whose content begins at `start` ends, and where what follows it begins."""
    if ends and _PLAIN_BODY.search(text, max(0, start - 200), start - len("<![CDATA[")):
        place = bisect_left(ends, (start, start))
        if place < len(ends):
            return ends[place]
    end = text.find("]]>", start)
    return (end, end + 3) if end >= 0 else (len(text), len(text))


def _referenced(markup: str, *, lenient: bool) -> str:
    if lenient:
        markup = markup.replace("]]>", "]]&gt;")
    return _REFERENCE.sub(_resolved, markup) if "&" in markup else markup


def _resolved(found: re.Match[str]) -> str:
    number, name = found.groups()
    if number is not None:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return escape(FORBIDDEN.sub("", chr(code))) if code <= 0x10FFFF else ""
    if name in html5:
        return escape(html5[name])
    return "&amp;" + found[0][1:]
