"""Wiki markup within a line: links, pictures, marks and macros, reduced to their words.

What is in a link, an address or a piece of code is not searched for marks: its characters are exchanged for
ones that no text has until all is done. Every expression here takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Final

from lxml import etree

from indexer.parsing.confluence.elements import FORBIDDEN, picture_words
from indexer.parsing.confluence.macros import FILES, GENERATED, ISSUES, TITLED, WORDS
from indexer.parsing.confluence.references import user_name

UNUSED: Final = re.compile("[\ufdd0-\ufdef]")
"""Noncharacters of Unicode: what stands for something else while a text is read is one of these."""
CODE_START, CODE_END, BREAK = "\ufdd0", "\ufdd1", "\ufdd2"
"""Around the number of a piece of code; for a forced line break."""
_SPECIAL: Final = "*_?-+^~{}[]!|\\"
_PROTECT: Final = {ord(char): chr(0xFDE0 + number) for number, char in enumerate(_SPECIAL)}
_RESTORE: Final = {ord(other): chr(char) for char, other in _PROTECT.items()}

_ADDRESS: Final = re.compile(
    r"\b(?:https?|ftps?|sftp|file|smb|nfs|ssh|git|svn|ldaps?|irc|news|mailto):[^\s|\[\]{}<>\"]+",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(
    r"(?P<share>(?<![\w\\])\\\\[\w.$-]+\\[^\s|\]\[{}]*)"
    r"|(?P<path>(?<![^\W_])[A-Za-z]:\\[^\s|\]\[{}\"']*)"
    rf"|(?P<address>(?i:{_ADDRESS.pattern}))"
    r"|(?P<line>\\\\)"
    r"|\\(?P<escaped>[{}\[\]*_?+^~!|#-])"
    r"|\{\{(?P<mono>(?!\{)[^{}\n]*+(?:\{[^{}\n]*+\}[^{}\n]*+)*+)\}\}"
    r"|(?<!\w)\[(?P<link>[^\[\]\n]{1,1000})\]"
    r"|(?<![\w!])!(?P<image>[^\s!|][^!|\n]{0,300})(?:\|(?P<given>[^!\n]{0,500}))?!(?!\w)"
    r"|\{(?P<macro>[A-Za-z][\w.-]{0,60})(?::(?P<parameters>[^{}\n]{0,1000}))?\}"
    r"|\{(?P<mark>[*_+^~-]|\?\?)\}"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
)
_BEFORE: Final = "(?<![^\\s(\\[\"'>|,;:!?*_+^~\u2013\u2014\ufdd0-\ufdef-])"
_AFTER: Final = "(?=[\\s)\\]\"'<|,;:!?*_+^~\u2013\u2014\ufdd0-\ufdef-]|\\.(?!\\w)|\\Z)"
_MARKS: Final = {
    mark: re.compile(
        rf"{_BEFORE}{re.escape(mark)}(?=\S)([^{re.escape(mark[-1])}\n]+)(?<=\S){re.escape(mark)}{_AFTER}"
    )
    for mark in ("*", "_", "??", "-", "+", "^", "~")
}
"""Marks around words. They stand at the edges of words: one inside of a name or a formula belongs to that."""
_SHOWN: Final = re.compile(r"https?://|.*\.\w{2,5}\Z", re.DOTALL)
"""What can be shown between exclamation marks: an address, or a file with an ending."""
_NEXT_PARAMETER: Final = re.compile(r",(?=\s*\w+=)")
_NO_LINK: Final = re.compile(r"[\d\s.,;:x✓-]*|[\"'].*|.*[\"']", re.IGNORECASE | re.DOTALL)
"""What people write in brackets without meaning a link: numbers, a box that is ticked, a list of strings."""
_KNOWN: Final = (
    FILES
    | ISSUES
    | {
        "anchor", "code", "color", "font", "footnote", "html", "link-window", "lozenge", "noformat", "span",
        "status", "td", "tr",
    }
)  # fmt: skip
"""Macros that stand within a line. (Those that hold blocks were taken out before.)"""
_OTHERS: Final = tuple("/$%&=@#\\-_'\"`")
"""What stands beside braces in addresses, templates and programs."""


class Words:
    """Reads what stands within lines. `names` are what people call users and contents."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._readers: dict[str, Callable[[re.Match[str]], str]] = {
            "share": lambda found: found[0],
            "path": lambda found: found[0],
            "address": lambda found: found[0],
            "escaped": lambda found: found["escaped"],
            "mono": lambda found: found["mono"],
            "link": self._link,
            "macro": self._macro,
            "parameters": self._macro,
            "image": self._image,
            "given": self._image,
            "entity": lambda found: FORBIDDEN.sub("", unescape(found[0])),
            "mark": lambda found: "",
        }

    def protected(self, text: str) -> str:
        """`text` with its links, pictures and macros reduced; what remains of them has no special characters."""
        return _TOKEN.sub(self._token, text)

    def _token(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        if kind == "line":
            return BREAK
        words = self._readers[kind](found)
        if kind == "address":
            # A mark after an address belongs to what stands around it.
            end = len(words.rstrip("*_+^~-?!.,;:)"))
            return words[:end].translate(_PROTECT) + words[end:]
        return words.translate(_PROTECT)

    def _link(self, found: re.Match[str]) -> str:
        whole = found["link"]
        if _NO_LINK.fullmatch(whole):
            return found[0]
        text, bar, _ = whole.partition("|")
        if bar and text.strip():
            return plain(self.protected(text)).strip()
        target = whole.strip(" |").partition("|")[0].strip()
        if target.startswith("~"):
            key = target[1:].removeprefix("accountid:")
            return user_name(key, self._names, key if key == target[1:] else "")
        if target.startswith("$"):
            return self._names.get(f"content:{target[1:]}", "")
        if _ADDRESS.match(target):
            return target.removeprefix("mailto:")
        page, caret, file = target.partition("^")
        if caret:
            return file
        page, _, anchor = page.partition("#")
        if page.startswith("/"):
            return page.rpartition("/")[2]  # a blog post, by its day
        space, colon, title = page.partition(":")
        if colon and space.isalnum() and not title.startswith(" "):
            return title or space
        return page or anchor

    def _image(self, found: re.Match[str]) -> str:
        if not _SHOWN.match(found["image"].strip()):
            return found[0]
        given = parameters_of(_NEXT_PARAMETER.sub("|", found["given"] or ""))
        words = picture_words(given.get("alt", ""), given.get("title", ""))
        return f" {words} " if words else ""

    def _macro(self, found: re.Match[str]) -> str:
        name = found["macro"].lower()
        if name not in _KNOWN and _is_no_macro(found):
            return found[0]
        return f" {words} " if (words := macro_words(name, found["parameters"] or "")) else ""


def _is_no_macro(found: re.Match[str]) -> bool:
    """Whether braces around a word are part of something else, such as the path ``/users/{id}``."""
    before = found.string[max(0, found.start() - 1) : found.start()]
    after = found.string[found.end() : found.end() + 2]
    return (
        before.startswith(_OTHERS)
        or after.startswith(_OTHERS)
        or (before.isalnum() and after[:1].isalnum())
        or (after[:1] == "." and after[1:].isalnum())
    )


def macro_words(name: str, parameters: str) -> str:
    """The words that the marker of a macro contributes itself: its title, a state, an issue's key, a file's name."""
    given = parameters_of(parameters)
    if name in TITLED:
        return given.get("title", given.get("", "") if "expand" in name else "")
    if name == "status":
        return given.get("title", given.get("", ""))
    if name in ISSUES:
        return given.get("key", given.get("", "") if re.fullmatch(r"[A-Z]\w+-\d+", given.get("", "")) else "")
    if name in FILES:
        return given.get("name", given.get("", "")).removeprefix("^")
    if name in GENERATED:
        return ""
    return " ".join(filter(None, (given.get(one, "") for one in WORDS)))


def parameters_of(text: str) -> dict[str, str]:
    """What stands between a macro's colon and its brace; a value without a name is called by none."""
    given: dict[str, str] = {}
    for part in text.split("|"):
        name, equals, value = part.partition("=")
        given.setdefault(name.strip().lower() if equals else "", (value if equals else name).strip())
    return given


def plain(protected: str) -> str:
    """The text that remains when the marks around words are taken off."""
    for mark, pattern in _MARKS.items():
        if mark in protected:
            protected = pattern.sub(r"\1", protected)
    return protected.translate(_RESTORE)


def fill(element: etree._Element, protected: str, codes: list[str]) -> None:
    """Put a text into an empty element, with its line breaks, and with code where its number stands."""
    last: etree._Element | None = None
    for number, part in enumerate(re.split(f"({BREAK}|\n|{CODE_START}\\d+{CODE_END})", plain(protected))):
        if number % 2 == 0:
            part = UNUSED.sub("", part)
            if last is None:
                element.text = part
            else:
                last.tail = part
        elif part.startswith(CODE_START):
            last = etree.SubElement(element, "pre")
            last.text = codes[int(part[1:-1])]
        else:
            last = etree.SubElement(element, "br")
