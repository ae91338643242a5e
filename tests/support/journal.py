"""What is logged, line by line: `kept` turns the log of a test into a `Journal`."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from indexer import logs


class Journal:
    """The lines that were logged."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        logs.configure("debug", "json", stream=self._stream)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.lines()]


@contextmanager
def kept() -> Iterator[Journal]:
    """Everything that is logged inside."""
    handlers, output = list(logging.getLogger().handlers), logs._current.output
    try:
        yield Journal()
    finally:
        logs._current.output = output
        logging.getLogger().handlers[:] = handlers
        logging.captureWarnings(False)
