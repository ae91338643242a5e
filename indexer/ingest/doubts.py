"""What a listing that was not seen in full may still say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from indexer.plan.decisions import Comparison
from indexer.ports import Unknown
from indexer.ports.recorded import Recorded


def concerns(unknown: Unknown, unverifiable: Iterable[Recorded]) -> bool:
    """Whether anything recorded went unseen under this scope."""
    scope = unknown.scope
    return any(not scope or k.key == scope or k.key.startswith(scope + "/") for k in unverifiable)


def without_foreign(comparison: Comparison, unknown: list[Unknown]) -> Comparison:
    """Take in nothing that stands where another device is and recorded documents are not.

    After a restart a device may have another number, and everything is there; but where documents
    are missing as well, what is there instead belongs to something else that is mounted.
    """
    foreign = [
        u.scope for u in unknown if u.reason == "other-device" and concerns(u, comparison.unverifiable)
    ]
    ours = tuple(
        seen
        for seen in comparison.to_read
        if not any(not scope or seen.key.startswith(scope + "/") for scope in foreign)
    )
    return replace(comparison, to_read=ours)
