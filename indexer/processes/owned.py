"""A process as its owner has it: started, asked, waited for with patience, and ended."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from typing import Any, Final

from indexer.processes.frames import HEAD, GarbageError

_BOOT: Final = (
    "import json, sys; from importlib import import_module; given = json.loads(sys.argv.pop());"
    "sys.path[:] = given['path']; import_module(given['main']).main(given)"
)

Ready = Callable[[float], bool]
"""Whether the channel can be used; waits for that as many seconds as it is given."""

Wait = Callable[[Ready], None]
"""Comes back once the channel can be used. How long that may take is its own matter: it raises what it likes."""


class OwnedProcess:
    """A Python process that runs ``main(given)`` of a module, and a channel of frames to it.

    `given` has what the owner gave, `channel` (a socket) and `lifeline` (see `indexer.processes.lifeline`),
    both as numbers of open files. Other users of the machine can see it. What the process prints goes to a file that nobody sees but
    `last_words`. Not thread-safe but for `kill`.
    """

    def __init__(
        self, main: str, given: Mapping[str, Any], environment: Mapping[str, str] | None = None
    ) -> None:
        """`environment`: in place of this process's own. Raises OSError where none can be started."""
        self._released = False
        self._printed = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the process
        self._channel, theirs = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        passed = (theirs.fileno(), lifeline)
        told = {**given, "main": main, "path": sys.path, "channel": passed[0], "lifeline": passed[1]}
        # Isolated from PYTHON… variables, yet with the same idea of how names are encoded.
        options = ("-I", "-W", "ignore", f"-Xutf8={sys.flags.utf8_mode}")
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very interpreter, with our own words
                [sys.executable, *options, "-c", _BOOT, json.dumps(told)],
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
                pass_fds=passed,
                env=environment,
                # A group of its own: Ctrl-C at a terminal is for the owner, and ending it ends all of it.
                start_new_session=True,
            )
        except BaseException:
            self.release()
            raise
        finally:
            theirs.close()
            os.close(lifeline)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it ended: its exit status, or the negative number of a signal; None while it is there."""
        return self._process.poll()

    def kill(self) -> None:
        """Kill the process and whatever it started, from any thread: who waits for it sees that it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it is gone after at most so many seconds; without them, waits until it is."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def release(self) -> None:
        """Close what this side has open of it: it is killed then, unless it is gone. May be called again."""
        if self._released:
            return
        self._released = True
        self._channel.close()
        os.close(self._lifeline)
        self._printed.close()

    # --- the channel ---------------------------------------------------------------------------

    def send(self, kind: bytes, body: bytes, wait: Wait) -> None:
        """Send a frame. Raises what `wait` raises, and ConnectionError."""
        for piece in (HEAD.pack(kind, len(body)), body):
            view = memoryview(piece)
            while view:
                self._wait(select.POLLOUT, wait)
                view = view[self._channel.send(view, socket.MSG_DONTWAIT) :]

    def receive(self, most: int, wait: Wait) -> tuple[bytes, bytearray]:
        """The name and body of the next frame, of at most so many bytes.

        Raises what `wait` raises, `GarbageError`, EOFError and ConnectionError.
        """
        kind, size = HEAD.unpack(self._exactly(HEAD.size, wait))
        if size > most:
            raise GarbageError(f"it announces {size} bytes")
        return kind, self._exactly(size, wait)

    def _exactly(self, size: int, wait: Wait) -> bytearray:
        body = bytearray(size)
        view, have = memoryview(body), 0
        while have < size:
            self._wait(select.POLLIN, wait)
            count = self._channel.recv_into(view[have:])
            if not count:
                raise EOFError("it closed the channel")
            have += count
        return body

    def _wait(self, event: int, wait: Wait) -> None:
        poll = select.poll()
        poll.register(self._channel, event)
        wait(lambda seconds: bool(poll.poll(1000 * seconds)))

    # --- what became of it -----------------------------------------------------------------------

    def outcome(self, error: Exception, patience: float = 1.0) -> str:
        """What it did, in words that follow "it", after `error` of the channel.

        Where the channel was closed it is given `patience` seconds to be gone.
        """
        if not self.wait(patience if isinstance(error, EOFError | ConnectionError) else 0):
            return f"answered with garbage ({error})"
        said = self._last_words()
        status = self._process.returncode
        how = f"was ended by {_signal(-status)}" if status < 0 else f"ended with status {status}"
        return how + (f", saying: {said}" if said else "")

    def forget_words(self) -> None:
        """Drop what it printed so far."""
        self._printed.truncate(0)

    def _last_words(self) -> str:
        """The last line that the process printed, shortened, with nothing in it that a terminal obeys."""
        self._printed.seek(max(0, self._printed.seek(0, os.SEEK_END) - 1000))
        lines = self._printed.read().decode("utf-8", "replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return "".join(c for c in last.strip()[:200] if c.isprintable())


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
