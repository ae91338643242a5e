"""Purges in an index for tests, as the command carries them out."""

from __future__ import annotations

from datetime import UTC

from indexer.query.view import View
from indexer.stewardship.purge import Purge, Target, look_at, purge
from tests.support.indexes import Home


def target(home: Home, reference: str) -> Target:
    """What `purge` would remove."""
    with home.index.catalog.snapshot() as snapshot:
        return look_at(home.index, View(snapshot, UTC), reference)


def purged(home: Home, reference: str, reason: str = "not for everybody") -> Purge:
    """Remove it."""
    return purge(home.index, target(home, reference), reason, "alice")
