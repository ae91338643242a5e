"""What the service does now and then besides following sources: old versions are thinned out, purges finished."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from indexer import logs
from indexer.clock import Clock
from indexer.composition import governed
from indexer.config.values import Config
from indexer.ingest.index import Index
from indexer.stewardship.removal import finish_interrupted
from indexer.stewardship.retention import apply_retention, look_at

_log = logs.get("service")


class Chores:
    """Each is carried out by one thread, which has no turn to write when it begins."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Index]],
        exclusive: Callable[[str], AbstractContextManager[Index]],
        config: Callable[[], Config],
        stopping: Callable[[], bool],
        clock: Clock,
    ) -> None:
        """`opened` and `exclusive` as in `service.Service`; `config` is the one that holds at the moment."""
        self._opened = opened
        self._exclusive = exclusive
        self._config = config
        self._stopping = stopping
        self._clock = clock

    def finish_purges(self) -> None:
        """Go on with what was to be removed for good and is not gone altogether: a reader was in the way, or the disk."""
        with self._opened() as index:
            unfinished = index.catalog.unfinished_purges()
        if unfinished:
            with self._exclusive("purge") as index:
                finish_interrupted(index, lambda line: _log.info("note", detail=line))

    def thin_out(self) -> None:
        """Apply the sources' retention rules, a part at a time, so that changes go on being followed.

        Nobody is held up where there is nothing to thin out.
        """
        with self._opened() as looking:
            for rule in governed(self._config(), looking):
                after: int | None = 0
                while after is not None and not self._stopping():
                    excess = look_at(looking, rule, self._clock.now(), after)
                    if not excess.versions:
                        after = excess.after
                        continue
                    with self._exclusive("retention") as index:
                        done = apply_retention(index, rule, self._clock.now(), after=after)
                    after = done.after
                    if done.versions:
                        _log.info("thinned out", source=rule.source.name, versions=done.versions)
