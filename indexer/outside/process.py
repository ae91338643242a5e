"""The process that looks at a source, as its owner has it: started, asked with patience, and given up."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from indexer.clock import Clock
from indexer.errors import ClosedError, IndexerError
from indexer.model import Instant
from indexer.outside import wire
from indexer.outside.recipe import Recipe
from indexer.processes.frames import GarbageError, decode, encode
from indexer.processes.owned import OwnedProcess, Ready, Wait

_GLANCE: Final = 0.2
"""How often an owner that waits looks up. [seconds]"""
_WORKING: Final = 2e-5
"""A process that computes for less than this share of the time does nothing but wait. One whose every call waits
100 ms for a server computes 30 times as much. Some file systems that have lost their server wake who waits for it every
ten seconds, to try again: that should take a third of it."""
_LARGEST: Final = 1 << 31
"""Bytes that no document and no part of a listing has."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited. [seconds]"""

    silent: float = 60.0
    """For a word of a process that does nothing but wait. One that works may take as long as it likes."""
    start: float = 120.0
    """For a process to start."""
    farewell: float = 1.0
    """For a process to be gone once it was killed. One that the kernel does not let go stays."""
    idle: float = 30.0
    """For the next question: then a process ends by itself, unless a listing is under way. It holds some 20 MiB, and
    a new one is there in a tenth of a second."""


class SilentError(Exception):
    """The process did not say a word, and did not work, since an instant."""

    def __init__(self, since: Instant) -> None:
        super().__init__()
        self.since = since


class GoneError(Exception):
    """The process ended, or spoke garbage; the message says how, in words that follow "it"."""


class ConnectorProcess:
    """One process in which a connector runs. One thread may ask at a time; any may `kill`."""

    def __init__(self, recipe: Recipe, patience: Patience, clock: Clock, closed: threading.Event) -> None:
        """`closed` is set once nobody wants an answer any more. Raises OSError where no process can be started."""
        self._recipe: Recipe | None = recipe
        self._patience = patience
        self._clock = clock
        self._closed = closed
        self._process = OwnedProcess("indexer.outside.child", {"idle": patience.idle})
        self._ended = False
        self.asked = 0
        """How many questions."""
        self.forgotten: deque[int] = deque()
        """Numbers of functions that nobody will call; told with the next question."""
        self._abandoned: list[int] = []

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """As of `OwnedProcess`; 0 where it ended because nothing was asked of it."""
        return self._process.status

    def ask(self, question: dict[str, Any], answer: bytes) -> Any:
        """The value in its answer, a frame of this name.

        Raises what the connector raised, `wire.DefectError`, `SilentError`, `GoneError` and `ClosedError`; after the
        latter three it is to be ended.
        """
        self.asked += 1
        if self._recipe is not None:
            self._prepare(self._recipe)
        self.forget()
        self._send(wire.ASK, encode(question))
        return self._value(self._receive(answer, self._patience.silent))

    def ask_content(self, question: dict[str, Any]) -> tuple[Any, bytes]:
        """What is known of bytes, and the bytes. Raises what `ask` raises."""
        known = self.ask(question, wire.CONTENT)
        return known, bytes(self._receive(wire.DATA, self._patience.silent))

    def abandon(self, listing: int) -> None:
        """Nobody will go on with a listing."""
        self._abandoned.append(listing)

    def forget(self) -> None:
        """Tell it what was forgotten and abandoned, if anything was. Raises as `ask` does."""
        if self.forgotten or self._abandoned:
            functions = [self.forgotten.popleft() for _ in range(len(self.forgotten))]
            listings, self._abandoned = self._abandoned, []
            self._send(wire.FORGET, encode({"functions": functions, "listings": listings}))

    def kill(self) -> None:
        """Kill it, from any thread."""
        self._process.kill()

    def end(self) -> bool:
        """Kill it; whether it is gone. Nothing can be asked of it any more. May be called again."""
        if not self._ended:
            self._ended = True
            self._process.kill()
            self._process.wait(self._patience.farewell)
            self._process.release()
        return self._process.status is not None

    # --- inside -------------------------------------------------------------------------------

    def _prepare(self, recipe: Recipe) -> None:
        """Have the connector made."""
        try:
            self._send(wire.RECIPE, recipe.encode())
            self._receive(wire.READY, self._patience.start)
        except (IndexerError, wire.DefectError):
            self.kill()
            raise
        self._recipe = None

    def _send(self, kind: bytes, body: bytes) -> None:
        try:
            self._process.send(kind, body, self._patiently(self._patience.silent))
        except (EOFError, ConnectionError) as error:
            raise GoneError(self._process.outcome(error)) from error

    def _receive(self, due: bytes, seconds: float) -> bytearray:
        try:
            kind, body = self._process.receive(_LARGEST, self._patiently(seconds))
        except (GarbageError, EOFError, ConnectionError) as error:
            raise GoneError(self._process.outcome(error)) from error
        if kind == wire.ERROR:
            raise wire.decode_failure(self._value(body))
        if kind != due:
            raise GoneError("answered what it was not asked")
        return body

    def _value(self, body: bytearray) -> Any:
        try:
            return decode(body)
        except GarbageError as error:
            raise GoneError(f"answered with garbage ({error})") from error

    def _patiently(self, patience: float) -> Wait:
        """Waiting that looks whether there still is a sign of life."""
        heard, worked, since = self._clock.monotonic(), self._worked(), self._clock.now()

        def wait(ready: Ready) -> None:
            nonlocal heard, worked, since
            while not ready(min(_GLANCE, patience)):
                if self._closed.is_set():
                    raise ClosedError("the source was closed", remedy="nothing: the program is ending")
                now = self._clock.monotonic()
                if now - heard >= patience:
                    before, worked = worked, self._worked()
                    if worked - before < _WORKING * (now - heard):
                        raise SilentError(since)
                    heard, since = now, self._clock.now()
            heard = self._clock.monotonic()

        return wait

    def _worked(self) -> float:
        """Seconds for which the process's main thread has computed; 0 where the system does not tell."""
        try:
            with open(f"/proc/{self.pid}/schedstat", "rb") as file:
                return int(file.read().split()[0]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0
