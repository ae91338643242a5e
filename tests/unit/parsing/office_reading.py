"""What the tests of office readers look at. The readers are called here, without a worker process."""

from __future__ import annotations

from importlib import import_module

import pytest

from indexer.errors import ParseError
from indexer.model import Block
from indexer.parsing.canonical import Reading, canonical_blocks
from indexer.parsing.detect import Detected, detect
from tests.unit.parsing.reading import shape


def read(data: bytes, name: str = "a") -> Reading:
    """What the reader of the format that `data` shows makes of it, its blocks in canonical form."""
    found = detect(data, name)
    assert isinstance(found, Detected), found
    assert found.format.isolated, found.format
    reading = getattr(import_module(found.format.module), found.format.function)(data)
    return Reading(canonical_blocks(reading.blocks), reading.title, dict(reading.metadata), reading.labels)


def blocks(data: bytes) -> list[Block]:
    return list(read(data).blocks)


def seen(data: bytes) -> list[tuple[str, ...]]:
    return [shape(block) for block in read(data).blocks]


def failure(data: bytes, name: str = "a") -> ParseError:
    """The error that reading `data` raises."""
    with pytest.raises(ParseError) as caught:
        read(data, name)
    return caught.value
