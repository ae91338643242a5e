"""Times, periods and amounts as people read them, times in the configured zone."""

from __future__ import annotations

from datetime import datetime, tzinfo

from indexer.clock import to_datetime
from indexer.model import FOREVER, Instant

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


def moment(instant: Instant | None, zone: tzinfo) -> str:
    """``2024-03-01 12:00``; empty where there is none."""
    return "" if instant is None or instant == FOREVER else f"{_local(instant, zone):%Y-%m-%d %H:%M}"


def exact_moment(instant: Instant, zone: tzinfo) -> str:
    """``2024-03-01 23:59:59 Europe/Berlin``: to the second, with the zone."""
    return f"{_local(instant, zone):%Y-%m-%d %H:%M:%S} {zone}"


def period(start: Instant | None, end: Instant | None, zone: tzinfo) -> str:
    """``2024-03-01 – 2024-06-12``, ``since 2024-03-01``; with the time of day where both lie in one day."""
    if start is None:
        return ""
    begin = _local(start, zone)
    if end is None or end == FOREVER:
        return f"since {begin:%Y-%m-%d}"
    finish = _local(end, zone)
    form = "%Y-%m-%d %H:%M:%S" if begin.date() == finish.date() else "%Y-%m-%d"
    return f"{begin.strftime(form)} – {finish.strftime(form)}"


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``, ``4 d 1 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def size(number: int) -> str:
    """``812 B``, ``1.4 MB``, ``23 GB``: bytes, in thousands as disks are sold."""
    value, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    return f"{value:.1f} {unit}" if unit != "B" and value < 10 else f"{value:,.0f} {unit}"


def count(number: int, one: str, many: str = "") -> str:
    """``1 passage``, ``12,345 passages``; `many` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _local(instant: Instant, zone: tzinfo) -> datetime:
    return to_datetime(instant).astimezone(zone)
