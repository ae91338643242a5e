"""Where a listing ended, as the text that is committed with it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from connectors.git.settings import History
from indexer.model import Instant


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything that is remembered of a branch between two listings."""

    tip: str
    """The last commit that was told, in full."""
    place: int
    """Its place on the branch: how many first parents it has."""
    time: Instant
    """The effective time that it was given."""
    history: str
    """The widest `History` that was told."""
    patterns: str
    """Digest of what selects documents."""
    every: int
    """The place from which on each commit was told for itself."""
    root: str
    """The first commit of the line; where it ended in a shallow clone."""
    first: int
    """Its place."""
    shallow: bool = False
    """Whether the clone was shallow."""
    branch: str = ""
    """The branch that HEAD named, where no ref is configured."""
    tags: str = ""
    """Digest of the tags that were told."""

    def write(self) -> str:
        """The cursor as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """What `write` wrote; None for a cursor of another release, with which everything is told again."""
        try:
            values = json.loads(text)
            cursor = cls(**values)
            History.parse(cursor.history)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return cursor
