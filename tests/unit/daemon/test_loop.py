"""What a source's loop does, step by step: looks when it is time, goes on whatever happens, and loses no wish."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from indexer.daemon.hints import Hints
from indexer.daemon.interruptions import StoppedError
from indexer.daemon.requests import Request
from indexer.daemon.room import Room
from indexer.errors import BusyError, DamagedStoreError, StorageFullError
from indexer.ingest.index import IngestLimits
from indexer.ingest.progress import Silence
from indexer.ingest.reports import SourceReport
from indexer.model import Row
from indexer.ports import StoredPassage
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.memory_passages import MemoryPassages
from tests.support.source_loop import Followed, World


class Troubled(MemoryPassages):
    """A table whose commits fail while there is something in `error`."""

    error: Exception | None = None

    def commit(self, add: Sequence[StoredPassage], change: Sequence[Row]) -> int:
        if self.error is not None:
            raise self.error
        return super().commit(add, change)


@pytest.fixture
def table() -> Troubled:
    return Troubled()


@pytest.fixture
def home(table: Troubled) -> Iterator[Home]:
    place = fast_folder("loop-")
    limits = IngestLimits(batch_documents=2, batch_passages=4)
    with Home(place, store=lambda *_: table, limits=limits) as home:
        yield home
    shutil.rmtree(place)


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    folder = FakeFolder(home.clock)
    for name in "abc":
        folder.write(f"{name}.md", f"Text of {name}.".encode())
    home.clock.advance()
    return folder


@pytest.fixture
def scene(home: Home, folder: FakeFolder) -> Followed:
    scene = Followed(home, folder)
    scene.pass_time(1)
    assert scene.looks == ["start"]
    scene.looks.clear()
    return scene


SOON = 30
"""Seconds for what takes a moment."""


class Counted(Silence):
    """Notes when sources begin and end."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def source_started(self, name: str) -> None:
        self.heard.append("source_started")

    def source_finished(self, report: SourceReport) -> None:
        self.heard.append("source_finished")


def request() -> Request:
    return Request(Silence())


# --- what is due ----------------------------------------------------------------------------------


def test_it_watches_before_it_scans_so_that_nothing_falls_between_the_two(
    home: Home, folder: FakeFolder
) -> None:
    scene = Followed(home, folder)
    assert scene.watcher.calls == ["start"]
    assert scene.loop.armed.is_set()
    assert scene.looks == []
    scene.pass_time(0)
    assert scene.looks == ["start"]
    assert scene.watcher.calls == ["start", "refresh"]


def test_what_is_saved_is_indexed_within_a_second_and_nothing_else_is_looked_at(
    scene: Followed, folder: FakeFolder
) -> None:
    folder.write("b.md", b"New text.")
    folder.reads.clear()
    scene.hint("b.md")
    scene.pass_time(1)
    assert scene.looks == ["changes b.md"]
    assert set(folder.reads) == {"b.md"}
    assert scene.texts()["b.md"] == "New text."


def test_lost_events_are_healed_by_a_scan(scene: Followed, folder: FakeFolder) -> None:
    folder.write("b.md", b"New text.")
    scene.lose()
    scene.pass_time(2)
    assert scene.looks == ["changes"]
    assert scene.texts()["b.md"] == "New text."


def test_a_source_without_parts_is_looked_at_as_a_whole(home: Home) -> None:
    wiki = FakeConnector()
    wiki.observe("page", b"One.", at=1)
    scene = Followed(home, wiki)
    scene.pass_time(1)
    wiki.observe("page", b"Two.", at=2)
    scene.hint("refs")
    scene.pass_time(2)
    assert scene.looks == ["start", "changes"]
    assert scene.texts() == {"page": "Two."}


def test_what_is_saved_during_a_scan_is_looked_at_before_its_end(home: Home, folder: FakeFolder) -> None:
    for number in range(20):
        folder.write(f"{number:02}.md", f"Old text {number}.".encode())
    home.clock.advance()
    scene = Followed(home, folder)
    order: list[str] = []

    def step(name: str) -> None:
        if name == "catalog committed":
            order.append("New" if "New text." in scene.texts().values() else "old")
            home.clock.advance(400_000)
            if len(order) == 1:
                folder.write("19.md", b"New text.")
                scene.hint("19.md")

    scene.at_step = step
    scene.pass_time(0)
    assert order.index("New") < len(order) - 3
    assert scene.looks == ["start"]
    assert scene.loop.activity.looks == 1


