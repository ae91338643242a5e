"""Serves the control socket from a thread of its own, so that nothing else of the daemon waits for its clients."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn

from indexer import logs
from indexer.daemon.control.address import FILE_NAME, Listening, NoSocketError, OccupiedError
from indexer.daemon.control.endpoints import Endpoints
from indexer.daemon.control.peer import PeerProtocol
from indexer.daemon.control.request import CommandRunner
from indexer.daemon.service import Service
from indexer.errors import BusyError, StoreError

_MOST_CONNECTIONS: Final = 128
_START: Final = 10.0
"""[s] in which the thread must have begun to serve."""
_STOPPING: Final = "the daemon is stopping"

_log = logs.get("control")


class ControlServer:
    """Answers at the control socket of the data folder `folder` from `start` to `stop`."""

    def __init__(self, service: Service, run_command: CommandRunner, folder: Path) -> None:
        self._folder = folder
        self._endpoints = Endpoints(service, run_command)
        self._server = _Server(
            uvicorn.Config(
                self._endpoints.app,
                loop="asyncio",
                http=PeerProtocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=_MOST_CONNECTIONS,
            )
        )
        self._listening: Listening | None = None
        self._thread = threading.Thread(target=self._serve, name="control-socket", daemon=True)

    def start(self) -> None:
        """Listen; returns when clients are answered.

        Raises `BusyError` if another process listens there, `StoreError` if the socket cannot be made.
        """
        path = self._folder / FILE_NAME
        try:
            self._listening = Listening(self._folder)
        except OccupiedError as error:
            raise BusyError(
                f"another process listens at {path}", remedy="end it; one daemon serves a data folder"
            ) from error
        except NoSocketError as error:
            raise StoreError(
                f"{path} is in the way of the control socket, and is none",
                remedy="move it away",
                code="control-socket",
            ) from error
        except OSError as error:
            raise StoreError(
                f"the control socket {path} cannot be made ({error.strerror})",
                remedy="check the data folder's permissions and its file system",
                code="control-socket",
            ) from error
        self._thread.start()
        if not self._server.serving.wait(_START):
            raise StoreError(f"the control socket {path} is not served", code="control-socket")

    @property
    def serving(self) -> bool:
        """Whether clients are answered, or those who are left are waited for."""
        return self._thread.is_alive()

    def stop(self, deadline: float) -> None:
        """Take no more requests, finish those in hand within `deadline` seconds, and leave the others."""
        if self._listening is None or not self.serving:
            return
        self._listening.withdraw()
        self._server.end(deadline, lambda: self._endpoints.stop(_STOPPING))
        self._thread.join(deadline + 1)
        if self.serving:
            _log.warning("control socket not closed in time", seconds=deadline)

    def _serve(self) -> None:
        assert self._listening is not None
        asyncio.run(self._server.serve(sockets=[self._listening.socket]))


class _Server(uvicorn.Server):
    """Sleeps until it is told to end, where uvicorn's own looks ten times a second whether it is."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.serving.set()
        await self._ending.wait()

    def end(self, deadline: float, first: Callable[[], None]) -> None:
        """Do `first` in the loop, and end within about `deadline` seconds. From any thread, once."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._end, deadline, first)

    def _end(self, deadline: float, first: Callable[[], None]) -> None:
        self.config.timeout_graceful_shutdown = math.ceil(deadline)
        self.should_exit = True
        self._ending.set()
        first()
