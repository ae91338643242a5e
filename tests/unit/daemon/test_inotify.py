"""A real folder under inotify: what changes is hinted, what is only read is not, and what is lost is said."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.daemon.inotify import NativeWatcher
from indexer.daemon.watcher import Watcher
from indexer.ports import Watched
from tests.support.privileges import permissions_enforced
from tests.support.watched_folder import DEADLINE, Recorder, Scene, instances, open_files, watches, watching

pytestmark = pytest.mark.inotify


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def scene(root: Path) -> Iterator[Scene]:
    (root / "old" / "deep").mkdir(parents=True)
    (root / "a.md").write_text("as it was")
    with watching(root) as scene:
        yield scene


# --- changes ------------------------------------------------------------------------------------


def test_a_file_that_is_written_is_hinted(scene: Scene) -> None:
    scene.write("a.md")
    scene.write("old/deep/b.md")
    assert scene.all_told() == [("a.md", False), ("old/deep/b.md", False)]


def test_a_file_that_is_deleted_touched_or_made_unreadable_is_hinted(scene: Scene) -> None:
    for name in ("b.md", "c.md", "d.md"):
        scene.write(name)
    scene.all_told()
    (scene.root / "b.md").unlink()
    os.utime(scene.root / "c.md", (1, 1))
    (scene.root / "d.md").chmod(0)
    assert scene.all_told() == [("b.md", False), ("c.md", False), ("d.md", False)]


def test_what_is_only_read_is_not_hinted(scene: Scene) -> None:
    assert (scene.root / "a.md").read_text() == "as it was"
    assert [path.name for path in (scene.root / "old").iterdir()] == ["deep"]
    (scene.root / "a.md").stat()
    assert scene.all_told() == []


def test_a_file_that_is_renamed_is_one_move(scene: Scene) -> None:
    (scene.root / "a.md").rename(scene.root / "old" / "b.md")
    assert scene.all_told() == [("a.md", False), ("a.md", "old/b.md", False)]


def test_a_file_that_comes_from_elsewhere_or_goes_there_is_hinted(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("new")
    (tmp_path / "outside.md").rename(scene.root / "b.md")
    (scene.root / "a.md").rename(tmp_path / "gone.md")
    assert scene.all_told() == [("b.md", False), ("a.md", False)]


def test_names_that_are_no_utf_8_have_the_keys_that_listings_give_them(scene: Scene) -> None:
    scene.write(os.fsdecode(b"caf\xe9.md"))
    (scene.root / os.fsdecode(b"\xfc")).mkdir()
    scene.recorder.hears(("\N{REPLACEMENT CHARACTER}fc", True))
    scene.write(os.fsdecode(b"\xfc/b.md"))
    mark = "\N{REPLACEMENT CHARACTER}"
    assert scene.all_told() == [(f"caf{mark}e9.md", False), (f"{mark}fc", True), (f"{mark}fc/b.md", False)]


def test_only_files_that_are_wanted_are_hinted(root: Path) -> None:
    with watching(root, wants_file=lambda key: not key.endswith(".lock")) as scene:
        (scene.write("HEAD.lock")).rename(root / "HEAD")
        assert scene.all_told() == [("HEAD", False)]


# --- folders ------------------------------------------------------------------------------------


def test_a_new_folder_is_hinted_as_a_whole_and_watched_however_deep_it_is(scene: Scene) -> None:
    scene.write("new/very/deep/made-at-once.md")
    scene.recorder.hears(("new", True))
    scene.all_told()
    scene.write("new/very/deep/later.md")
    assert scene.all_told() == [("new/very/deep/later.md", False)]


def test_folders_that_are_made_while_those_above_are_entered_are_all_watched(root: Path) -> None:
    before = watches()
    with watching(root) as scene:
        for number in range(300):
            (root / str(number) / "/".join("abcdefgh")).mkdir(parents=True)
        scene.all_told()
        assert watches() - before == 1 + 300 * 9


def test_a_renamed_folder_is_one_move_and_watched_at_its_new_place_with_all_below(scene: Scene) -> None:
    (scene.root / "old").rename(scene.root / "new")
    # The move is told at once, and the new place once more when all of it is watched.
    assert scene.all_told() == [("old", True), ("old", "new", True), ("new", True)]
    scene.write("new/deep/b.md")
    assert scene.all_told() == [("new/deep/b.md", False)]


def test_a_folder_that_went_elsewhere_is_watched_no_more(scene: Scene, tmp_path: Path) -> None:
    before = watches()
    (scene.root / "old").rename(tmp_path / "elsewhere")
    assert scene.all_told() == [("old", True)]
    (tmp_path / "elsewhere" / "deep" / "b.md").write_text("x")
    assert scene.all_told() == []
    assert watches() == before - 2


def test_a_folder_that_comes_from_elsewhere_is_watched(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "come" / "deep").mkdir(parents=True)
    (tmp_path / "come").rename(scene.root / "come")
    assert scene.all_told() == [("come", True)]
    scene.write("come/deep/b.md")
    assert scene.all_told() == [("come/deep/b.md", False)]


def test_a_folder_that_is_deleted_and_made_again_is_watched_again(scene: Scene) -> None:
    for _ in range(20):
        shutil.rmtree(scene.root / "old")
        (scene.root / "old" / "deep").mkdir(parents=True)
    told = scene.all_told()
    assert ("old", True) in told
    scene.write("old/deep/b.md")
    assert scene.all_told() == [("old/deep/b.md", False)]


def test_two_folders_that_swap_names_are_told_under_the_right_keys(scene: Scene) -> None:
    scene.write("other/b.md")
    scene.all_told()
    (scene.root / "old").rename(scene.root / "aside")
    (scene.root / "other").rename(scene.root / "old")
    (scene.root / "aside").rename(scene.root / "other")
    scene.all_told()
    scene.write("other/deep/c.md")
    scene.write("old/d.md")
    assert scene.all_told() == [("other/deep/c.md", False), ("old/d.md", False)]


def test_a_folder_that_is_not_wanted_costs_no_watch_and_is_never_told_of(root: Path) -> None:
    (root / ".git" / "objects" / "00").mkdir(parents=True)
    (root / "docs").mkdir()
    before = watches()
    with watching(root, wants_folder=lambda key: key.rpartition("/")[2] != ".git") as scene:
        assert watches() - before == 2
        scene.write(".git/index")
        scene.write("docs/.git/index")
        assert watches() - before == 2
        assert scene.all_told() == []
        (root / ".git").rename(root / "taken-in")
        assert scene.all_told() == [("taken-in", True)]
        scene.write("taken-in/objects/00/a")
        assert scene.all_told() == [("taken-in/objects/00/a", False)]
        (root / "taken-in").rename(root / ".git")
        assert scene.all_told() == [("taken-in", True)]
        scene.write(".git/objects/00/b")
        assert scene.all_told() == []
        assert watches() - before == 2


def test_links_to_folders_are_not_followed(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (scene.root / "link").symlink_to(tmp_path / "target")
    assert scene.all_told() == [("link", False)]
    (tmp_path / "target" / "b.md").write_text("x")
    assert scene.all_told() == []


def test_a_folder_that_may_not_be_read_is_watched_once_it_may(root: Path) -> None:
    (root / "closed").mkdir(mode=0)
    with permissions_enforced(), watching(root) as scene:
        assert scene.watcher.coverage.unwatched == ()
        (root / "closed").chmod(0o700)
        scene.recorder.hears(("closed", True))
        scene.all_told()
        scene.write("closed/a.md")
        assert scene.all_told() == [("closed/a.md", False)]


# --- the root -----------------------------------------------------------------------------------


def test_a_root_that_is_a_link_is_watched(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    with watching(tmp_path / "link") as scene:
        scene.write("in/a.md")
        assert ("in", True) in scene.all_told()


def test_a_root_that_is_deleted_is_lost(scene: Scene) -> None:
    shutil.rmtree(scene.root)
    assert scene.recorder.hears_loss("root-gone").detail.startswith(f"{scene.root} was deleted")
    assert not scene.watcher.watching
    assert scene.watcher.coverage.unwatched == ("",)


def test_a_root_that_is_replaced_by_a_rename_is_lost(scene: Scene, tmp_path: Path) -> None:
    scene.root.rename(tmp_path / "aside")
    scene.root.mkdir()
    scene.recorder.hears_loss("root-gone")
    scene.recorder.forget()
    (tmp_path / "aside" / "a.md").write_text("elsewhere now")
    with watching(scene.root) as again:
        again.write("b.md")
        again.recorder.hears(("b.md", False))
    assert scene.recorder.told == []
    assert len(scene.recorder.losses) == 1


def test_a_root_whose_link_was_re_pointed_is_found_lost_before_the_next_scan(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to(root)
    with watching(tmp_path / "link") as scene:
        scene.watcher.refresh()
        assert scene.watcher.watching
        (tmp_path / "link").unlink()
        (tmp_path / "link").symlink_to(tmp_path / "other")
        scene.watcher.refresh()
        assert [loss.code for loss in scene.recorder.losses] == ["root-replaced"]
        assert not scene.watcher.watching


def test_a_root_whose_parent_was_renamed_is_found_lost_before_the_next_scan(tmp_path: Path) -> None:
    root = tmp_path / "share" / "root"
    root.mkdir(parents=True)
    with watching(root) as scene:
        (tmp_path / "share").rename(tmp_path / "elsewhere")
        scene.watcher.refresh()
        assert [loss.code for loss in scene.recorder.losses] == ["root-gone"]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("a file")])
def test_a_root_that_cannot_be_watched_is_said_to_need_polling(tmp_path: Path, make: object) -> None:
    make(tmp_path / "root")  # type: ignore[operator]
    before = open_files(), threading.active_count()
    with watching(tmp_path / "root") as scene:
        assert not scene.watcher.watching
        assert scene.watcher.coverage.unwatched == ("",)
        assert "is the share mounted?" in scene.watcher.coverage.problem
        scene.watcher.refresh()
    assert (open_files(), threading.active_count()) == before


def test_a_root_that_may_not_be_read_is_said_to_need_polling(root: Path) -> None:
    root.chmod(0)
    with permissions_enforced(), watching(root) as scene:
        assert not scene.watcher.watching
        assert "may not be read" in scene.watcher.coverage.problem
        root.chmod(0o700)


# --- losses -------------------------------------------------------------------------------------


class Blocked(Recorder):
    """Takes its time over the first hint."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def on_hint(self, key: str, folder: bool) -> None:
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(DEADLINE)
        super().on_hint(key, folder)