def test_a_file_whose_size_cannot_be_asked_for_holds_up_nobody_who_wants_something_of_the_loop(
    scene: Followed, folder: FakeFolder
) -> None:
    asked, let_go = threading.Event(), threading.Event()

    def size_of(key: str) -> int | None:
        asked.set()
        assert let_go.wait(SOON)
        return None

    hints = Hints(scene.home.clock, size_of)
    scene.agenda.hints = hints
    hints.add("a.md")
    for _ in range(3):
        scene.home.clock.advance(250_000)
        hints.add("a.md")
    working = threading.Thread(target=lambda: scene.loop.step(scene.worker))
    working.start()
    assert asked.wait(SOON)
    wishing = threading.Thread(target=scene.loop.schedule, daemon=True)
    wishing.start()
    wishing.join(SOON)
    let_go.set()
    working.join(SOON)
    assert not wishing.is_alive()


def test_what_overtakes_a_scan_does_not_count_as_the_scan(home: Home, folder: FakeFolder) -> None:
    for number in range(10):
        folder.write(f"{number}.md", f"Old text {number}.".encode())
    scene = Followed(home, folder)
    wish = Counted()
    told: list[tuple[int, int, int]] = []
    scene.loop.ask(Request(wish))

    def at_step(name: str) -> None:
        if name == "catalog committed":
            doing = scene.loop.activity.doing
            told.append((doing.documents, doing.to_index, doing.indexed))
            home.clock.advance(1_000_000)
            if len(told) == 2:
                folder.write("9.md", b"New text.")
                scene.hint("9.md")

    scene.at_step = at_step
    scene.pass_time(0)
    assert scene.loop.activity.looks == 1
    assert {(documents, to_index) for documents, to_index, _ in told} == {(13, 13)}
    assert scene.loop.activity.doing.indexed == 0, "it is over"
    assert told[-1][2] == 12, "all but the one that overtook"
    assert wish.heard == ["source_started", "source_finished"]


def test_nothing_is_done_while_nothing_is_due(scene: Followed) -> None:
    scene.pass_time(3600)
    assert scene.looks == []


# --- what fails -----------------------------------------------------------------------------------


def test_a_source_that_cannot_be_listed_is_tried_later_and_later_while_another_goes_on(
    home: Home, folder: FakeFolder
) -> None:
    world = World(home)
    away = FakeFolder(home.clock, uid="fake:away")
    away.away = True
    troubled, sound = Followed(home, away, world), Followed(home, folder, world)
    troubled.pass_time(60)
    sound.pass_time(0)
    assert troubled.looks == ["start", "retry", "retry", "retry"], "after 5, 15 and 35 seconds"
    assert troubled.loop.activity.doing.state == "failing"
    folder.write("a.md", b"New text.")
    sound.hint("a.md")
    sound.pass_time(1)
    assert sound.texts()["a.md"] == "New text."
    assert sound.loop.activity.doing.state == "idle"
    away.away = False
    troubled.pass_time(60)
    assert troubled.loop.activity.doing.state == "idle"
    assert world.fatal == []


