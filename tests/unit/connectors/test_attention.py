"""Work in another thread that whoever listens sees going on, and can stop."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

from connectors.attention import GivenUpError, in_sight
from connectors.confluence.staging import Staging
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


def test_a_database_that_was_filled_in_sight_can_be_asked_long_questions_afterwards(tmp_path: Path) -> None:
    def work(given_up: threading.Event) -> Staging:
        staging = Staging(tmp_path / "rows", given_up)
        staging.finish()
        return staging

    result: list[Staging] = []
    list(taken(in_sight(work), result))
    with result[0] as staging:
        count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
        assert list(staging.rows(count)) == [(300_000,)]
