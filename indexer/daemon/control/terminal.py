"""What a command needs to know of the place where its answer is shown, wherever the command itself runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

PLAIN_WIDTH: Final = 80
"""Columns where there is no terminal, or one that does not say how wide it is."""

_DECIDING: Final = ("TERM", "COLORTERM", "NO_COLOR")
"""Variables of the environment that decide on colours."""


class Terminal(NamedTuple):
    """Standard output: a terminal, a file or a pipe."""

    encoding: str = "utf-8"
    columns: int | None = None
    """None: it is no terminal."""
    environment: Mapping[str, str] = {}
    """Those variables that decide on colours."""

    @property
    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"encoding": self.encoding, "columns": self.columns, "environment": dict(self.environment)}


NO_TERMINAL: Final = Terminal()


def terminal_of(stream: Any, environment: Mapping[str, str]) -> Terminal:
    """What `stream`, which may be None, is at this moment."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if stream is None or not stream.isatty():
        return Terminal(encoding)
    deciding = {name: environment[name] for name in _DECIDING if name in environment}
    return Terminal(encoding, _columns(environment), deciding)


def _columns(environment: Mapping[str, str]) -> int:
    said = environment.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    for descriptor in (0, 1, 2):
        try:
            found = os.get_terminal_size(descriptor).columns
        except OSError:
            continue
        if found:
            return found
    return PLAIN_WIDTH
