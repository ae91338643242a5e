"""Asks the daemon, with as little of HTTP as that takes: one request on one connection, which the daemon closes.

Written out instead of left to a library, because a question through the socket takes less time than importing one:
`http.client` alone takes a third of what the whole command does.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from indexer import __version__
from indexer.config.finding import DEFAULT_DATA_DIR, decoded, find, placed, with_home
from indexer.daemon.control.address import connect
from indexer.errors import ConfigurationError
from indexer.hashing import text_hash

if TYPE_CHECKING:
    from indexer.cli.forwarding import Forwarded
    from indexer.daemon.control.terminal import Terminal

PATIENCE: Final = 30.0
"""[s] that the daemon may take for an answer that this process could find as well."""
_OK: Final = 200


class NoDaemonError(Exception):
    """Nobody answers, or nobody that could."""


class RefusedByDaemonError(Exception):
    """The daemon did not run the command; `error` is what it says, as in the contract."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(str(error.get("message", "")))
        self.error = error


class Daemon:
    """The daemon of the configuration that a command names, with a connection for one request."""

    def __init__(self, command: Forwarded, environment: Mapping[str, str]) -> None:
        """Raises `NoDaemonError`: then the command is to be run alone, and will say what is wrong, if anything is."""
        try:
            file = find(None if command.file is None else Path(command.file), environment)
            text = decoded(file.read_bytes())
            settings = tomllib.loads(text)
            written = settings.get("data_dir", DEFAULT_DATA_DIR)
            if not isinstance(written, str) or not written:
                raise NoDaemonError
            self.folder = placed(with_home(written), file)
            self._connection = connect(self.folder)
        except (ConfigurationError, OSError, ValueError, RuntimeError) as error:
            raise NoDaemonError from error
        self._arguments = command.arguments
        self._configuration = text_hash(text)
        # Without one in the file, dates are read in the zone of whoever runs the command.
        self._zone = None if "timezone" in settings else environment.get("TZ", "")

    @contextmanager
    def ask(
        self, terminal: Terminal, *, patience: float | None, **more: object
    ) -> Iterator[Iterator[dict[str, Any]]]:
        """Have the command run; yields the lines of the answer, of which the last one is the outcome.

        `patience`: [s] that the daemon may stay silent, None for ever. `more`: further keys of the request. Raises
        `NoDaemonError` if it was not sent or is not answered, `RefusedByDaemonError`, and OSError while it is read.
        """
        request = {
            "version": __version__,
            "configuration": self._configuration,
            "zone": self._zone,
            "arguments": self._arguments,
            "terminal": terminal.document,
            **more,
        }
        with self._connection as connection, connection.makefile("rb") as answer:
            try:
                connection.settimeout(patience)
                connection.sendall(_post(json.dumps(request).encode("ascii")))
                status = _status(answer)
            except (OSError, ValueError) as error:
                raise NoDaemonError from error
            if status != _OK:
                raise RefusedByDaemonError(_error(answer.read()))
            yield (json.loads(line) for line in answer)


def state_of(folder: Path, patience: float) -> Mapping[str, Any] | None:
    """What the daemon of a data folder knows of itself (`Service.state`), whatever configuration it goes by.

    None where none runs, or none of this version, or none that answers within `patience` [s].
    """
    try:
        with connect(folder) as connection, connection.makefile("rb") as answer:
            connection.settimeout(patience)
            connection.sendall(b"GET /v1/status HTTP/1.0\r\nHost: indexer\r\n\r\n")
            if _status(answer) != _OK:
                return None
            state = json.loads(answer.read())["daemon"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return state if isinstance(state, dict) and state.get("version") == __version__ else None


def _post(body: bytes) -> bytes:
    # In HTTP/1.0 the end of the answer is the end of the connection: nothing is to be counted or joined.
    head = (
        "POST /v1/command HTTP/1.0\r\nHost: indexer\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _status(answer: IO[bytes]) -> int:
    """The status of an answer whose head is read. Raises ValueError for what is none."""
    words = answer.readline().split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1."):
        raise ValueError("no HTTP")
    while (line := answer.readline()) not in (b"\r\n", b"\n"):
        if not line:
            raise ValueError("cut off")
    return int(words[1])


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
