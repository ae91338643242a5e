"""Periods of the calendar around one day: what "last March", "three weeks ago" and "Q3 2021" are."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from indexer.clock import to_datetime
from indexer.errors import UsageError
from indexer.model import Instant
from indexer.question.values import Period
from indexer.timing import parse_instant

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar as somebody sees it at one moment, in one zone.

    Methods that name a period give None where there is no such period, such as 30 February.
    """

    now: Instant
    zone: tzinfo

    @property
    def moment(self) -> datetime:
        """The wall clock now."""
        return to_datetime(self.now).astimezone(self.zone).replace(tzinfo=None)

    @property
    def today(self) -> date:
        """The day that it is in the zone."""
        return self.moment.date()

    def period(self, first: str, last: str | None = None) -> Period | None:
        """From the first instant of one ISO 8601 date to the last of another, or of the same."""
        try:
            begin, end = parse_instant(first, self.zone)
            if last is not None and last != first:
                end = parse_instant(last, self.zone)[1]
        except UsageError:
            return None
        return Period(begin, end, first if last is None or last == first else f"{first}..{last}")

    def day(self, day: date) -> Period | None:
        """All of a day."""
        return self.period(day.isoformat())

    def ymd(self, year: int, month: int, day: int) -> Period | None:
        """All of a day by its numbers."""
        return self.period(f"{year:04}-{month:02}-{day:02}")

    def month(self, year: int, month: int) -> Period | None:
        """All of a month."""
        return self.period(f"{year:04}-{month:02}")

    def year(self, year: int) -> Period | None:
        """All of a year."""
        return self.period(f"{year:04}")

    def part(self, year: int, number: int, months: int) -> Period | None:
        """Part `number` (1-based) of a year that is cut into parts of so many months: quarters, halves, thirds."""
        first = (number - 1) * months + 1
        return self.period(f"{year:04}-{first:02}", f"{year:04}-{first + months - 1:02}")

    def recent_month(self, month: int) -> tuple[int, int]:
        """(year, month): this month if it is that one, else the last one of that name."""
        year = self.today.year if month <= self.today.month else self.today.year - 1
        return year, month

    def last_month_named(self, month: int) -> tuple[int, int]:
        """(year, month): the last one of that name that is over or has begun before this month."""
        year = self.today.year if month < self.today.month else self.today.year - 1
        return year, month

    def recent_day(self, month: int, day: int) -> Period | None:
        """The last such day that has begun, today included."""
        year = self.today.year if (month, day) <= (self.today.month, self.today.day) else self.today.year - 1
        return self.ymd(year, month, day)

    def last_weekday(self, weekday: int) -> Period | None:
        """The last such day before today; Monday is 0."""
        back = (self.today.weekday() - weekday - 1) % 7 + 1
        return self.back(back, "day")

    def back(self, count: int, unit: str) -> Period | None:
        """The day so many days, weeks, months, quarters or years ago."""
        try:
            return self.day(self._back(count, unit))
        except (OverflowError, ValueError):
            return None

    def minutes_back(self, minutes: int) -> Period | None:
        """The minute so many minutes ago."""
        try:
            moment = self.moment - timedelta(minutes=minutes)
        except OverflowError:
            return None
        return self.period(moment.isoformat(timespec="minutes"))

    def whole(self, back: int, unit: str) -> Period | None:
        """The week (from Monday), month, quarter or year so many before the present one; days likewise."""
        today = self.today
        try:
            match unit:
                case "day":
                    return self.day(today - back * _DAY)
                case "week":
                    monday = today - (today.weekday() + 7 * back) * _DAY
                    return self.period(monday.isoformat(), (monday + 6 * _DAY).isoformat())
                case "month":
                    day = self._back(back, "month")
                    return self.month(day.year, day.month)
                case "quarter":
                    quarters = today.year * 4 + (today.month - 1) // 3 - back
                    return self.part(quarters // 4, quarters % 4 + 1, 3)
                case _:
                    return self.year(today.year - back)
        except (OverflowError, ValueError):
            return None

    def edge(self, period: Period, which: int) -> Period | None:
        """The first (1) or last (-1) day of a period."""
        first, _, last = period.reading.partition("..")
        written = first if which > 0 else last or first
        year, month, day = ([int(part) for part in written[:10].split("-")] + [0, 0])[:3]
        month = month or (1 if which > 0 else 12)
        return self.ymd(year, month, day or (1 if which > 0 else monthrange(year, month)[1]))

    def third(self, period: Period, number: int) -> Period | None:
        """The early (0), middle (1) or late (2) part of a year or month."""
        written = period.reading
        if len(written) == 4:
            return self.part(int(written), number + 1, 4)
        if len(written) == 7:
            year, month = (int(part) for part in written.split("-"))
            last = (10, 20, monthrange(year, month)[1])[number]
            return self.period(f"{written}-{number * 10 + 1:02}", f"{written}-{last:02}")
        return None

    def _back(self, count: int, unit: str) -> date:
        today = self.today
        if unit in ("day", "week"):
            return today - count * (7 if unit == "week" else 1) * _DAY
        months = today.year * 12 + today.month - 1 - count * {"month": 1, "quarter": 3, "year": 12}[unit]
        year, month = months // 12, months % 12 + 1
        if not 1 <= year <= 9999:
            raise OverflowError
        return date(year, month, min(today.day, monthrange(year, month)[1]))
