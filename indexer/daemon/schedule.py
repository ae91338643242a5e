"""What is done at set times: a scheduler whose jobs only wake somebody, so that none of them takes long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from indexer import logs
from indexer.clock import Clock, to_datetime, to_instant
from indexer.model import Instant

_log = logs.get("schedule")

_JITTER: Final = 0.05
"""Of an interval: sources that are polled equally often are not scanned all at once."""
_MOST_JITTER: Final = 30.0
"""Seconds."""
_TIMES: Final = 64
"""Times of a crontab that are looked at to tell how long its pauses are: two months of one that is daily but on Sundays."""
_SET_BACK: Final = 5.0
"""Seconds by which the time of day has to go back to count as set back: what keeps clocks right corrects less."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One job."""

    name: str
    next: Instant | None
    last: Instant | None
    """When it was due last, since the service began."""


class Schedule:
    """Jobs by name. Of one job there are never two runs at once, and runs that were missed are one."""

    def __init__(self, zone: ZoneInfo, clock: Clock) -> None:
        self._clock = clock
        self._zone = zone
        self._last: dict[str, Instant] = {}
        self._jobs: dict[str, tuple[Callable[[], BaseTrigger], Callable[[], None]]] = {}
        self._behind = self._offset()
        """How far the monotonic clock is behind the time of day, when last looked at. [s]"""
        self._scheduler = BackgroundScheduler(
            timezone=zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; what runs at this moment is not waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def every(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Do it at this interval; replaces a job of the same name."""
        jitter = int(min(_MOST_JITTER, seconds * _JITTER)) or None
        self._add(name, lambda: IntervalTrigger(seconds=max(1, round(seconds)), jitter=jitter), act)

    def cron(self, name: str, expression: str, act: Callable[[], None]) -> None:
        """Do it when the five fields of a crontab say. Raises ValueError."""
        self._add(name, lambda: CronTrigger.from_crontab(expression, timezone=self._zone), act)

    def longest_pause(self, expression: str) -> float | None:
        """Seconds between two times of a crontab: the most that there are among the next ones. Raises ValueError."""
        trigger = CronTrigger.from_crontab(expression, timezone=self._zone)
        times: list[datetime] = []
        after = to_datetime(self._clock.now())
        while len(times) < _TIMES:
            previous = times[-1] if times else None
            following = trigger.get_next_fire_time(previous, previous or after)
            if following is None:
                break
            times.append(following)
        pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
        return max(pauses, default=None)

    def tend(self) -> None:
        """Plan everything anew where the time of day was set back: the scheduler would wait until it comes again."""
        offset, before = self._offset(), self._behind
        self._behind = offset
        if offset < before - _SET_BACK:
            _log.warning("the clock was set back: all jobs are planned anew", seconds=round(before - offset))
            self._plan_anew()

    def move(self, zone: ZoneInfo) -> None:
        """Crontabs mean this zone from now on."""
        if zone != self._zone:
            self._zone = zone
            self._plan_anew()

    def _plan_anew(self) -> None:
        for name, (trigger, act) in list(self._jobs.items()):
            self._add(name, trigger, act)

    def _offset(self) -> float:
        return self._clock.now() / 1e6 - self._clock.monotonic()

    def remove(self, name: str) -> None:
        """Do it no more; harmless where there is no such job."""
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)
        self._last.pop(name, None)
        self._jobs.pop(name, None)

    def planned(self, name: str | None = None) -> list[Planned]:
        """Every job, by name, or the one of this name."""
        jobs = self._scheduler.get_jobs()
        found = []
        for job in sorted(jobs, key=lambda job: str(job.id)):
            if name is None or job.id == name:
                moment: datetime | None = getattr(job, "next_run_time", None)
                found.append(
                    Planned(job.id, None if moment is None else to_instant(moment), self._last.get(job.id))
                )
        return found

    def _add(self, name: str, trigger: Callable[[], BaseTrigger], act: Callable[[], None]) -> None:
        self._jobs[name] = (trigger, act)

        def run() -> None:
            self._last[name] = self._clock.now()
            act()

        self._scheduler.add_job(run, trigger(), id=name, replace_existing=True)
