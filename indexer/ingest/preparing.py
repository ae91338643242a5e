"""Reads and renders one state of a document: the work that needs no index, and may be done ahead."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.errors import ParseError, ReadError
from indexer.ingest.contents import ContentFacts, Contents
from indexer.ingest.index import Index
from indexer.ingest.rendering import Rendered, render
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


def prepare(index: Index, contents: Contents, observed: Observed) -> Prepared:
    """Read and render. Keeps nothing and records nothing."""
    try:
        data, found = contents.read(observed)
    except ReadError as error:
        return Prepared(error=error)
    try:
        return Prepared(data, found, render(index, data, observed.key))
    except ParseError as error:
        return Prepared(data, found, error=error)
