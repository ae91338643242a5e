"""Times, periods, durations and counts as people read them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from indexer.cli.moments import count, duration, exact_moment, moment, period, size
from indexer.model import FOREVER
from tests.unit.cli.samples import JUNE_12, MARCH_1

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_moment_is_shown_in_the_zone_asked_for() -> None:
    assert moment(MARCH_1, BERLIN) == "2024-03-01 12:00"
    assert exact_moment(MARCH_1, BERLIN) == "2024-03-01 12:00:00 Europe/Berlin"


@pytest.mark.parametrize("none", [None, FOREVER])
def test_no_moment_is_an_empty_text(none: int | None) -> None:
    assert moment(none, BERLIN) == ""


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (MARCH_1, JUNE_12, "2024-03-01 – 2024-06-12"),
        (MARCH_1, None, "since 2024-03-01"),
        (MARCH_1, FOREVER, "since 2024-03-01"),
        (MARCH_1, MARCH_1 + 90_000_000, "2024-03-01 12:00:00 – 2024-03-01 12:01:30"),
        (None, None, ""),
    ],
)
def test_a_period_shows_the_time_of_day_only_within_one_day(
    start: int | None, end: int | None, expected: str
) -> None:
    assert period(start, end, BERLIN) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (12.4, "12 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (349_200, "4 d 1 h"),
    ],
)
def test_a_duration_has_two_parts_at_most(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_counts_agree_with_their_nouns() -> None:
    assert count(1, "passage") == "1 passage"
    assert count(12_345, "passage") == "12,345 passages"
    assert count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_940, "9.9 kB"), (64_000_000, "64 MB"), (999_900, "1.0 MB"),
     (5 * 10**15, "5,000 TB")],
)  # fmt: skip
def test_bytes_are_told_in_the_unit_that_people_use(number: int, words: str) -> None:
    assert size(number) == words
