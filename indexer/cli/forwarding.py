"""Which commands the daemon runs for others, and what is to be seen of that in the words of a command line. Pure.

Looked at before anything else is imported, so that it imports next to nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

READING: Final = ("search", "cite", "history", "show", "diff", "blame", "failures", "status")
"""Answered in the daemon as well as alone."""
LONG: Final = ("backfill", "retry", "rebuild", "purge", "forget", "retention")
"""They write, so that while a daemon runs nobody but the daemon can carry them out."""
_HELP: Final = "--help"
_TO_FILES: Final = ("-o", "--output", "--original")


class Forwarded(NamedTuple):
    """A command that the daemon may run."""

    command: str
    file: str | None
    """The configuration that ``--config`` names."""
    arguments: tuple[str, ...]
    """The words, without ``--config``."""


def forwarded(words: Sequence[str]) -> Forwarded | None:
    """The command, where the daemon may run it; None for all others, and for words that are to be read more closely."""
    file: str | None = None
    options: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--json":
            options.append(word)
        elif word == "--config" and rest:
            file = rest.pop(0)
        elif word.startswith("--config="):
            file = word.removeprefix("--config=")
        else:
            return None
    if not rest or rest[0] not in READING + LONG or has_help(rest) or runs_alone(rest[0], rest):
        return None
    return Forwarded(rest[0], file, (*options, *rest))


def has_help(words: Sequence[str]) -> bool:
    """Whether help may be wanted: it is written in the process that was asked for it."""
    return any(word == _HELP or (word[:1] == "-" and word[:2] != "--" and "h" in word) for word in words)


def runs_alone(command: str, words: Sequence[str]) -> bool:
    """Whether these words concern the files or the folder of whoever gave the command."""
    return command == "show" and any(word.startswith(_TO_FILES) for word in words)
