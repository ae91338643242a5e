"""The Confluence connector: exports of spaces, in all three formats, with the versions that Confluence kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.confluence.settings import read_settings

if TYPE_CHECKING:
    from connectors.confluence.connector import ConfluenceConnector

__all__ = ["create"]


def create(name: str, settings: Mapping[str, Any], folder: Path | None = None) -> ConfluenceConnector:
    """Make the connector of the source `name`; `ConfigurationError` lists every problem. Touches neither disk nor network.

    Settings: ``path`` (relative to ``base``), ``attachments`` (true, false, ``"all"``, patterns),
    ``comments``, ``zone``, ``max_file_size``. While an export is read, what it holds lies in a
    temporary database in `folder`.
    """
    read = read_settings(name, settings)
    from connectors.confluence.connector import ConfluenceConnector

    return ConfluenceConnector(read, folder)
