"""Decides which indexes the passages table needs, builds them, and deletes versions that nobody reads.

`docs/decisions/0003-index-lifecycle.md` has the figures behind the bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from indexer.errors import StoreError
from indexer.store.durable import sync_folder
from indexer.store.passages import columns

TEXT_INDEX: Final = "embedded_text"
_VECTOR_INDEX: Final = "vector_ivf"
_NUMBER_INDEXES: Final = (columns.KEY, "embed_no", "document_no", "passage_no", *columns.INSTANTS)
"""Columns of many different numbers, looked up one by one or in a narrow range."""
_FEW_INDEXES: Final = ("source_no", *map(columns.period_column, columns.INSTANTS))
"""Columns of few different numbers: their rows are kept as bitmaps."""
_NUMBER: Final = "_number"
_GROWTH: Final = 2
"""When so many times the partitions would be right, the vector index is built anew."""
_MOST_PIECES: Final = 8
"""So many pieces of the vector index are searched one by one; with more it is built anew."""
_PRESSING: Final = 2
"""When so many times what is worth upkeep has gathered, it does not wait for a quiet moment: each search reads it all."""
_NOTHING: Final = timedelta(days=36_500)
"""Makes `optimize` keep every version: it would delete those older than a week by default."""
_MANIFEST: Final = re.compile(r"(\d{20})\.manifest")
_LAST_NUMBER: Final = 2**64 - 1
"""Lance names a version's file by this less its number, so that the newest comes first in a listing."""


@dataclass(frozen=True, slots=True)
class UpkeepBounds:
    """When upkeep is worth its time."""

    files: int = 64
    """So many data files of few rows are merged."""
    unindexed_rows: int = 256
    """So many rows that the text index does not cover yet are read in full by every text search, and
    weighed by the word counts of the others."""
    unindexed_share: float = 0.02
    """The same as a share of all rows, whichever is more: refreshing costs in proportion to the index."""
    number_index_rows: int = 20_000
    """From so many rows on, looking up rows by their numbers is faster with an index."""
    vector_index_rows: int = 20_000
    """From so many rows on an exact search reads more from the disk than is worth while."""
    partition_rows: int = 2_048
    """Rows of one partition of the vector index, more or less, when it is built."""


def index_names(table: Any) -> frozenset[str]:
    """The names of the indexes that the table has at its version."""
    return frozenset(index.name for index in table.list_indices())


def index_folders(folder: Path) -> frozenset[str]:
    """The folders of all indexes of the table in `folder`, superseded ones included: a refresh makes another one."""
    try:
        return frozenset(entry.name for entry in (folder / "_indices").iterdir())
    except FileNotFoundError:
        return frozenset()


def partitions(names: Iterable[str]) -> int | None:
    """Of the vector index among these indexes when it was built, as its name tells; None if there is none.

    LanceDB joins small ones when it refreshes the index, so there may be fewer.
    """
    counts = [
        int(name.removeprefix(f"{_VECTOR_INDEX}_")) for name in names if name.startswith(f"{_VECTOR_INDEX}_")
    ]
    return max(counts, default=None)


def numbers_indexed(names: frozenset[str]) -> bool:
    """Whether all numbers have an index."""
    return names.issuperset(map(_number_index, (*_NUMBER_INDEXES, *_FEW_INDEXES)))


