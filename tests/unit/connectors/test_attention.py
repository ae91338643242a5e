"""Work in another thread that whoever listens sees going on, and can stop."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import TypeVar

import pytest

from connectors.attention import GivenUpError, in_sight
from indexer.ports import Working

SOON = 30
T = TypeVar("T")


def taken(signs: Generator[Working, None, T], result: list[T]) -> Generator[Working, None, None]:
    """The signs; what comes of the work goes into `result`."""
    result.append((yield from signs))


def test_what_the_work_brings_is_handed_on_and_until_then_there_are_signs_of_it() -> None:
    may_end = threading.Event()
    result: list[int] = []

    def work(_: threading.Event) -> int:
        assert may_end.wait(SOON)
        return 7

    signs = taken(in_sight(work), result)
    assert next(signs) == Working()
    may_end.set()
    assert list(signs) in ([], [Working()])
    assert result == [7]


def test_what_the_work_raises_is_raised() -> None:
    def work(_: threading.Event) -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        list(in_sight(work))


def test_work_that_nobody_listens_to_is_told_so_and_waited_for() -> None:
    ended = threading.Event()

    def work(given_up: threading.Event) -> None:
        assert given_up.wait(SOON)
        ended.set()
        raise GivenUpError

    signs = in_sight(work)
    next(signs)
    signs.close()
    assert ended.is_set()
