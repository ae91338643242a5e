"""One writes at a time; of those who wait the most urgent goes first, of equals whoever came first."""

from __future__ import annotations

import threading

import pytest

from indexer.ingest.turns import Turns, Urgency


def queue(turns: Turns, urgencies: list[Urgency]) -> list[int]:
    """In which order those who ask while somebody has the turn get theirs, by their places."""
    order: list[int] = []
    threads = []

    def write(place: int) -> None:
        with turns.turn(urgencies[place]):
            order.append(place)

    with turns.turn(Urgency.SCAN):
        for place in range(len(urgencies)):
            thread = threading.Thread(target=write, args=(place,))
            thread.start()
            threads.append(thread)
            while turns.waiting <= place:
                pass
        assert order == []
    for thread in threads:
        thread.join(10)
    return order


def test_the_most_urgent_goes_first() -> None:
    urgencies = [Urgency.UPKEEP, Urgency.SCAN, Urgency.CHANGES, Urgency.ASKED]
    assert queue(Turns(), urgencies) == [2, 3, 1, 0]


def test_of_equals_whoever_came_first_goes_first() -> None:
    assert queue(Turns(), [Urgency.SCAN, Urgency.CHANGES, Urgency.SCAN, Urgency.CHANGES]) == [1, 3, 0, 2]


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="mine"), turns.turn(Urgency.SCAN):
        raise ValueError("mine")
    with turns.turn(Urgency.SCAN):
        assert turns.waiting == 0


class EnoughError(Exception):
    """Raised by whoever does not want a turn any more."""


def test_who_does_not_want_a_turn_any_more_waits_no_longer_and_leaves_no_trace() -> None:
    turns = Turns()
    looked = 0

    def meanwhile() -> None:
        nonlocal looked
        looked += 1
        if looked == 2:
            raise EnoughError

    with turns.turn(Urgency.UPKEEP), pytest.raises(EnoughError):
        turns.take(Urgency.CHANGES, meanwhile=meanwhile)
    assert turns.waiting == 0
    assert turns.take(Urgency.UPKEEP, timeout=0)
    turns.give_back()
