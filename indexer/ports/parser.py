"""From bytes to blocks."""

from __future__ import annotations

from typing import Protocol

from indexer.model import ParsedDocument


class Parser(Protocol):
    """Makes blocks of bytes. Several threads may use one at the same time."""

    @property
    def versions(self) -> frozenset[str]:
        """Every name and version that `identify` can give: a rendition by any other is out of date."""

    def identify(self, data: bytes, key: str) -> str:
        """Name and version of the parser that `parse` would use, such as ``markdown/1``. Never raises; ``none/0`` if none fits."""

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        """Parse the bytes of the document at `key` (whose ending is a hint, not the truth).

        Pure: no network, no clock. Raises `ParseError`; the same bytes fail again, unless it is a
        `ParserProcessError`: those depend on the machine, and another try may go better.
        """
