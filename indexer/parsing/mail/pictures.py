"""Tells pictures that a mail shows from those that it carries."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

_REFERENCE: Final = re.compile(r"""\bcid:([^\s"'<>)]{1,500})""", re.IGNORECASE)
_ENDINGS: Final = frozenset(
    {".bmp", ".emf", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp", ".wmf"}
)


def references(html: str) -> set[str]:
    """The Content-IDs of what an HTML text shows (RFC 2392)."""
    return {content_id(unquote(found)) for found in _REFERENCE.findall(html)}


def content_id(text: str) -> str:
    """A Content-ID as it is compared: without the brackets of its header."""
    return text.strip().strip("<>").lower()


def is_picture(kind: str, name: str) -> bool:
    """Whether a part of this media type (empty if none is stated) and name is a picture."""
    if not kind or kind == "application/octet-stream":
        return PurePosixPath(name.lower()).suffix in _ENDINGS
    return kind.startswith("image/")


def is_shown(identity: str, name: str, referenced: Collection[str]) -> bool:
    """Whether a picture is part of a mail's looks: its text refers to it, or it has no name to be found by."""
    return not name or content_id(identity) in referenced
