"""What documents state of themselves, in front matter or properties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from indexer.model import Instant


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text says of itself."""

    labels: tuple[str, ...] = ()
    """The names of its version."""
    date: str = ""
    """As it is written there; of a letter none, which has its date from being sent."""


class StatedNames(Protocol):
    """The part of a snapshot that tells it."""

    def stated(
        self, document_nos: Iterable[int] | None = None, known_at: Instant | None = None
    ) -> dict[int, Stated]:
        """What the last text of each of these documents (all, if None) states; those that state nothing are left out."""
