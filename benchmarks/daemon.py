"""The service as a process: started, asked how it is through the socket that systemd would give it, weighed, ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.workplace import COMMAND

TICK = 0.02
"""Seconds between two looks at something that is waited for."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a process takes at one moment."""

    resident: int
    """Bytes."""
    cpu: float
    """Seconds since it began, in the program and in the kernel for it."""
    files: int
    threads: int


class Daemon:
    """``indexer run`` in a process of its own; ended with the `with`, whatever happened in it."""

    def __init__(self, config: Path, journal: Path, program: str | None = None) -> None:
        """Its log lines are appended to `journal`, as JSON. `program`: Python to run instead of the installed script."""
        self._command = COMMAND if program is None else (*COMMAND[:-1], program)
        self._config = config
        self._journal = journal
        self._resources = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self.status = ""
        """What it said last of itself, in a line."""
        self.ready = False

    def __enter__(self) -> Daemon:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self.running:
            self.kill()
        self._resources.close()

    def start(self) -> None:
        """Start it, and return at once."""
        self._resources.close()
        folder = self._resources.enter_context(tempfile.TemporaryDirectory())
        told = self._resources.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        told.bind(f"{folder}/notify")
        hearing = threading.Thread(target=self._hear, args=(told,), daemon=True)
        self._resources.callback(hearing.join)
        self._resources.callback(_say_nothing, f"{folder}/notify")
        hearing.start()
        self.status, self.ready = "", False
        journal = self._resources.enter_context(self._journal.open("ab"))
        self._told = self._journal.stat().st_size
        self._process = subprocess.Popen(
            [*self._command, "--config", self._config, "run"],
            stdout=subprocess.DEVNULL,
            stderr=journal,
            env={**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"},
        )

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def _hear(self, told: socket.socket) -> None:
        """Take in what it tells; whoever is not read from blocks in the end."""
        while message := told.recv(4096).decode():
            for line in message.splitlines():
                name, _, value = line.partition("=")
                if name == "READY":
                    self.ready = True
                elif name == "STATUS":
                    self.status = value

    def wait(self, until: Callable[[], bool], timeout: float, what: str) -> float:
        """Wait until `until()` holds; the seconds that took. Raises `RuntimeError` if it ends or takes longer."""
        began = time.perf_counter()
        while True:
            if until():
                return time.perf_counter() - began
            if not self.running:
                raise RuntimeError(f"the service ended while {what} was waited for; see {self._journal}")
            if time.perf_counter() - began > timeout:
                raise RuntimeError(f"no {what} after {timeout:.0f} s; it says: {self.status}")
            time.sleep(TICK)

    def settled(self, timeout: float = 3600) -> float:
        """Wait until every source was scanned once and none is scanned now; the seconds that took."""

        def done() -> bool:
            return self.ready and bool(self.status) and "scanning" not in self.status

        # Ready is told before the first scan is seen to go on.
        return self.wait(lambda: self.ready, timeout, "readiness") + self._stays(done, timeout)

    def _stays(self, holds: Callable[[], bool], timeout: float, seconds: float = 2.5) -> float:
        began = time.perf_counter()
        while True:
            self.wait(holds, timeout, "end of the scans")
            since = time.perf_counter()
            while holds() and time.perf_counter() - since < seconds:
                time.sleep(TICK)
            if holds():
                return time.perf_counter() - began - seconds

    def events(self, *, since_start: bool = True) -> Iterator[dict[str, Any]]:
        """The lines of its journal, of this process or all."""
        with self._journal.open("rb") as lines:
            lines.seek(self._told if since_start else 0)
            for line in lines:
                if line.startswith(b"{") and line.endswith(b"}\n"):
                    yield json.loads(line)

    def reload(self) -> None:
        """Have it read its configuration again."""
        self.send(signal.SIGHUP)

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def end(self, number: int = signal.SIGTERM, timeout: float = 60) -> float:
        """Send a signal and wait until it has ended; the seconds that took. Raises `RuntimeError` for a bad end."""
        assert self._process is not None
        began = time.perf_counter()
        self.send(number)
        code = self._process.wait(timeout)
        seconds = time.perf_counter() - began
        if code not in (0, -number):
            raise RuntimeError(f"the service ended with {code}; see {self._journal}")
        return seconds

    def kill(self) -> None:
        """End it as a power cut would."""
        self.end(signal.SIGKILL)

    def weight(self) -> Weight:
        """What it takes at this moment."""
        return weight(self.pid)


def _say_nothing(address: str) -> None:
    """An empty message, after which nobody listens any more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"", address)


def weight(pid: int) -> Weight:
    """What a process takes at this moment, by what Linux tells of it."""
    folder = Path("/proc", str(pid))
    told = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    # The name is in parentheses and may contain anything; utime and stime are fields 14 and 15 of the line.
    numbers = (folder / "stat").read_text().rpartition(")")[2].split()
    return Weight(
        resident=int(told["VmRSS"].split()[0]) * 1024,
        cpu=(int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK"),
        files=len(list((folder / "fd").iterdir())),
        threads=int(told["Threads"]),
    )


def memory(pid: int) -> dict[str, int]:
    """The resident memory of a process by what it is, in bytes."""
    told = {}
    for line in Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()[1:]:
        name, _, size = line.partition(":")
        told[name] = int(size.split()[0]) * 1024
    return {
        "its own": told["Anonymous"],
        "mapped files": told["Rss"] - told["Anonymous"],
        "shared with others, by parts": told["Pss"],
    }


def folder_size(folder: Path) -> int:
    """Bytes of all files under a folder, as they are on the disk now; those that vanish meanwhile count nothing."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += Path(place, name).lstat().st_size
            except FileNotFoundError:
                continue
    return size
