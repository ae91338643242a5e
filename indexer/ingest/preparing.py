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


def prepare(
    index: Index, contents: Contents, observed: Observed, settled: Mapping[str, str] | None = None
) -> Prepared:
    """Read and render, with what it carries. Keeps nothing and records nothing.

    `settled` holds the content hashes of attachments that need no rendering, by key.
    """
    try:
        data, found = contents.read(observed)
    except ReadError as error:
        return Prepared(error=error)
    try:
        rendered = render(index, data, observed.key)
    except ParseError as error:
        return Prepared(data, found, error=error)
    unpacked = unpack(index, observed.key, rendered.attachments, settled or {})
    return Prepared(data, found, rendered, unpacked=unpacked)
