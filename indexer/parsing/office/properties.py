"""What office documents say of themselves: title, author, dates, and the version they state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree

from indexer.parsing.canonical import one_line
from indexer.parsing.frontmatter import labels
from indexer.parsing.office.package import Package

_CORE: Final = {
    "title": "title",
    "creator": "author",
    "lastModifiedBy": "last-modified-by",
    "created": "created",
    "modified": "modified",
    "revision": "revision",
    "version": "version",
    "subject": "subject",
    "keywords": "keywords",
    "description": "description",
    "category": "category",
    "contentStatus": "status",
    "language": "language",
}
_APP: Final = {"Company": "company", "Manager": "manager"}
_INTERNAL: Final = ("_", "contenttypeid", "msip_label")
"""How names begin that servers and not authors give."""
_MOST: Final = 200
"""Properties of its own that a document may have; more are data, not properties."""
_NO_TITLE: Final = re.compile(
    r"(?:untitled|document|presentation|workbook|book|normal|(?:microsoft )?(?:power ?point|word) (?:presentation|document)"
    r"|microsoft (?:word|powerpoint|excel) - .*|slide|title|template)\s*\d*",
    re.IGNORECASE,
)
"""Titles that programs give by themselves; the document's own first words say more."""


@dataclass(frozen=True, slots=True)
class Properties:
    """A document's properties, named as in front matter."""

    metadata: Mapping[str, str]
    labels: tuple[str, ...]

    def title(self, found: str | None) -> str | None:
        """The stated title, unless a program made it up; else `found`, the one that the text shows."""
        stated = self.metadata.get("title", "")
        return found or None if not stated or _NO_TITLE.fullmatch(stated) else stated


def package_properties(package: Package) -> Properties:
    """The properties of an Office Open XML document."""
    stated: dict[str, str] = {}
    for name, keys in (("docProps/core.xml", _CORE), ("docProps/app.xml", _APP)):
        root = package.optional(name)
        for element in () if root is None else root:
            key = keys.get(local(element))
            if key is not None:
                stated.setdefault(key, one_line("".join(map(str, element.itertext()))))
    own: dict[str, str] = {}
    root = package.optional("docProps/custom.xml")
    for element in () if root is None else islice(root, _MOST):
        own.setdefault(
            one_line(str(element.get("name", ""))).lower(), one_line("".join(map(str, element.itertext())))
        )
    return properties(stated, own)


def properties(stated: Mapping[str, str], own: Mapping[str, str]) -> Properties:
    """`stated` by the format's fields, `own` by fields that the author made.

    A program counts how often a document was saved and calls that its revision: that is no label. A
    revision that the author stated is.
    """
    own = {name: value for name, value in own.items() if name and value and not name.startswith(_INTERNAL)}
    named = labels({**own, **({"version": stated["version"]} if stated.get("version") else {})})
    return Properties({name: value for name, value in {**own, **stated}.items() if value}, named)


def local(element: etree._Element) -> str:
    """The name of `element` without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
