"""Lists a folder tree: one stat for each file, nothing opened but folders, in the order of the keys."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Final

from connectors.files.devices import Cursor, device_of, inside
from connectors.files.reading import FileReader, etag_of, file_id_of, times_of
from connectors.names import key_of, path_of
from connectors.selection import Selection
from indexer.errors import SourceError
from indexer.ports import Content, Event, ListingEnd, Observed, Unknown, Working

_ROOT: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_INNER: Final = _ROOT | os.O_NOFOLLOW
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Proof that an entry is not there any more (or became a symlink). Any other error proves nothing."""

_QUIETLY: Final = 200
"""Entries that are looked at without a word."""

_Entry = tuple[str, Observed | str]
"""What a folder holds: a sort key, and a document or the name of a folder as `os` gives it."""


class Listing:
    """One run through the tree. Make a new one for each."""

    def __init__(self, root: str, selection: Selection, reader: FileReader, cursor: str | None) -> None:
        self._root = root
        self._selection = selection
        self._reader = reader
        self._given = cursor
        self._trusted = Cursor.parse(cursor).trusted
        self._seen: dict[str, int] = {}
        self._entered: set[str] = set()
        """Folders of `_trusted` that were reached."""
        self._unknown: set[str] = set()
        self._changed: set[str] = set()
        """Those of `_unknown` that are on another device than before."""
        self._looked_at = 0
        """Entries, since anything was told last."""

    def everything(self) -> Iterator[Event]:
        """A complete listing, in the order of the keys. Raises `SourceError` where the root cannot be listed."""
        root, device = self._open_root()
        try:
            self._seen[""] = device
            yield from self._check_device("", device)
            yield from self._tree(root, "", device)
            yield from self._missing_mounts({""})
        finally:
            os.close(root)
        trusted = self._trusted if self._changed else self._seen
        yield ListingEnd(True, Cursor(trusted, self._seen).dump())

    def only(self, scopes: Sequence[str]) -> Iterator[Event]:
        """What lies under `scopes`. The cursor is handed on unchanged: most of the tree was not looked at."""
        wanted = {scope.strip("/") for scope in scopes}
        outermost = {scope for scope in wanted if not scope or not inside(scope.rpartition("/")[0], wanted)}
        root, device = self._open_root()
        try:
            yield from self._check_device("", device)
            for scope in sorted(outermost):
                yield from self._scope(root, scope, device)
            yield from self._missing_mounts(outermost)
        finally:
            os.close(root)
        yield ListingEnd(False, self._given)

    def _open_root(self) -> tuple[int, int]:
        """The open root and its device."""
        try:
            root = os.open(self._root, _ROOT)
            try:
                return root, os.fstat(root).st_dev
            except OSError:
                os.close(root)
                raise
        except FileNotFoundError as error:
            raise SourceError(
                f"the folder {self._root} does not exist",
                remedy="is the share mounted? Otherwise correct root",
                code="source-missing",
            ) from error
        except NotADirectoryError as error:
            raise SourceError(
                f"{self._root} is not a folder",
                remedy="set root to the folder that holds the documents",
                code="source-not-a-folder",
            ) from error
        except PermissionError as error:
            raise SourceError(
                f"the folder {self._root} may not be read",
                remedy="let the user that runs the indexer read it",
                code="source-unreadable",
            ) from error
        except OSError as error:
            raise SourceError(
                f"the folder {self._root} cannot be read ({error.strerror})",
                remedy="check the share; it is tried again at the next scan",
                code="source-io-error",
            ) from error

    def _tree(self, folder: int, key: str, device: int) -> Iterator[Event]:
        """Everything under an open folder; leaves it open. Folders on the way down stay open meanwhile."""
        entries = yield from self._entries(folder, key)
        levels = [(folder, key, device, entries)]
        try:
            while levels:
                folder, key, device, entries = levels[-1]
                for sort_key, entry in entries:
                    if not isinstance(entry, str):
                        yield entry
                        continue
                    inner_key = f"{key}/{sort_key[:-1]}" if key else sort_key[:-1]
                    inner = yield from self._enter(folder, entry, inner_key)
                    if inner is None:
                        continue
                    levels.append((inner, inner_key, device, iter(())))
                    inner_device = yield from self._arrive(inner, inner_key, device)
                    inner_entries = yield from self._entries(inner, inner_key)
                    levels[-1] = (inner, inner_key, inner_device, inner_entries)
                    break
                else:
                    levels.pop()
                    if levels:
                        os.close(folder)
        finally:
            for inner, *_ in levels[1:]:
                os.close(inner)

    def _entries(self, folder: int, key: str) -> Generator[Unknown | Working, None, Iterator[_Entry]]:
        """The documents and folders directly in an open folder, sorted so that their keys are in order."""
        found: list[_Entry] = []
        failure: OSError | None = None
        selection, read = self._selection, self._reader.read
        prefix = f"{key}/" if key else ""
        included = selection.takes_all(key)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._looked_at += 1
                    if self._looked_at >= _QUIETLY:
                        self._looked_at = 0
                        yield Working()
                    name = key_of(entry.name)
                    path = prefix + name
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            if selection.enters(path, name):
                                # The slash sorts a folder where the keys of its files belong.
                                found.append((name + "/", entry.name))
                            continue
                        if not selection.takes(path, name, included=included):
                            continue
                        status = entry.stat(follow_symlinks=False)
                    except OSError as error:
                        if error.errno not in _GONE:
                            failure = error
                        continue
                    if stat.S_ISREG(status.st_mode):
                        found.append((name, _observed(path, status, partial(read, path))))
        except OSError as error:
            if error.errno not in _GONE:
                failure = error
        if failure is not None:
            yield from self._unseen(key, failure)
        found.sort(key=itemgetter(0))
        return iter(found)

    def _scope(self, root: int, scope: str, device: int) -> Iterator[Event]:
        """The folder or file at `scope`; nothing where it vanished or is excluded."""
        if not scope:
            yield from self._tree(root, "", device)
            return
        at, key = os.dup(root), ""
        try:
            *folders, name = scope.split("/")
            for folder in folders:
                key = f"{key}/{folder}" if key else folder
                if not self._selection.enters(key, folder):
                    return
                inner = yield from self._enter(at, path_of(folder), key)
                if inner is None:
                    return
                os.close(at)
                at = inner
                device = yield from self._arrive(at, key, device)
            yield from self._leaf(at, name, key, device)
        finally:
            os.close(at)

    def _leaf(self, parent: int, name: str, parent_key: str, device: int) -> Iterator[Event]:
        """The entry called `name` in an open folder, and what lies under it."""
        key = f"{parent_key}/{name}" if parent_key else name
        try:
            status = os.stat(path_of(name), dir_fd=parent, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _GONE:
                yield from self._unseen(key, error)
            return
        if stat.S_ISREG(status.st_mode):
            if self._selection.takes(key, name, included=self._selection.takes_all(parent_key)):
                yield _observed(key, status, partial(self._reader.read, key))
        elif stat.S_ISDIR(status.st_mode) and self._selection.enters(key, name):
            folder = yield from self._enter(parent, path_of(name), key)
            if folder is not None:
                try:
                    device = yield from self._arrive(folder, key, device)
                    yield from self._tree(folder, key, device)
                finally:
                    os.close(folder)

    def _enter(self, parent: int, name: str | bytes, key: str) -> Generator[Unknown, None, int | None]:
        """Open a folder; None if it vanished or cannot be seen."""
        try:
            return os.open(name, _INNER, dir_fd=parent)
        except OSError as error:
            if error.errno not in _GONE:
                yield from self._unseen(key, error)
            return None

    def _arrive(self, folder: int, key: str, parent_device: int) -> Generator[Unknown, None, int]:
        """Note on which device an open folder lies."""
        try:
            device = os.fstat(folder).st_dev
        except OSError as error:  # a network share that went away under the open folder
            yield from self._unseen(key, error)
            return parent_device
        if device != parent_device:
            self._seen[key] = device
        if device != parent_device or key in self._trusted:
            yield from self._check_device(key, device)
        return device

    def _check_device(self, key: str, device: int) -> Iterator[Unknown]:
        self._entered.add(key)
        if self._trusted and device_of(self._trusted, key) != device:
            self._changed.add(key)
            yield from self._report(
                key,
                "other-device",
                f"{self._place(key)} is on another device than at the last scan: is the share mounted?",
            )

    def _missing_mounts(self, scopes: set[str]) -> Iterator[Unknown]:
        """Mount points that were there before and were not reached now, though nothing else explains it."""
        for key, device in sorted(self._trusted.items()):
            if (
                key in self._entered
                or not inside(key, scopes)
                or self._excluded(key)
                or inside(key, self._changed)
            ):
                continue
            if inside(key, self._unknown):
                self._seen[key] = device
                continue
            self._changed.add(key)
            yield from self._report(
                key,
                "missing",
                f"{self._place(key)} was a mounted share at the last scan and is gone: is it mounted?",
            )

    def _excluded(self, folder: str) -> bool:
        while folder:
            if not self._selection.enters(folder, folder.rpartition("/")[2]):
                return True
            folder = folder.rpartition("/")[0]
        return False

    def _unseen(self, key: str, error: OSError) -> Iterator[Unknown]:
        if isinstance(error, PermissionError):
            detail = f"{self._place(key)} may not be read: let the user that runs the indexer read it, or exclude it"
            yield from self._report(key, "permission", detail)
        else:
            detail = f"{self._place(key)} cannot be read ({error.strerror}): check the share or the disk"
            yield from self._report(key, "io-error", detail)

    def _report(self, key: str, reason: str, detail: str) -> Iterator[Unknown]:
        if not inside(key, self._unknown):
            self._unknown.add(key)
            yield Unknown(key, reason, detail)

    def _place(self, key: str) -> str:
        return f"{self._root}/{key}" if key else self._root


def _observed(key: str, status: os.stat_result, read: Callable[[], Content]) -> Observed:
    return Observed(
        key=key,
        read=read,
        times=times_of(status),
        etag=etag_of(status),
        file_id=file_id_of(status),
        size=status.st_size,
    )
