"""Effective times: monotone, of snapshots, and as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clock import rfc3339, to_datetime, to_instant
from indexer.errors import UsageError
from indexer.model import Instant, TimeBasis
from indexer.ports import SourceTime
from indexer.timing import monotone, parse_instant, snapshot_time

BERLIN = ZoneInfo("Europe/Berlin")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
APIA = ZoneInfo("Pacific/Apia")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
TORONTO = ZoneInfo("America/Toronto")
HAVANA = ZoneInfo("America/Havana")
ZONES: list[tzinfo] = [UTC, BERLIN, SAO_PAULO, LORD_HOWE, TORONTO, HAVANA]


def utc(*parts: int) -> Instant:
    return to_instant(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("source", "effective"),
    [
        ([], []),
        ([5], [5]),
        ([5, 9, 12], [5, 9, 12]),
        ([5, 5, 5], [5, 6, 7]),
        ([9, 3, 10], [9, 10, 11]),
        ([-4, -9], [-4, -3]),
    ],
)
def test_ties_and_clocks_running_backwards_are_mended_by_a_microsecond(
    source: list[int], effective: list[int]
) -> None:
    assert monotone(source) == effective


@given(st.lists(st.integers(-(2**53), 2**53)))
def test_effective_times_increase_never_precede_the_source_and_are_a_fixed_point(source: list[int]) -> None:
    effective = monotone(source)
    assert all(a < b for a, b in pairwise(effective))
    assert all(s <= t for s, t in zip(source, effective, strict=True))
    assert monotone(effective) == effective


MTIME = SourceTime(100, TimeBasis.MTIME)
CTIME = SourceTime(200, TimeBasis.CTIME)


@pytest.mark.parametrize(
    ("times", "verified", "now", "expected"),
    [
        ((MTIME, CTIME), 50, 300, MTIME),
        ((MTIME, CTIME), None, 300, MTIME),
        ((MTIME, CTIME), 150, 300, CTIME),  # a restored backup: old mtime, new ctime
        ((MTIME, CTIME), 100, 300, CTIME),  # the very instant of the scan could be either side
        ((MTIME, CTIME), 250, 300, SourceTime(300, TimeBasis.OBSERVED)),
        ((SourceTime(900, TimeBasis.MTIME), CTIME), 50, 300, CTIME),  # an mtime in the future
        ((SourceTime(300, TimeBasis.MTIME),), 50, 300, SourceTime(300, TimeBasis.MTIME)),
        ((), None, 300, SourceTime(300, TimeBasis.OBSERVED)),
    ],
)
def test_a_snapshot_takes_the_first_time_that_can_be_true(
    times: tuple[SourceTime, ...], verified: int | None, now: int, expected: SourceTime
) -> None:
    assert snapshot_time(times, verified, now) == expected


@pytest.mark.parametrize(
    ("text", "zone", "first", "last"),
    [
        ("2024", UTC, utc(2024, 1, 1), utc(2025, 1, 1) - 1),
        ("2024-03", UTC, utc(2024, 3, 1), utc(2024, 4, 1) - 1),
        ("2024-12", UTC, utc(2024, 12, 1), utc(2025, 1, 1) - 1),
        ("2024-02-29", UTC, utc(2024, 2, 29), utc(2024, 3, 1) - 1),
        ("2024-03-01T12:00", UTC, utc(2024, 3, 1, 12), utc(2024, 3, 1, 12, 1) - 1),
        ("2024-03-01T12:00:00", UTC, utc(2024, 3, 1, 12), utc(2024, 3, 1, 12, 0, 1) - 1),
        ("2024-03-01 12:00:00Z", BERLIN, utc(2024, 3, 1, 12), utc(2024, 3, 1, 12, 0, 1) - 1),
        ("2024-03-01t12:00:00z", BERLIN, utc(2024, 3, 1, 12), utc(2024, 3, 1, 12, 0, 1) - 1),
        ("2024-03-01T12:00:00.5Z", UTC, utc(2024, 3, 1, 12) + 500_000, utc(2024, 3, 1, 12) + 599_999),
        ("2024-03-01T12:00:00.000001Z", UTC, utc(2024, 3, 1, 12) + 1, utc(2024, 3, 1, 12) + 1),
        ("2024-03-01T12:00:00+02:00", UTC, utc(2024, 3, 1, 10), utc(2024, 3, 1, 10, 0, 1) - 1),
        ("2024-03-01T12:00:00-0330", UTC, utc(2024, 3, 1, 15, 30), utc(2024, 3, 1, 15, 30, 1) - 1),
        ("2024-03-01 12:00 +02", UTC, utc(2024, 3, 1, 10), utc(2024, 3, 1, 10, 1) - 1),
        (" 2024-03-01 ", BERLIN, utc(2024, 2, 29, 23), utc(2024, 3, 1, 23) - 1),
        ("2024-03-31", BERLIN, utc(2024, 3, 30, 23), utc(2024, 3, 31, 22) - 1),  # 23 hours
        ("2024-10-27", BERLIN, utc(2024, 10, 26, 22), utc(2024, 10, 27, 23) - 1),  # 25 hours
        ("2018-11-04", SAO_PAULO, utc(2018, 11, 4, 3), utc(2018, 11, 5, 2) - 1),  # begins at 01:00
        ("2018-11-03", SAO_PAULO, utc(2018, 11, 3, 3), utc(2018, 11, 4, 3) - 1),
        ("2018-02-17", SAO_PAULO, utc(2018, 2, 17, 2), utc(2018, 2, 18, 3) - 1),  # its last hour twice
        ("1919-03-30", TORONTO, utc(1919, 3, 30, 5), utc(1919, 3, 31, 4, 30) - 1),  # ends at 23:30
        ("1919-03-31", TORONTO, utc(1919, 3, 31, 4, 30), utc(1919, 4, 1, 4) - 1),  # 23:30 was 00:30
        ("2024-10-27T02:30", BERLIN, utc(2024, 10, 27, 0, 30), utc(2024, 10, 27, 1, 31) - 1),  # twice
        ("2024-10-27T01:59", BERLIN, utc(2024, 10, 26, 23, 59), utc(2024, 10, 27, 0) - 1),
        ("2024-03-31T02:30", BERLIN, utc(2024, 3, 31, 1), utc(2024, 3, 31, 1)),  # never: the change
        ("2011-12-30", APIA, utc(2011, 12, 30, 10), utc(2011, 12, 30, 10)),  # a day that never was
    ],
)
def test_what_is_written_decides_the_first_and_last_instant(
    text: str, zone: tzinfo, first: Instant, last: Instant
) -> None:
    found = parse_instant(text, zone)
    assert [rfc3339(instant) for instant in found] == [rfc3339(first), rfc3339(last)]


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "3", "24-03-01", "20240301", "2024-3-1", "2024-03-01T", "2024-03-01T12", "2024-03-01Z",
     "2024-03-01T12:00 Berlin", "٢٠٢٤", "2024-03-01T12:00:00.1234567"],
)  # fmt: skip
def test_what_is_not_iso_is_refused_with_the_spelling(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a date or time .*2024-03-01T12:00.*Europe/Berlin"):
        parse_instant(text, BERLIN)


@pytest.mark.parametrize(
    "text",
    ["2024-13", "2023-02-29", "2024-03-01T24:00", "2024-03-01T12:60", "2024-03-01T12:00:60", "0000", "9999",
     "0001-01-01", "2024-03-01T12:00+25:00", "2024-03-01T12:00+01:75"],
)  # fmt: skip
def test_dates_that_do_not_exist_or_cannot_be_kept_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="there is no date or time"):
        parse_instant(text, BERLIN)


@given(st.dates(date(1900, 1, 2), date(2100, 1, 1)), st.sampled_from(ZONES))
def test_a_day_ends_at_its_last_instant_whatever_the_clocks_do(day: date, zone: tzinfo) -> None:
    first, last = parse_instant(day.isoformat(), zone)

    def local(instant: Instant) -> date:
        return to_datetime(instant).astimezone(zone).date()

    assert first < last
    assert local(first) == local(last) == day
    assert local(first - 1) < day < local(last + 1)
    following, _ = parse_instant((day + timedelta(days=1)).isoformat(), zone)
    assert following == last + 1


@given(st.integers(-(10**15), 10**16), st.sampled_from(ZONES))
def test_an_instant_written_in_full_is_read_back_exactly(instant: Instant, zone: tzinfo) -> None:
    written = rfc3339(instant)
    assert written is not None
    first, last = parse_instant(written, zone)
    assert first == instant
    assert last - first == (0 if instant % 1_000_000 else 999_999)
