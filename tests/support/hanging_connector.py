"""A source that hangs, dies or fails where it is told to, and the process that cannot be killed.

    write_plan(plan, documents=["a.md", "b.md"], hang=["read b.md"])

The plan is a file, because the connector lives in another process. What hangs opens a pipe that nobody
writes to: it waits in the kernel until it is killed, or until `release` opens the other end.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from indexer.errors import LostError, ReadError, SourceError
from indexer.outside.process import ConnectorProcess
from indexer.ports import Content, Event, ListingEnd, Observed, Unknown


def write_plan(plan: Path, documents: Sequence[str] = (), **trouble: Sequence[str]) -> None:
    """What the source holds, and what befalls whom: ``list`` after N documents is ``list N``, a read ``read KEY``.

    `trouble`: ``hang``, ``die``, ``fail`` (a defect), ``refuse`` (an error of the program's own),
    ``exit``, ``compute`` (for a while) with the places.
    """
    if not (gate := _gate(plan)).exists():
        os.mkfifo(gate)
    beside = plan.with_suffix(".new")
    beside.write_text(json.dumps({"documents": list(documents), **trouble}))
    beside.replace(plan)


def release(plan: Path) -> None:
    """Let one that hangs go on."""
    os.close(os.open(_gate(plan), os.O_WRONLY))


def create(name: str, settings: Mapping[str, Any], folder: Path | None = None) -> HangingConnector:
    """`settings` name the ``plan``."""
    return HangingConnector(Path(settings["plan"]))


class HangingConnector:
    """Implements `indexer.ports.Connector` for a source that knows only the present."""

    kind: Final = "hanging"
    snapshot: Final = True
    lasting: Final = False

    def __init__(self, plan: Path) -> None:
        self._plan = plan
        self.uid = f"hanging:{plan}"

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        documents = self._planned()["documents"]
        if scopes is not None:
            documents = [key for key in documents if key in scopes]
            if "hidden" in scopes:
                yield Unknown("hidden", "permission", "it may not be looked at")
        for position, key in enumerate(documents):
            self._befall(f"list {position}" if scopes is None else f"look at {key}")
            yield Observed(key, partial(self._read, key), etag=key, size=len(key))
        self._befall(f"list {len(documents)}")
        yield ListingEnd(scopes is None, cursor)

    def read_state(self, key: str, origin: str) -> Content:
        raise LostError("missing-object", f"{key} at {origin} is lost", remedy="look for it")

    def wants(self, key: str) -> bool:
        return "unwanted" not in key

    def accept(self, cursor: str) -> str:
        return cursor + "!"

    def _read(self, key: str) -> Content:
        self._befall(f"read {key}")
        return Content(key.encode() * 2, etag=str(os.getpid()), settled=False)

    def _planned(self) -> Any:
        return json.loads(self._plan.read_text())

    def _befall(self, place: str) -> None:
        planned = self._planned()
        for trouble in ("hang", "die", "fail", "refuse", "exit", "compute"):
            if place in planned.get(trouble, ()):
                getattr(self, f"_{trouble}")(place)

    def _hang(self, place: str) -> None:
        Path(f"{self._plan}.hung").write_text(place)
        os.close(os.open(_gate(self._plan), os.O_RDONLY))

    def _die(self, place: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _fail(self, place: str) -> None:
        raise TypeError(f"a defect\nat {place}")

    def _refuse(self, place: str) -> None:
        if place.startswith("read"):
            raise ReadError("unreadable", f"{place}: no", remedy="ask again")
        raise SourceError(f"{place}: no", remedy="ask again", code="permission")

    def _exit(self, place: str) -> None:
        print(f"leaving at {place}", flush=True)  # noqa: T201 - what a process prints last is told
        os._exit(3)

    def _compute(self, place: str) -> None:
        until = time.process_time() + 1.5
        while time.process_time() < until:
            sum(range(10_000))


class UnkillableProcess(ConnectorProcess):
    """One that the kernel does not let go, as if it waited for a server: until `let_go`."""

    started: list[UnkillableProcess] = []  # noqa: RUF012 - tests look at it, and empty it

    def __init__(self, *given: Any) -> None:
        self._held = True
        super().__init__(*given)
        self.started.append(self)

    @property
    def status(self) -> int | None:
        return None if self._held else super().status

    def end(self) -> bool:
        return False if self._held else super().end()

    def kill(self) -> None:
        if not self._held:
            super().kill()

    def let_go(self) -> None:
        """From now on it dies when it is killed, and it was killed."""
        self._held = False
        self.end()


def _gate(plan: Path) -> Path:
    return plan.with_suffix(".gate")
