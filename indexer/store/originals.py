"""The bytes of documents as they were, in files named by their hash."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import zstandard

from indexer import hashing
from indexer.errors import DamagedStoreError, StorageFullError, StoreError
from indexer.store.durable import is_full, make_folder, sync_folder, write_durably

_SUFFIX: Final = ".zst"
_UNFINISHED: Final = "unfinished"
"""The folder of files that are being written; what a crash leaves there is nobody's."""
_DIGITS: Final = 64


class FileOriginals:
    """`ports.Originals` in a folder: ``ab/cdef….zst`` holds the bytes whose hash is ``b3:abcdef…``.

    The folder is made by the first `put`. Files are written elsewhere in it, made durable and
    renamed, so that a name that exists always names the whole content. One writer at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cleaned = False
        self._writing = threading.Lock()

    def put(self, data: bytes) -> str:
        name = hashing.content_hash(data)
        path = self.path_of(name)
        try:
            with self._writing:
                self._clean()
                if not path.exists():
                    make_folder(path.parent)
                    # The size in the frame's header lets a reader allocate once, and check.
                    packed = zstandard.ZstdCompressor(level=3, write_content_size=True).compress(data)
                    write_durably(path, packed, temporary=self._folder / _UNFINISHED / path.name)
        except OSError as error:
            if is_full(error):
                raise StorageFullError(
                    f"the disk is full: an original of {len(data)} bytes was not stored in {self._folder}",
                    remedy="free some space, then run again",
                ) from error
            raise StoreError(
                f"an original could not be stored in {self._folder}: {error.strerror}",
                remedy="check the folder's permissions and the disk",
            ) from error
        return name

    def get(self, content_hash: str) -> bytes | None:
        path = self.path_of(content_hash)
        try:
            packed = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedStoreError(
                f"the original {path} cannot be read: {error.strerror}",
                remedy="check the disk, or restore the file from a backup",
            ) from error
        try:
            data = zstandard.ZstdDecompressor().decompress(packed)
        except (zstandard.ZstdError, MemoryError) as error:
            raise _damaged(path) from error
        if hashing.content_hash(data) != content_hash:
            raise _damaged(path)
        return data

    def has(self, content_hash: str) -> bool:
        return self.path_of(content_hash).is_file()

    def keep_only(self, hashes: Collection[str]) -> None:
        if not self._folder.exists():
            return
        gone = [self.path_of(content_hash) for content_hash in self.hashes() if content_hash not in hashes]
        with self._writing, self._deleting():
            self._cleaned = False
            self._clean()
            self._unlink(gone)

    def discard(self, hashes: Collection[str]) -> None:
        with self._writing, self._deleting():
            self._unlink([path for path in map(self.path_of, hashes) if path.exists()])

    def hashes(self) -> Iterator[str]:
        for shard in sorted(self._folder.glob("??")):
            for file in sorted(shard.glob(f"*{_SUFFIX}")):
                yield f"{hashing.PREFIX}{shard.name}{file.name.removesuffix(_SUFFIX)}"

    def path_of(self, content_hash: str) -> Path:
        """Where the bytes with this hash are, or would be, packed as they are stored."""
        digits = content_hash.removeprefix(hashing.PREFIX)
        if len(digits) != _DIGITS or set(digits) - set("0123456789abcdef"):
            raise ValueError(f"not a content hash: {content_hash!r}")
        return self._folder / digits[:2] / f"{digits[2:]}{_SUFFIX}"

    @contextmanager
    def _deleting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"an original in {self._folder} could not be deleted: {error.strerror}",
                remedy="check the folder's permissions and the disk",
            ) from error

    def _unlink(self, paths: Collection[Path]) -> None:
        for path in paths:
            path.unlink()
        for folder in {path.parent for path in paths}:
            sync_folder(folder)

    def _clean(self) -> None:
        """Remove what a writer that died was writing: once, before the first write."""
        if not self._cleaned:
            make_folder(self._folder / _UNFINISHED)
            for leftover in (self._folder / _UNFINISHED).iterdir():
                leftover.unlink()
            self._cleaned = True


def _damaged(path: Path) -> DamagedStoreError:
    return DamagedStoreError(
        f"the original {path} is damaged (its bytes do not match its name)",
        remedy="restore the file from a backup, or delete it",
    )
