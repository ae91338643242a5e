"""Which versions a retention rule thins out. Pure.

What is left answers any question about the end of a day (or of a month) as before: of every day there
remains the version that stood when it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Final

from indexer.clock import to_datetime
from indexer.model import Instant

_SECOND: Final = 1_000_000
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How much of a source's past is kept; `None` leaves a step out. Both in seconds since a version was superseded."""

    daily_after: float | None = None
    """From then on the last version of each day is kept."""
    monthly_after: float | None = None
    """From then on the last version of each month."""

    @property
    def words(self) -> str:
        """The rule for people."""
        steps = (("day", self.daily_after), ("month", self.monthly_after))
        told = [f"the last of each {name} after {_span(after)}" for name, after in steps if after is not None]
        return "kept are " + " and ".join(told)

    @property
    def soonest(self) -> float:
        """Nothing that was superseded later than so many seconds ago is thinned out."""
        return min(after for after in (self.daily_after, self.monthly_after) if after is not None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A version on the line, as far as a rule looks at it."""

    no: int
    valid_from: Instant
    has_text: bool
    """Content that is kept; not a tombstone, nor unreadable, purged or thinned out."""
    labelled: bool
    """The source, a tag or its own text names it by more than a count."""


def thinned_out(line: Sequence[Standing], rule: RetentionRule, now: Instant, zone: tzinfo) -> tuple[int, ...]:
    """The versions of one document that `rule` does not keep, by number in the catalog. `line` is in order.

    Never the first and the last one, the last with a text, one that is labelled, or one without a text.
    """
    texts = [version for version in line if version.has_text]
    if not texts:
        return ()
    kept = {line[0].no, line[-1].no, texts[-1].no, *(v.no for v in texts if v.labelled)}
    last_of = {
        "daily": _last(texts, (f"{_day(v, zone):%Y-%m-%d}" for v in texts)),
        "monthly": _last(texts, (f"{_day(v, zone):%Y-%m}" for v in texts)),
    }
    gone = []
    for version, following in pairwise(line):
        if not version.has_text or version.no in kept:
            continue
        age = (now - following.valid_from) / _SECOND
        steps = (("daily", rule.daily_after), ("monthly", rule.monthly_after))
        reached = [name for name, after in steps if after is not None and age >= after]
        if reached and version.no not in last_of[reached[-1]]:
            gone.append(version.no)
    return tuple(gone)


def _last(versions: Iterable[Standing], periods: Iterable[str]) -> set[int]:
    """The last version of each period."""
    return set({period: version.no for version, period in zip(versions, periods, strict=True)}.values())


def _day(version: Standing, zone: tzinfo) -> datetime:
    return to_datetime(version.valid_from).astimezone(zone)


def _span(seconds: float) -> str:
    if seconds % _DAY == 0:
        days = round(seconds / _DAY)
        return f"{days} day{'s' if days != 1 else ''}"
    return f"{seconds:g} seconds"
