"""Effective times: strictly increasing ones, those of snapshot sources, and those that people write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from indexer.clock import to_datetime, to_instant
from indexer.errors import UsageError
from indexer.model import Instant, TimeBasis
from indexer.ports import SourceTime

_MICROSECOND: Final = timedelta(microseconds=1)

_WRITTEN: Final = re.compile(
    r"""(?P<year>\d{4})
    (?:-(?P<month>\d\d)
      (?:-(?P<day>\d\d)
        (?:[Tt\ ]\s*(?P<hour>\d\d):(?P<minute>\d\d)
          (?: :(?P<second>\d\d) (?:[.,](?P<fraction>\d{1,6}))? )?
          \s*(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?
        )?
      )?
    )?""",
    re.VERBOSE | re.ASCII,
)
"""ISO 8601 in its extended form, cut off after any part; RFC 3339 is within it."""


def monotone(times: Iterable[Instant]) -> list[Instant]:
    """Strictly increasing effective times for source times in source order: t_i = max(s_i, t_{i-1} + 1)."""
    effective: list[Instant] = []
    for time in times:
        effective.append(max(time, effective[-1] + 1) if effective else time)
    return effective


def snapshot_time(times: Sequence[SourceTime], verified: Instant | None, now: Instant) -> SourceTime:
    """The effective time of a new state at a source that knows only the present.

    The first of `times` (best first: mtime, then ctime) that lies after `verified`, the start of
    the last scan that verified the previous state (None: there was none, so anything goes), and
    not after `now`; else the time of observation.
    """
    for time in times:
        if (verified is None or time.instant > verified) and time.instant <= now:
            return time
    return SourceTime(now, TimeBasis.OBSERVED)


def parse_instant(text: str, zone: tzinfo) -> tuple[Instant, Instant]:
    """The first and the last instant that an ISO 8601 date or time means, in `zone` unless it names one.

    What is written decides how long it is: ``2024`` a year, ``2024-03`` a month, ``2024-03-01`` a
    day, ``2024-03-01T12:00`` a minute, and so on down to the microsecond. A local time that a
    clock change repeats means both; one that it skips means the instant of the change.

    Raises `UsageError` for anything else.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise UsageError(f'"{text}" is not a date or time', remedy=_spelling(zone))
    try:
        begin, after = _extent(written)
        if written["zone"] is not None:
            zone = _offset(written["zone"])
        first = _to_instant(begin, zone, fold=0)
        last = _to_instant(after - _MICROSECOND, zone, fold=1)
    except (ValueError, OverflowError) as error:
        raise UsageError(f'there is no date or time "{text}": {error}', remedy=_spelling(zone)) from error
    return first, max(first, last)


def looks_like_instant(text: str) -> bool:
    """Whether `text` has the form of a date or time, valid or not."""
    return _WRITTEN.fullmatch(text.strip()) is not None


def _spelling(zone: tzinfo) -> str:
    return (
        "write it as 2024, 2024-03, 2024-03-01, 2024-03-01T12:00 or 2024-03-01T12:00:00, "
        f"with Z or an offset such as +02:00 after a time that is not in {zone}"
    )


def _extent(written: re.Match[str]) -> tuple[datetime, datetime]:
    """Where the written period begins and where the next one of its size does, on the wall clock."""
    names = ("year", "month", "day", "hour", "minute", "second")
    numbers = {name: int(written[name]) for name in names if written[name] is not None}
    fraction: str = written["fraction"] or ""
    begin = datetime(  # noqa: DTZ001 - a wall clock's reading; its zone follows
        numbers["year"],
        numbers.get("month", 1),
        numbers.get("day", 1),
        numbers.get("hour", 0),
        numbers.get("minute", 0),
        numbers.get("second", 0),
        int(fraction.ljust(6, "0")) if fraction else 0,
    )
    if fraction:
        return begin, begin + timedelta(microseconds=10 ** (6 - len(fraction)))
    match len(numbers):
        case 1:
            return begin, begin.replace(year=begin.year + 1)
        case 2 if begin.month == 12:
            return begin, begin.replace(year=begin.year + 1, month=1)
        case 2:
            return begin, begin.replace(month=begin.month + 1)
        case 3:
            return begin, begin + timedelta(days=1)
        case 5:
            return begin, begin + timedelta(minutes=1)
        case _:
            return begin, begin + timedelta(seconds=1)


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[2:])
    if minutes > 59:
        raise ValueError("an offset's minutes must be in 0..59")
    offset = timedelta(hours=int(digits[:2]), minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _to_instant(wall: datetime, zone: tzinfo, fold: int) -> Instant:
    """The instant at which clocks in `zone` show `wall`; the first (fold 0) or last (fold 1) of two.

    For a reading that a clock change skips: the first instant after the change (fold 0), or the
    last one before it (fold 1). PEP 495 gives the two offsets to search between.
    """
    instant = to_instant(wall.replace(tzinfo=zone, fold=fold))
    if to_datetime(instant).astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before = to_instant(wall.replace(tzinfo=zone, fold=1))
    after = to_instant(wall.replace(tzinfo=zone, fold=0))
    old_offset = _utc_offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _utc_offset(middle, zone) == old_offset:
            before = middle
        else:
            after = middle
    return after if fold == 0 else before


def _utc_offset(instant: Instant, zone: tzinfo) -> timedelta | None:
    return to_datetime(instant).astimezone(zone).utcoffset()