def test_a_source_in_trouble_stays_so_while_some_of_its_places_can_be_seen(
    scene: Followed, folder: FakeFolder, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(20):
        folder.write(f"{number}.md", b"Old text.")
    scene.lose()
    scene.pass_time(3)
    for number in range(20):
        folder.delete(f"{number}.md")
    scene.lose()
    scene.pass_time(3)
    assert scene.loop.activity.doing.state == "failing"
    folder.write("a.md", b"New text.")
    scene.hint("a.md")
    scene.pass_time(1)
    assert scene.looks[-1] == "changes a.md"
    assert scene.texts()["a.md"] == "New text."
    assert scene.loop.activity.doing.state == "failing"
    assert "are gone at once" in scene.loop.activity.doing.detail
    assert "well again" not in caplog.text
    for number in range(20):
        folder.write(f"{number}.md", b"Old text.")
    scene.pass_time(60)
    assert scene.loop.activity.doing.state == "idle"


def test_documents_that_failed_are_due_by_themselves_and_alone(home: Home, folder: FakeFolder) -> None:
    folder.make_unreadable("b.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    assert scene.loop.activity.failed == 1
    folder.files["b.md"] = replace(folder.files["b.md"], failure=None)
    folder.reads.clear()
    scene.pass_time(70)
    assert scene.looks == ["start", "failures"]
    assert set(folder.reads) == {"b.md"}
    assert scene.texts()["b.md"] == "Text of b."
    assert scene.loop.activity.failed == 0


def test_a_document_that_fails_again_and_again_is_read_less_and_less_often(
    home: Home, folder: FakeFolder
) -> None:
    folder.make_unreadable("b.md")
    scene = Followed(home, folder)
    scene.pass_time(3600)
    assert 4 <= scene.looks.count("failures") <= 7, "after 1, 3, 7, 15, 31 minutes"


def test_a_folder_that_cannot_be_seen_keeps_nobody_busy(home: Home, folder: FakeFolder) -> None:
    """It is on the list of failures, and no look at single documents takes it off."""
    folder.write("hidden/d.md", b"Text of d.")
    scene = Followed(home, folder)
    scene.pass_time(1)
    folder.hide("hidden")
    scene.loop.schedule()
    scene.pass_time(3600)
    assert scene.looks == ["start", "schedule"]
    assert scene.loop.activity.failed == 1
    assert set(home.keys()) == {"a.md", "b.md", "c.md", "hidden/d.md"}, "nothing is buried"


def test_a_failed_document_in_a_folder_that_cannot_be_seen_any_more_keeps_nobody_busy(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("hidden/d.md", b"Text of d.")
    folder.make_unreadable("hidden/d.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    folder.hide("hidden")
    scene.pass_time(600)
    assert scene.looks.count("failures") <= 10


def test_a_mistake_of_ours_costs_one_look_and_the_loop_goes_on(
    scene: Followed, folder: FakeFolder, table: Troubled
) -> None:
    folder.write("b.md", b"New text.")
    scene.hint("b.md")
    table.error = KeyError("a mistake")
    scene.pass_time(1)
    assert scene.loop.activity.doing.state == "failing"
    assert "unexpected KeyError" in scene.loop.activity.doing.detail
    table.error = None
    scene.pass_time(10)
    assert scene.texts()["b.md"] == "New text."
    assert scene.loop.activity.doing.state == "idle"
    assert scene.world.fatal == []


def test_damaged_stores_end_the_service(scene: Followed, folder: FakeFolder, table: Troubled) -> None:
    folder.write("b.md", b"New text.")
    scene.hint("b.md")
    table.error = DamagedStoreError("the table is damaged", remedy="rebuild it")
    scene.pass_time(1)
    assert scene.world.fatal == [table.error]


def test_a_clock_that_is_set_back_by_a_day_loses_nothing_and_invents_nothing(
    scene: Followed, folder: FakeFolder, home: Home
) -> None:
    folder.make_unreadable("c.md")
    scene.hint("c.md")
    scene.pass_time(1)
    home.clock.step(-86_400_000_000)
    folder.write("a.md", b"Text of the day before.")
    scene.hint("a.md")
    scene.pass_time(1)
    folder.write("a.md", b"Text of a.")
    scene.hint("a.md")
    scene.pass_time(1)
    versions = home.queries().history("a.md").versions
    assert len(versions) == 3
    instants = [entry.version.valid_from or 0 for entry in versions]
    assert sorted(instants) in (instants, instants[::-1])
    assert len(set(instants)) == 3
    assert home.queries().show("a.md").text == "Text of a."
    assert home.check().problems == []
    scene.looks.clear()
    scene.pass_time(600)
    assert len(scene.looks) <= 2, scene.looks


# --- the disk is full -----------------------------------------------------------------------------


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


# --- wishes ---------------------------------------------------------------------------------------


def test_a_wish_is_answered_with_the_report_of_a_scan_that_began_after_it(
    scene: Followed, folder: FakeFolder
) -> None:
    folder.write("new.md", b"New.")
    asked = request()
    scene.loop.ask(asked)
    assert not asked.answer.done()
    scene.pass_time(0)
    assert asked.answer.result(0).versions_added == 1


def test_a_wish_during_a_scan_has_a_scan_of_its_own(home: Home, folder: FakeFolder) -> None:
    scene = Followed(home, folder)
    asked = request()
    scene.at_step = lambda name: scene.loop.ask(asked) if name == "recovered" else None
    scene.loop.step(scene.worker)
    assert scene.looks == ["start"]
    assert not asked.answer.done()
    scene.at_step = lambda _: None
    scene.pass_time(0)
    assert scene.looks[:2] == ["start", "asked"]
    assert asked.answer.done()


def test_a_wish_that_nobody_waits_for_any_more_does_no_harm(scene: Followed) -> None:
    asked = request()
    scene.loop.ask(asked)
    asked.answer.cancel()
    scene.pass_time(0)
    assert scene.looks == ["asked"]
    assert scene.loop.activity.doing.state == "idle"


def test_a_wish_for_a_source_that_is_away_is_answered_with_what_is_wrong(
    scene: Followed, folder: FakeFolder
) -> None:
    folder.away = True
    asked = request()
    scene.loop.ask(asked)
    scene.pass_time(0)
    assert asked.answer.result(0).listed is False


def test_at_the_end_wishes_are_refused_and_what_is_in_hand_is_dropped(home: Home, folder: FakeFolder) -> None:
    scene = Followed(home, folder)
    asked, late = request(), request()
    scene.loop.ask(asked)
    scene.at_step = lambda name: scene.loop.stop() if name == "catalog committed" else None
    with pytest.raises(StoppedError):
        scene.loop.step(scene.worker)
    with pytest.raises(StoppedError):
        asked.answer.result(0)
    scene.loop.ask(late)
    with pytest.raises(StoppedError):
        late.answer.result(0)
    assert home.index.turns.held is None
    assert len(home.keys()) == 2, "one batch was committed"
    assert home.check().problems == []


# --- pauses ---------------------------------------------------------------------------------------


def pause_at_first_commit(scene: Followed) -> None:
    scene.at_step = lambda name: scene.loop.pause() if name == "catalog committed" else None


def test_a_source_that_takes_long_to_be_given_up_holds_up_nobody_who_ends_its_loop(home: Home) -> None:
    let_go = threading.Event()

    class Slow(FakeFolder):
        def close(self) -> None:
            assert let_go.wait(SOON)

    scene = Followed(home, Slow(home.clock))
    ending = threading.Thread(target=scene.loop.stop, daemon=True)
    ending.start()
    ending.join(SOON)
    let_go.set()
    assert not ending.is_alive()


def test_who_waits_for_a_loop_that_ends_is_told_to_come_again(home: Home, folder: FakeFolder) -> None:
    scene = Followed(home, folder)
    scene.loop.stop()
    wish = request()
    scene.loop.ask(wish)
    with pytest.raises(BusyError):
        wish.answer.result(0)


def test_a_pause_drops_what_is_in_hand_and_afterwards_it_is_done_again(
    home: Home, folder: FakeFolder
) -> None:
    scene = Followed(home, folder)
    asked = request()
    scene.loop.ask(asked)
    pause_at_first_commit(scene)
    scene.pass_time(10)
    assert scene.loop.resting(0)
    assert home.index.turns.held is None
    assert len(home.keys()) == 2
    scene.at_step = lambda _: None
    scene.loop.resume()
    scene.pass_time(0)
    assert len(scene.texts()) == 3
    assert asked.answer.result(0).listed
    assert scene.looks == ["start", "start"]


def test_a_look_at_a_few_places_that_was_dropped_is_a_look_at_the_same_places(
    home: Home, folder: FakeFolder, scene: Followed
) -> None:
    for name in "abcdef":
        folder.write(f"{name}.md", b"Other text of " + name.encode())
    scene.hint(*(f"{name}.md" for name in "abcdef"))
    pause_at_first_commit(scene)
    scene.pass_time(2)
    assert len(scene.looks) == 1
    scene.at_step = lambda _: None
    scene.loop.resume()
    scene.pass_time(0)
    assert scene.looks == ["changes a.md b.md c.md d.md e.md f.md"] * 2
    assert scene.texts()["f.md"] == "Other text of f"


def test_a_try_of_documents_that_failed_is_dropped_and_no_wish_with_it(
    home: Home, folder: FakeFolder
) -> None:
    for name in "abc":
        folder.make_unreadable(f"{name}.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    for name in "abc":
        folder.make_readable(f"{name}.md")
    pause_at_first_commit(scene)
    scene.pass_time(70)
    assert scene.looks == ["start", "failures"]
    asked = request()
    scene.loop.ask(asked)
    scene.at_step = lambda _: None
    scene.loop.resume()
    scene.pass_time(120)
    assert asked.answer.result(0).listed
    assert len(scene.texts()) == 3


def test_a_pause_between_two_looks_is_a_rest_at_once(scene: Followed, folder: FakeFolder) -> None:
    scene.loop.pause()
    folder.write("b.md", b"New text.")
    scene.hint("b.md")
    scene.pass_time(5)
    assert scene.loop.resting(0)
    assert scene.looks == []
    scene.loop.resume()
    scene.pass_time(1)
    assert scene.looks == ["changes b.md"]
