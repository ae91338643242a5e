"""A real folder that is watched, and what the watcher tells of it, awaited with a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from connectors.names import key_of
from indexer.daemon.inotify import NativeWatcher
from indexer.daemon.watcher import Loss
from indexer.ports import Watched

DEADLINE = 10.0
"""Seconds after which a test gives up; nothing takes so long."""
FENCE = "fence"
"""How files are called that are written last: once one is told of, so is all that happened before."""

Told = tuple[str, bool] | tuple[str, str, bool]
"""A hint (key, folder), or a move (old, new, folder)."""


class Recorder:
    """A `Listener` that remembers."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.losses: list[Loss] = []
        self._changed = threading.Condition()

    def on_hint(self, key: str, folder: bool) -> None:
        with self._changed:
            self.told.append((key, folder))
            self._changed.notify_all()

    def on_move(self, old: str, new: str, folder: bool) -> None:
        with self._changed:
            self.told.append((old, new, folder))
            self._changed.notify_all()

    def on_lost(self, loss: Loss) -> None:
        with self._changed:
            self.losses.append(loss)
            self._changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE), (self.told, self.losses)

    def forget(self) -> list[Told]:
        """What was told up to now."""
        with self._changed:
            told, self.told = self.told, []
            return told

    def hears(self, *told: Told) -> None:
        """Wait until all of these were told."""
        self.wait(lambda: all(one in self.told for one in told))

    def hears_loss(self, code: str) -> Loss:
        self.wait(lambda: any(loss.code == code for loss in self.losses))
        return next(loss for loss in self.losses if loss.code == code)


class Scene:
    """A folder, a watcher of it and what it told."""

    def __init__(self, root: Path, watched: Watched) -> None:
        self.root = root
        self.recorder = Recorder()
        self.watcher = NativeWatcher(replace(watched, key_of=key_of), self.recorder)
        self._fences = 0

    def write(self, key: str, text: str = "x") -> Path:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def all_told(self) -> list[Told]:
        """All that was told since the last time, each once, in the order in which it came first."""
        self._fences += 1
        fence = f"{FENCE}-{self._fences}"
        self.write(fence)
        self.recorder.hears((fence, False))
        told = self.recorder.forget()
        return [one for one in dict.fromkeys(told) if not one[0].startswith(FENCE)]


@contextmanager
def watching(root: Path, **options: Callable[[str], bool]) -> Iterator[Scene]:
    """A watcher of `root` that was started; stopped in the end."""
    scene = Scene(root, Watched(str(root), **options))
    scene.watcher.start()
    try:
        yield scene
    finally:
        scene.watcher.stop()


def watches() -> int:
    """How many watches this process has, over all its inotify instances."""
    return sum((Path("/proc/self/fdinfo") / fd).read_text().count("inotify wd:") for fd in instances())


def instances() -> list[str]:
    """The file descriptors of its inotify instances."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # by which the folder was listed
            if str(link.readlink()) == "anon_inode:inotify":
                found.append(link.name)
    return found


def open_files() -> int:
    """How many this process has."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
