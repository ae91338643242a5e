"""Writes answers to standard output, whatever encoding it has and whoever stopped reading it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from indexer.errors import IndexerError

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH: Final = 80
"""Columns where standard output is no terminal."""

_ASCII: Final = str.maketrans({"–": "-", "—": "-", "·": "|", "…": "...", "›": ">", "−": "-"})


class ReaderGoneError(Exception):
    """Whoever read standard output has stopped, as ``head`` does: no error, but nothing more to do."""


class OutputError(IndexerError):
    """The answer could not be written, for example because the disk that it is redirected to is full."""

    code = "output"


def write_json(document: Any) -> None:
    """Write one JSON document, escaped to ASCII only where the encoding of standard output needs it."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if not _encodable(text):
        text = json.dumps(document, indent=2) + "\n"
    _write(text)


def write_text(text: str) -> None:
    """Write `text`; characters that the encoding of standard output lacks are replaced by near or escaped ones."""
    if not _encodable(text):
        encoding = _encoding()
        text = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    _write(text)


def write_bytes(data: bytes) -> None:
    """Write `data` unchanged."""
    with _Guard():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def write_drawn(draw: Callable[[Console], None]) -> None:
    """Write what `draw` prints: coloured on a terminal (unless NO_COLOR is set), plain and 80 columns wide elsewhere."""
    write_text(drawn(draw, terminal=is_terminal()))


def drawn(draw: Callable[[Console], None], *, terminal: bool, width: int | None = None) -> str:
    """What `draw` prints, as text; `width` in columns, None for the terminal's own or 80."""
    from io import StringIO

    # Imported late: JSON needs none of it.
    from rich.console import Console

    text = StringIO()
    draw(
        Console(
            file=text,
            force_terminal=terminal,
            width=width or (None if terminal else PLAIN_WIDTH),
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )
    )
    # Cells of a table are padded; blanks at line ends mean nothing to anybody.
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().split("\n")[:-1])


def is_terminal() -> bool:
    """Whether a person reads standard output directly."""
    return sys.stdout is not None and sys.stdout.isatty()


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


def _write(text: str) -> None:
    with _Guard():
        sys.stdout.write(text)
        sys.stdout.flush()


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def _encodable(text: str) -> bool:
    try:
        text.encode(_encoding())
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
