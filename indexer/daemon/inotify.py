"""Watches a folder of a local file system with inotify.

How watchdog is used
--------------------
Of watchdog 7.1 the part that talks to the kernel is used (`inotify_reader`): the thread that reads
events, the watch descriptors, a stop that wakes the thread. Its observer is not, for what its source
does with the events (read, not documented):

* An overflow of the kernel's queue (IN_Q_OVERFLOW) is logged and watches are added for what is new, but
  no handler is told (issue 654). Here `on_queue_overflow` walks the tree again and reports a loss.
* A folder that cannot be watched because the limit of watches is reached is left out in silence. Here it
  is in `NativeWatcher.coverage`.
* IN_UNMOUNT and a root that is renamed (IN_MOVE_SELF) are dropped. Here they are losses.
* The first half of a rename is held back for 0.5 s with all that is queued behind it, in a queue
  without bounds. Here every event is told as it is read.
* No folder can be left out, and a root that is a symbolic link is watched as a link.

What inotify itself cannot see: changes made by other machines, writes through a shared memory map before
the file is closed, a file system mounted over a folder, a root whose parents are renamed or whose
symbolic link is re-pointed. The last three are found by `NativeWatcher.refresh`, which belongs before
every complete scan. Of a folder that is mounted twice under the root, both places are hinted.
"""

from __future__ import annotations

import errno
import itertools
import os
import threading
from typing import Final

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    Mask,
    WatchDescriptor,
)

from indexer.daemon.gaps import Gaps
from indexer.daemon.inotify_reader import PATIENCE, Reader, started_reader
from indexer.daemon.watcher import Coverage, Listener, Loss, LossCode
from indexer.ports import Watched

_C: Final = InotifyConstants
_MASK: Final = Mask(
    _C.IN_MODIFY | _C.IN_ATTRIB | _C.IN_CLOSE_WRITE | _C.IN_CREATE | _C.IN_DELETE | _C.IN_MOVED_FROM
    | _C.IN_MOVED_TO | _C.IN_ONLYDIR | _C.IN_EXCL_UNLINK
)  # fmt: skip
"""What changes something. The kernel does not even queue that a file was opened or read."""
_INNER: Final = Mask(_MASK | _C.IN_DONT_FOLLOW)
_ROOT: Final = Mask(_MASK | _C.IN_DELETE_SELF | _C.IN_MOVE_SELF)
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_RENAMES: Final = 64
"""First halves of renames that are remembered; the second follows at once, or never."""


class _Folder:
    """A folder that is watched, or is about to be. Implements watchdog's `WatchCallback`."""

    __slots__ = ("_tree", "children", "dropped", "id", "name", "parent", "path", "wd")

    def __init__(self, tree: NativeWatcher, name: bytes = b"", parent: _Folder | None = None) -> None:
        self._tree = tree
        self.name = name
        self.parent = parent
        self.path = parent.inner(name) if parent is not None else b""
        """Relative to the root; empty for the root itself."""
        self.children: dict[bytes, _Folder] = {}
        self.wd: WatchDescriptor | None = None
        self.id = CallbackId(0)
        self.dropped = False

    def inner(self, name: bytes) -> bytes:
        """The path of an entry of it."""
        return self.path + b"/" + name if self.path else name

    def on_event(self, event: InotifyEvent) -> None:
        self._tree.on_event(self, event)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        self._tree.on_watch_deleted(self, wd)

    def on_queue_overflow(self) -> None:
        if self.parent is None:  # every folder is told; once is enough
            self._tree.on_queue_overflow()


