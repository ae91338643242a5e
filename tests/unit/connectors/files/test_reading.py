"""Reading gives whole, unchanged files from inside the root, or says in one line why not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.files.reading import FileReader, etag_of, is_settled, readable_size
from indexer.clock import SystemClock
from indexer.errors import ReadError
from tests.support.fake_clock import FakeClock
from tests.support.privileges import permissions_enforced

SECOND = 1_000_000_000


class ClockThatTriggers(FakeClock):
    """A clock at whose ticks, which fall between a file's two stats, something happens."""

    def __init__(self, *actions: Callable[[], object]) -> None:
        super().__init__()
        self.actions = list(actions)

    def now(self) -> int:
        if self.actions:
            self.actions.pop(0)()
        return super().now()


def reader(root: Path, limit: int = 1000, clock: FakeClock | SystemClock | None = None) -> FileReader:
    return FileReader(str(root), limit, clock or FakeClock())


def failure(read: Callable[[str], object], key: str) -> ReadError:
    with pytest.raises(ReadError) as caught, permissions_enforced():
        read(key)
    assert key in caught.value.message
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_file_as_large_as_allowed_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1000)
    assert len(reader(tmp_path).read("a").data) == 1000


def test_a_larger_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(51_300_000)
    clock = ClockThatTriggers(lambda: pytest.fail("it was read"))
    error = failure(reader(tmp_path, 50_000_000, clock).read, "a")
    assert error.reason == "too-large"
    assert "51.3 MB" in error.message
    assert "50 MB" in error.message
    assert "max_file_size" in error.remedy


def test_a_file_that_outgrows_the_limit_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    assert (
        failure(
            reader(tmp_path, clock=ClockThatTriggers(lambda: path.write_bytes(b"x" * 1001))).read, "a"
        ).reason
        == "too-large"
    )


def test_a_file_that_changes_once_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first")
    content = reader(tmp_path, clock=ClockThatTriggers(lambda: path.write_bytes(b"second one"))).read("a")
    assert content.data == b"second one"
    assert content.etag == etag_of(path.stat())


def test_a_file_whose_time_alone_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"first")
    content = reader(tmp_path, clock=ClockThatTriggers(lambda: os.utime(path, ns=(0, 0)))).read("a")
    assert content.times[0].instant == 0


def test_a_file_that_replaced_another_while_that_was_read_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"new")
    old, new = ((tmp_path / name).stat() for name in "ab")
    first = reader(tmp_path).read("a")
    (tmp_path / "b").rename(tmp_path / "a")
    second = reader(tmp_path).read("a")
    assert [first.file_id, second.file_id] == [f"{at.st_dev}:{at.st_ino}" for at in (old, new)]


def test_a_file_that_keeps_changing_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")

    def grow() -> None:
        path.write_bytes(path.read_bytes() + b"x")

    error = failure(reader(tmp_path, clock=ClockThatTriggers(grow, grow, grow)).read, "a")
    assert error.reason == "changing"
    assert path.read_bytes() == b"xxx"


def test_a_file_that_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "a").chmod(0)
    error = failure(reader(tmp_path).read, "a")
    assert error.reason == "unreadable"
    assert error.remedy


@pytest.mark.parametrize("key", ["gone", "gone/deep", "a/below-a-file"])
def test_a_file_that_is_gone_vanished(tmp_path: Path, key: str) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert failure(reader(tmp_path).read, key).reason == "vanished"


def test_a_pipe_in_the_files_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    assert failure(reader(tmp_path).read, "a").reason == "vanished"


def test_a_folder_in_the_files_place_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert failure(reader(tmp_path).read, "a").reason == "vanished"


@pytest.mark.parametrize("key", ["link.md", "folder/secret.md", "folder/deep/secret.md"])
def test_a_symlink_that_appeared_since_the_scan_leads_nowhere(tmp_path: Path, key: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    (outside / "deep").mkdir(parents=True)
    root.mkdir()
    (outside / "secret.md").write_text("secret")
    (outside / "deep/secret.md").write_text("secret")
    (root / "link.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    assert failure(reader(root).read, key).reason == "vanished"


def test_reading_leaves_no_descriptor_open(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/a").write_bytes(b"x")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    reader(tmp_path).read("b/a")
    failure(reader(tmp_path).read, "b/gone")
    failure(reader(tmp_path, 0).read, "b/a")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_file_written_just_now_is_not_settled(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert not reader(tmp_path, clock=SystemClock()).read("a").settled


@pytest.mark.parametrize(
    ("mtime", "ctime", "now", "settled"),
    [
        (100.5, 100.5, 100.52, False),
        (100.5, 100.5, 100.520001, True),
        (1.5, 100.5, 100.51, False),
        (100, 100, 101.9, False),
        (100, 100, 102.1, True),
        (100, 100.25, 100.3, True),
        (100, 100, 100.5, False),
        (900.5, 100.5, 101, True),
        (900.5, 100.5, 100.51, False),
        (1, 900.5, 101, False),
    ],
    ids=[
        *("within-a-tick", "after-a-tick", "old-mtime-set-back", "whole-seconds-on-fat", "two-seconds-later"),
        *(
            "restored-whole-mtime",
            "whole-seconds",
            "mtime-in-the-future",
            "mtime-in-the-future-just-set",
            "ctime-in-the-future",
        ),
    ],
)
def test_a_file_is_settled_once_a_later_write_must_show(
    mtime: float, ctime: float, now: float, settled: bool
) -> None:
    times = {"st_mtime_ns": round(mtime * SECOND), "st_ctime_ns": round(ctime * SECOND)}
    status = os.stat_result(range(10), times)
    assert is_settled(status, round(now * 1_000_000)) is settled


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (812, "812 bytes"),
        (50_000_000, "50 MB"),
        (51_340_000, "51.3 MB"),
        (2 * 10**15, "2000 TB"),
    ],
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert readable_size(size) == text
