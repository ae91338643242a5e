"""Reading documents once where possible: contents that were hashed are held, up to a bound."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.hashing import content_hash
from indexer.plan.decisions import Seen
from indexer.ports import Observed, SourceTime


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What is known of the bytes at a key once they were read."""

    hash: str
    size: int
    etag: str
    times: tuple[SourceTime, ...]
    settled: bool
    file_id: str | None


class Contents:
    """Reads documents of one listing; keeps at most `bound` bytes of them for the second look."""

    def __init__(self, bound: int) -> None:
        self._room = bound
        self._held: dict[str, bytes] = {}
        self._facts: dict[str, ContentFacts] = {}

    def look(self, observed: Observed) -> ContentFacts:
        """The hash of the bytes at `observed.key`; reads them unless that was done. Raises `ReadError`."""
        if observed.key not in self._facts:
            data, _ = self.read(observed)
            if len(data) <= self._room:
                self._room -= len(data)
                self._held[observed.key] = data
        return self._facts[observed.key]

    def read(self, observed: Observed) -> tuple[bytes, ContentFacts]:
        """The bytes at `observed.key`, from memory if they are held. Raises `ReadError`."""
        held = self._held.get(observed.key)
        if held is not None:
            return held, self._facts[observed.key]
        content = observed.read()
        facts = ContentFacts(
            hash=content_hash(content.data),
            size=len(content.data),
            etag=content.etag or observed.etag or "",
            times=content.times or observed.times,
            settled=content.settled,
            file_id=content.file_id or observed.file_id,
        )
        self._facts[observed.key] = facts
        return content.data, facts

    def as_read(self, seen: Seen) -> Seen:
        """`seen`, with what was found of the file when it was read, if it was: another one may have come since it was listed."""
        facts = self._facts.get(seen.key)
        return seen if facts is None else Seen(seen.key, facts.etag, facts.file_id, facts.size)

    def release(self, key: str) -> None:
        """The bytes at `key` are not needed any more."""
        held = self._held.pop(key, None)
        if held is not None:
            self._room += len(held)
