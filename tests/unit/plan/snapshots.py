"""Folders before and after, as few letters as can be, and what is decided about them in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.plan.snapshot import (
    Buried,
    Created,
    Decision,
    Edited,
    Moved,
    Recorded,
    Resumed,
    Seen,
    Touched,
    Unreadable,
    compare,
    decide,
)

File = tuple[str | None, str | None]
"""Content (None: unreadable) and inode; the size is the content's length, 7 where unreadable."""


@dataclass
class Alike:
    """Answers similarities from a table, 0 elsewhere, and keeps what it was asked."""

    table: Mapping[tuple[int, str], float] = field(default_factory=dict)
    asked: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, document_no: int, key: str) -> float:
        self.asked.append((document_no, key))
        return self.table.get((document_no, key), 0.0)


def recorded_of(before: Mapping[str, File]) -> dict[str, Recorded]:
    """Documents numbered from 1 in the order given."""
    return {
        key: Recorded(key, no, f"{content}/{inode}", inode, hash_of(content), size_of(content))
        for no, (key, (content, inode)) in enumerate(before.items(), 1)
    }


def hash_of(content: str | None) -> str | None:
    return None if content is None else f"b3:{content}"


def size_of(content: str | None) -> int:
    return 7 if content is None else len(content)


def plan(
    before: Mapping[str, File],
    after: Mapping[str, File],
    *,
    alike: Mapping[tuple[int, str], float] | None = None,
    tombstoned: Mapping[str, int] | None = None,
    passed_over: tuple[str, ...] = (),
) -> list[str]:
    """Decisions in short, burials first within a key, such as ``moved 1 a→b``."""
    recorded = recorded_of(before)
    seen = [
        Seen(key, f"{content}/{inode}", inode, size_of(content)) for key, (content, inode) in after.items()
    ]
    comparison = compare(recorded, seen, complete=True)
    hashes = {
        entry.key: hash_of(after[entry.key][0])
        for entry in comparison.to_read
        if entry.key not in passed_over
    }
    return [short(d) for d in decide(recorded, comparison, hashes, Alike(alike or {}), tombstoned or {})]


def short(decision: Decision) -> str:
    match decision:
        case Moved(no, previous, key, edited):
            return f"moved {no} {previous}→{key}" + (" edited" if edited else "")
        case Created(key):
            return f"created {key}"
        case Unreadable(no, key, _, previous):
            return f"unreadable {no or 'new'} {key}" + (f" from {previous}" if previous else "")
        case Touched(no, key) | Edited(no, key) | Resumed(no, key) | Buried(no, key):
            return f"{type(decision).__name__.lower()} {no} {key}"
