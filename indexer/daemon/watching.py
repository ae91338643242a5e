"""How one source is watched: which of its folders by events, which have to be polled, and what was lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer import logs
from indexer.config.values import Watch
from indexer.daemon.filesystems import Mode, WatchMode, mode_of
from indexer.daemon.hints import Hints
from indexer.daemon.inotify import NativeWatcher
from indexer.daemon.watcher import Loss, Watcher
from indexer.ports import Watched

_log = logs.get("watch")


@dataclass(frozen=True, slots=True)
class WatchState:
    """How changes of a source are noticed at this moment."""

    mode: Mode
    """``native`` only where nothing has to be polled."""
    detail: str
    """One line for people: why so, and what to do where it could be better."""


class SourceWatch:
    """The watchers of one source. What they hear goes into its hints, and wakes whoever works on it."""

    def __init__(
        self,
        name: str,
        watched: Sequence[Watched],
        setting: Watch,
        hints: Hints,
        woken: Callable[[], None],
        *,
        make: Callable[[Watched, SourceWatch], Watcher] = NativeWatcher,
        mode: Callable[[str, Watch], WatchMode] = mode_of,
    ) -> None:
        """`make` and `mode` are for tests."""
        self._name = name
        self._watched = tuple(watched)
        self._setting = setting
        self._hints = hints
        self._woken = woken
        self._make = make
        self._mode = mode
        self._watchers: dict[str, Watcher] = {}
        """Root → what watches it; roots that are polled have none."""
        self._modes: dict[str, WatchMode] = {}
        self._said = ""

    def start(self) -> None:
        """Watch all that can be watched; to be called before a scan, which then misses nothing."""
        for watched in self._watched:
            mode = self._modes[watched.root] = self._mode(watched.root, self._setting)
            if mode.mode == "native":
                watcher = self._watchers[watched.root] = self._make(watched, self)
                watcher.start()
        self._say()

    def refresh(self) -> None:
        """Before a complete scan: watch again what was lost, and what could not be watched before."""
        for watched in self._watched:
            mode = self._modes[watched.root] = self._mode(watched.root, self._setting)
            watcher = self._watchers.pop(watched.root, None)
            if watcher is not None:
                watcher.refresh()
                if watcher.watching and mode.mode == "native":
                    self._watchers[watched.root] = watcher
                    continue
                watcher.stop()
            if mode.mode == "native":
                self._watchers[watched.root] = self._make(watched, self)
                self._watchers[watched.root].start()
        self._say()

    def stop(self) -> None:
        """Let go of everything."""
        for watcher in self._watchers.values():
            watcher.stop()
        self._watchers = {}

    def caught_up(self, timeout: float) -> bool:
        """Wait until all is among the hints that happened before, at most `timeout` seconds for each root; whether it is."""
        caught_up = [watcher.caught_up(timeout) for watcher in self._watchers.values()]
        return all(caught_up)

    @property
    def state(self) -> WatchState:
        """How changes are noticed."""
        if self._setting == "off":
            return WatchState("off", 'watch = "off" is set: changes are found by scans alone')
        problems = [
            watcher.coverage.problem
            for watcher in list(self._watchers.values())
            if watcher.coverage.unwatched or not watcher.watching
        ]
        for watched in self._watched:
            mode = self._modes.get(watched.root)
            if mode is not None and mode.mode != "native":
                problems.append(f"{watched.root} is polled: {mode.reason}")
            elif mode is not None and mode.polled:
                inside = ", ".join(mode.polled[:3])
                problems.append(f"other file systems in {watched.root} are polled: {inside}")
        if not self._watched:
            return WatchState("poll", "nothing on this machine tells of its changes")
        if problems:
            return WatchState("poll", next(filter(None, problems), f"{self._watched[0].root} is polled"))
        return WatchState("native", "")

    @property
    def any(self) -> bool:
        """Whether anything of it is watched by events."""
        return bool(self._watchers)

    @property
    def remote(self) -> bool:
        """Whether nothing on this machine could tell of its changes."""
        return not self._watched

    def size_of(self, key: str) -> int | None:
        """Bytes of the file with this key, for telling whether it grows; None where it cannot be seen."""
        watched = self._watched[0]
        try:
            path = os.fsencode(watched.root) + b"/" + watched.path_of(key)
            return Path(os.fsdecode(path)).lstat().st_size
        except (OSError, ValueError):
            return None

    # --- what a watcher tells (`watcher.Listener`) ----------------------------------------------

    def on_hint(self, key: str, folder: bool) -> None:
        self._hints.add(key, folder=folder)
        self._woken()

    def on_move(self, old: str, new: str, folder: bool) -> None:
        self._hints.moved(old, new, folder=folder)
        self._woken()

    def on_lost(self, loss: Loss) -> None:
        _log.warning("events were lost", source=self._name, code=loss.code, detail=loss.detail)
        self._hints.lost()
        self._woken()

    def _say(self) -> None:
        """Log how changes are noticed, where that is new."""
        state = self.state
        said = f"{state.mode}: {state.detail}"
        if said != self._said:
            self._said = said
            _log.info("watching", source=self._name, mode=state.mode, detail=state.detail or None)
