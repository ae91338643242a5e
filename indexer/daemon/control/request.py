"""A command that another process wants to be run in the daemon, and what becomes of it, as both sides write them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

from indexer.daemon.control.terminal import NO_TERMINAL, Terminal
from indexer.ingest.progress import Progress

COMMAND_PATH: Final = "/v1/command"


class MalformedError(Exception):
    """The request makes no sense; the message says in a few words what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """The words of a command line, and who wants to see the answer where."""

    arguments: tuple[str, ...]
    terminal: Terminal = NO_TERMINAL
    operator: str | None = None
    """Who gave the command, for the record; None: the daemon itself."""
    confirmed: tuple[str, ...] | None = None
    """What whoever gave the command was told, and wants to be done."""
    uid: int | None = None
    """The user at the other end of the connection, as the kernel knows it; no client says it."""


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What a command leaves behind."""

    exit_code: int
    answer: str = ""
    """For standard output."""
    said: str = ""
    """For standard error, but for what was told as it came."""
    unconfirmed: tuple[str, ...] | None = None
    """What is to be confirmed first: nothing was done yet."""

    @property
    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "exit_code": self.exit_code,
            "stdout": self.answer,
            "stderr": self.said,
            "unconfirmed": None if self.unconfirmed is None else list(self.unconfirmed),
        }


class Audience(Protocol):
    """Whoever waits for a command, while it runs."""

    @property
    def progress(self) -> Progress | None:
        """Told how far the work is; None where nobody listens until it is done."""

    def said(self, line: str) -> None:
        """Hears a line for standard error as soon as it is said; only where `progress` is not None."""

    @property
    def gone(self) -> Future[str]:
        """Done, with the reason, as soon as nobody waits any more."""


class CommandRunner(Protocol):
    """Runs commands: what the command line brings into the daemon, which does not know it."""

    def __call__(self, request: CommandRequest, audience: Audience) -> CommandOutcome:
        """Run it in the calling thread; errors are outcomes."""

    def takes_long(self, arguments: tuple[str, ...]) -> bool:
        """Whether it may take as long as indexing does: such commands must not keep questions from being answered.

        Raises `MalformedError` for a command that is not run in the daemon.
        """


def request_of(document: Any) -> CommandRequest:
    """The request that `document`, which came as JSON, describes. Raises `MalformedError`."""
    found = _object("the request", document)
    confirmed = found.get("confirmed")
    return CommandRequest(
        arguments=_texts("arguments", found.get("arguments")),
        terminal=_terminal(found.get("terminal", {})),
        operator=_optional_text("operator", found.get("operator")),
        confirmed=None if confirmed is None else _texts("confirmed", confirmed),
    )


def _terminal(document: Any) -> Terminal:
    found = _object("terminal", document)
    encoding = found.get("encoding", "utf-8")
    try:
        if not isinstance(encoding, str):
            raise TypeError
        "".encode(encoding)
    except (LookupError, TypeError, ValueError) as error:
        raise MalformedError("terminal.encoding names no encoding") from error
    columns = found.get("columns")
    if columns is not None and (type(columns) is not int or not 1 <= columns <= 10_000):
        raise MalformedError("terminal.columns must be a number from 1 to 10000, or null")
    environment = _object("terminal.environment", found.get("environment", {}))
    if not all(isinstance(value, str) for value in environment.values()):
        raise MalformedError("terminal.environment must hold texts")
    return Terminal(encoding, columns, dict(environment))


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(f"{name} must be an object")
    return value


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise MalformedError(f"{name} must be a list of texts")
    return tuple(value)


def _optional_text(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise MalformedError(f"{name} must be a text, or null")
    return value
