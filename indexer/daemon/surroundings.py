"""What the loops of all sources share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from indexer.clock import Clock
from indexer.daemon.room import Room
from indexer.daemon.telling import Teller
from indexer.errors import IndexerError
from indexer.ingest.index import Index


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all loops share."""

    opened: Callable[[], AbstractContextManager[Index]]
    """The index, with a catalog for the thread that asks."""
    clock: Clock
    room: Room
    teller: Teller
    fatal: Callable[[IndexerError], None]
    """Told of what no loop can go on after: the service ends."""
