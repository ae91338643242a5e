"""What a reader makes of an export: its facts, and the rows in its staging database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from connectors.confluence.archive import Archive, open_archive
from connectors.confluence.reading import Facts
from connectors.confluence.staging import Staging


@dataclass(frozen=True)
class Read:
    """An export that was read."""

    facts: Facts
    database: Path

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def bodies(self) -> dict[str, str]:
        unpack = zstandard.ZstdDecompressor().decompress
        return {
            content: unpack(text).decode() for content, text in self.all("SELECT content, text FROM body")
        }

    def oddities(self) -> list[str]:
        return [
            f"{reason}: {detail}"
            for reason, detail in self.all("SELECT reason, detail FROM oddity ORDER BY rowid")
        ]


def read(reader: Callable[[Archive, Staging], Facts], archive: Archive, folder: Path) -> Read:
    """What `reader` makes of `archive`, which is closed then; `folder` is where the rows are kept."""
    database = folder / f"staging-{len(list(folder.iterdir()))}.db"
    with closing(archive), Staging(database) as staging:
        facts = reader(archive, staging)
        staging.finish()
    return Read(facts, database)


def folder_of(folder: Path, files: Mapping[str, str | bytes | None]) -> Archive:
    """A new folder in `folder` with these files; those that are None are left out."""
    root = folder / f"export-{len(list(folder.iterdir()))}"
    root.mkdir()
    for name, data in files.items():
        if data is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return open_archive(root)
