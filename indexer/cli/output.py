"""Takes what a command answers, in whatever encoding it is wanted and whoever stops reading it."""

from __future__ import annotations

import json
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from indexer.daemon.control.terminal import PLAIN_WIDTH, Terminal, terminal_of
from indexer.errors import IndexerError

if TYPE_CHECKING:
    from rich.console import Console

_ASCII: Final = str.maketrans({"–": "-", "—": "-", "·": "|", "…": "...", "›": ">", "−": "-"})


class ReaderGoneError(Exception):
    """Whoever read standard output has stopped, as ``head`` does: no error, but nothing more to do."""


class OutputError(IndexerError):
    """The answer could not be written, for example because the disk that it is redirected to is full."""

    code = "output"


class Output(ABC):
    """Where one command's answer goes, and what it says beside that."""

    @property
    @abstractmethod
    def terminal(self) -> Terminal:
        """Where the answer is shown."""

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads the answer directly."""
        return self.terminal.columns is not None

    def write_json(self, document: Any) -> None:
        """Write one JSON document, escaped to ASCII only where the encoding needs it."""
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        if not _encodable(text, self.terminal.encoding):
            text = json.dumps(document, indent=2) + "\n"
        self.write(text)

    def write_text(self, text: str) -> None:
        """Write `text`; characters that the encoding lacks are replaced by near or escaped ones."""
        encoding = self.terminal.encoding
        if not _encodable(text, encoding):
            text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
        self.write(text)

    def write_drawn(self, draw: Callable[[Console], None]) -> None:
        """Write what `draw` prints: coloured on a terminal (unless NO_COLOR is set), plain and 80 columns wide elsewhere."""
        shown = self.terminal
        self.write_text(drawn(draw, columns=shown.columns, environment=shown.environment))

    @abstractmethod
    def write(self, text: str) -> None:
        """Write `text`, all of which the encoding has. Raises `OutputError` and `ReaderGoneError`."""

    @abstractmethod
    def write_bytes(self, data: bytes) -> None:
        """Write `data` unchanged. Raises as `write` does."""

    @abstractmethod
    def say(self, line: str) -> None:
        """Tell whoever gave the command a line that is no part of the answer."""


class StandardOutput(Output):
    """The streams of this process: the answer to standard output, the rest to standard error."""

    @property
    def terminal(self) -> Terminal:
        return terminal_of(sys.stdout, os.environ)

    def write(self, text: str) -> None:
        with _Guard():
            sys.stdout.write(text)
            sys.stdout.flush()

    def write_bytes(self, data: bytes) -> None:
        with _Guard():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def say(self, line: str) -> None:
        """Write a line to standard error, in whatever encoding that has; a closed one is no reason to stop."""
        stream = sys.stderr
        if stream is None:
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            stream.flush()
        except OSError:
            return


class CollectedOutput(Output):
    """Keeps the answer for somebody in another process, whose terminal is described."""

    def __init__(self, terminal: Terminal, said: Callable[[str], None]) -> None:
        self._terminal = terminal
        self._parts: list[str] = []
        self._said = said

    @property
    def terminal(self) -> Terminal:
        return self._terminal

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    def write(self, text: str) -> None:
        self._parts.append(text)

    def write_bytes(self, data: bytes) -> None:
        raise OutputError("bytes are not handed through the daemon", remedy="run the command without it")

    def say(self, line: str) -> None:
        self._said(line)


def drawn(
    draw: Callable[[Console], None],
    *,
    columns: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> str:
    """What `draw` prints, as text: for a terminal of so many `columns`, or for a file if that is None."""
    from io import StringIO

    # Imported late: JSON needs none of it.
    from rich.console import Console

    text = StringIO()
    draw(
        Console(
            file=text,
            force_terminal=columns is not None,
            width=PLAIN_WIDTH if columns is None else columns,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
            _environ=environment,  # not this process's own: the terminal may be another one's
        )
    )
    # Cells of a table are padded; blanks at line ends mean nothing to anybody.
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().split("\n")[:-1])


class _Guard:
    """Turns errors of writing into ours, and keeps the interpreter from trying again at its end."""

    def __enter__(self) -> None:
        if sys.stdout is None:
            raise OutputError("standard output is closed", remedy="redirect it to a file or to /dev/null")

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, OSError):
            return
        _discard_the_rest()
        if isinstance(error, BrokenPipeError):
            raise ReaderGoneError from error
        raise OutputError(
            f"the answer cannot be written to standard output ({error.strerror})",
            remedy="check where it is redirected to",
        ) from error


def _encodable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _discard_the_rest() -> None:
    """See the note on SIGPIPE in the documentation of Python's signal module."""
    try:
        target = sys.stdout.fileno()
    except OSError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)