class NativeWatcher:
    """Implements `Watcher` with inotify, on a thread and an inotify instance of its own."""

    def __init__(self, watched: Watched, listener: Listener) -> None:
        self._watched = watched
        self._listener = listener
        self._root = os.fsencode(watched.root)
        self._lock = threading.RLock()
        """Held while the tree of folders changes, never while the disk is read or the listener called."""
        self._tree = _Folder(self)
        self._ids = itertools.count(1)
        self._reader: Reader | None = None
        self._identity: tuple[int, int] | None = None
        self._stopping = threading.Event()
        self._loss: Loss | None = None
        """Set once the root is lost, for good."""
        self._gaps = Gaps(watched.root)
        self._renames: dict[int, str] = {}

    @property
    def watching(self) -> bool:
        reader = self._reader
        return (
            reader is not None
            and reader.is_alive()
            and self._tree.wd is not None
            and self._loss is None
            and not self._stopping.is_set()
        )

    @property
    def coverage(self) -> Coverage:
        with self._lock:
            return self._gaps.coverage() if self._loss is None else Coverage(("",), self._loss.detail)

    # --- beginning and end --------------------------------------------------------------------

    def start(self) -> None:
        try:
            self._identity = self._look()
            reader = started_reader(self._root, f"watch {self._watched.root}", self._failed)
        except OSError as error:
            with self._lock:
                self._gaps.add("", error)
            return
        with self._lock:
            self._reader = reader
        if self._stopping.is_set():
            self.stop()  # it was called meanwhile, and found no reader
            return
        self._arm(self._tree)
        self._check()

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:  # whoever adds a watch has done so, and nobody begins
            reader = self._reader
            self._tree.children.clear()
        if reader is None:
            return
        reader.stop()
        if threading.current_thread() is not reader:
            reader.join(PATIENCE)

    def refresh(self) -> None:
        if self.watching and self._check():
            with self._lock:
                self._gaps.clear()
            self._arm(self._tree)

    def caught_up(self, timeout: float) -> bool:
        reader = self._reader
        if reader is None or not self.watching:
            return False
        try:
            return reader.caught_up(timeout)
        except OSError:  # no watch is left for it, or it was stopped meanwhile
            return False

    def _look(self) -> tuple[int, int]:
        status = os.stat(self._root)  # noqa: PTH116  a name that is no UTF-8 is no worse than another
        return status.st_dev, status.st_ino

    def _check(self) -> bool:
        """Whether the root is still the folder that is watched."""
        try:
            if self._look() == self._identity:
                return True
        except OSError as error:
            self._lose(
                "root-gone",
                f"{self._watched.root} cannot be seen any more ({error.strerror}); is the share mounted?",
            )
            return False
        self._lose(
            "root-replaced",
            f"{self._watched.root} is another folder or file system than before; it is polled",
        )
        return False

    # --- the tree of watched folders ----------------------------------------------------------

    def _arm(self, top: _Folder) -> None:
        """Make the watches at and below `top` fit what is on disk now; existing ones stay."""
        waiting = [top]
        while waiting and not self._stopping.is_set():
            folder = waiting.pop()
            # The watch first: what is made in it from then on is told, what was made before is found.
            if self._watch(folder):
                waiting += self._children(folder)

    def _watch(self, folder: _Folder) -> bool:
        with self._lock:
            if folder.dropped or self._stopping.is_set():
                return False
            assert self._reader is not None
            mask, id_ = _ROOT if folder.parent is None else _INNER, CallbackId(next(self._ids))
            try:
                wd = self._reader.watch(self._path(folder), mask, folder, id_)
            except OSError as error:
                if error.errno not in _GONE:
                    self._gaps.add(self._key(folder.path), error)
                self._drop(folder)
                return False
            # The same folder has the same descriptor, and the old id is one too many; another one has another.
            if folder.wd is not None:
                self._reader.remove_callbacks([(folder.wd, folder.id)])
            folder.wd, folder.id = wd, id_
            self._gaps.discard(self._key(folder.path))
            return True

    def _children(self, folder: _Folder) -> list[_Folder]:
        """The folders in it. Known ones that are gone are among them: watching them fails, which proves it."""
        try:
            with os.scandir(self._path(folder)) as entries:
                names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            if error.errno not in _GONE:
                with self._lock:
                    self._gaps.add(self._key(folder.path), error)
            return []
        with self._lock:
            for name in names:
                self._enter(folder, name)
            return list(folder.children.values())

    def _enter(self, folder: _Folder, name: bytes) -> _Folder | None:
        """The folder called `name`, watched or not yet; None if it is not wanted."""
        found = folder.children.get(name)
        wants = self._watched.wants_folder
        if found is None and not folder.dropped and wants(self._key(folder.inner(name))):
            found = folder.children[name] = _Folder(self, name, folder)
        return found

    def _drop(self, top: _Folder) -> None:
        """Watch it no more, nor anything below it."""
        if top.parent is not None and top.parent.children.get(top.name) is top:
            del top.parent.children[top.name]
        watches, waiting = [], [top]
        while waiting:
            folder = waiting.pop()
            waiting += folder.children.values()
            folder.children = {}
            folder.dropped = folder.parent is not None
            if folder.wd is not None:
                watches.append((folder.wd, folder.id))
                folder.wd = None
        if self._reader is not None:
            self._reader.remove_callbacks(watches)

    def _path(self, folder: _Folder) -> bytes:
        return self._root + b"/" + folder.path if folder.path else self._root

    def _key(self, path: bytes) -> str:
        return self._watched.key_of(os.fsdecode(path))

    # --- events, as the reading thread tells them ---------------------------------------------

    def on_event(self, folder: _Folder, event: InotifyEvent) -> None:
        """Something happened to a watched folder, or directly in it."""
        if self._stopping.is_set() or self._loss is not None or folder.dropped:
            return
        if event.name:
            self._tell(folder, event)
        else:
            self._tell_self(folder, event.mask)

    def on_watch_deleted(self, folder: _Folder, wd: WatchDescriptor) -> None:
        """The kernel watches a folder no more: it is gone."""
        with self._lock:
            if self._stopping.is_set() or folder.wd != wd:
                return
            self._drop(folder)
        if folder.parent is None:
            self._lose("root-gone", f"{self._watched.root} was deleted; put it back, or correct the source")

    def on_queue_overflow(self) -> None:
        """The kernel dropped events, those of new folders too."""
        if self._stopping.is_set() or self._loss is not None or not self._check():
            return
        self._arm(self._tree)
        self._listener.on_lost(
            Loss(
                "overflow", f"more happened in {self._watched.root} than could be read: all of it is scanned"
            )
        )

    def _tell(self, folder: _Folder, event: InotifyEvent) -> None:
        """Of an entry of a folder."""
        mask, name = event.mask, event.name
        key = self._key(folder.inner(name))
        is_folder = bool(mask & _C.IN_ISDIR)
        if not (self._watched.wants_folder(key) if is_folder else self._watched.wants_file(key)):
            return
        if mask & _C.IN_MOVED_FROM:
            self._renames[event.cookie] = key
            if len(self._renames) > _RENAMES:
                del self._renames[next(iter(self._renames))]
        old = self._renames.pop(event.cookie, None) if mask & _C.IN_MOVED_TO else None
        if old is not None:
            # At once: watching all that lies in a large folder takes longer than its old place would wait for the new one.
            self._listener.on_move(old, key, is_folder)
        if is_folder:
            self._follow(folder, name, mask)
        if old is None or is_folder:
            self._listener.on_hint(key, is_folder)

    def _follow(self, folder: _Folder, name: bytes, mask: int) -> None:
        """Watch the subfolder called `name` if it is there now, and watch it no more if it is not."""
        with self._lock:
            child = folder.children.get(name)
            if child is not None and mask & (_C.IN_DELETE | _C.IN_MOVED_FROM | _C.IN_MOVED_TO):
                self._drop(
                    child
                )  # a moved one is another, with another path; whatever was here before is gone
            if mask & (_C.IN_DELETE | _C.IN_MOVED_FROM):
                return
            child = self._enter(folder, name)
        if child is not None and child.wd is None:
            self._arm(child)

    def _tell_self(self, folder: _Folder, mask: int) -> None:
        """Of a watched folder as such. All but the root are told of by their parents, unless they are unmounted."""
        root, parent = self._watched.root, folder.parent
        if parent is None:
            if mask & _C.IN_UNMOUNT:
                self._lose("unmounted", f"{root} was unmounted; mount it again")
            elif mask & (_C.IN_DELETE_SELF | _C.IN_MOVE_SELF):
                self._lose(
                    "root-gone",
                    f"{root} was {'deleted' if mask & _C.IN_DELETE_SELF else 'renamed'}; put it back, or correct the source",
                )
            elif mask & _C.IN_ATTRIB and self._check():
                self._listener.on_hint("", True)
        elif mask & _C.IN_UNMOUNT:
            with self._lock:
                self._drop(folder)
            self._follow(parent, folder.name, _C.IN_CREATE)  # what the mount had hidden
            self._listener.on_hint(self._key(folder.path), True)

    def _failed(self, error: Exception) -> None:
        self._lose("failed", f"watching {self._watched.root} failed ({error!r}); it is polled")

    def _lose(self, code: LossCode, detail: str) -> None:
        with self._lock:
            if self._loss is not None or self._stopping.is_set():
                return
            self._loss = Loss(code, detail)
        self._listener.on_lost(self._loss)
