"""Preparing ahead keeps the order, the bounds and the errors of doing one thing after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.ingest import lookahead as lookahead_module
from indexer.ingest.lookahead import THREADS, Lookahead


def lookahead(
    prepare: Callable[[int], int],
    *,
    arrived: Callable[[int], None] = lambda _: None,
    room: Callable[[], bool] = lambda: True,
    most_weight: int = 1_000,
    meanwhile: Callable[[], None] = lambda: None,
    most: int = 8,
) -> Lookahead[int, int]:
    return Lookahead(prepare, lambda _: 1, arrived, room, most_weight, meanwhile, most)


def each(ahead: Lookahead[int, int], things: Sequence[int]) -> Iterator[tuple[int, int]]:
    """One thing after another: every group is full with one."""
    for group in ahead.groups(things):
        yield from group


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 5), st.integers(1, 5))
def test_everything_comes_once_and_in_order_whatever_the_bounds(
    things: list[int], most: int, weight: int
) -> None:
    ahead = lookahead(lambda thing: thing * 10, most=most, most_weight=weight)
    assert list(each(ahead, things)) == [(thing, thing * 10) for thing in things]


def test_a_later_thing_is_prepared_while_an_earlier_one_takes_its_time() -> None:
    second_done = threading.Event()

    def prepare(thing: int) -> int:
        if thing == 1:
            assert second_done.wait(30)
        else:
            second_done.set()
        return thing

    assert [result for _, result in each(lookahead(prepare), [1, 2])] == [1, 2]


def test_no_more_is_begun_than_may_wait() -> None:
    begun: list[int] = []
    taken = 0

    def prepare(thing: int) -> int:
        begun.append(thing)
        assert len(begun) - taken <= 5  # four that wait, and the one whose turn it is
        return thing

    for _ in each(lookahead(prepare, most_weight=4), range(50)):
        taken += 1
    assert sorted(begun) == list(range(50))


def test_an_error_comes_when_it_is_its_turn() -> None:
    def prepare(thing: int) -> int:
        if thing == 3:
            raise ValueError("the third")
        return thing

    results = each(lookahead(prepare), range(9))
    assert [next(results)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(results)


def test_what_is_there_is_told_of_in_order_and_before_its_turn() -> None:
    heard: list[int] = []
    for thing, _ in each(lookahead(lambda thing: thing, arrived=heard.append), range(20)):
        assert thing in heard
    assert heard == list(range(20))


def test_without_room_only_the_next_one_is_told_of() -> None:
    heard: list[int] = []
    ahead = lookahead(lambda thing: thing, arrived=heard.append, room=lambda: False)
    for thing, _ in each(ahead, range(10)):
        assert heard == list(range(thing + 1))


def test_nothing_is_begun_any_more_once_nobody_listens() -> None:
    begun: list[int] = []

    def prepare(thing: int) -> int:
        begun.append(thing)
        return thing

    results = each(lookahead(prepare, most=4), range(100))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 4 + THREADS


def test_one_that_hangs_holds_up_no_other_and_comes_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookahead_module, "PATIENCE", 0.01)
    released = threading.Event()

    def prepare(thing: int) -> int:
        if thing == 1:
            assert released.wait(30)
        return thing

    came = []
    for thing, _ in each(lookahead(prepare, most=4), range(50)):
        came.append(thing)
        if len(came) == 40:
            released.set()
    assert came[:40] == [thing for thing in range(41) if thing != 1]
    assert sorted(came) == list(range(50))


def test_a_group_is_handed_over_once_only_slow_things_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookahead_module, "PATIENCE", 0.01)
    released = threading.Event()

    def prepare(thing: int) -> int:
        if thing == 1:
            assert released.wait(30)
        return thing

    groups = lookahead(prepare).groups(range(4), lambda group: False)
    assert [thing for thing, _ in next(groups)] == [0, 2, 3]
    released.set()
    assert [[thing for thing, _ in group] for group in groups] == [[1]]


@given(st.integers(0, 30), st.integers(1, 5), st.integers(1, 9), st.integers(1, 5))
def test_groups_are_as_large_as_told_and_leave_nothing_out(
    count: int, size: int, weight: int, most: int
) -> None:
    ahead = lookahead(lambda thing: thing, most_weight=weight, most=most)
    groups = list(ahead.groups(range(count), lambda group: len(group) == size))
    assert [thing for group in groups for thing, _ in group] == list(range(count))
    assert all(len(group) <= min(size, weight) for group in groups)
    assert all(len(group) == min(size, weight) for group in groups[:-1])


def test_while_a_thing_is_waited_for_other_work_may_be_done() -> None:
    released = threading.Event()

    def prepare(thing: int) -> int:
        assert thing == 0 or released.wait(30)
        return thing

    came = [thing for thing, _ in each(lookahead(prepare, meanwhile=released.set), range(3))]
    assert came == [0, 1, 2]


def test_nobody_waits_for_one_that_hangs_once_nobody_listens() -> None:
    released = threading.Event()

    def prepare(thing: int) -> int:
        assert thing == 0 or released.wait(30)
        return thing

    results = each(lookahead(prepare), range(9))
    next(results)
    results.close()  # type: ignore[attr-defined]
    released.set()


class EnoughError(Exception):
    """Raised by whoever has better things to do."""


def enough() -> None:
    raise EnoughError


@pytest.mark.parametrize("things", [1, 3])
def test_nobody_waits_for_what_takes_long_once_there_are_better_things_to_do(things: int) -> None:
    released = threading.Event()

    def prepare(thing: int) -> int:
        assert released.wait(30)
        return thing

    with pytest.raises(EnoughError):
        next(each(lookahead(prepare, meanwhile=enough), range(things)))
    released.set()
