"""Words for what a page refers to instead of saying it: links, users, pictures, emoticons, dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from indexer.parsing.confluence.elements import attribute, name_of, picture_words, say

UNKNOWN_USER: Final = "unknown user"
_SIGNS: Final = {
    "tick": "✓",
    "cross": "✗",
    "plus": "+",
    "minus": "−",
    "question": "?",
    "information": "ℹ",
    "warning": "⚠",
    "thumbs-up": "👍",
    "thumbs-down": "👎",
    "light-on": "💡",
    "yellow-star": "★",
    "red-star": "★",
    "green-star": "★",
}
"""Emoticons that say something, in a table of comparisons for instance, and had no other form in older versions."""


def user_name(key: str, names: Mapping[str, str], username: str = "") -> str:
    """What people call the user of this key: the name known of them, else the one that they log in by."""
    return names.get(f"user:{key}") or names.get(f"user:{username}") or username or UNKNOWN_USER


def target_words(link: etree._Element, names: Mapping[str, str]) -> str:
    """What a link without words of its own leads to: the title, the file's name, the user."""
    for resource in link:
        words = _resource_words(resource, names)
        if words:
            return words
    return attribute(link, "anchor")


def file_name(element: etree._Element) -> str:
    """The name of the attachment that `element` holds, else its text."""
    for found in element.iter():
        if name_of(found) == "ri:attachment":
            return attribute(found, "filename")
    return "".join(map(str, element.itertext())).strip()


def picture(image: etree._Element) -> None:
    """Reduce an image to its description; its caption, a block of its own by now, stays."""
    filename = next(
        (attribute(found, "filename") for found in image if name_of(found) == "ri:attachment"), ""
    )
    captions = {
        " ".join("".join(map(str, found.itertext())).split()) for found in image if found.tag == "div"
    }
    words = picture_words(attribute(image, "alt"), attribute(image, "title"))
    image.tag, image.text = "span", "" if words in {filename, *captions} else f" {words} "


def emoticon(element: etree._Element) -> None:
    """Reduce an emoticon to the character that it stands for, if it is known."""
    fallback = attribute(element, "emoji-fallback")
    named = fallback.startswith(":")
    sign = _SIGNS.get(attribute(element, "name"), "")
    # Newer editors name most emoticons "blue-star", and give those of their own no character but a name.
    say(element, sign if sign and (named or not fallback) else fallback)


def date(element: etree._Element) -> None:
    """Say the date of a `time` element that has no words."""
    if not (element.text or "").strip() and not len(element):
        say(element, attribute(element, "datetime"))


def _resource_words(resource: etree._Element, names: Mapping[str, str]) -> str:
    match name_of(resource):
        case "ri:page" | "ri:blog-post":
            return attribute(resource, "content-title")
        case "ri:attachment":
            return attribute(resource, "filename")
        case "ri:user":
            username = attribute(resource, "username")
            key = attribute(resource, "userkey") or attribute(resource, "account-id") or username
            return user_name(key, names, username)
        case "ri:space":
            return attribute(resource, "space-key")
        case "ri:url":
            return attribute(resource, "value")
        case "ri:shortcut":
            return attribute(resource, "parameter")
        case "ri:content-entity":
            return names.get(f"content:{attribute(resource, 'content-id')}", "")
    return ""
