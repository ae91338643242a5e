"""How answers name versions and write citations."""

from __future__ import annotations

from indexer.model import Document, Version
from indexer.references import Citation, format_citation


def named(version: Version) -> str:
    """A version in a few words, such as ``version 3``."""
    if version.number is not None:
        return f"version {version.number}"
    if version.labels:
        return f'the version labelled "{version.labels[0]}"'
    return f"version {version.id}"


def reference(document: Document, version: Version) -> str:
    """DOC@SEL as it can be typed again: it means this version and no other."""
    # A label, or a date, may look like a number: only the prefix says which is meant.
    selector = version.id if version.number is None else f"number:{version.number}"
    return f"{document.key}@{selector}"


def cited(document: Document, version: Version, passage_id: str | None = None) -> str:
    """The citation of a passage in a version, or of the version."""
    return format_citation(Citation(document.source, document.id, version.id, passage_id))
