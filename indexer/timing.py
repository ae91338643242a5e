"""Effective times: strictly increasing ones, those of snapshot sources, and those that people write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from indexer.model import Instant
from indexer.ports import SourceTime


def monotone(times: Iterable[Instant]) -> list[Instant]:
    """Strictly increasing effective times for source times in source order: t_i = max(s_i, t_{i-1} + 1)."""
    raise NotImplementedError


def snapshot_time(times: Sequence[SourceTime], verified: Instant | None, now: Instant) -> SourceTime:
    """The effective time of a new state at a source that knows only the present.

    The first of `times` (best first: mtime, then ctime) that lies after `verified`, the start of
    the last scan that verified the previous state (None: there was none, so anything goes), and
    not after `now`; else the time of observation.
    """
    raise NotImplementedError


def parse_instant(text: str, zone: tzinfo) -> tuple[Instant, Instant]:
    """The first and the last instant that an ISO 8601 date or time means, in `zone` unless it names one.

    Raises `UsageError` for anything else.
    """
    raise NotImplementedError
