"""What fails costs one look; the loop goes on, and tries again later and later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.errors import DamagedStoreError
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.source_loop import Followed, Troubled, World


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
    assert len(scene.looks) <= 4, scene.looks


def test_after_the_clock_was_set_back_documents_that_failed_are_not_left_alone_until_it_is_that_late_again(
    home: Home, folder: FakeFolder
) -> None:
    folder.make_unreadable("b.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    home.clock.step(-86_400_000_000)
    folder.files["b.md"] = replace(folder.files["b.md"], failure=None)
    scene.loop.schedule()
    scene.pass_time(70)
    assert scene.texts()["b.md"] == "Text of b."
    assert scene.loop.activity.failed == 0


def test_what_keeps_failing_after_the_clock_was_set_back_is_tried_less_and_less_often_as_ever(
    home: Home, folder: FakeFolder
) -> None:
    folder.make_unreadable("b.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    home.clock.step(-86_400_000_000)
    scene.loop.schedule()
    scene.looks.clear()
    scene.pass_time(3600)
    assert 3 <= scene.looks.count("failures") <= 7


def test_a_folder_that_can_be_seen_again_is_off_the_list_with_the_look_at_it(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("hidden/d.md", b"Text of d.")
    folder.write("hidden/in/e.md", b"Text of e.")
    folder.hide("hidden")
    folder.hide("c.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    assert scene.loop.activity.failed == 2
    folder.show("hidden")
    scene.hint("hidden/in")
    scene.pass_time(1)
    assert scene.loop.activity.failed == 2, "that a part of it can be seen says nothing of the whole"
    scene.hint("hidden")
    scene.pass_time(1)
    assert scene.looks == ["start", "changes hidden/in", "changes hidden"]
    assert scene.loop.activity.failed == 1
    assert scene.texts()["hidden/in/e.md"] == "Text of e."


def test_a_look_tells_of_failures_where_it_looked_and_all_are_counted(home: Home, folder: FakeFolder) -> None:
    for name in "ab":
        folder.make_unreadable(f"{name}.md")
    scene = Followed(home, folder)
    scene.pass_time(1)
    told = scene.world.metrics.failed.labels("folder", "unreadable")
    before = told._value.get()
    folder.make_readable("a.md")
    folder.make_unreadable("c.md")
    scene.hint("a.md", "c.md")
    scene.pass_time(1)
    assert told._value.get() == before + 1
    assert scene.loop.activity.failed == 2
    scene.loop.schedule()
    scene.pass_time(5)
    assert told._value.get() == before + 1, "none of it is news to a scan"
