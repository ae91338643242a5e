"""What is left of a macro of the storage format: its body, its title, and the parameters that are its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from lxml import etree

from indexer.parsing.confluence.elements import HEADINGS, attribute, name_of, say
from indexer.parsing.confluence.references import file_name

MACROS: Final = ("ac:structured-macro", "ac:macro")
PARAMETERS: Final = ("ac:parameter", "ac:default-parameter")

GENERATED: Final = frozenset(
    {
        # navigation
        "children", "create-from-template", "create-space-button", "index", "livesearch", "navmap", "pageindex",
        "pagetree", "pagetreesearch", "search", "space-jump", "spaces", "spaceslist", "toc",
        # lists of pages, files and people
        "attachments", "blog-posts", "change-history", "content-report-table", "contentbylabel",
        "contentbyuser", "contributors", "contributors-summary", "detailssummary", "favpages", "gallery",
        "global-reports", "labels-list", "listlabels", "network", "popular-labels", "profile",
        "profile-picture", "recently-updated", "recently-updated-dashboard", "recently-used-labels",
        "related-labels", "rss", "space-attachments", "space-details", "spacelogo", "tasks-report-macro",
        "userlister",
        # what only a browser reads
        "anchor", "css", "css-stylesheet", "javascript", "script", "style",
    }
)  # fmt: skip
"""Macros of which nothing belongs to the page's text: they are filled when it is shown, or show nothing."""
TITLED: Final = frozenset(
    {
        "alert", "auiexpand", "auimessage", "auitabspage", "error", "expand", "info", "localtab", "note",
        "panel", "success", "tip", "ui-expand", "ui-tab", "warning",
    }
)  # fmt: skip
"""Macros that show their title above their body; without a name, it may be their only parameter."""
WORDS: Final = ("title", "text")
"""Parameters that are words for readers, of whatever macro: apps call by these names what they show. All others may be
anything, a password of the service that is shown among them (docs/decisions/0015-words-of-macros.md)."""
FILES: Final = frozenset(
    {"multimedia", "view-file", "viewdoc", "viewfile", "viewpdf", "viewppt", "viewvisio", "viewxls"}
)
"""Macros that show an attachment."""
FORMULAS: Final = frozenset({"eazy-math-inline", "latex-inline", "mathinline"})
"""Macros whose text stands within a line."""
ISSUES: Final = frozenset({"jira", "jiraissues"})
_BLOCKS: Final = ("div", "ul", "ol", "table", "pre", *HEADINGS)
_ENCODED: Final = "--uriencoded--"
_ISSUE_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]+-\d+")


def read_macro(macro: etree._Element) -> None:
    """Make plain HTML of a macro. What is inside of its bodies is HTML already."""
    name = attribute(macro, "name").lower()
    if name in GENERATED:
        say(macro)
        return
    parameters: dict[str, etree._Element] = {}
    bodies: list[etree._Element] = []
    for child in macro:
        child_name = name_of(child)
        if child_name in PARAMETERS:
            parameters.setdefault(attribute(child, "name").lower(), child)
        else:
            bodies.append(child)
    words = _own_words(name, parameters)
    if words is not None and not bodies:
        say(macro, f" {words} ")
        return
    code = [body for body in bodies if name_of(body) == "ac:plain-text-body"]
    within_line = name in FORMULAS or _is_within_line(macro, parameters, bodies)
    title, text = (_text(parameters.get(one)) for one in WORDS)
    if "title" not in parameters and name in TITLED:
        title = _text(parameters.get(""))
    if not bodies and name not in TITLED:
        say(macro, f" {' '.join(filter(None, (title, text)))} ")
        return
    for body in code:
        body.tag = "span" if within_line else "pre"
    for child in macro:
        if name_of(child) in PARAMETERS:
            say(child)
    macro.tag = "span" if within_line or not bodies else "div"
    if title:
        macro.insert(0, _line(macro, title, within_line))
    if text:
        macro.append(_line(macro, text, within_line))


def _line(macro: etree._Element, words: str, within_line: bool) -> etree._Element:
    line = macro.makeelement("span" if within_line else "p")
    line.text = f" {words} " if within_line else words
    return line


def _own_words(name: str, parameters: Mapping[str, etree._Element]) -> str | None:
    """The parameter that is the macro's text; None for macros that have no such parameter."""
    default = _text(parameters.get(""))
    if name == "status":
        return _text(parameters.get("title")) or default
    if name in ISSUES:
        return _text(parameters.get("key")) or (default if _ISSUE_KEY.fullmatch(default) else "")
    if name in FILES:
        given = parameters.get("name", parameters.get("file", parameters.get("")))
        return file_name(given) if given is not None else ""
    # A macro within a line can have no element for its body, so that a parameter of that name holds it.
    words = _text(parameters.get("body")) or (default if name in FORMULAS else "")
    if words.startswith(_ENCODED):
        return unquote(words.removeprefix(_ENCODED))
    return words or None


def _is_within_line(
    macro: etree._Element, parameters: Mapping[str, etree._Element], bodies: list[etree._Element]
) -> bool:
    """Whether the macro is part of a sentence: it says so, and what it holds is no more than one paragraph.

    Such a paragraph is made a part of the line.
    """
    if _text(parameters.get("atlassian-macro-output-type")).upper() != "INLINE" or len(bodies) != 1:
        return False
    if next(macro.iterancestors("p", *HEADINGS), None) is None:
        return False
    inside = bodies[0]
    if name_of(inside) == "ac:plain-text-body" or any(found is not inside for found in inside.iter(*_BLOCKS)):
        return False
    paragraphs = list(inside.iter("p"))
    if len(paragraphs) > 1:
        return False
    for element in (inside, *paragraphs):
        element.tag = "span"
    return True


def _text(parameter: etree._Element | None) -> str:
    """The words of a parameter, in one line."""
    return "" if parameter is None else " ".join("".join(map(str, parameter.itertext())).split())
