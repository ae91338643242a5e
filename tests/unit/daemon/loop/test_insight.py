"""What can be seen of a loop at work: how much waits where, and in the journal of which document a line speaks."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest

from indexer import logs
from indexer.daemon.state import queues
from indexer.model import ParsedDocument
from indexer.parsing import Parsers
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.journal import kept
from tests.support.source_loop import Followed

SOON = 30
"""Seconds for what takes a moment."""
_log = logs.get("parser")


class Held(Parsers):
    """Parses nothing before it is let go, and logs a line for each document, as libraries do."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.let_go = threading.Semaphore(0), threading.Event()

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        _log.warning("something is odd")
        self.began.release()
        assert self.let_go.wait(SOON)
        return super().parse(data, key)


@pytest.fixture
def parser() -> Iterator[Held]:
    parser = Held()
    yield parser
    parser.let_go.set()


@pytest.fixture
def home(parser: Held) -> Iterator[Home]:
    place = fast_folder("insight-")
    with Home(place, parser=parser) as home:
        yield home
    shutil.rmtree(place)


def test_what_waits_to_be_read_parsed_embedded_and_folded_is_counted_and_then_waits_no_more(
    home: Home, parser: Held
) -> None:
    folder = FakeFolder(home.clock)
    for number in range(10):
        folder.write(f"{number}.md", f"Text {number}.".encode())
    scene = Followed(home, folder)
    seen: list[dict[str, int]] = []

    def look() -> None:
        for _ in range(4):
            assert parser.began.acquire(timeout=SOON)
        while sum(queues({"folder": scene.loop}).values()) < 10:
            pass  # the others are being handed out
        seen.append(queues({"folder": scene.loop}))
        parser.let_go.set()

    looking = threading.Thread(target=look)
    looking.start()
    embedding: list[int] = []
    scene.at_step = lambda name: (
        embedding.append(scene.loop.depths.embedding) if name == "recovered" else None
    )
    scene.pass_time(0)
    looking.join(SOON)
    assert seen == [{"reading": 6, "parsing": 4, "embedding": 0, "folding": 0}]
    assert embedding[0] > 0
    assert queues({"folder": scene.loop}) == dict.fromkeys(seen[0], 0)
    assert len(scene.texts()) == 10


def test_a_line_that_concerns_a_document_has_its_key_its_source_and_its_run(home: Home, parser: Held) -> None:
    parser.let_go.set()
    folder = FakeFolder(home.clock)
    for name in "abc":
        folder.write(f"{name}.md", f"Text of {name}.".encode())
    scene = Followed(home, folder)
    with kept() as journal:
        scene.pass_time(0)
        folder.write("b.md", b"New text.")
        scene.hint("b.md")
        scene.pass_time(1)
    lines = [
        (line["event"], line["document"], line["source"], line["run"])
        for line in journal.lines()
        if "document" in line
    ]
    everything = {f"{name}.md" for name in "abc"}
    for event in ("something is odd", "folded"):
        assert {(key, run) for what, key, _, run in lines if what == event} == {
            *((key, 1) for key in everything),
            ("b.md", 2),
        }
    assert ("indexed", "b.md", "folder", 2) in lines
    assert {source for _, _, source, _ in lines} == {"folder"}


def test_a_line_about_a_state_of_a_history_has_the_key_of_its_document(home: Home, parser: Held) -> None:
    parser.let_go.set()
    history = FakeConnector()
    history.observe("page", b"One.", at=1)
    history.observe("page", b"Two.", at=2)
    scene = Followed(home, history)
    with kept() as journal:
        scene.pass_time(0)
    odd = [line for line in journal.lines() if line["event"] == "something is odd"]
    assert [line["document"] for line in odd] == ["page", "page"]
