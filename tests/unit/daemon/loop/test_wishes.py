"""Who asks for a scan is answered, or told why not."""

from __future__ import annotations

import pytest

from indexer.daemon.interruptions import StoppedError
from indexer.daemon.requests import Request
from indexer.ingest.progress import Silence
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.source_loop import Followed


def request() -> Request:
    return Request(Silence())


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
