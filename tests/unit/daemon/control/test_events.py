"""Progress as events: what arrives is what was told, and somebody slow costs no more than a bounded space."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from indexer.daemon.control.events import MOST_LINES, Pending, tell
from indexer.ingest.reports import SourceReport

Told = tuple[str, Any]


class Recorder:
    """Implements `Progress`."""

    def __init__(self) -> None:
        self.heard: list[Told] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *about: self.heard.append((name, about))


NAMES = st.sampled_from(["policies", "wiki"])
COUNTS = st.integers(0, 1000)
TELLINGS = st.one_of(
    st.tuples(st.just("source_started"), st.tuples(NAMES)),
    st.tuples(st.just("listed"), st.tuples(NAMES, COUNTS)),
    st.tuples(st.just("to_index"), st.tuples(NAMES, COUNTS, st.none() | COUNTS)),
    st.tuples(st.just("told"), st.tuples(NAMES, COUNTS, COUNTS)),
    st.tuples(st.just("committed"), st.tuples(NAMES, COUNTS, COUNTS, COUNTS, COUNTS)),
    st.tuples(st.just("source_finished"), st.builds(SourceReport, NAMES).map(lambda report: (report,))),
    st.tuples(st.just("note"), st.tuples(st.text())),
)


def arrived(told: list[Told], every: int) -> list[Told]:
    """What arrives when it is taken after each `every` tellings."""
    recorder = Recorder()
    pending = Pending(lambda: None)
    for place, (name, about) in enumerate(told, start=1):
        getattr(pending, name)(*about)
        if place % every == 0 or place == len(told):
            for event in pending.take():
                tell(json.loads(json.dumps(event)), recorder)  # type: ignore[arg-type]
    return recorder.heard


@given(st.lists(TELLINGS))
def test_taken_at_once_everything_arrives(told: list[Told]) -> None:
    assert arrived(told, 1) == told


def sums(told: list[Told]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, about in told:
        if name == "committed":
            found[about[0]] = [a + b for a, b in zip(found.get(about[0], [0] * 4), about[1:], strict=True)]
    return found


def last(told: list[Told], kind: str) -> dict[str, Any]:
    return {about[0]: about for name, about in told if name == kind}


@given(st.lists(TELLINGS, max_size=60), st.integers(1, 60))
def test_merged_it_comes_to_the_same(told: list[Told], every: int) -> None:
    found = arrived(told, every)

    assert sums(found) == sums(told)
    for kind in ("listed", "to_index", "told"):
        assert last(found, kind) == last(told, kind)
    for kind in ("note", "source_started", "source_finished"):
        assert [t for t in found if t[0] == kind] == [t for t in told if t[0] == kind]


def test_nobody_taking_anything_costs_a_bounded_space_and_is_said() -> None:
    pending = Pending(lambda: None)
    pending.source_started("policies")
    for number in range(MOST_LINES + 50):
        pending.note(f"line {number}")
        pending.listed("policies", number)
        pending.committed("policies", 1, 1, 2, 3)

    events = pending.take()

    assert len(events) == MOST_LINES + 4
    assert events[0] == {"event": "note", "message": "… 50 lines are left out here"}
    notes = [event["message"] for event in events[1:] if event["event"] == "note"]
    assert (notes[0], notes[-1]) == ("line 50", f"line {MOST_LINES + 49}")
    assert {"event": "listed", "source": "policies", "documents": MOST_LINES + 49} in events
    assert pending.take() == []


def test_what_an_older_client_does_not_know_tells_it_nothing() -> None:
    recorder = Recorder()

    tell({"event": "something new"}, recorder)  # type: ignore[arg-type]

    assert recorder.heard == []
