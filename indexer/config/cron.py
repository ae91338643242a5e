"""Whether a text is what the scheduler takes for a crontab's five fields."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from indexer.clock import to_datetime


def cron_problem(expression: str) -> str | None:
    """What is wrong with it; None if nothing is."""
    try:
        trigger = CronTrigger.from_crontab(expression, timezone=ZoneInfo("UTC"))
        moment = trigger.get_next_fire_time(None, to_datetime(0).astimezone(UTC))
    except (ValueError, TypeError) as error:
        return str(error).partition("\n")[0]
    return "it never comes" if moment is None else None
