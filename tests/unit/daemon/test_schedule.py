"""Jobs at set times: once where they were missed many times, and not held up by a clock that is set back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from indexer.clock import SystemClock, to_datetime
from indexer.daemon.schedule import Schedule
from tests.support.fake_clock import FakeClock

SOON = 30
DAY = 86_400_000_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def schedule(clock: FakeClock) -> Iterator[Schedule]:
    schedule = Schedule(ZoneInfo("UTC"), clock)
    schedule.start()
    yield schedule
    schedule.stop()
    schedule.stop()


def nothing() -> None:
    """A job that does nothing."""


def due(schedule: Schedule, name: str) -> float:
    """In how many seconds it is planned."""
    [job] = schedule.planned(name)
    assert job.next is not None
    return (job.next - SystemClock().now()) / 1e6


def test_a_job_is_done_at_its_time_and_it_is_known_when_that_was(
    schedule: Schedule, clock: FakeClock
) -> None:
    done = threading.Event()
    schedule.every("job", 1, done.set)
    assert schedule.planned("job")[0].last is None
    assert done.wait(SOON)
    assert schedule.planned("job")[0].last == clock.now()
    assert 0 < due(schedule, "job") <= 1.1


def test_runs_that_were_missed_are_one(schedule: Schedule) -> None:
    done: list[None] = []
    came = threading.Event()

    def act() -> None:
        done.append(None)
        came.set()

    schedule.every("job", 60, act)
    # As if the machine had slept for a day.
    past = to_datetime(SystemClock().now()).astimezone(UTC) - timedelta(days=1)
    schedule._scheduler.get_job("job").modify(next_run_time=past)
    assert came.wait(SOON)
    other = threading.Event()
    schedule.every("other", 1, other.set)
    assert other.wait(SOON)
    assert len(done) == 1
    assert 0 < due(schedule, "job") < 65


def test_a_job_of_the_same_name_takes_the_place_of_the_former(schedule: Schedule) -> None:
    schedule.every("job", 60, nothing)
    schedule.every("job", 600, nothing)
    assert [job.name for job in schedule.planned()] == ["job"]
    assert 500 < due(schedule, "job") < 640
    schedule.remove("job")
    schedule.remove("job")
    assert schedule.planned() == []


def test_a_crontab_says_when(schedule: Schedule) -> None:
    schedule.cron("job", "30 3 * * *", nothing)
    [job] = schedule.planned("job")
    assert job.next is not None
    assert (to_datetime(job.next).hour, to_datetime(job.next).minute) == (3, 30)
    with pytest.raises(ValueError, match="fields"):
        schedule.cron("other", "nonsense", nothing)


def test_a_clock_that_is_set_back_by_a_day_holds_up_nothing(schedule: Schedule, clock: FakeClock) -> None:
    schedule.every("job", 60, nothing)
    schedule.cron("nightly", "30 3 * * *", nothing)
    # What was planned by the clock as it was is a day away by the clock as it is.
    tomorrow = to_datetime(SystemClock().now()).astimezone(UTC) + timedelta(days=1)
    schedule._scheduler.get_job("job").modify(next_run_time=tomorrow)
    schedule.tend()
    assert due(schedule, "job") > 80_000
    clock.step(-DAY)
    schedule.tend()
    assert 50 < due(schedule, "job") < 65
    assert [job.name for job in schedule.planned()] == ["job", "nightly"]


def test_what_keeps_clocks_right_changes_no_plan(schedule: Schedule, clock: FakeClock) -> None:
    schedule.every("job", 60, nothing)
    before = schedule.planned("job")
    clock.step(-1_000_000)
    schedule.tend()
    clock.advance(5_000_000)
    schedule.tend()
    assert schedule.planned("job") == before


def test_crontabs_mean_the_zone_that_is_configured_now(schedule: Schedule) -> None:
    schedule.cron("nightly", "30 3 * * *", nothing)
    [before] = schedule.planned("nightly")
    schedule.move(ZoneInfo("Etc/GMT-5"))
    [after] = schedule.planned("nightly")
    assert before.next is not None
    assert after.next is not None
    assert (before.next - after.next) % DAY == 5 * 3_600_000_000


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("30 3 * * *", 24),
        ("0 8-18 * * *", 14),
        ("0 3 * * mon-fri", 72),
        ("*/10 * * * *", 1 / 6),
        ("0 0 1 * *", 31 * 24),
    ],
)
def test_the_longest_pause_of_a_crontab_is_known(schedule: Schedule, expression: str, hours: float) -> None:
    assert schedule.longest_pause(expression) == hours * 3600


def test_a_crontab_that_never_comes_has_no_pause(schedule: Schedule) -> None:
    assert schedule.longest_pause("0 0 31 2 *") is None
