"""What the index takes on the disk: by source, from the catalog; and by what it is, from the folders."""

from __future__ import annotations

import os
from pathlib import Path

from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.query.results import DiskUse, SourceDisk

_CATALOG = ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm")


def by_source(snapshot: Snapshot, *, thorough: bool) -> dict[int, SourceDisk]:
    """Source number → what it holds. With `thorough` its texts are measured too, which reads all of them once."""
    texts = snapshot.text_bytes() if thorough else {}
    return {
        source_no: SourceDisk(
            held.originals, held.original_bytes, held.rows, texts.get(source_no, 0) if thorough else None
        )
        for source_no, held in snapshot.held().items()
    }


def disk_use(folder: Path, *, thorough: bool) -> DiskUse:
    """Bytes that the parts of the data folder take. With `thorough` also those that consist of very many files."""
    filesystem = os.statvfs(folder)
    return DiskUse(
        catalog=sum(_size(folder / name) for name in _CATALOG),
        passages=_sum(folder / "passages"),
        models=_sum(folder / "models"),
        originals=_sum(folder / "originals") if thorough else None,
        copies=_sum(folder / "copies") if thorough else None,
        free=filesystem.f_bavail * filesystem.f_frsize,
    )


def _sum(folder: Path) -> int:
    """Of all files below it; none where it does not exist."""
    return sum(_size(Path(parent, name)) for parent, _, names in os.walk(folder) for name in names)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except FileNotFoundError:  # a writer works beside this
        return 0
