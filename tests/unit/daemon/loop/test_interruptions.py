"""A pause or an end takes effect in the midst of what takes long: listing, hashing, reading, parsing, being told a history."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from indexer.daemon.interruptions import StoppedError
from indexer.ingest.turns import Urgency
from indexer.model import ParsedDocument
from indexer.parsing import Parsers
from indexer.ports import Content, Event, Observed, Working
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.source_loop import Followed

SOON = 30
"""Seconds for what takes a moment."""
MANY = 50


class Observing(FakeFolder):
    """Calls somebody at each event that it tells, and at each file that is read."""

    at_event: Callable[[int], None] = staticmethod(lambda told: None)
    at_read: Callable[[int], None] = staticmethod(lambda read: None)
    silent = False
    """Whether it tells only that it is at work, and would for ever."""
    told = 0
    closed = False

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        try:
            while self.silent:
                self._tell()
                yield Working()
            for event in super().changes(cursor, scopes):
                self._tell()
                yield event
        finally:
            self.closed = True

    def _tell(self) -> None:
        self.told += 1
        self.at_event(self.told)

    def _read(self, key: str) -> Content:
        content = super()._read(key)
        self.at_read(len(self.reads))
        return content


class Slow(Parsers):
    """Does not come to the end of a document before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.let_go = threading.Event(), threading.Event()
        self.slow = False

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        if self.slow:
            self.began.set()
            assert self.let_go.wait(SOON)
        return super().parse(data, key)


@pytest.fixture
def many(home: Home) -> Observing:
    folder = Observing(home.clock)
    for number in range(MANY):
        folder.write(f"{number:02}.md", f"Text {number}.".encode())
    home.clock.advance()
    return folder


@pytest.mark.parametrize("silent", [False, True])
def test_a_pause_ends_a_listing_at_the_next_event(home: Home, many: Observing, silent: bool) -> None:
    scene = Followed(home, many)
    many.silent = silent
    many.at_event = lambda told: scene.loop.pause() if told == 5 else None
    scene.pass_time(0)
    assert scene.loop.resting(0)
    assert many.told == 5
    assert many.closed, "the connector holds nothing open meanwhile"
    many.at_event, many.silent = lambda told: None, False
    scene.loop.resume()
    scene.pass_time(0)
    assert len(scene.texts()) == MANY


def test_an_end_ends_a_listing_at_the_next_event(home: Home, many: Observing) -> None:
    scene = Followed(home, many)
    many.at_event = lambda told: scene.loop.stop() if told == 5 else None
    with pytest.raises(StoppedError):
        scene.loop.step(scene.worker)
    assert many.told == 5
    assert home.index.turns.held is None


def test_a_pause_takes_effect_before_the_next_file_is_hashed(home: Home, many: Observing) -> None:
    scene = Followed(home, many)
    scene.pass_time(1)
    for number in range(MANY):
        many.write(f"{number:02}.md", f"Other text {number}.".encode())
    many.reads.clear()
    many.at_read = lambda read: scene.loop.pause() if read == 5 else None
    scene.lose()
    scene.pass_time(2)
    assert scene.loop.resting(0)
    assert len(many.reads) == 5
    assert set(scene.texts().values()) == {f"Text {number}." for number in range(MANY)}
    many.at_read = lambda read: None
    scene.loop.resume()
    scene.pass_time(0)
    assert scene.texts()["49.md"] == "Other text 49."
    assert home.check().problems == []


def test_what_is_saved_while_a_large_source_is_hashed_is_looked_at_meanwhile(
    home: Home, many: Observing
) -> None:
    scene = Followed(home, many)
    scene.pass_time(1)
    for number in range(MANY):
        many.write(f"{number:02}.md", f"Other text {number}.".encode())
    many.reads.clear()
    there: list[int] = []

    def at_read(read: int) -> None:
        home.clock.advance(200_000)
        if read == 5:
            many.write("40.md", b"Just saved.")
            scene.hint("40.md")
        if not there and scene.texts()["40.md"] == "Just saved.":
            there.append(read)
            assert scene.texts()["01.md"] == "Text 1."

    many.at_read = at_read
    scene.loop.schedule()
    scene.pass_time(30)
    assert there[0] < MANY / 2
    assert scene.texts()["01.md"] == "Other text 1."
    assert len(home.queries().history("40.md").versions) == 2, (
        "what the scan had hashed of it is not put on top"
    )
    assert home.check().problems == []


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.let_go.set()


@pytest.mark.parametrize("documents", [1, 3])
def test_a_pause_does_not_wait_for_documents_whose_parsing_takes_long(documents: int, slow: Slow) -> None:
    place = fast_folder("slow-")
    with Home(place, parser=slow) as home:
        folder = FakeFolder(home.clock)
        for number in range(documents):
            folder.write(f"{number}.md", b"Text.")
        scene = Followed(home, folder)
        slow.slow = True
        pausing = threading.Thread(target=lambda: (slow.began.wait(SOON), scene.loop.pause()))
        pausing.start()
        scene.pass_time(0)
        pausing.join(SOON)
        assert scene.loop.resting(0)
        assert home.keys() == {}
        slow.slow = False
        slow.let_go.set()
        scene.loop.resume()
        scene.pass_time(0)
        assert len(home.keys()) == documents
    shutil.rmtree(place)


def test_a_pause_ends_the_telling_of_a_history_and_nothing_of_it_is_lost(home: Home) -> None:
    class Telling(FakeConnector):
        told = 0

        def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
            for event in super().changes(cursor, scopes):
                if isinstance(event, Observed):
                    self.told += 1
                    if self.told == 5:
                        scene.loop.pause()
                yield event

    history = Telling(checkpoint_every=100)
    for number in range(MANY):
        history.observe("page", f"Text {number}.".encode(), at=number)
    scene = Followed(home, history)
    scene.pass_time(0)
    assert scene.loop.resting(0)
    assert history.told == 5
    scene.loop.resume()
    scene.pass_time(0)
    assert len(home.queries().history("page").versions) == MANY
    assert home.check().problems == []


def test_a_pause_does_not_wait_for_whoever_has_the_turn_to_write(home: Home, folder: FakeFolder) -> None:
    scene = Followed(home, folder)
    turns = home.index.turns

    def pause() -> None:
        while not turns.waiting:
            pass
        scene.loop.pause()

    pausing = threading.Thread(target=pause)
    with turns.turn(Urgency.UPKEEP):
        pausing.start()
        scene.pass_time(0)
        assert scene.loop.resting(0)
        assert turns.waiting == 0
    pausing.join(SOON)
    scene.loop.resume()
    scene.pass_time(0)
    assert len(scene.texts()) == 3
