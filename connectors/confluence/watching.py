"""Which folder tells that there is another export: anything that falls into it. A hint means the whole source."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from connectors.names import key_of
from indexer.ports import Watched

DEEPEST: Final = 8
"""Folders between a folder of exports and an export in it."""


def exports_watch(path: str | Path) -> Watched:
    """What to watch for Confluence exports: a folder of them, or the one zip at `path` in the folder that holds it."""
    place = Path(os.path.abspath(path))  # noqa: PTH100  lexical: a link may be re-pointed
    if not place.is_file() and (place.is_dir() or place.suffix.lower() != ".zip"):
        return Watched(str(place), wants_folder=lambda key: key.count("/") < DEEPEST, key_of=key_of)
    name = key_of(place.name)
    return Watched(
        str(place.parent), wants_folder=lambda key: False, wants_file=lambda key: key == name, key_of=key_of
    )
