"""The files connector: a folder or file share, watched by listing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.files.connector import FilesConnector
from connectors.files.settings import read_settings
from indexer.clock import SystemClock

__all__ = ["FilesConnector", "create"]


def create(name: str, settings: Mapping[str, Any], folder: Path | None = None) -> FilesConnector:
    """Make the connector of the source `name`; `ConfigurationError` lists every problem. Touches no disk.

    Settings: ``root`` (relative to ``base``, else to the working folder), ``include`` and
    ``exclude`` (gitignore patterns), ``max_file_size`` (bytes, or text such as ``"50 MB"``).
    """
    del folder  # a folder is read where it is
    return FilesConnector(read_settings(name, settings), SystemClock())
