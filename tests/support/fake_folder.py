"""A folder in memory: `FakeFolder`, a snapshot source whose clock is a `FakeClock`.

    folder = FakeFolder(FakeClock())
    folder.write("a.md", b"one")
    folder.move("a.md", "b.md")
    folder.swap("b.md", "c.md")
    folder.make_unreadable("b.md")
    folder.hide("archive")          # an Unknown scope; nothing in it is listed

Times, inodes and etags behave as on ext4: a write moves mtime and ctime, a move only the ctime.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Final

from indexer.clock import Clock
from indexer.errors import ReadError, SourceError
from indexer.model import Instant, TimeBasis
from indexer.ports import Content, Event, ListingEnd, Observed, SourceTime, Unknown


@dataclass(frozen=True, slots=True)
class FakeFile:
    """One file: its bytes and its stat."""

    data: bytes
    inode: int
    mtime: Instant
    ctime: Instant
    failure: str | None = None
    """The reason of the `ReadError` that reading it raises."""

    @property
    def etag(self) -> str:
        return f"{len(self.data)}:{self.mtime}:{self.inode}:{self.ctime}"

    @property
    def times(self) -> tuple[SourceTime, SourceTime]:
        return SourceTime(self.mtime, TimeBasis.MTIME), SourceTime(self.ctime, TimeBasis.CTIME)


class FakeFolder:
    """Implements `indexer.ports.Connector` for a source that knows only the present."""

    kind: Final = "fake-folder"
    snapshot: Final = True
    lasting: Final = False

    def __init__(self, clock: Clock, uid: str = "fake:folder", *, granularity: int = 1) -> None:
        self.uid: Final = uid
        self.files: dict[str, FakeFile] = {}
        self.reads: list[str] = []
        """Keys in the order in which they were read, failures included."""
        self.unknown: dict[str, Unknown] = {}
        self.unwanted: set[str] = set()
        """Keys inside files that are not to be documents of their own."""
        self.away = False
        """True: listing raises `SourceError`."""
        self.device = 1
        """Another number: every listing reports ``other-device`` for the root until its cursor is accepted."""
        self._clock = clock
        self._granularity = granularity
        """µs: timestamps are multiples of it, and within it two writes may look alike."""
        self._inodes = 0
        self._lowest = False

    # --- the port ---

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """All files, or those under `scopes`, by key. The cursor is ``trusted device:device seen``."""
        if self.away:
            raise SourceError("the fake folder is away", remedy="bring it back", code="source-missing")
        trusted = self.device if cursor is None else int(cursor.split(":")[0])
        if trusted != self.device:
            yield Unknown("", "other-device", "the fake folder is on another device: is the share mounted?")
        for scope in sorted(self.unknown):
            if scopes is None or any(inside(scope, wanted) or inside(wanted, scope) for wanted in scopes):
                yield self.unknown[scope]
        for key, file in sorted(self.files.items()):
            listed = scopes is None or any(inside(key, wanted) for wanted in scopes)
            if listed and not any(inside(key, scope) for scope in self.unknown):
                yield Observed(
                    key=key,
                    read=partial(self._read, key),
                    times=file.times,
                    etag=file.etag,
                    file_id=f"1:{file.inode}",
                    size=len(file.data),
                )
        complete = scopes is None
        yield ListingEnd(complete, f"{trusted}:{self.device}" if complete else cursor)

    def read_state(self, key: str, origin: str) -> Content:
        """A folder keeps no states."""
        raise ReadError("vanished", f"{key} is not kept as it was at {origin}")

    def wants(self, key: str) -> bool:
        """Everything but `unwanted` and what that carries."""
        return not any(carried in self.unwanted for carried in carriers(key))

    def accept(self, cursor: str) -> str:
        """The cursor that trusts the device which its listing saw."""
        seen = cursor.split(":")[1]
        return f"{seen}:{seen}"

    # --- what people do in the folder ---

    def write(self, key: str, data: bytes, *, mtime: Instant | None = None) -> None:
        """Create the file or change it in place; `mtime` is set afterwards, as a restored backup does."""
        now = self._tick()
        inode = self.files[key].inode if key in self.files else self._new_inode()
        self.files[key] = FakeFile(data, inode, now if mtime is None else mtime, now)

    def replace(self, key: str, data: bytes) -> None:
        """Write beside and rename over, as most editors do: another inode."""
        now = self._tick()
        self.files[key] = FakeFile(data, self._new_inode(), now, now)

    def edit_unnoticed(self, key: str, data: bytes) -> None:
        """Other bytes of equal length under the same stat: a write within the clock's granularity."""
        if len(data) != len(self.files[key].data):
            raise ValueError("an edit that nothing shows keeps the length")
        self.files[key] = replace(self.files[key], data=data)

    def set_mtime(self, key: str, mtime: Instant) -> None:
        """As ``touch -d``: the ctime moves on."""
        self.files[key] = replace(self.files[key], mtime=mtime, ctime=self._tick())

    def move(self, key: str, to: str) -> None:
        """Rename, replacing what is at `to`."""
        self.files[to] = replace(self.files.pop(key), ctime=self._tick())

    def move_folder(self, folder: str, to: str) -> None:
        """Rename a folder: nothing about its files changes but their keys."""
        for key in [key for key in self.files if inside(key, folder)]:
            self.files[to + key[len(folder) :]] = self.files.pop(key)

    def swap(self, key: str, other: str) -> None:
        """Exchange two names."""
        now = self._tick()
        one, two = self.files[key], self.files[other]
        self.files[key], self.files[other] = replace(two, ctime=now), replace(one, ctime=now)

    def copy(self, key: str, to: str) -> None:
        """As ``cp``: the bytes in a new file."""
        self.write(to, self.files[key].data)

    def link(self, key: str, to: str) -> None:
        """As ``ln``: another name of the same file, until it is written."""
        self.files[key] = self.files[to] = replace(self.files[key], ctime=self._tick())

    def delete(self, key: str) -> None:
        """Remove the file."""
        del self.files[key]

    def use_inodes_again(self) -> None:
        """From now on new files get the lowest inodes that are free, as on ext4."""
        self._lowest = True

    # --- what goes wrong ---

    def make_unreadable(self, key: str, reason: str = "unreadable") -> None:
        """Reading it raises `ReadError`; as chmod does, this moves the ctime."""
        self.files[key] = replace(self.files[key], failure=reason, ctime=self._tick())

    def make_readable(self, key: str) -> None:
        """Undo `make_unreadable`."""
        self.files[key] = replace(self.files[key], failure=None, ctime=self._tick())

    def hide(self, scope: str, reason: str = "permission") -> None:
        """`scope` cannot be seen, until `show`."""
        self.unknown[scope] = Unknown(scope, reason, f"{scope or 'the fake folder'} cannot be seen: {reason}")

    def show(self, scope: str) -> None:
        """Undo `hide`."""
        del self.unknown[scope]

    # --- inside ---

    def _read(self, key: str) -> Content:
        self.reads.append(key)
        file = self.files.get(key)
        if file is None:
            raise ReadError("vanished", f"{key} is not there any more")
        if file.failure is not None:
            raise ReadError(file.failure, f"{key} cannot be read: {file.failure}")
        now = self._clock.now()
        settled = max(min(file.mtime, now), file.ctime) < now - self._granularity
        return Content(file.data, file.etag, file.times, settled, f"1:{file.inode}")

    def _tick(self) -> Instant:
        return self._clock.now() // self._granularity * self._granularity

    def _new_inode(self) -> int:
        if self._lowest:
            taken = {file.inode for file in self.files.values()}
            return next(inode for inode in count(1) if inode not in taken)
        self._inodes += 1
        return self._inodes


def inside(key: str, scope: str) -> bool:
    """Whether `key` is `scope` or lies under it."""
    return not scope or key == scope or key.startswith(scope + "/")


def carriers(key: str) -> list[str]:
    """What is at `key` inside a document, and every file inside it that carries that: all but the document."""
    root, *names = key.split("//")
    return ["//".join([root, *names[:depth]]) for depth in range(1, len(names) + 1)]
