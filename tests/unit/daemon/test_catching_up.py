"""A watcher has caught up once all that happened before was told, and that costs no watch its events."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import CallbackId, InotifyConstants, InotifyEvent, Mask, WatchDescriptor

from indexer.daemon import inotify_reader
from tests.support.watched_folder import DEADLINE, watching

pytestmark = pytest.mark.inotify


def test_a_watcher_has_caught_up_when_it_has_told_all_that_happened_before(tmp_path: Path) -> None:
    with watching(tmp_path) as scene:
        for number in range(200):
            scene.write(f"{number}.md")
            assert scene.watcher.caught_up(60)
            assert (f"{number}.md", False) in scene.recorder.told


class Heard:
    """The kinds of events of a watch."""

    def __init__(self) -> None:
        self.masks: list[int] = []
        self.some = threading.Event()

    def on_event(self, event: InotifyEvent) -> None:
        self.masks.append(event.mask & InotifyConstants.IN_ALL_EVENTS)
        self.some.set()

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        pass

    def on_queue_overflow(self) -> None:
        pass


def test_catching_up_takes_no_events_from_a_watch_of_the_program_s_own_folder() -> None:
    ours = Path(inotify_reader.__file__).parent
    heard = Heard()
    reader = inotify_reader.started_reader(bytes(ours), "own", lambda error: pytest.fail(str(error)))
    try:
        reader.watch(bytes(ours), Mask(InotifyConstants.IN_CLOSE_NOWRITE), heard, CallbackId(7))
        assert reader.caught_up(DEADLINE)
        heard.some.clear()
        os.close(os.open(ours, os.O_RDONLY | os.O_DIRECTORY))
        assert heard.some.wait(DEADLINE)
        assert set(heard.masks) == {InotifyConstants.IN_CLOSE_NOWRITE}
    finally:
        reader.stop()
        reader.join(DEADLINE)
