"""A folder in memory that changes while it is listed and read: `WalkedFolder`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from indexer.ports import Content, Event, ListingEnd
from tests.support.fake_folder import FakeFolder, inside


class WalkedFolder(FakeFolder):
    """Is listed as a walk would: each key as it is when the walk arrives there, and nothing that came behind its back."""

    at_key: Callable[[str], None] = staticmethod(lambda key: None)
    """Called when something was listed."""
    at_read: Callable[[str], None] = staticmethod(lambda key: None)
    """Called when something is about to be read."""

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        last = ""
        while ahead := [key for key in self.files if key > last]:
            last = min(ahead)
            if scopes is None or any(inside(last, scope) for scope in scopes):
                yield from (e for e in super().changes(cursor, (last,)) if not isinstance(e, ListingEnd))
                self.at_key(last)
        *_, end = super().changes(cursor, scopes)
        yield end

    def _read(self, key: str) -> Content:
        self.at_read(key)
        return super()._read(key)
