"""While the disk is full no work is taken; when there is room again it goes on by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.daemon.requests import Request
from indexer.daemon.room import Room
from indexer.errors import StorageFullError
from indexer.ingest.progress import Silence
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.source_loop import Followed, Troubled, World


class Disk:
    """How much is free on the disk, as `os.statvfs` tells it."""

    f_frsize = 1

    def __init__(self) -> None:
        self.f_bavail = 1000


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr("indexer.daemon.room.os.statvfs", lambda _: disk)
    return disk


def test_while_the_disk_is_full_no_work_is_taken_and_when_there_is_room_again_it_goes_on_by_itself(
    scene: Followed, folder: FakeFolder, table: Troubled, disk: Disk
) -> None:
    folder.write("b.md", b"New text.")
    scene.hint("b.md")
    table.error = StorageFullError("the disk is full", remedy="free some space")
    scene.pass_time(50)
    assert scene.looks == ["changes b.md"]
    assert scene.loop.activity.doing.state == "waiting"
    assert scene.world.room.detail == "the disk is full — free some space"
    table.error = None
    disk.f_bavail += 1_000_000
    scene.pass_time(6)
    assert scene.looks == ["changes b.md"] * 2
    assert scene.texts()["b.md"] == "New text."
    assert scene.world.room.detail == ""
    assert scene.loop.activity.doing.state == "idle"


class AskedRoom(Room):
    """Counts how often it is asked."""

    asked = 0

    def closed_until(self, now: float) -> float | None:
        self.asked += 1
        return super().closed_until(now)


def test_a_loop_that_waits_for_room_is_at_rest(home: Home, folder: FakeFolder) -> None:
    room = AskedRoom(home.folder, home.clock)
    world = World(home)
    world.around = replace(world.around, room=room)
    room.ran_out(StorageFullError("the disk is full", remedy="free some space"))
    loop = Followed(home, folder, world).loop
    loop.start()
    assert not loop.join(0.3)
    assert loop.activity.doing.state == "waiting"
    assert room.asked <= 2
    loop.stop()
    assert loop.join(30)


def test_however_long_the_disk_was_full_work_goes_on_within_seconds(
    scene: Followed, folder: FakeFolder, table: Troubled, disk: Disk
) -> None:
    folder.write("b.md", b"New text.")
    scene.lose()
    table.error = StorageFullError("the disk is full", remedy="free some space")
    scene.pass_time(5 * 3600)
    table.error = None
    disk.f_bavail += 1_000_000
    scene.pass_time(6)
    assert scene.texts()["b.md"] == "New text."


def test_room_that_does_not_show_is_found_by_trying_once_a_minute(
    scene: Followed, folder: FakeFolder, table: Troubled, disk: Disk
) -> None:
    folder.write("b.md", b"New text.")
    scene.hint("b.md")
    table.error = StorageFullError("the quota is used up", remedy="free some space")
    scene.pass_time(301)
    assert 4 <= len(scene.looks) <= 6
    table.error = None
    scene.pass_time(70)
    assert scene.texts()["b.md"] == "New text."


def test_a_loop_without_work_does_not_use_up_the_try_of_one_that_waits(
    home: Home, folder: FakeFolder, table: Troubled, disk: Disk
) -> None:
    world = World(home)
    idle = Followed(home, FakeFolder(home.clock, uid="fake:idle"), world)
    idle.pass_time(1)
    scene = Followed(home, folder, world)
    table.error = StorageFullError("the disk is full", remedy="free some space")
    scene.pass_time(1)
    table.error = None
    disk.f_bavail += 1_000_000
    home.clock.advance(5_000_000)
    idle.pass_time(0)
    assert idle.loop.activity.doing.state == "idle"
    scene.pass_time(0)
    assert len(scene.texts()) == 3


def test_a_scan_that_has_nothing_to_write_does_not_say_that_there_is_room(
    home: Home, folder: FakeFolder, table: Troubled, disk: Disk
) -> None:
    world = World(home)
    idle = Followed(home, FakeFolder(home.clock, uid="fake:idle"), world)
    idle.pass_time(1)
    scene = Followed(home, folder, world)
    table.error = StorageFullError("the disk is full", remedy="free some space")
    scene.pass_time(1)
    home.clock.advance(70_000_000)
    idle.loop.schedule()
    idle.pass_time(0)
    assert idle.looks == ["start", "schedule"]
    assert world.room.detail == "the disk is full — free some space"
    table.error = None
    scene.pass_time(70)
    assert world.room.detail == ""


def test_deletions_that_were_accepted_are_not_carried_out_hours_later(
    scene: Followed, folder: FakeFolder, table: Troubled, disk: Disk
) -> None:
    """What they were accepted for was what the share looked like then; by now it may be unmounted."""
    for number in range(6):
        folder.write(f"{number}.md", f"Text {number}.".encode())
    scene.lose()
    scene.pass_time(2)
    asked = Request(Silence(), accept_deletions=True)
    folder.write("new.md", b"New.")
    table.error = StorageFullError("the disk is full", remedy="free some space")
    scene.loop.ask(asked)
    scene.pass_time(1)
    with pytest.raises(StorageFullError):
        asked.answer.result(0)
    table.error = None
    folder.files.clear()
    disk.f_bavail += 1_000_000
    scene.pass_time(6)
    assert len(scene.home.keys()) == 9
    assert "--accept-deletions" in scene.loop.activity.doing.detail
