"""What a retention rule thins out, and what it never touches."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clock import to_datetime, to_instant
from indexer.model import Instant
from indexer.plan.retention import RetentionRule, Standing, thinned_out

DAY = 86_400
BERLIN = ZoneInfo("Europe/Berlin")
DAILY = RetentionRule(daily_after=30 * DAY)
TIERED = RetentionRule(daily_after=30 * DAY, monthly_after=365 * DAY)


def at(text: str) -> Instant:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


NOW = at("2026-06-01T00:00")


def line(*times: str, textless: tuple[int, ...] = (), labelled: tuple[int, ...] = ()) -> list[Standing]:
    """Versions numbered from 1 at these times."""
    return [
        Standing(no, at(time), has_text=no not in textless, labelled=no in labelled)
        for no, time in enumerate(times, 1)
    ]


def test_the_last_of_each_day_is_kept_of_what_is_old_enough() -> None:
    versions = line(
        "2026-01-01T08:00", "2026-01-05T08:00", "2026-01-05T09:00", "2026-01-05T10:00",
        "2026-01-06T08:00", "2026-01-06T09:00", "2026-05-20T08:00", "2026-05-20T09:00",
        "2026-05-21T08:00",
    )  # fmt: skip
    assert thinned_out(versions, DAILY, NOW, UTC) == (2, 3, 5)


def test_a_version_is_as_old_as_the_time_since_which_another_holds() -> None:
    long_in_force = line("2020-01-01T08:00", "2020-01-02T08:00", "2020-01-02T09:00", "2026-05-30T08:00")
    assert thinned_out(long_in_force, DAILY, NOW, UTC) == (2,)
    assert thinned_out(long_in_force[:3], DAILY, NOW, UTC) == (2,)
    recent = line("2020-01-01T08:00", "2020-01-02T08:00", "2020-01-02T09:00")
    superseded_lately = [*recent, Standing(4, at("2020-01-02T10:00"), has_text=True, labelled=False)]
    assert thinned_out(superseded_lately, RetentionRule(daily_after=10 * 365 * DAY), NOW, UTC) == ()


def test_later_only_the_last_of_each_month_is_kept() -> None:
    versions = line(
        "2024-01-01T08:00", "2024-03-05T08:00", "2024-03-20T08:00", "2024-03-20T09:00", "2024-04-01T08:00",
        "2026-01-05T08:00", "2026-01-06T08:00", "2026-01-06T09:00", "2026-05-31T08:00",
    )  # fmt: skip
    assert thinned_out(versions, TIERED, NOW, UTC) == (2, 3, 7)
    monthly = RetentionRule(monthly_after=30 * DAY)
    assert thinned_out(versions, monthly, NOW, UTC) == (2, 3, 6, 7)


def test_days_are_those_of_the_zone() -> None:
    versions = line("2026-01-01T08:00", "2026-01-05T22:30", "2026-01-05T23:30", "2026-05-31T08:00")
    assert thinned_out(versions, DAILY, NOW, UTC) == (2,)
    assert thinned_out(versions, DAILY, NOW, BERLIN) == ()  # the second is of the next day there


@pytest.mark.parametrize("textless", [(), (4,), (1,), (2, 4)])
def test_first_last_labelled_and_textless_versions_stay(textless: tuple[int, ...]) -> None:
    day = [f"2026-01-05T{hour:02}:00" for hour in range(8, 14)]
    gone = thinned_out(line(*day, textless=textless, labelled=(3,)), DAILY, NOW, UTC)
    assert set(gone) == {2, 4, 5} - set(textless)


def test_the_last_text_before_a_deletion_stays() -> None:
    versions = line(
        "2026-01-04T08:00", "2026-01-05T08:00", "2026-01-05T09:00", "2026-01-05T10:00", textless=(4,)
    )
    assert thinned_out(versions, DAILY, NOW, UTC) == (2,)


lines = st.lists(
    st.tuples(st.integers(1, 400_000), st.booleans(), st.integers(0, 9)), min_size=1, max_size=40
)


@given(lines, st.integers(0, 5), st.integers(0, 40), st.sampled_from([UTC, BERLIN]))
def test_every_end_of_a_day_is_answered_as_before_and_doing_it_twice_changes_nothing(
    drawn: list[tuple[int, bool, int]], daily: int, monthly: int, zone: ZoneInfo
) -> None:
    moment, versions = at("2026-03-25T00:00"), []
    for no, (gap, has_text, label) in enumerate(drawn, 1):
        moment += gap * 1_000_000
        versions.append(Standing(no, moment, has_text=has_text or label == 0, labelled=label == 0))
    rule = RetentionRule(daily_after=daily * DAY, monthly_after=None if monthly < 6 else monthly * DAY)
    now = moment + 10 * DAY * 1_000_000
    gone = set(thinned_out(versions, rule, now, zone))
    assert not gone & {versions[0].no, versions[-1].no}
    assert not gone & {v.no for v in versions if v.labelled or not v.has_text}
    left = [Standing(v.no, v.valid_from, v.has_text and v.no not in gone, v.labelled) for v in versions]
    assert thinned_out(left, rule, now, zone) == ()
    if rule.monthly_after is None:
        days = {to_datetime(v.valid_from).astimezone(zone).date(): v for v in versions}
        assert not gone & {v.no for v in days.values()}
    later = set(thinned_out(left, rule, now + 40 * DAY * 1_000_000, zone))
    at_once = thinned_out(versions, rule, now + 40 * DAY * 1_000_000, zone)
    assert gone | later == set(at_once)
