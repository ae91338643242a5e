"""Renders what a document carries, and what that carries: work that needs no index, and may be done ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from indexer.errors import ParseError
from indexer.hashing import content_hash
from indexer.ingest.index import Index
from indexer.ingest.rendering import Rendered, render
from indexer.model import Attachment
from indexer.plan.attachments import attachment_key

DEEPEST: Final = 5
"""A mail in a mail in a mail: how far that is followed."""
MOST: Final = 1_000
"""How many attachments of one root are followed, however they nest: mails within mails multiply."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One attachment, and what became of its bytes."""

    key: str
    hash: str
    data: bytes
    rendered: Rendered | None = None
    error: ParseError | None = None
    untouched: bool = False
    """It is as it was recorded: neither it nor what it carries was looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked at of that which a document carries."""

    wants: Callable[[str], bool]
    """Whether the source wants what is at a key: see `indexer.ports.Connector`."""
    settled: Mapping[str, str]
    """Content hashes of attachments that need no rendering, by key."""


def unpack(
    index: Index, carrier: str, attachments: Iterable[Attachment], wanted: Wanted
) -> tuple[Unpacked, ...]:
    """Render the attachments of the document at `carrier`, and theirs; each key once, carriers first."""
    unpacked: dict[str, Unpacked] = {}
    waiting = deque((attachment_key(carrier, a.name), a.data, 1) for a in attachments)
    while waiting:
        key, data, depth = waiting.popleft()
        if key in unpacked or not wanted.wants(key):
            continue
        found = content_hash(data)
        if wanted.settled.get(key) == found:
            unpacked[key] = Unpacked(key, found, data, untouched=True)
            continue
        if len(unpacked) >= MOST:
            error = _too_many(f"it and what follows are more than {MOST} attachments of one document")
            unpacked[key] = Unpacked(key, found, data, error=error)
            break
        if depth > DEEPEST:
            error = _too_many(f"it is an attachment of attachments, more than {DEEPEST} deep")
            unpacked[key] = Unpacked(key, found, data, error=error)
            continue
        try:
            rendered = render(index, data, key)
        except ParseError as error:
            unpacked[key] = Unpacked(key, found, data, error=error)
            continue
        unpacked[key] = Unpacked(key, found, data, rendered)
        waiting.extend((attachment_key(key, a.name), a.data, depth + 1) for a in rendered.attachments)
    return tuple(unpacked.values())


def _too_many(detail: str) -> ParseError:
    return ParseError("too-large", detail, remedy="save it as a file of its own")
