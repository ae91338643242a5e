"""What the states of documents are called in sources that name none themselves: see `VersionDraft.origin`."""

from __future__ import annotations

from indexer.model import Instant
from indexer.ports import Observed


def state_origin(content_hash: str, key: str, instant: Instant) -> str:
    """The state with these bytes that was placed at `instant`."""
    return f"{content_hash}@{instant}:{key}"


def unread_origin(observed: Observed) -> str:
    """The same key, size and modification time are the same state, whenever it is read."""
    modified = observed.times[0].instant if observed.times else None
    return f"unread:{observed.size}@{modified}:{observed.key}"


def is_unread(origin: str, observed: Observed) -> bool:
    """Whether a version at the key of `observed` is that very state, unread."""
    unread = unread_origin(observed)
    return origin == unread or origin.startswith(f"{unread}#")
