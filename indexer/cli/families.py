"""The work that a document is an edition of, for people and as JSON."""

from __future__ import annotations

from typing import Any, Final

from indexer.cli.shapes import document_shape
from indexer.cli.visible import visible_line
from indexer.query.family import Family

_MOST: Final = 12
"""Editions that people are told of; the last ones."""


def family_words(family: Family) -> str:
    """``editions of Leave policy: 1, 2, 3; this is 3``."""
    labels = [edition.label for edition in family.editions]
    shown = ", ".join(dict.fromkeys(map(visible_line, labels[-_MOST:])))
    earlier = "… " if len(labels) > _MOST else ""
    return f"editions of {visible_line(family.name)}: {earlier}{shown}; this is {visible_line(family.label)}"


def family_shape(family: Family | None) -> dict[str, Any] | None:
    """The ``family`` of a history; None where the document is no edition."""
    if family is None:
        return None
    return {
        "name": family.name,
        "label": family.label,
        "editions": [
            {"label": edition.label, "document": document_shape(edition.document)}
            for edition in family.editions
        ],
    }
