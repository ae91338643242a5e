"""Implements `indexer.ports.Connector` for exports of Confluence spaces."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connectors.confluence.settings import ConfluenceSettings
from connectors.confluence.watching import exports_watch
from indexer.clock import SystemClock
from indexer.errors import ReadError
from indexer.hashing import short_id
from indexer.ports import Content, Event, Watched

if TYPE_CHECKING:
    from connectors.confluence.again import Again


class ConfluenceConnector:
    """The pages, posts, comments and attachments of exports, with the versions that Confluence kept."""

    kind: Final = "confluence"
    snapshot: Final = False
    lasting: Final = False

    def __init__(self, settings: ConfluenceSettings, folder: Path | None) -> None:
        self._settings = settings
        # Of its own: what a killed run left there is removed by the next one.
        self._folder = None if folder is None else folder / short_id("w", settings.path)
        self._again: Again | None = None

    @property
    def uid(self) -> str:
        """The kind and where the exports are: renaming the source changes nothing."""
        return f"{self.kind}:{self._settings.path}"

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """What exports tell that are new since `cursor`; `scopes` are for snapshot sources.

        Raises `SourceError` where the path cannot be looked at: ``source-missing``, ``permission``.
        """
        del scopes
        self._let_go()
        # Imported when needed: asking about an index loads no XML library.
        from connectors.confluence.listing import Listing

        yield from Listing(self._settings, self._folder, cursor, SystemClock()).events()
        self._let_go()

    def read_state(self, key: str, origin: str) -> Content:
        """The bytes of a state, from whichever of the exports that are still there has it.

        An export is read as a whole for it, since nothing in it can be found otherwise; it stays open until
        the next listing begins or ends.
        """
        if self._again is None:
            from connectors.confluence.again import Again

            self._again = Again(self._settings)
            # Whoever drops the connector leaves nothing in the system's folder of temporary files.
            weakref.finalize(self, self._again.close)
        content = self._again.read(origin)
        if content is None:
            raise ReadError(
                "vanished", f"{key}: none of the exports at {self._settings.path} has {origin} any more"
            )
        return content

    def _let_go(self) -> None:
        if self._again is not None:
            self._again.close()

    def wants(self, key: str) -> bool:
        """Nothing: what documents of this source carry inside is not unpacked."""
        del key
        return False

    def watched(self) -> Sequence[Watched]:
        """The folder that exports are dropped into, or in which the one export lies."""
        return (exports_watch(self._settings.path),)

    def accept(self, cursor: str) -> str:
        """The cursor as it is: exports leave no doubts."""
        return cursor
