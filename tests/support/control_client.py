"""A client of the control socket that knows HTTP by the standard library, so that it is no judge in its own cause."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any, NamedTuple

from indexer.daemon.control.address import FILE_NAME

PATIENCE = 20.0  # [s]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be one JSON document."""
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        """The body, which must be JSON Lines."""
        return [json.loads(line) for line in self.body.splitlines()]


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class ControlClient:
    """Asks at the control socket of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE_NAME

    def request(self, method: str, target: str, body: object = None) -> Answer:
        """One request; `body` as JSON, unless it is bytes."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = _Connection(self.path)
        try:
            connection.request(method, target, sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def get(self, target: str) -> Answer:
        """GET."""
        return self.request("GET", target)

    def post(self, target: str, body: object) -> Answer:
        """POST."""
        return self.request("POST", target, body)

    def raw(self, sent: bytes) -> socket.socket:
        """A connection on which `sent` was sent."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(str(self.path))
        connection.sendall(sent)
        return connection
