"""A files connector in a process that is refused what modes refuse, also where the tests run as root.

`create` is for processes of a connector's own: they never get their privileges back.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from connectors.files import FilesConnector
from connectors.files import create as create_files
from tests.support.privileges import permissions_enforced

_entered: list[AbstractContextManager[None]] = []


def create(name: str, settings: Mapping[str, Any], folder: Path | None = None) -> FilesConnector:
    """As `connectors.files.create`, for good."""
    if not _entered:
        _entered.append(permissions_enforced())
        _entered[0].__enter__()
    return create_files(name, settings, folder)
