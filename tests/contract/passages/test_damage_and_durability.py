"""A damaged table says so, and what a commit made outlives a power loss, a failed merge and a full disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lancedb
import numpy as np
import pytest

from indexer.errors import DamagedStoreError, StorageFullError, StoreError
from indexer.store.passages.columns import PERIOD
from tests.support.stored_passages import EMBEDDER, lance, passage, rows_of


def test_a_period_that_is_not_its_instants_means_damage(tmp_path: Path) -> None:
    store = lance(tmp_path)
    store.commit([passage(1, valid_from=PERIOD), passage(2)], [])
    table = lancedb.connect(tmp_path / "passages").open_table(EMBEDDER.fingerprint)
    table.update(where="row_no = 1", values={"valid_from_period": 7})
    newest = store.newest()
    assert newest is not None
    with pytest.raises(DamagedStoreError, match="valid_from_period disagrees with valid_from") as raised:
        rows_of(store.at(newest))
    assert raised.value.remedy == "run `indexer rebuild`"


@pytest.mark.parametrize("damaged", ["_versions/*.manifest", "data/*.lance"])
def test_a_damaged_table_says_so_and_what_to_do(tmp_path: Path, damaged: str) -> None:
    version = lance(tmp_path).commit([passage(1, "wording")], [])
    for file in tmp_path.glob(f"passages/*.lance/{damaged}"):
        file.write_bytes(b"not what it was")
    with pytest.raises(DamagedStoreError, match="indexer rebuild"):
        rows_of(lance(tmp_path).at(version))


def test_a_folder_without_a_version_is_no_table_and_the_first_commit_goes_on_with_it(tmp_path: Path) -> None:
    store = lance(tmp_path)
    store.commit([passage(1)], [])
    for file in tmp_path.glob("passages/*.lance/_versions/*"):
        file.unlink()
    after_crash = lance(tmp_path)
    assert after_crash.newest() is None
    after_crash.drop()
    assert set(rows_of(after_crash.at(after_crash.commit([passage(2)], [])))) == {2}


@pytest.mark.parametrize("hint", [None, b"", b"garbage", b'{"version":1}'])
def test_a_version_hint_that_a_power_loss_left_wrong_is_harmless(tmp_path: Path, hint: bytes | None) -> None:
    store = lance(tmp_path)
    store.commit([passage(1)], [])
    version = store.commit([passage(2)], [])
    (file,) = tmp_path.glob("passages/*.lance/_versions/latest_version_hint.json")
    if hint is None:
        file.unlink()
    else:
        file.write_bytes(hint)
    after = lance(tmp_path)
    assert after.newest() == version
    assert set(rows_of(after.at(after.commit([passage(3)], [])))) == {1, 2, 3}


def test_a_vector_of_another_length_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    store = lance(tmp_path)
    with pytest.raises(ValueError, match="length 64"):
        store.commit([replace(passage(1), vector=np.ones(3, dtype=np.float32))], [])
    assert store.newest() is None


def test_a_failed_merge_is_reported_and_leaves_the_published_version_alone(tmp_path: Path) -> None:
    store = lance(tmp_path)
    store.commit([passage(1)], [])
    version = store.commit([passage(2)], [])
    (data,) = (tmp_path / "passages").glob("*.lance/data")
    data.chmod(0o700)
    moved = data.rename(data.with_name("away"))
    with pytest.raises(StoreError):
        store.compact()
    moved.rename(data)
    assert set(rows_of(lance(tmp_path).at(version))) == {1, 2}


def test_everything_a_commit_made_is_synced_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    real = os.fsync

    def record(descriptor: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    store = lance(tmp_path)
    seen: set[str] = set()
    actions: list[Callable[[], object]] = [
        lambda: store.commit([passage(1, "wording")], []),
        lambda: store.commit([passage(no) for no in range(2, 30)], [replace(passage(1).row, valid_to=3)]),
        lambda: store.commit([passage(31)], []),
        store.compact,
        lambda: store.restore(2),
    ]
    for action in actions:
        synced.clear()
        action()
        made = {str(path) for path in tmp_path.rglob("*")} - seen
        assert made
        assert made <= synced
        assert {str(Path(path).parent) for path in made} <= synced
        seen |= made


def test_a_full_disk_is_told_from_other_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = lance(tmp_path)
    version = store.commit([passage(1)], [])

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageFullError, match="the disk is full"):
            store.commit([passage(2)], [])
    # What was committed in the table but never published is discarded by the next writer.
    assert set(rows_of(store.at(store.restore(version)))) == {1}
