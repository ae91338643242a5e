"""The one seam through which time and randomness enter (the linter forbids them elsewhere)."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from indexer.model import FOREVER, Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's alphabet in lower case: no i, l, o or u to misread."""


class Clock(Protocol):
    """Tells the time and draws ids."""

    def now(self) -> Instant:
        """Microseconds since the epoch; may run backwards when the machine's clock is set."""

    def monotonic(self) -> float:
        """Seconds since some fixed point; never runs backwards. For measuring durations."""

    def draw_id(self, prefix: str) -> str:
        """A new identifier such as ``d_7k2m…`` with 80 random bits."""


class SystemClock:
    """The machine's clock and its random number generator."""

    def now(self) -> Instant:
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        return time.monotonic()

    def draw_id(self, prefix: str) -> str:
        number = secrets.randbits(80)
        digits = "".join(_BASE32[number >> shift & 31] for shift in range(75, -1, -5))
        return f"{prefix}_{digits}"


def to_instant(moment: datetime) -> Instant:
    """Microseconds since the epoch of an aware datetime, exactly (no float in between)."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: Instant) -> datetime:
    """The aware UTC datetime of `instant`; instants past year 9999 raise OverflowError."""
    return _EPOCH + timedelta(microseconds=instant)


def rfc3339(instant: Instant | None) -> str | None:
    """``2024-03-01T12:00:00.000001Z``; the fraction is left out where it is zero; None for no or an open end."""
    if instant is None or instant == FOREVER:
        return None
    return to_datetime(instant).isoformat().replace("+00:00", "Z")
