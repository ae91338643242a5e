"""What is raised where an export cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_LONGEST: Final = 100


class ExportError(Exception):
    """An export cannot be used. `reason` is a code, `detail` one line: what, where, what to do."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def shown(name: str) -> str:
    """A name out of an archive for a message: in quotes, on one line, not too long."""
    cut = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
    return f"'{cut}'" if cut.isprintable() else ascii(cut)


def named(path: Path) -> str:
    """A zip's or a folder's name for a message, on one line."""
    return path.name if path.name.isprintable() else ascii(path.name)
