"""What happens to a watcher in a namespace of its own: `unshare -rm python -m tests.fault.watch_alone STORY FOLDER`.

There limits of inotify can be set and file systems mounted and unmounted without anybody else noticing.
Ends with status 0 if all went as claimed.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from tests.support.watched_folder import open_files, watching

_LIMITS = Path("/proc/sys/user")


def too_few_watches(root: Path) -> None:
    """The rest is said to need polling; when there are more, a refresh watches it."""
    for number in range(30):
        (root / f"{number:02}" / "deep").mkdir(parents=True)
    _limit("watches", 20)
    with watching(root) as scene:
        coverage = scene.watcher.coverage
        assert scene.watcher.watching
        assert 10 < len(coverage.unwatched) < 30, coverage
        assert f"folders of {root} are not watched but polled" in coverage.problem
        assert "raise fs.inotify.max_user_watches (now " in coverage.problem
        unwatched = coverage.unwatched[0]
        scene.write(f"{unwatched}/a.md")
        scene.write("b.md")
        assert scene.all_told() == [("b.md", False)]
        scene.write("new/a.md")
        scene.recorder.hears(("new", True))
        assert "new" in scene.watcher.coverage.unwatched
        _limit("watches", 1000)
        scene.watcher.refresh()
        assert scene.watcher.coverage.unwatched == ()
        assert scene.watcher.coverage.problem == ""
        scene.all_told()
        scene.write(f"{unwatched}/deep/c.md")
        assert scene.all_told() == [(f"{unwatched}/deep/c.md", False)]


def no_watch(root: Path) -> None:
    """Nothing at all can be watched."""
    _limit("watches", 0)
    _unwatched(root, "fs.inotify.max_user_watches")


def no_instance(root: Path) -> None:
    """There is no inotify instance left."""
    _limit("instances", 0)
    _unwatched(root, "fs.inotify.max_user_instances")


def no_file(root: Path) -> None:
    """The process has too many files open; not one more is after the attempt."""
    for room in range(1, 6):
        before = open_files()
        resource.setrlimit(resource.RLIMIT_NOFILE, (before - 1 + room, 1000))
        with watching(root) as scene:
            assert scene.watcher.watching == (room >= 4), room
            if not scene.watcher.watching:
                assert "the limit of open files" in scene.watcher.coverage.problem
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
        assert open_files() == before


def root_unmounted(root: Path) -> None:
    """Whatever is there now is not what was watched."""
    _mount(root)
    (root / "in").mkdir()
    with watching(root) as scene:
        _run("umount", root)
        assert scene.recorder.hears_loss("unmounted").detail == f"{root} was unmounted; mount it again"
        assert not scene.watcher.watching
        assert scene.watcher.coverage.unwatched == ("",)
        assert len(scene.recorder.losses) == 1


def root_mounted_over(root: Path) -> None:
    """No event tells: it is found before the next scan."""
    with watching(root) as scene:
        _mount(root)
        scene.watcher.refresh()
        assert [loss.code for loss in scene.recorder.losses] == ["root-replaced"]


def inner_unmounted(root: Path) -> None:
    """The folder that was mounted over is looked at, and watched."""
    (root / "share" / "below").mkdir(parents=True)
    _mount(root / "share")
    (root / "share" / "above").mkdir()
    with watching(root) as scene:
        _run("umount", root / "share")
        scene.recorder.hears(("share", True))
        assert scene.recorder.losses == []
        scene.all_told()
        scene.write("share/below/a.md")
        assert scene.all_told() == [("share/below/a.md", False)]


def inner_mounted_over(root: Path) -> None:
    """No event tells: what is there is watched from the next scan on, and what is hidden no more."""
    (root / "share").mkdir()
    with watching(root) as scene:
        _mount(root / "share")
        scene.write("share/before.md")
        assert scene.all_told() == []
        scene.watcher.refresh()
        scene.write("share/after.md")
        assert scene.all_told() == [("share/after.md", False)]


def mounted_twice(root: Path) -> None:
    """A change in a folder that is at two places is told of both."""
    (root / "one").mkdir()
    (root / "two").mkdir()
    _run("mount", "--bind", root / "one", root / "two")
    with watching(root) as scene:
        scene.write("two/a.md")
        assert sorted(scene.all_told()) == [("one/a.md", False), ("two/a.md", False)]


def _unwatched(root: Path, limit: str) -> None:
    before = open_files()
    with watching(root) as scene:
        assert not scene.watcher.watching
        assert scene.watcher.coverage.unwatched == ("",)
        assert f"{root} is not watched but polled" in scene.watcher.coverage.problem
        assert f"raise {limit} (now " in scene.watcher.coverage.problem
    assert open_files() == before


def _limit(what: str, most: int) -> None:
    (_LIMITS / f"max_inotify_{what}").write_text(str(most))


def _mount(place: Path) -> None:
    _run("mount", "-t", "tmpfs", "none", place)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)


STORIES = (
    too_few_watches,
    no_watch,
    no_instance,
    no_file,
    root_unmounted,
    root_mounted_over,
    inner_unmounted,
    inner_mounted_over,
    mounted_twice,
)

if __name__ == "__main__":
    {story.__name__: story for story in STORIES}[sys.argv[1]](Path(sys.argv[2]))
