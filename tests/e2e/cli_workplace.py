"""A folder of documents with a configuration, and the command line run on it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from indexer.cli.main import main

CONFIGURATION = """\
data_dir = "data"
timezone = "Europe/Berlin"
[embedding]
model = "hashing"
[[source]]
name = "policies"
kind = "files"
root = "docs"
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)


class Workplace:
    """Documents under ``docs``, ``config.toml`` beside it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.docs = folder / "docs"
        self.docs.mkdir()
        self.config = folder / "config.toml"
        self.config.write_text(CONFIGURATION)
        self._capsys = capsys

    def write(self, key: str, text: str | bytes) -> None:
        """Create or replace a document."""
        path = self.docs / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def run(self, *words: str) -> Outcome:
        """The command in this process."""
        self._capsys.readouterr()
        with _logging_as_it_was():
            code = main(["--config", str(self.config), *words])
        return Outcome(code, *self._capsys.readouterr())

    def json(self, *words: str, code: int = 0) -> Any:
        """The JSON document that the command answers with, its exit code being `code`."""
        outcome = self.run(*words, "--json")
        assert outcome.code == code, outcome
        return outcome.json

    def spawn(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """The command as a process of its own."""
        return subprocess.run(
            [*COMMAND, *words],
            cwd=cwd or self.folder,
            env={**os.environ, **(env or {})},
            capture_output=True,
            timeout=60,
            check=False,
        )


COMMAND = (sys.executable, "-c", "import sys; from indexer.cli.main import main; sys.exit(main())")
"""What the installed script does."""


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Commands set logging up for a whole process, which here is that of the tests."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        logging.captureWarnings(False)
