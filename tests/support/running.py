"""`indexer run` as a process: with the socket of a service manager, its journal, and the index that it writes.

with Running(folder, CONFIGURATION) as service:
service.until_ready()
service.until("indexed", source="policies")
service.stop()
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.check.report import Problem
from indexer.check.verification import check
from indexer.composition import open_queries, read_index
from indexer.config import load
from indexer.errors import StoreError
from indexer.store.catalog.catalog import Catalog

DEADLINE = 60.0
"""Seconds after which a test gives up; nothing takes so long, not even on a machine that has much else to do."""
_PROGRAM = "import sys; from indexer.cli.main import main; sys.exit(main())"


class Running:
    """One running service. Everything that it says is kept, so that nothing has to be awaited in time."""

    def __init__(
        self,
        config: Path,
        *,
        prelude: str = "",
        environment: Mapping[str, str] | None = None,
        debug: bool = False,
    ) -> None:
        """`prelude`: Python that shrinks limits before the command begins."""
        self.config = config
        self.journal: list[dict[str, Any]] = []
        """Its log lines."""
        self.told: list[str] = []
        """What it told the service manager."""
        self._changed = threading.Condition()
        self._folder = tempfile.TemporaryDirectory(prefix="notify-")
        address = str(Path(self._folder.name) / "socket")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        options = ["--debug"] if debug else []
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"{prelude}\n{_PROGRAM}", "--config", str(config), *options, "run"],
            env={**os.environ, "NOTIFY_SOCKET": address, **(environment or {})},
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._listen)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())
        for thread in self._threads:
            thread.join(DEADLINE)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self._socket.close()
        self._folder.cleanup()

    # --- waiting ------------------------------------------------------------------------------

    def wait(self, holds: Callable[[], object], what: str) -> None:
        """Until it holds; it is asked again whenever the service says anything."""
        with self._changed:
            if not self._changed.wait_for(holds, DEADLINE):
                raise AssertionError(f"{what} never came: {self.told} {self.journal[-20:]}")

    def until(self, event: str, *, after: int = 0, **details: object) -> dict[str, Any]:
        """The first line of the journal, from its `after`-th on, that says so."""

        def found() -> dict[str, Any] | None:
            return next(
                (
                    line
                    for line in self.journal[after:]
                    if line["event"] == event and details.items() <= line.items()
                ),
                None,
            )

        self.wait(found, f"{event} {details}")
        line = found()
        assert line is not None
        return line

    def until_told(self, message: str, *, after: int = 0) -> None:
        """The service manager was told so; `message` is a part of it."""
        self.wait(lambda: any(message in told for told in self.told[after:]), message)

    @property
    def status(self) -> str:
        """What it said last of how it is; told at most once in a second."""
        said = [told.partition("STATUS=")[2] for told in self.told if "STATUS=" in told]
        return said[-1] if said else ""

    def until_ready(self) -> None:
        """It watches all sources."""
        self.until_told("READY=1")

    def pause(self, seconds: float) -> None:
        """Let it go on for a while, or until it ends."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def said(self, event: str) -> list[dict[str, Any]]:
        """Every line so far that says this."""
        return [line for line in self.journal if line["event"] == event]

    # --- signals ------------------------------------------------------------------------------

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.signal(signal.SIGTERM)
        return self.end()

    def kill(self) -> None:
        """SIGKILL."""
        self.signal(signal.SIGKILL)
        self.end()

    def end(self) -> int:
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(DEADLINE)
        self._threads[0].join(DEADLINE)
        return code

    # --- what it says -------------------------------------------------------------------------

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            said = json.loads(line) if line.startswith("{") else {"event": line.rstrip()}
            with self._changed:
                self.journal.append(said)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _listen(self) -> None:
        while message := self._socket.recv(4096).decode():
            with self._changed:
                self.told.append(message)
                self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class State:
    """One version, as far as tests ask."""

    kind: str
    key: str
    text_hash: str | None


class Indexed:
    """What is in the index of a configuration at this moment; a service may be writing to it."""

    def __init__(self, config: Path) -> None:
        self._config = load(config, {})
        self.texts: dict[str, str] = {}
        """Key → text of every document that is there."""
        self.lines: list[list[State]] = []
        """Every document's versions, oldest first; by number of the document."""
        self.ids: set[str] = set()
        """Of all versions."""
        try:
            self._look()
        except StoreError:
            return  # there is none yet

    def line(self, key: str) -> list[State]:
        """The versions of the one document that was ever at this key."""
        [found] = [line for line in self.lines if any(state.key == key for state in line)]
        return found

    def _look(self) -> None:
        with Catalog(self._config.data_dir) as catalog, open_queries(self._config) as queries:
            with catalog.snapshot() as snapshot:
                keys = {key: no for no, _, key in snapshot.keys(snapshot.recorded)}
                ids = {key: snapshot.document(no).id for key, no in keys.items()}
                for versions in snapshot.versions_of().values():
                    self.lines.append([State(v.kind.value, v.key, v.text_hash) for v in versions])
                    self.ids |= {version.id for version in versions}
            self.texts = {key: queries.show(id_).text for key, id_ in ids.items()}


def problems(config: Path, *, deep: bool = True) -> list[Problem]:
    """What `indexer check` finds."""
    with read_index(load(config, {})) as index:
        return check(index, deep=deep).problems


def needs_repair(config: Path) -> bool:
    """Whether the passages table is not at the version that the catalog has published."""
    with read_index(load(config, {})) as index:
        published = [p.table_version for p, _, _ in index.catalog.publications() if p.active]
        return published != [index.table().newest()]
