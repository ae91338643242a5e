"""Dates and periods as people write them. What stands before them, and so what they limit, is read in `limits`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from indexer.question import english
from indexer.question.calendar import Calendar
from indexer.question.sentence import Sentence
from indexer.question.values import Bound, Period

_ISO: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[Tt][0-9:.,]{5,15}(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?"
)
_FULL: Final = len("2024-03-01")
_SLASHED: Final = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
_NUMBERS: Final = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_DAY: Final = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?", re.IGNORECASE)
_YEAR: Final = re.compile(r"((?:19[7-9]|20[0-9])[0-9])")
_SHORT_YEAR: Final = re.compile(r"['’]?([0-9]{2})")
_QUARTER: Final = re.compile(r"[qQ]([1-4])")
_QUARTER_YEAR: Final = re.compile(r"[qQ]([1-4])[/-]?((?:19|20)[0-9]{2})")
_YEAR_QUARTER: Final = re.compile(r"((?:19|20)[0-9]{2})[/-]?[qQ]([1-4])")
_HALF: Final = re.compile(r"[hH]([12])")
_COUNT: Final = re.compile(r"[0-9]{1,4}")
_TIME: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_MID: Final = re.compile(r"mid-(.{3,9})", re.IGNORECASE)


class Need(Enum):
    """What must stand around a date for it to be the time that is asked about."""

    NOTHING = 0
    PREPOSITION = 1
    """Such as "in" or "since": 2022."""
    PAST = 2
    """The past tense, or "as of" or "since": 12 May is every year."""
    AS_OF = 3
    """Such as "as of" or "since": today."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date over the words from `begin` up to `end`; the first period is the likeliest."""

    begin: int
    end: int
    periods: tuple[Period, ...]
    need: Need = Need.NOTHING
    bound: Bound | None = None
    """Where the words themselves say it: "in the last 30 days"."""