def build_text_index(table: Any) -> None:
    """Index `embedded` by the stems of its words, none left out, with their positions.

    The stemmer is for English; it takes little off the words of other languages, and from questions
    and passages alike (docs/decisions/0004-fusion.md).
    """
    from lancedb.index import FTS

    table.create_index(
        columns.TEXT,
        name=TEXT_INDEX,
        config=FTS(
            with_position=True,
            base_tokenizer="icu/split",
            max_token_length=None,
            lower_case=True,
            stem=True,
            language="English",
            remove_stop_words=False,
            ascii_folding=True,
        ),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What upkeep would do."""

    merge: bool
    build: tuple[str, ...]
    drop: tuple[str, ...] = ()
    pressing: bool = False
    """Whether searches are slowed down until it is done."""

    def __bool__(self) -> bool:
        return self.merge or bool(self.build) or bool(self.drop)


def plan(table: Any, bounds: UpkeepBounds) -> Work:
    """What the table, at its newest version, needs by `bounds`."""
    rows = table.count_rows()
    if not rows:
        return Work(merge=False, build=())
    names = index_names(table)
    wanted = [TEXT_INDEX]
    renewed: list[str] = []
    outgrown: tuple[str, ...] = ()
    if rows >= bounds.number_index_rows:
        wanted += map(_number_index, (*_NUMBER_INDEXES, *_FEW_INDEXES))
    overgrown = False
    if rows >= bounds.vector_index_rows:
        has, needs = partitions(names), max(1, round(rows / bounds.partition_rows))
        if has is None or needs >= _GROWTH * has or _pieces(table, has) > _MOST_PIECES:
            renewed = [f"{_VECTOR_INDEX}_{needs}"]
            lacking = rows >= _PRESSING * bounds.vector_index_rows
            overgrown = lacking if has is None else _pieces(table, has) > _PRESSING * _MOST_PIECES
        kept = renewed or [f"{_VECTOR_INDEX}_{has}"]
        # Also one that a failed upkeep left beside its successor.
        outgrown = tuple(sorted(n for n in names.difference(kept) if n.startswith(_VECTOR_INDEX)))
    statistics = table.index_stats(TEXT_INDEX) if TEXT_INDEX in names else None
    unindexed = statistics.num_unindexed_rows if statistics is not None else 0
    uncovered = max(bounds.unindexed_rows, bounds.unindexed_share * rows)
    files = table.stats()["fragment_stats"]["num_small_fragments"]
    return Work(
        merge=files >= bounds.files or unindexed >= uncovered,
        build=(*(name for name in wanted if name not in names), *renewed),
        drop=outgrown,
        pressing=overgrown
        or statistics is None
        or files >= _PRESSING * bounds.files
        or unindexed >= _PRESSING * uncovered,
    )


def carry_out(table: Any, work: Work) -> None:
    """Merge small files, refresh the indexes and build new ones. Each step is a table version of its own."""
    from lancedb.index import Bitmap, BTree, IvfSq

    if work.merge:
        # Deletes no version; of files that no version names (left by a crash, or by `delete_versions`)
        # it deletes all, which is safe since only the holder of the writer's lock gets here.
        table.optimize(cleanup_older_than=_NOTHING, delete_unverified=True)
    for name in work.build:
        if name == TEXT_INDEX:
            build_text_index(table)
        elif (parts := partitions([name])) is not None:
            config = IvfSq(distance_type="cosine", num_partitions=parts)
            table.create_index(columns.VECTOR, name=name, config=config)
        else:
            column = name.removesuffix(_NUMBER)
            table.create_index(column, name=name, config=Bitmap() if column in _FEW_INDEXES else BTree())
    for name in work.drop:
        table.drop_index(name)


def _pieces(table: Any, partitions: int) -> int:
    """Of how many pieces the vector index consists: each refresh adds one, and a search looks into all."""
    statistics = table.index_stats(f"{_VECTOR_INDEX}_{partitions}")
    return 0 if statistics is None else int(statistics.num_indices)


def _number_index(column: str) -> str:
    return f"{column}{_NUMBER}"


def delete_versions(folder: Path, keep: frozenset[int], before: int) -> int:
    """Delete the versions of the table in `folder` that were superseded before `before` (nanoseconds); how many.

    The newest one and those in `keep` stay. A version *is* its manifest file: without it, the data
    files that only it named belong to nobody, and the next merge deletes them. LanceDB's own way to
    delete versions is part of `optimize`, which adds versions that nobody published.
    """
    manifests = _manifests(folder / "_versions")
    versions = sorted(manifests)
    gone = [
        version
        for version, successor in pairwise(versions)
        if version not in keep and manifests[successor].stat().st_mtime_ns < before
    ]
    for version in gone:
        manifests[version].unlink()
    if gone:
        sync_folder(folder / "_versions")
    return len(gone)


def remove_empty_folders(folder: Path) -> None:
    """Remove what deleted indexes left of their folders."""
    for parent in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(parent.iterdir()):
            parent.rmdir()
    sync_folder(folder)


def newest_version(folder: Path) -> int | None:
    """The highest version that the table's folder names; None if there is none. Reads no file."""
    return max(_manifests(folder / "_versions"), default=None)


def version_file(folder: Path, version: int) -> Path:
    """The file that is this version of the table in `folder`."""
    return folder / "_versions" / f"{_LAST_NUMBER - version:020d}.manifest"


def identity(folder: Path, version: int) -> tuple[int, int, int] | None:
    """Tells a version from every other, also from one with the same number in a table made anew; None if it is gone."""
    try:
        status = version_file(folder, version).stat()
    except OSError:
        return None  # whoever opens it finds out why
    return version, status.st_ino, status.st_mtime_ns


def _manifests(folder: Path) -> dict[int, Path]:
    found: dict[int, Path] = {}
    try:
        files = list(folder.glob("*.manifest")) if folder.is_dir() else []
    except PermissionError as error:
        raise StoreError(
            f"{folder} may not be read", remedy="run this as the user who made it, as `ls -l` shows"
        ) from error
    for file in files:
        name = _MANIFEST.fullmatch(file.name)
        if name is None:
            raise StoreError(
                f"{file} is not named as this release of LanceDB names a version",
                remedy="use the release that wrote it, or run `indexer rebuild`",
            )
        found[_LAST_NUMBER - int(name[1])] = file
    return found


def all_versions(folder: Path) -> Iterable[int]:
    """The versions that can still be opened."""
    return _manifests(folder / "_versions")
