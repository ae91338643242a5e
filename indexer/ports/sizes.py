"""How much is kept of each source, as the catalog tells it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Held(NamedTuple):
    """What is kept of a source. Bytes that several sources have count for the one that was indexed first."""

    originals: int
    original_bytes: int
    """Before they were packed."""
    rows: int


class Sizes(Protocol):
    """The part of a catalog's snapshot that measures."""

    def held(self) -> dict[int, Held]:
        """Per source number: what is kept of it; sources of which nothing is kept are left out."""

    def text_bytes(self) -> dict[int, int]:
        """Per source number: bytes of the packed texts of its passages. Reads all of them once."""
