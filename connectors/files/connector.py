"""The connector itself: a folder, or a mounted file share, as a snapshot source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.files import devices
from connectors.files.listing import Listing
from connectors.files.reading import FileReader
from connectors.files.settings import FilesSettings
from connectors.names import key_of, path_of
from connectors.selection import Selection
from indexer.clock import Clock
from indexer.errors import ReadError
from indexer.ports import Content, Event, Watched


class FilesConnector:
    """Every regular file under a root that the patterns select is a document; its relative path is its key.

    Symlinks are not followed: one that points inside would show its target twice, one that points
    outside would leave the root. The root itself may be one. Pipes, sockets and devices are
    skipped. What cannot be seen is an `Unknown` (``permission``, ``io-error``, ``other-device``,
    ``missing``); only ENOENT and its kin prove that something is gone.
    """

    kind: Final = "files"
    snapshot: Final = True
    lasting: Final = False

    def __init__(self, settings: FilesSettings, clock: Clock) -> None:
        self._root = settings.root
        self._selection = Selection(settings.include, settings.exclude)
        self._reader = FileReader(settings.root, settings.max_file_size, clock)

    @property
    def uid(self) -> str:
        """The kind and the absolute path of the root: renaming the source changes nothing, moving it does."""
        return f"{self.kind}:{self._root}"

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """List the folder, or only `scopes` (folders or files), with keys in ascending order.

        Without `scopes` the listing is complete. With them it is a delta that still buries: a
        recorded document whose key is a scope or lies under one (``scope + "/"``) is gone iff it
        was not observed and lies under no `Unknown`. A scope that vanished or is excluded yields
        nothing, so that all of it is gone. A delta returns the cursor it was given.

        Raises `SourceError` (``source-missing``, ``source-not-a-folder``, ``source-unreadable``,
        ``source-io-error``) where the root cannot be listed.
        """
        listing = Listing(self._root, self._selection, self._reader, cursor)
        return listing.everything() if scopes is None else listing.only(scopes)

    def read_state(self, key: str, origin: str) -> Content:
        raise ReadError("vanished", f"{key} is kept by this source as it is now, not as it was at {origin}")

    def wants(self, key: str) -> bool:
        """Whether the patterns select what a file carries; see `Selection.takes_inside`."""
        return self._selection.takes_inside(key)

    def watched(self) -> Sequence[Watched]:
        """The root, without the folders and files that the patterns leave out."""
        select = self._selection

        def wants_file(key: str) -> bool:
            folder, _, name = key.rpartition("/")
            return select.takes(key, name, included=select.takes_all(folder))

        def wants_folder(key: str) -> bool:
            return select.enters(key, key.rpartition("/")[2])

        return (Watched(self._root, wants_folder, wants_file, key_of, path_of),)

    def accept(self, cursor: str) -> str:
        """The cursor that trusts the devices which its listing saw.

        To be called when a complete listing, for all its ``other-device`` and ``missing``, left no
        recorded document unobserved (a reboot renumbered the devices), or when the user accepted
        the deletions. Until then the same `Unknown` comes with each listing, harmlessly.
        """
        return devices.accept(cursor)
