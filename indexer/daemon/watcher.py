"""What a watcher of a folder does, and what it tells: hints where to look, never the truth.

`Watcher.start` returns when everything that can be watched is, so that a scan begun afterwards misses
nothing. What a watcher cannot see it says, to be polled; what it lost it says, to be healed by a scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

LossCode = Literal["overflow", "root-gone", "root-replaced", "unmounted", "failed"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is not watched."""

    unwatched: tuple[str, ...] = ()
    """Scopes that have to be polled instead; ``("",)``: everything. None lies in another."""
    problem: str = ""
    """Why, in one line for people: what, where, what to do. Empty if all is watched."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Why anything may have changed unseen."""

    code: LossCode
    detail: str
    """One line for people: what, where, what to do."""


class Listener(Protocol):
    """Is told of changes, by the watching thread and by the one that calls `Watcher.refresh`.

    What takes long here makes events wait, and in the end overflow.
    """

    def on_hint(self, key: str, folder: bool) -> None:
        """Something changed at `key`; `folder`: anything may have changed below it. Empty: the root."""

    def on_move(self, old: str, new: str, folder: bool) -> None:
        """What was at `old` is at `new`: to be looked at together. `old` was hinted before."""

    def on_lost(self, loss: Loss) -> None:
        """Anything may have changed. `Watcher.watching` says whether later changes will be seen."""


class Watcher(Protocol):
    """Watches one folder and all below it."""

    def start(self) -> None:
        """Watch; returns when all that can be watched is. Raises nothing: see `coverage`. Once only."""

    def stop(self) -> None:
        """Let go of everything; harmless twice and before `start`. Nothing is told after it returned."""

    def refresh(self) -> None:
        """Watch what could not be watched before, and find out whether the root is still the same folder."""

    def caught_up(self, timeout: float) -> bool:
        """Wait until all that happened before was told, at most `timeout` seconds; whether it was, as far as it is watched."""

    @property
    def watching(self) -> bool:
        """Whether changes are seen; False before `start` and once the root is lost. Then a new watcher is needed."""

    @property
    def coverage(self) -> Coverage:
        """What is not watched and has to be polled."""
