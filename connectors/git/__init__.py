"""The Git connector: every version of the documents on a branch, with the tags that name them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.git.settings import read_settings

if TYPE_CHECKING:
    from connectors.git.connector import GitConnector

__all__ = ["create"]


def create(name: str, settings: Mapping[str, Any], folder: Path | None = None) -> GitConnector:
    """Make the connector of the source `name`; `ConfigurationError` lists every problem. Touches neither disk nor network.

    Settings: ``path`` (relative to ``base``) or ``url``, ``ref``, ``history``, ``paths`` (patterns,
    those with ``!`` exclude), ``max_file_size``, ``fetch_timeout``, ``token_file``, ``allow_local``. Mirrors of
    remote repositories are kept in `folder`.
    """
    read = read_settings(name, settings)
    from connectors.git.connector import GitConnector

    return GitConnector(read, folder)
