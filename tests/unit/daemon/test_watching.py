"""How a source is watched: by events where they tell everything, polled where they do not, and said why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.config.values import Watch
from indexer.daemon.filesystems import Mode, WatchMode
from indexer.daemon.hints import Hints
from indexer.daemon.watcher import Coverage, Loss
from indexer.daemon.watching import SourceWatch
from indexer.ports import Watched
from tests.support.fake_clock import FakeClock
from tests.support.source_loop import FakeWatcher


class Scene:
    """A source of some folders, with watchers that see what a test tells them."""

    def __init__(
        self,
        *roots: str,
        setting: Watch = "auto",
        modes: dict[str, Mode] | None = None,
        coverage: Sequence[Coverage] = (),
    ) -> None:
        self.modes = modes or {}
        self.made: list[FakeWatcher] = []
        self.woken = 0
        self._coverage = list(coverage)
        self.hints = Hints(FakeClock())
        self.watch = SourceWatch(
            "docs",
            [Watched(root) for root in roots],
            setting,
            self.hints,
            self._wake,
            make=self._make,
            mode=self._mode,
        )

    def _wake(self) -> None:
        self.woken += 1

    def _make(self, watched: Watched, _listener: object) -> FakeWatcher:
        self.made.append(FakeWatcher(watched.root, self._coverage.pop(0) if self._coverage else None))
        return self.made[-1]

    def _mode(self, root: str, _setting: Watch) -> WatchMode:
        return WatchMode(self.modes.get(root, "native"), "nfs4, mounted at /mnt: others change it")


def test_what_is_watched_whole_needs_no_polling() -> None:
    scene = Scene("/docs")
    scene.watch.start()
    assert (scene.watch.state.mode, scene.watch.state.detail) == ("native", "")
    assert [watcher.calls for watcher in scene.made] == [["start"]]


def test_a_file_system_that_does_not_tell_is_polled_and_nothing_is_watched() -> None:
    scene = Scene("/mnt/docs", modes={"/mnt/docs": "poll"})
    scene.watch.start()
    assert scene.watch.state.mode == "poll"
    assert scene.watch.state.detail == "/mnt/docs is polled: nfs4, mounted at /mnt: others change it"
    assert scene.made == []
    assert not scene.watch.any


def test_of_two_folders_one_may_be_watched_and_the_other_polled() -> None:
    scene = Scene("/docs", "/mnt/docs", modes={"/mnt/docs": "poll"})
    scene.watch.start()
    assert scene.watch.any
    assert scene.watch.state.mode == "poll"
    assert "/mnt/docs is polled" in scene.watch.state.detail


def test_a_part_that_could_not_be_watched_is_told_with_what_to_do_and_watched_when_it_can_be() -> None:
    problem = "12 folders of /docs are not watched but polled: raise fs.inotify.max_user_watches (now 8192)"
    scene = Scene("/docs", coverage=[Coverage(("a", "b"), problem)])
    scene.watch.start()
    assert (scene.watch.state.mode, scene.watch.state.detail) == ("poll", problem)
    assert scene.watch.any, "the rest is watched"
    scene.made[0].after_refresh = Coverage()
    scene.watch.refresh()
    assert scene.watch.state.mode == "native"
    assert len(scene.made) == 1


def test_a_root_that_was_lost_gets_a_new_watcher_before_the_next_scan() -> None:
    scene = Scene("/docs")
    scene.watch.start()
    scene.made[0].watching = False
    scene.watch.on_lost(Loss("unmounted", "/docs was unmounted; mount it again"))
    assert scene.hints.next_due(0.0) is not None
    assert scene.woken == 1
    scene.watch.refresh()
    assert [watcher.calls for watcher in scene.made] == [["start", "refresh", "stop"], ["start"]]
    assert scene.watch.state.mode == "native"


def test_a_share_that_is_mounted_where_a_folder_was_is_polled_from_then_on() -> None:
    scene = Scene("/docs")
    scene.watch.start()
    scene.modes["/docs"] = "poll"
    scene.watch.refresh()
    assert scene.made[0].calls == ["start", "refresh", "stop"]
    assert scene.watch.state.mode == "poll"
    assert not scene.watch.any


@pytest.mark.parametrize("setting", ["auto", "off"])
def test_a_source_of_which_nothing_lies_here_is_polled_unless_that_is_not_wanted(setting: Watch) -> None:
    scene = Scene(setting=setting)
    scene.watch.start()
    assert scene.watch.remote
    assert scene.watch.state.mode == ("off" if setting == "off" else "poll")


def test_all_is_let_go_of_at_the_end() -> None:
    scene = Scene("/docs", "/more")
    scene.watch.start()
    scene.watch.stop()
    scene.watch.stop()
    assert [watcher.calls for watcher in scene.made] == [["start", "stop"]] * 2


def test_what_is_heard_becomes_hints_and_wakes_the_loop() -> None:
    scene = Scene("/docs")
    scene.watch.start()
    scene.watch.on_hint("a.md", False)
    scene.watch.on_move("b.md", "c.md", False)
    assert scene.hints.due(10.0) == ("a.md", "b.md", "c.md")
    assert scene.woken == 2
