"""A clock that moves only when told to, and draws predictable ids."""

from __future__ import annotations

from indexer.model import Instant

START: Instant = 1_700_000_000_000_000
"""2023-11-14T22:13:20Z."""


class FakeClock:
    """Implements `indexer.clock.Clock`; equal calls give equal answers in every run."""

    def __init__(self, start: Instant = START) -> None:
        self._now = start
        self._elapsed = 0
        self._drawn = 0

    def now(self) -> Instant:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed / 1_000_000

    def draw_id(self, prefix: str) -> str:
        self._drawn += 1
        return f"{prefix}_{self._drawn:016d}"

    def advance(self, microseconds: int = 1_000_000) -> Instant:
        """Let time pass; returns the new instant."""
        self._now += microseconds
        self._elapsed += microseconds
        return self._now

    def step(self, microseconds: int) -> Instant:
        """Set the wall clock forward or back, as NTP or a person does; no time passes."""
        self._now += microseconds
        return self._now
