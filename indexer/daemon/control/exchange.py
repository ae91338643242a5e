"""One request that is being worked on, between the loop that talks to its client and the thread that works."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any, Final

from indexer.daemon.control.events import Pending
from indexer.daemon.control.request import CommandOutcome
from indexer.daemon.control.workers import CrowdedError, Workers
from indexer.ingest.progress import Progress

CLIENT_LEFT: Final = "nobody waits for it any more"
_GATHERING: Final = 0.1
"""[s] in which events gather before they are sent: a person sees no difference, and a reader is not hurried."""


class Exchange:
    """Implements `Audience`. Made, and used but for that, in the loop."""

    def __init__(self, *, streamed: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._pending = Pending(self._wake) if streamed else None
        self._result: asyncio.Future[CommandOutcome] | None = None
        self.gone: Future[str] = Future()

    @property
    def progress(self) -> Progress | None:
        return self._pending

    def said(self, line: str) -> None:
        assert self._pending is not None
        self._pending.said(line)

    def begin(self, workers: Workers, act: Callable[[], CommandOutcome]) -> None:
        """Let a thread work. Raises `CrowdedError`."""
        self._result = asyncio.wrap_future(workers.submit(act))
        self._result.add_done_callback(lambda _: self._news.set())

    def leave(self, reason: str) -> None:
        """Nobody waits any more, for that reason: what has not begun does not begin, and what waits itself stops."""
        if self._result is not None:
            self._result.cancel()
        self.stop(reason)

    def stop(self, reason: str) -> None:
        """Work that waits itself is to end, and to say this reason to who waits for it."""
        if not self.gone.done():
            self.gone.set_result(reason)

    async def outcome(self, left: asyncio.Future[None]) -> CommandOutcome | None:
        """What became of it; None if the client is gone (`left` is done) before that. Raises `CrowdedError`."""
        assert self._result is not None
        first: set[asyncio.Future[Any]] = {self._result, left}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not self._result.done():
            self.leave(CLIENT_LEFT)
            return None
        if self._result.cancelled():  # it waited for its turn, and the daemon is stopping
            raise CrowdedError
        return self._result.result()

    async def lines(self, finish: Callable[[CommandOutcome], Any]) -> AsyncIterator[bytes]:
        """JSON Lines: events as they come, then what `finish` makes of the outcome, if there is one."""
        assert self._result is not None
        assert self._pending is not None
        while not self._result.done():
            await self._news.wait()
            self._news.clear()
            await asyncio.wait({self._result}, timeout=_GATHERING)
            for event in self._pending.take():
                yield _line(event)
        for event in self._pending.take():
            yield _line(event)
        if not self._result.cancelled():
            yield _line(finish(self._result.result()))

    def _wake(self) -> None:
        if self.gone.done():
            return
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the loop has ended, and with it everybody who listened
            return


def _line(document: Any) -> bytes:
    return json.dumps(document).encode("ascii") + b"\n"
