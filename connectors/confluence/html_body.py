"""A rendered body in a form that stays equal as long as the page does: from one export to the next.

Confluence renders a page anew for each export, and much of the result is not the page's: addresses of the
server, numbers made for the occasion, what other pages are called or contain, how many comments are open.
Were that kept, each export would change pages that nobody touched. So:

* Of the attributes only `KEPT` remain, in the order of their names; ids, ``data-base-url``,
  ``data-unresolved-comment-count``, ``srcset`` and their like go. A style remains where it hides something.
* Words with five or more digits in ``class`` go (``rbtoc1633422434234``).
* Addresses in the export, and of downloads from the wiki, lose what follows a ``?``
  (``version=2&modificationDate=…&api=v2``). A link to a page of the export names its file by the page's id
  alone: the rest of it is that page's title.
* Elements that list other pages, attachments or headings (`GENERATED`) are emptied, an issue of Jira
  is reduced to its key: its summary and state are Jira's.
* Styles, scripts and comments go.

What else a macro renders from elsewhere, such as an included page, cannot be told from the page's own text.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final
from urllib.parse import unquote

from lxml import etree

from connectors.confluence.reading import LARGEST_BODY

KEPT: Final = frozenset(
    {
        "alt", "class", "colspan", "data-account-id", "data-emoji-fallback", "data-emoji-short-name",
        "data-inline-task-id", "data-jira-key", "data-linked-resource-default-alias",
        "data-syntaxhighlighter-params", "data-username", "datetime", "dir", "headers", "hidden", "href", "lang",
        "reversed", "rowspan", "scope", "src", "start", "style", "title", "type", "value",
    }
)  # fmt: skip
"""Attributes that say something about the text."""
GENERATED: Final = frozenset(
    {
        "childpages-macro", "content-by-label", "contentbylabel-macro", "gallery", "livesearch", "pagetreesearch",
        "plugin_attachments_container", "plugin_pagetree", "popular-labels", "recently-updated",
        "recentlyUpdatedMacro", "search-macro", "space-details", "toc-macro",
    }
)  # fmt: skip
"""Classes of elements whose content is made from other pages, or from the page's own headings and files."""
PAGE_FILE: Final = re.compile(r"(?:[^/]*_)?([0-9]{1,19})\.html", re.IGNORECASE)
"""What an export calls the file of a page: its title, where that is plain, and its id."""
_UNSEEN: Final = ("style", "script", "noscript")
_HIDES: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_MADE_UP: Final = re.compile(r"[0-9]{5}")
_ABROAD: Final = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_DOWNLOAD: Final = re.compile(r"/download/(?:attachments|thumbnails|temp|export|resources)/")


def inner_html(element: etree._Element) -> str | None:
    """What is inside `element`, which is changed by this; None if that is larger than `LARGEST_BODY`."""
    etree.strip_elements(element, *_UNSEEN, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for found in list(element.iterdescendants()):
        _settle(found)
    parts = [escape(element.text or "", quote=False)]
    size = 0
    for child in element:
        parts.append(etree.tostring(child, encoding="unicode", method="html", with_tail=True))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            return None
    text = "".join(parts).strip()
    return text if len(text.encode("utf-8", "replace")) <= LARGEST_BODY else None


def page_of(address: str) -> str | None:
    """The id of the page whose file in the export a link leads to; None if it leads elsewhere."""
    found = PAGE_FILE.fullmatch(unquote(re.split("[?#]", address, maxsplit=1)[0]))
    return None if found is None else found[1]


def classes(element: etree._Element) -> list[str]:
    """The words of its ``class``."""
    return str(element.get("class", "")).split()


def _settle(element: etree._Element) -> None:
    words = classes(element)
    if not GENERATED.isdisjoint(words):
        _empty(element, "")
    elif "jira-issue" in words and element.get("data-jira-key"):
        _empty(element, str(element.get("data-jira-key")))
    attributes = sorted((str(name), str(value)) for name, value in element.attrib.items())
    element.attrib.clear()
    for name, value in attributes:
        if name == "class":
            value = " ".join(word for word in words if not _MADE_UP.search(word))
        elif name == "style":
            value = "display: none" if _HIDES.search(value) else ""
        elif name in ("href", "src"):
            value = _address(value)
        if name in KEPT and (value or name in ("alt", "hidden", "href")):
            element.set(name, value)


def _empty(element: etree._Element, text: str) -> None:
    del element[:]
    element.text = text


def _address(address: str) -> str:
    page = page_of(address)
    if page is not None:
        return f"{page}.html"
    if _DOWNLOAD.search(address) or not (_ABROAD.match(address) or address.startswith("#")):
        return address.partition("?")[0]
    return address
