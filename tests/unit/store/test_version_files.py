"""The files that a version of the passages table names are all that it needs, and no others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import DamagedStoreError
from indexer.ports import Filter, VersionGoneError
from indexer.store.durable import files_under
from indexer.store.passages.upkeep import version_file
from indexer.store.passages.version_files import version_files
from tests.support.stored_passages import EMBEDDER, by_text, by_vector, lance, passage, rows_of


def folder_of(place: Path) -> Path:
    return place / "passages" / f"{EMBEDDER.fingerprint}.lance"


def alone(place: Path, version: int, target: Path) -> None:
    """Copy only the files of this version."""
    for path in version_files(folder_of(place), version):
        copy = folder_of(target) / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder_of(place) / path, copy)


@pytest.mark.parametrize("rows", [10, 400])
def test_a_version_can_be_opened_searched_and_written_to_from_its_own_files(
    tmp_path: Path, rows: int
) -> None:
    store = lance(tmp_path / "live")
    versions = [store.commit([passage(no, f"leave {no}") for no in range(rows)], [])]
    closed = [replace(passage(no).row, valid_to=9, closed_recorded=9) for no in range(0, rows, 3)]
    versions.append(store.commit([passage(rows, "leave more")], closed))
    versions.append(store.compact())
    versions.append(store.commit([passage(rows + 1, "leave last")], closed[:2]))
    for version in versions:
        target = tmp_path / f"copy-{version}"
        alone(tmp_path / "live", version, target)
        here, there = store.at(version), lance(target).at(version)
        assert rows_of(there) == rows_of(here)
        for query in ("leave", "more", "leave 7"):
            assert by_text(there, query, limit=1000) == by_text(here, query, limit=1000)
        assert by_vector(there, Filter(documents=frozenset([1]))) == by_vector(
            here, Filter(documents=frozenset([1]))
        )
        copy = lance(target)
        assert copy.newest() == version
        again = copy.commit([passage(5000, "travel")], [])
        assert by_text(copy.at(again), "travel") == [5000]
        copy.compact()


def test_files_of_other_versions_are_not_named(tmp_path: Path) -> None:
    store = lance(tmp_path)
    for no in range(5):
        store.commit([passage(no, f"leave {no}")], [])
    version = store.compact()
    named = set(version_files(folder_of(tmp_path), version))
    held = {file.relative_to(folder_of(tmp_path)).as_posix() for file in files_under(folder_of(tmp_path))}
    assert named < held
    assert len([name for name in named if name.startswith("data/")]) < 5
    assert sum(name.startswith("_versions/") for name in named) == 1


def test_a_version_that_was_pruned_is_gone_and_one_that_is_cut_short_damaged(tmp_path: Path) -> None:
    store = lance(tmp_path)
    version = store.commit([passage(1, "leave")], [])
    file = version_file(folder_of(tmp_path), version)
    with pytest.raises(VersionGoneError):
        version_files(folder_of(tmp_path), version + 1)
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[-40:], b"", whole[: len(whole) // 2] + whole[-16:]):
        file.write_bytes(damaged)
        with pytest.raises(DamagedStoreError):
            version_files(folder_of(tmp_path), version)
