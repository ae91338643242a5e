"""Whether the service is alive in all its parts: what hangs is found out by its not going on."""

from __future__ import annotations

from typing import Final

from indexer.clock import Clock
from indexer.daemon.sources import Sources
from indexer.ingest.turns import Turns

TURN: Final = 1800.0
"""Seconds that a turn to write may take for one step: upkeep of a large table takes minutes. Filling a table takes hours,
in many steps."""
IDLE: Final = 60.0
"""Seconds without a sign of a loop that has nothing to do."""


class Health:
    """Looks at the parts one after another; a source that does not answer is the source's trouble, not ours."""

    def __init__(self, sources: Sources, turns: Turns, clock: Clock) -> None:
        self._sources = sources
        self._turns = turns
        self._clock = clock
        self._turn: tuple[int, float] | None = None

    def problem(self) -> str | None:
        """What hangs, in one line; None if nothing does."""
        now = self._clock.monotonic()
        for name, loop in self._sources.all().items():
            state = loop.activity.doing.state
            if not loop.alive and state != "stopped":
                return f"the loop of source {name} is dead"
            if state == "idle" and loop.alive and now - loop.beat > IDLE:
                return f"the loop of source {name} has not been seen for {now - loop.beat:.0f} s"
        held = self._turns.held
        if held is None or self._turn is None or self._turn[0] != held:
            self._turn = None if held is None else (held, now)
        elif now - self._turn[1] > TURN:
            return f"whoever has the turn to write has not been seen for {now - self._turn[1]:.0f} s"
        return None
