"""Reads and renders one state of a document: the work that needs no index, and may be done ahead."""

from __future__ import annotations

from dataclasses import dataclass

from indexer import logs
from indexer.errors import ParseError, ReadError
from indexer.ingest.contents import ContentFacts, Contents
from indexer.ingest.index import Index
from indexer.ingest.rendering import Rendered, render
from indexer.ingest.unpacking import Unpacked, Wanted, unpack
from indexer.ports import Observed


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a state's bytes."""

    data: bytes = b""
    found: ContentFacts | None = None
    """None where they could not be read."""
    rendered: Rendered | None = None
    error: ReadError | ParseError | None = None
    """Why there is no text."""
    unpacked: tuple[Unpacked, ...] = ()
    """What it carries."""

    @property
    def renderings(self) -> list[Rendered]:
        """Every text that was made: its own, and those of what it carries."""
        return [made for made in (self.rendered, *(item.rendered for item in self.unpacked)) if made]


def prepare(index: Index, contents: Contents, observed: Observed, wanted: Wanted | None = None) -> Prepared:
    """Read and render. Keeps nothing and records nothing.

    `wanted` None: what the document carries is not looked at.
    """
    with logs.bound(document=observed.key):
        try:
            data, found = contents.read(observed)
        except ReadError as error:
            return Prepared(error=error)
        with index.depths.parsed():
            try:
                rendered = render(index, data, observed.key)
            except ParseError as error:
                return Prepared(data, found, error=error)
            if wanted is None:
                return Prepared(data, found, rendered)
            unpacked = unpack(index, observed.key, rendered.attachments, wanted)
        return Prepared(data, found, rendered, unpacked=unpacked)
