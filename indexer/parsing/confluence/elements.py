"""What is done to single elements of a page's tree: naming them, emptying them, putting words into them."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not know: no tree can hold them, and exports do."""
_IMAGE_FILE: Final = re.compile(
    r"[^\n]{0,200}\.(?:png|jpe?g|gif|svg|bmp|webp|tiff?|heic|ico)\s*", re.IGNORECASE
)
_APART: Final = frozenset({"pre", "table", "ul", "ol", "dl", *HEADINGS})


def name_of(element: etree._Element) -> str:
    """Its name with its prefix (``ac:link``) in lower case, whether it was read as XML or as HTML."""
    tag = str(element.tag)
    if tag.startswith("{"):
        tag = tag[tag.rindex("}") + 1 :]
        tag = f"{element.prefix}:{tag}" if element.prefix else tag
    return tag.lower()


def attribute(element: etree._Element, name: str) -> str:
    """The value of the attribute that is called `name`, under whatever prefix; empty if there is none."""
    for key, value in element.attrib.items():
        if re.split("[}:]", str(key))[-1] == name:
            return str(value)
    return ""


def say(element: etree._Element, words: str = "") -> None:
    """Leave nothing of `element` but these words, within the line that it stands in.

    It is not removed: joining the texts around it, again and again, would take quadratic time.
    """
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", words or None, tail


def put_first(element: etree._Element, words: str) -> None:
    """Put `words` before the first text inside; not where that stands in a heading, a table, a list or code."""
    for event, found in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if found is not element and found.tag in _APART:
                return
            if (found.text or "").strip():
                found.text = words + (found.text or "").lstrip()
                return
        elif found is element:
            return
        elif (found.tail or "").strip():
            found.tail = words + (found.tail or "").lstrip()
            return


def picture_words(*texts: str) -> str:
    """The first of the texts that describe a picture; the name of its file, which editors fill in, does not."""
    return next((text for text in map(str.strip, texts) if text and not _IMAGE_FILE.fullmatch(text)), "")
