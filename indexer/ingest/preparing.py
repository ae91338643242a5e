"""Reads and renders one state of a document: the work that needs no index, and may be done ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.errors import ParseError, ReadError
from indexer.ingest.contents import ContentFacts, Contents
from indexer.ingest.index import Index
from indexer.ingest.rendering import Rendered, render
from indexer.ingest.unpacking import Unpacked, unpack
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


def prepare(
    index: Index, contents: Contents, observed: Observed, settled: Mapping[str, str] | None = None
) -> Prepared:
    """Read and render. Keeps nothing and records nothing.

    `settled` holds the content hashes of attachments that need no rendering, by key; None: what the
    document carries is not looked at.
    """
    try:
        data, found = contents.read(observed)
    except ReadError as error:
        return Prepared(error=error)
    try:
        rendered = render(index, data, observed.key)
    except ParseError as error:
        return Prepared(data, found, error=error)
    if settled is None:
        return Prepared(data, found, rendered)
    unpacked = unpack(index, observed.key, rendered.attachments, settled)
    return Prepared(data, found, rendered, unpacked=unpacked)
