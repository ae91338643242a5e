"""Threads that several callers share turn to whoever has the fewest pieces left, and never lose or repeat one."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedding.sharing import SharedThreads


def test_every_piece_is_worked_on_once_and_in_order_by_one_thread() -> None:
    done: list[int] = []
    SharedThreads(1).run(done.append, [3, 1, 2])
    assert done == [3, 1, 2]


def test_no_pieces_are_no_work() -> None:
    SharedThreads(1).run(lambda piece: pytest.fail("there is none"), [])


@given(sizes=st.lists(st.integers(0, 9), min_size=1, max_size=5), threads=st.integers(1, 3))
def test_several_callers_each_get_all_of_theirs(sizes: list[int], threads: int) -> None:
    shared = SharedThreads(threads)
    done: list[list[int]] = [[] for _ in sizes]
    with ThreadPoolExecutor(len(sizes)) as callers:
        list(callers.map(lambda n: shared.run(done[n].append, range(sizes[n])), range(len(sizes))))
    assert [sorted(mine) for mine in done] == [list(range(size)) for size in sizes]
    assert shared.waiting == 0


def test_few_pieces_overtake_many() -> None:
    shared = SharedThreads(1)
    done: list[str] = []
    begun, both_wait = threading.Event(), threading.Event()

    def many(piece: int) -> None:
        if piece == 0:
            begun.set()
            both_wait.wait()
        done.append(f"many {piece}")

    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(shared.run, many, range(4))
        begun.wait()
        second = callers.submit(shared.run, lambda piece: done.append(f"few {piece}"), range(2))
        while shared.waiting < 5 and not second.done():
            pass
        both_wait.set()
        first.result()
        second.result()
    assert done == ["many 0", "few 0", "few 1", "many 1", "many 2", "many 3"]


def test_after_an_error_no_other_piece_of_that_caller_is_begun_and_others_go_on() -> None:
    shared = SharedThreads(1)
    done: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def fails(piece: int) -> None:
        begun.set()
        go_on.wait()
        done.append(piece)
        raise ValueError("it does not like this piece")

    with ThreadPoolExecutor(2) as callers:
        bad: Future[None] = callers.submit(shared.run, fails, range(5))
        begun.wait()
        good = callers.submit(shared.run, lambda piece: done.append(10 + piece), range(9))
        while shared.waiting < 13 and not good.done():
            pass
        go_on.set()
        with pytest.raises(ValueError, match="does not like"):
            bad.result()
        good.result()
    assert done == [0, *range(10, 19)]
