"""Worker processes under limits short enough for tests, and what hostile parsers make of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.errors import ParseError
from indexer.parsing.workers import WorkerLimits, Workers
from indexer.parsing.workers.limits import MIB

HOSTILE = "tests.support.hostile_parsers"
ROOT = Path(__file__).parents[2]
LIMITS = WorkerLimits(
    processes=1,
    seconds=0.3,
    seconds_per_mib=0.0,
    memory=150 * MIB,
    text_characters=100_000,
    attachment_bytes=1 * MIB,
    attachments=10,
    file_bytes=4 * MIB,
)
PATIENT = WorkerLimits(processes=1, memory=150 * MIB)


def processes(of: int | None = None) -> set[int]:
    """The processes that a process started, this one if none is named, and that are still there."""
    me = os.getpid() if of is None else of
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == me and state != "Z":
                found.add(int(folder.name))
    return found


def text(workers: Workers, function: str, data: bytes = b"", *, programs: bool = False) -> str:
    return "|".join(block.text for block in workers.read(HOSTILE, function, data, programs=programs).blocks)


def failure(workers: Workers, function: str, data: bytes = b"") -> ParseError:
    with pytest.raises(ParseError) as caught:
        workers.read(HOSTILE, function, data)
    assert text(workers, "read_well", b"the next one") == "the next one"
    return caught.value
