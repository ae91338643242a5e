"""The storage format: turns the tree of a fragment into plain HTML, element by element, in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from indexer.parsing.confluence import references
from indexer.parsing.confluence.elements import name_of, put_first, say
from indexer.parsing.confluence.macros import MACROS, PARAMETERS, read_macro

_BOXES: Final = frozenset(
    {
        "ac:adf-content", "ac:adf-node", "ac:caption", "ac:layout", "ac:layout-cell",
        "ac:layout-section", "ac:rich-text-body",
    }
)  # fmt: skip
"""They only hold blocks."""
_UNSAID: Final = frozenset(
    {
        "ac:adf-attribute", "ac:adf-mark", "ac:adf-parameter", "ac:placeholder", "ac:task-id", "ac:task-uuid",
        "at:declarations",
    }
)  # fmt: skip
"""What stands in them is for editors."""


def to_html(root: etree._Element, names: Mapping[str, str]) -> None:
    """Make plain HTML of everything inside `root`. `names` are what people call users and contents."""
    page = _Page(names)
    # From the last to the first, so that what an element contains is ready when its turn comes.
    for element in reversed(list(root.iter())):
        page.read(element)


class _Page:
    """What is known while a page's elements are read."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._with_words: set[etree._Element] = set()
        """Elements with any text inside. Asked of each element itself it would take quadratic time."""
        self._readers: dict[str, Callable[[etree._Element], None]] = {
            **dict.fromkeys(MACROS, read_macro),
            **dict.fromkeys(PARAMETERS, self._parameter),
            "ac:adf-extension": self._extension,
            "ac:emoticon": references.emoticon,
            "ac:image": references.picture,
            "ac:link": self._link,
            "ac:plain-text-body": self._plain_body,
            "ac:task": self._task,
            "time": references.date,
        }

    def read(self, element: etree._Element) -> None:
        """Make plain HTML of `element`, whose content is HTML already."""
        name = name_of(element)
        if name in self._readers:
            self._readers[name](element)
        elif name in _UNSAID:
            say(element)
        elif name in _BOXES:
            element.tag = "div"
        elif name == "ac:task-list":
            element.tag = "ul"
        elif name and ":" not in name and element.tag != name:
            element.tag = name  # in another namespace, or in capitals
        if self._has_words(element):
            self._with_words.add(element)
        else:
            self._with_words.discard(element)

    def _has_words(self, element: etree._Element) -> bool:
        return bool((element.text or "").strip()) or any(
            child in self._with_words or (child.tail or "").strip() for child in element
        )

    def _parameter(self, parameter: etree._Element) -> None:
        above = parameter.getparent()
        if above is None or name_of(above) not in MACROS:
            say(parameter)

    def _plain_body(self, body: etree._Element) -> None:
        above = body.getparent()
        if above is None or name_of(above) not in MACROS:
            body.tag = "pre"

    def _link(self, link: etree._Element) -> None:
        if self._has_words(link):
            link.tag = "span"
        else:
            say(link, references.target_words(link, self._names))

    def _task(self, task: etree._Element) -> None:
        mark = "[ ] "
        for child in task:
            if name_of(child) == "ac:task-status":
                mark = "[x] " if (child.text or "").strip() == "complete" else mark
                say(child)
        task.tag = "li"
        put_first(task, mark)

    def _extension(self, extension: etree._Element) -> None:
        """Of the two forms in which newer elements come, with the same text, leave one.

        The fallback is what readers get that do not know the element: its blocks are plain HTML.
        """
        fallbacks = [child for child in extension if name_of(child) == "ac:adf-fallback"]
        kept = [child for child in fallbacks if child in self._with_words]
        for child in extension:
            if child in fallbacks:
                child.tag = "div"
            if kept and child not in kept:
                say(child)
                self._with_words.discard(child)
        extension.tag = "div"
