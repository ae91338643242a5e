"""A pause and an end drop what is in hand, and nothing is lost by that."""

from __future__ import annotations

import threading

import pytest

from indexer.daemon.requests import Request
from indexer.errors import BusyError
from indexer.ingest.progress import Silence
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.source_loop import Followed

SOON = 30
"""Seconds for what takes a moment."""


def request() -> Request:
    return Request(Silence())


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
