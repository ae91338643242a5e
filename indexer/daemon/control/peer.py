"""Who is at the other end of a connection: the kernel knows it of a Unix socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Final

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_CREDENTIALS: Final = struct.Struct("3i")
"""``struct ucred``: process, user, group; see unix(7)."""
_NOBODY: Final = -1


class PeerProtocol(H11Protocol):
    """HTTP whose ``client`` is the user and the process that connected, where the system tells."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        option = getattr(socket, "SO_PEERCRED", None)  # Linux has it
        if connection is None or option is None:
            return
        packed = connection.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
        pid, uid, _ = _CREDENTIALS.unpack(packed)
        if uid != _NOBODY:
            self.client = (str(uid), pid)


def uid_of(request: Request) -> int | None:
    """The number of the user who sent the request; None where nobody can tell."""
    return None if request.client is None else int(request.client.host)
