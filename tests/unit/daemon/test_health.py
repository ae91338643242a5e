"""What hangs is found out, and what merely takes long is not taken for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.daemon.activity import Activity
from indexer.daemon.health import IDLE, TURN, Health
from indexer.ingest.turns import Turns, Urgency
from tests.support.fake_clock import FakeClock


@dataclass
class Loop:
    """As much of a loop as is looked at."""

    state: str
    alive: bool = True
    beat: float = 0.0
    activity: Activity = field(default_factory=lambda: Activity(0))

    def __post_init__(self) -> None:
        self.activity.now(self.state, 0)


class Loops:
    """Stands in for `Sources`."""

    def __init__(self, **loops: Loop) -> None:
        self._loops = loops

    def all(self) -> dict[str, Loop]:
        return self._loops


def health(clock: FakeClock, turns: Turns | None = None, **loops: Loop) -> Health:
    return Health(Loops(**loops), turns or Turns(), clock)  # type: ignore[arg-type]


def test_a_loop_that_died_is_found_and_one_that_was_told_to_stop_is_not_missed() -> None:
    clock = FakeClock()
    assert health(clock, one=Loop("idle", alive=False)).problem() == "the loop of source one is dead"
    assert health(clock, one=Loop("stopped", alive=False)).problem() is None


def test_a_loop_without_work_has_to_be_seen_and_one_at_work_may_be_waiting_for_a_share() -> None:
    clock = FakeClock()
    found = health(clock, idle=Loop("idle"))
    waiting = health(clock, scanning=Loop("scanning"))
    clock.advance(int(IDLE * 1e6) + 1_000_000)
    assert "source idle has not been seen for 61 s" in (found.problem() or "")
    assert waiting.problem() is None


def test_a_turn_may_take_minutes_and_not_for_ever_and_many_short_ones_are_well() -> None:
    clock, turns = FakeClock(), Turns()
    found = health(clock, turns)
    turns.take(Urgency.SCAN)
    assert found.problem() is None
    clock.advance(int(TURN * 1e6))
    assert found.problem() is None
    clock.advance(1_000_000)
    assert "whoever has the turn to write has not been seen for 1801 s" in (found.problem() or "")
    turns.give_back()
    for _ in range(5):
        turns.take(Urgency.SCAN)
        clock.advance(int(TURN * 1e6) - 1)
        assert found.problem() is None
        turns.give_back()


def test_a_turn_of_many_steps_may_take_for_ever() -> None:
    clock, turns = FakeClock(), Turns()
    found = health(clock, turns)
    turns.take(Urgency.ASKED)
    for _ in range(5):
        assert found.problem() is None
        clock.advance(int(TURN * 1e6) - 1)
        turns.going_on()
    assert found.problem() is None
