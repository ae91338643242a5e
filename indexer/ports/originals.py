"""The bytes of documents, as their sources had them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol


class Originals(Protocol):
    """The bytes of documents, addressed by content."""

    def put(self, data: bytes) -> str:
        """Store durably and return the hash (``b3:…``); storing again has no effect. Raises `StorageFullError`."""

    def get(self, content_hash: str) -> bytes | None:
        """The bytes; None if they were not kept. Raises `DamagedStoreError` if they do not match their hash."""

    def has(self, content_hash: str) -> bool:
        """Whether the bytes are kept, without reading them."""

    def hashes(self) -> Iterator[str]:
        """Every hash that is kept."""

    def keep_only(self, hashes: Collection[str]) -> None:
        """Delete all bytes but these, and whatever an interrupted `put` left behind."""

    def discard(self, hashes: Collection[str]) -> None:
        """Delete these bytes, where they are kept."""
