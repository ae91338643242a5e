"""The thread that reads inotify events: watchdog's, with what it lacks.

Worked around of `InotifyFD` in watchdog 7.1, by its source:

* A stop before its thread has read for the first time leaves three files open. So a thread counts as
  started only when it has been seen to read, which also shows that events arrive at all.
* Where the process has no file left for its pipe, the inotify instance stays open. So there has to be room.
* A folder that may not be read comes back as the descriptor -1, and is entered under it: see `Reader.watch`.
* An exception ends the thread in silence.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

# Of overflows the listener is told; watchdog's own lines would be no part of our logs.
logging.getLogger("watchdog").addHandler(logging.NullHandler())

PATIENCE: Final = 1.0
"""Seconds for the thread to end."""
_BEGIN: Final = 10.0
"""Seconds for it to begin: long, since a machine that is merely busy must not be taken for one without events."""
_PROBE: Final = Mask(InotifyConstants.IN_OPEN | InotifyConstants.IN_ONLYDIR)
_APART: Final = b"/dev"
"""A folder that can be opened at any time and has no documents: of one that is watched already, other events would be told."""
_FILES: Final = 3
"""That an `InotifyFD` opens."""


class Reader(InotifyFD):
    """Reads events and hands each to the callback of its watch, in the order in which they happened."""

    def __init__(self, name: str, failed: Callable[[Exception], None]) -> None:
        """`failed` is told what ended the thread before it was stopped. Raises OSError."""
        with ExitStack() as room:
            for _ in range(_FILES):
                room.callback(os.close, os.open("/", os.O_PATH | os.O_CLOEXEC))
        super().__init__()
        self.name = name
        self._failed = failed

    def run(self) -> None:
        try:
            super().run()
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is watched any more
            self._failed(error)

    def caught_up(self, timeout: float) -> bool:
        """Wait until every event of the past was handed over; False after `timeout` seconds. Raises OSError.

        Events come in the order in which they happened: once one is heard that is caused now, all before it were.
        """
        probe, id_ = _Probe(), CallbackId(0)
        descriptor = self.watch(_APART, _PROBE, probe, id_)
        try:
            os.close(os.open(_APART, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            return probe.heard.wait(timeout)
        finally:
            self.remove_callbacks([(descriptor, id_)])

    def watch(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
        """Let `callback` have the events of a folder; the same folder again gives the same descriptor. Raises OSError."""
        descriptor = self.add_callback(path, mask, callback, id_)
        if descriptor == -1:
            self.remove_callbacks([(descriptor, id_)])
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return descriptor


class _Probe:
    """Waits for an event."""

    def __init__(self) -> None:
        self.heard = threading.Event()

    def on_event(self, event: InotifyEvent) -> None:
        del event
        self.heard.set()

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """Its watch is taken away on purpose."""

    def on_queue_overflow(self) -> None:
        """Those who watch something hear of it themselves."""


def started_reader(folder: bytes, name: str, failed: Callable[[Exception], None]) -> Reader:
    """A thread that has been seen to read an event of `folder`. Raises OSError."""
    reader = Reader(name, failed)
    reader.start()
    probe, id_ = _Probe(), CallbackId(0)
    try:
        descriptor = reader.watch(folder, _PROBE, probe, id_)
        os.close(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        heard = probe.heard.wait(_BEGIN)
        reader.remove_callbacks([(descriptor, id_)])
        if not heard:
            raise OSError(errno.EOPNOTSUPP, "no events of it arrive")
    except OSError:
        reader.stop()
        reader.join(PATIENCE)
        raise
    return reader