def dated(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """The date that the words from `at` on name, if they do."""
    if s.tokens[at].quoted:
        return None
    return (
        _relative(s, at, calendar)
        or _edge(s, at, calendar)
        or _third(s, at, calendar)
        or _timed(s, at, calendar)
        or _part(s, at, calendar)
        or _month(s, at, calendar)
        or _plain_year(s, at, calendar)
    )


def _one(
    at: int, end: int, period: Period | None, need: Need = Need.NOTHING, bound: Bound | None = None
) -> Dated | None:
    return None if period is None else Dated(at, end, (period,), need, bound)


# --- by numbers --------------------------------------------------------------------------------


def _timed(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """A day, with the time of day if one follows it."""
    found = _numeric(s, at, calendar) or _day_and_month(s, at, calendar)
    if found is None or len(found.periods) > 1 or len(found.periods[0].reading) != 10:
        return found
    place = found.end + 1 if s.word(found.end) == "at" else found.end
    time = s.matches(place, _TIME)
    if time is None:
        return found
    zone = "Z" if s.word(place + 1) in ("utc", "z", "gmt") else ""
    period = calendar.period(
        f"{found.periods[0].reading}T{time[0].zfill(5 if len(time[0]) < 6 else 8)}{zone}"
    )
    return _one(at, place + (2 if zone else 1), period, found.need) or found


def _numeric(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    if written := s.matches(at, _ISO):
        return _one(at, at + 1, calendar.period(written[0]), Need.PREPOSITION)
    if written := s.matches(at, _SLASHED):
        period = calendar.ymd(int(written[1]), int(written[2]), int(written[3]))
        return _one(at, at + 1, period, Need.PREPOSITION)
    if written := s.matches(at, _NUMBERS):
        first, second, year = int(written[1]), int(written[3]), int(written[4])
        day_first = calendar.ymd(year, second, first)
        month_first = calendar.ymd(year, first, second) if written[2] != "." else None
        periods = tuple(dict.fromkeys(p for p in (day_first, month_first) if p is not None))
        return Dated(at, at + 1, periods, Need.PREPOSITION) if periods else None
    return None


def impossible(s: Sentence, calendar: Calendar) -> list[tuple[int, int]]:
    """The words, as (begin, end), that are written as a day and are none: ``2024-13-45``, ``31.02.2024``, ``30 February 2024``."""
    found = []
    at = 0
    while at < len(s):
        end = None if s.tokens[at].quoted else _written_day(s, at)
        if end is not None and _timed(s, at, calendar) is None:
            found.append((at, end))
            at = end
        else:
            at += 1
    return found


def _written_day(s: Sentence, at: int) -> int | None:
    """The place behind what has the form of a day with its year, whether there is such a day or not."""
    iso = s.matches(at, _ISO)
    if (iso and len(iso[0]) >= _FULL) or s.matches(at, _SLASHED) or s.matches(at, _NUMBERS):
        return at + 1
    if s.matches(at, _DAY) and not s.tokens[at].breaks:
        month = at + 2 if s.word(at + 1) == "of" else at + 1
        year = _year(s, month + 1) if _is_month(s, month) else None
    elif _is_month(s, at) and s.matches(at + 1, _DAY):
        year = _year(s, at + 2)
    else:
        return None
    return None if year is None else year[1]


def _plain_year(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    written = s.matches(at, _YEAR)
    if written is None or int(written[1]) > calendar.today.year + 1:
        return None
    if s.word(at + 1) in english.PRICES or (s.word(at + 1) in english.UNITS and not s.tokens[at].breaks):
        return None
    return _one(at, at + 1, calendar.year(int(written[1])), Need.PREPOSITION)


# --- with the names of months ------------------------------------------------------------------


def _is_month(s: Sentence, at: int) -> int | None:
    return english.MONTHS.get(s.word(at))


def _year(s: Sentence, at: int) -> tuple[int, int] | None:
    """(year, the place after it) at `at`, "of" before it allowed."""
    place = at + 1 if s.word(at) == "of" else at
    if written := s.matches(place, _YEAR):
        return int(written[1]), place + 1
    if (
        0 <= place < len(s)
        and (s.tokens[place].lead in ("'", "‘", "’"))
        and (written := s.matches(place, _SHORT_YEAR))
    ):
        return 2000 + int(written[1]), place + 1
    return None


def _day_and_month(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``1 March 2024``, ``the 1st of March``, ``March 1st, 2024``."""
    if (day := s.matches(at, _DAY)) and not s.tokens[at].breaks:
        place = at + 1 if s.word(at + 1) == "of" else at
        month, after = _is_month(s, place + 1), place + 2
    else:
        month, after = _is_month(s, at), at + 2
        day = s.matches(at + 1, _DAY)
        if s.tokens[at].trail not in ("", ".") or (day and s.tokens[at + 1].lead):
            return None
    if day is None or month is None or not 1 <= int(day[1]) <= 31:
        return None
    year = _year(s, after)
    if year is not None:
        return _one(at, year[1], calendar.ymd(year[0], month, int(day[1])), Need.PREPOSITION)
    if s.word(after - 1) in english.UNITS or s.word(after) in english.UNITS:
        return None
    return _one(at, after, calendar.recent_day(month, int(day[1])), Need.PAST)


def _month(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``March 2024``, ``Mar '24``; ``March``."""
    month = _is_month(s, at)
    if month is None:
        return None
    year = _year(s, at + 1)
    if year is not None and s.tokens[at].trail in ("", ".", ","):
        return _one(at, year[1], calendar.month(year[0], month), Need.PREPOSITION)
    word = s.word(at)
    if word not in english.FULL_MONTHS:
        return None
    if word in english.WORDS_TOO and s.tokens[at].text[0].islower() and not s.closes(at):
        return None
    return _one(at, at + 1, calendar.month(*calendar.recent_month(month)), Need.PAST)


# --- parts of a year ---------------------------------------------------------------------------


def _part(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``Q3 2021``, ``2021-Q3``, ``third quarter of 2021``, ``H1 2022``."""
    if written := s.matches(at, _QUARTER_YEAR):
        return _one(at, at + 1, calendar.part(int(written[2]), int(written[1]), 3), Need.PREPOSITION)
    if written := s.matches(at, _YEAR_QUARTER):
        return _one(at, at + 1, calendar.part(int(written[1]), int(written[2]), 3), Need.PREPOSITION)
    if (year := s.matches(at, _YEAR)) and (quarter := s.matches(at + 1, _QUARTER)):
        return _one(at, at + 2, calendar.part(int(year[1]), int(quarter[1]), 3), Need.PREPOSITION)
    quarter, half = s.matches(at, _QUARTER), s.matches(at, _HALF)
    ordinal, unit = english.ORDINALS.get(s.word(at), 0), s.word(at + 1)
    if quarter or half:
        number, months, after = int((quarter or half or "")[1]), 3 if quarter else 6, at + 1
    elif ordinal in (1, 2, 3, 4) and unit in ("quarter", "half"):
        number, months, after = ordinal, 3 if unit == "quarter" else 6, at + 2
    else:
        return None
    found = _year(s, after)
    if found is None or number * months > 12:
        return None
    return _one(at, found[1], calendar.part(found[0], number, months), Need.PREPOSITION)


def _edge(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``end of 2022``, ``beginning of March 2023``, ``last day of 2023``."""
    word = s.word(at)
    if word in ("first", "last") and s.word(at + 1) == "day" and s.word(at + 2) == "of":
        which, place = (1 if word == "first" else -1), at + 3
    elif word in english.EDGES and s.word(at + 1) == "of":
        which, place = english.EDGES[word], at + 2
    else:
        return None
    inner = _period(s, place, calendar)
    if inner is None:
        return None
    return _one(
        at,
        inner.end,
        calendar.edge(inner.periods[0], which),
        max(inner.need, Need.PREPOSITION, key=_strength),
    )


def _third(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``early 2023``, ``late March 2022``, ``mid-2023``."""
    if joined := s.matches(at, _MID):
        written = _YEAR.fullmatch(joined[1])
        whole = calendar.year(int(written[1])) if written else None
        return None if whole is None else _one(at, at + 1, calendar.third(whole, 1), Need.PREPOSITION)
    number = english.THIRDS.get(s.word(at))
    if number is None:
        return None
    inner = _period(s, at + (2 if s.word(at + 1) == "of" else 1), calendar)
    if inner is None:
        return None
    return _one(at, inner.end, calendar.third(inner.periods[0], number), inner.need)


def _period(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    place = at + 1 if s.word(at) == "the" else at
    if place >= len(s) or s.tokens[place].quoted:
        return None
    return (
        _relative(s, place, calendar)
        or _part(s, place, calendar)
        or _month(s, place, calendar)
        or _plain_year(s, place, calendar)
    )


def _strength(need: Need) -> int:
    return need.value


# --- counted from today ------------------------------------------------------------------------


def _relative(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    word, following = s.word(at), s.word(at + 1)
    if word == "yesterday":
        return _one(at, at + 1, calendar.back(1, "day"))
    if word == "today":
        return _one(at, at + 1, calendar.back(0, "day"), Need.AS_OF)
    if word == "day" and following == "before" and s.word(at + 2) == "yesterday":
        return _one(at, at + 3, calendar.back(2, "day"))
    if word in english.WEEKDAYS:
        return _one(at, at + 1, calendar.last_weekday(english.WEEKDAYS[word]), Need.PAST)
    return _last(s, at, calendar) or _ago(s, at, calendar)


def _last(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``last March``, ``last week``, ``this year``; ``last 30 days``."""
    word, following = s.word(at), s.word(at + 1)
    if s.breaks(at) or word not in english.LAST | english.THIS:
        return None
    if word in english.THIS:
        unit = english.SPANS.get(following)
        return None if unit is None else _one(at, at + 2, calendar.whole(0, unit), Need.PAST)
    if word == "last" and following in english.MONTHS and following in english.FULL_MONTHS:
        year = _year(s, at + 2)
        if year is None:
            return _one(at, at + 2, calendar.month(*calendar.last_month_named(english.MONTHS[following])))
        return _one(at, year[1], calendar.month(year[0], english.MONTHS[following]))
    if word == "last" and following in english.WEEKDAYS:
        return _one(at, at + 2, calendar.last_weekday(english.WEEKDAYS[following]))
    count = _count(s, at + 1)
    if count is not None and (unit := english.SPANS.get(s.word(at + 2))):
        return _one(at, at + 3, calendar.back(count, unit), Need.PREPOSITION, Bound.SINCE)
    unit = english.SPANS.get(following)
    if unit is None or following.endswith("s") or unit == "day":
        return None
    if s.word(at - 1) == "the" and s.word(at - 2) in ("in", "over", "during", "within"):
        return _one(at, at + 2, calendar.back(1, unit), Need.PREPOSITION, Bound.SINCE)
    return _one(at, at + 2, calendar.whole(1, unit)) if word == "last" else None


def _ago(s: Sentence, at: int, calendar: Calendar) -> Dated | None:
    """``three weeks ago``, ``a year ago``, ``a couple of days ago``, ``an hour ago``."""
    count = _count(s, at)
    if count is None:
        return None
    place = at + 1
    if s.word(at) == "a" and s.word(place) in ("couple", "fortnight"):
        count, place = (2, place + 1) if s.word(place) == "couple" else (2, place)
    if s.word(place) == "of":
        place += 1
    if s.word(place + 1) != "ago":
        return None
    unit = "week" if s.word(place) == "fortnight" else english.SPANS.get(s.word(place))
    if unit is not None:
        return _one(at, place + 2, calendar.back(count, unit))
    minutes = english.CLOCK_SPANS.get(s.word(place))
    return None if minutes is None else _one(at, place + 2, calendar.minutes_back(count * minutes))


def _count(s: Sentence, at: int) -> int | None:
    if written := s.matches(at, _COUNT):
        return int(written[0])
    return english.COUNTS.get(s.word(at))
