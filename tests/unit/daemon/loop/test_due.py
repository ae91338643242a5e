"""What is looked at, and when: what was saved within a moment, everything now and then, and nothing in between."""

from __future__ import annotations

import threading

from indexer.daemon.hints import Hints
from indexer.daemon.requests import Request
from indexer.ingest.progress import Silence
from indexer.ingest.reports import SourceReport
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.source_loop import Followed

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
