"""A listing goes ahead of whoever takes it in, and halts where the core reads what was told before."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.outside import wire
from indexer.outside.child import Serving
from indexer.processes.frames import decode
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder

LIST = {"do": "list", "listing": 1, "cursor": None, "scopes": None}
GO_ON = {"do": "go on", "listing": 1}


def told(serving: Serving, question: dict[str, Any]) -> Any:
    """The one frame of an answer, read."""
    ((kind, body),) = serving.answer(question)
    assert kind in (wire.EVENTS, wire.ERROR)
    return decode(body)


def keys(part: Any) -> list[str]:
    """The keys of documents, and the kinds of all else."""
    return [event[0] if len(event) > 2 else event[1].get("key", event[0]) for event in part["events"]]


def history(*documents: str) -> FakeConnector:
    wiki = FakeConnector(checkpoint_every=2)
    for moment, key in enumerate(documents, start=1):
        wiki.observe(key, b"text", at=moment)
    return wiki


class CountedFolder(FakeFolder):
    """Counts the events that it gave."""

    def __init__(self) -> None:
        super().__init__(FakeClock())
        self.given = 0

    def changes(self, *asked: Any) -> Any:
        for event in super().changes(*asked):
            self.given += 1
            yield event


class CountedHistory(FakeConnector):
    """Counts the events that it gave."""

    given = 0

    def changes(self, *asked: Any) -> Any:
        for event in super().changes(*asked):
            self.given += 1
            yield event


def test_each_part_ends_with_the_first_event_at_which_the_core_reads() -> None:
    serving = Serving(history("a", "b", "c"))

    assert keys(told(serving, LIST)) == ["a", "b", "Checkpoint"]
    serving.go_ahead()
    assert keys(told(serving, GO_ON)) == ["c", "ListingEnd"]
    assert serving.busy
    assert told(serving, GO_ON) == {"events": [], "more": False}
    assert not serving.busy


def test_nothing_is_listed_past_a_halt_before_it_is_asked_for() -> None:
    wiki = CountedHistory(checkpoint_every=2)
    for moment, key in enumerate("abcd", start=1):
        wiki.observe(key, b"text", at=moment)
    serving = Serving(wiki)

    told(serving, LIST)
    serving.go_ahead()
    serving.answer({"do": "read", "number": 0})
    serving.go_ahead()

    assert wiki.given == 3
    assert keys(told(serving, GO_ON)) == ["c", "d", "Checkpoint"]


def test_a_long_listing_goes_on_while_what_it_told_is_taken_in() -> None:
    folder = CountedFolder()
    names = [f"{number:04}.md" for number in range(1_200)]
    for name in names:
        folder.write(name, b"")
    serving = Serving(folder)

    first = told(serving, LIST)
    assert folder.given == len(first["events"]) == 500
    serving.go_ahead()
    serving.go_ahead()
    assert folder.given == 1_000
    second = told(serving, GO_ON)
    assert folder.given == 1_000
    serving.go_ahead()
    third = told(serving, GO_ON)

    assert keys(first) + keys(second) + keys(third) == [*names, "ListingEnd"]


def test_questions_in_between_lose_nothing_of_what_was_listed_ahead() -> None:
    folder = CountedFolder()
    names = [f"{number:04}.md" for number in range(1_200)]
    for name in names:
        folder.write(name, b"text")
    serving = Serving(folder)
    parts = [told(serving, LIST)]
    serving.go_ahead()
    number = parts[0]["events"][0][1]

    (_, known), (_, data) = serving.answer({"do": "read", "number": number})
    serving.go_ahead()
    parts += [told(serving, GO_ON), told(serving, GO_ON)]

    assert data == b"text"
    assert decode(known)["etag"] == parts[0]["events"][0][3]
    assert sum(map(keys, parts), []) == [*names, "ListingEnd"]  # noqa: RUF017 - three lists


@pytest.mark.parametrize("ahead", [False, True])
def test_a_listing_that_is_forgotten_is_closed(ahead: bool) -> None:
    folder = CountedFolder()
    for number in range(1_200):
        folder.write(f"{number}.md", b"")
    serving = Serving(folder)
    told(serving, LIST)
    if ahead:
        serving.go_ahead()

    serving.forget({"listings": [1], "functions": list(range(2_000))})
    serving.go_ahead()

    assert not serving.busy
    assert "defect" in told(serving, GO_ON)
    assert "defect" in told(serving, {"do": "read", "number": 0})


def test_what_nobody_knows_how_to_do_is_a_defect() -> None:
    assert "nobody knows how to dance" in told(Serving(history()), {"do": "dance"})["defect"]