def test_events_that_overflow_are_a_loss_after_which_everything_is_watched(root: Path) -> None:
    (root / "was-there").mkdir()
    listener = Blocked()
    watcher = NativeWatcher(Watched(str(root)), listener)
    watcher.start()
    try:
        (root / "first").touch()
        assert listener.reached.wait(DEADLINE)
        queue = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        for number in range(queue // 4 + 100):  # made, changed, closed and deleted
            (root / f"{number % 1000}.md").write_text("x")
            (root / f"{number % 1000}.md").unlink()
        (root / "unseen" / "deep").mkdir(parents=True)
        (root / "was-there").rmdir()
        assert listener.losses == []
        listener.go_on.set()
        listener.hears_loss("overflow")
        assert watcher.watching
        (root / "unseen" / "deep" / "a.md").touch()
        listener.hears(("unseen/deep/a.md", False))
    finally:
        listener.go_on.set()
        watcher.stop()


def test_an_error_of_the_listener_ends_the_watching_and_is_told(root: Path) -> None:
    class Failing(Recorder):
        def on_hint(self, key: str, folder: bool) -> None:
            raise ValueError("broken")

    listener = Failing()
    watcher = NativeWatcher(Watched(str(root)), listener)
    watcher.start()
    (root / "a.md").touch()
    assert "broken" in listener.hears_loss("failed").detail
    assert not watcher.watching
    assert watcher.coverage.unwatched == ("",)
    watcher.stop()


def test_a_refresh_watches_what_was_missed_and_keeps_what_is_watched(scene: Scene) -> None:
    before = watches()
    for _ in range(3):
        scene.watcher.refresh()
    assert watches() == before
    scene.write("old/deep/b.md")
    assert scene.all_told() == [("old/deep/b.md", False)]
    assert scene.watcher.coverage.unwatched == ()


# --- the end ------------------------------------------------------------------------------------


def test_it_is_a_watcher(root: Path) -> None:
    watcher: Watcher = NativeWatcher(Watched(str(root)), Recorder())
    assert not watcher.watching


def test_nothing_is_told_after_the_stop(scene: Scene) -> None:
    scene.watcher.stop()
    scene.recorder.forget()
    before = watches()
    scene.write("a.md")
    scene.watcher.refresh()
    scene.watcher.stop()
    assert scene.recorder.told == []
    assert not scene.watcher.watching
    assert watches() == before


def test_the_thread_has_a_name_and_a_hundred_starts_and_stops_leave_nothing_behind(root: Path) -> None:
    for number in range(5):
        (root / f"{number}" / "deep").mkdir(parents=True)
    files, threads = open_files(), threading.active_count()
    for number in range(100):
        with watching(root) as scene:
            assert f"watch {root}" in {thread.name for thread in threading.enumerate()}
            if number % 2:
                scene.write(f"{number}/a.md")
    assert open_files() == files
    assert threading.active_count() == threads
    assert instances() == []


def test_a_watcher_may_be_stopped_before_it_was_started_and_by_the_thread_that_it_calls(root: Path) -> None:
    class Stopping(Recorder):
        def on_hint(self, key: str, folder: bool) -> None:
            watcher.stop()
            super().on_hint(key, folder)

    NativeWatcher(Watched(str(root)), Recorder()).stop()
    threads = threading.enumerate()
    listener = Stopping()
    watcher = NativeWatcher(Watched(str(root)), listener)
    watcher.start()
    [reader] = set(threading.enumerate()) - set(threads)
    (root / "a.md").touch()
    listener.hears(("a.md", False))
    reader.join(DEADLINE)
    assert not reader.is_alive()
    assert instances() == []
