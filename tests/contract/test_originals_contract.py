"""What every implementation of `ports.Originals` does, and what the one in files does besides."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import DamagedStoreError, StorageFullError, StoreError
from indexer.hashing import content_hash
from indexer.store.originals import FileOriginals


@pytest.fixture
def originals(tmp_path: Path) -> FileOriginals:
    return FileOriginals(tmp_path / "originals")


def stored_file(originals_folder: Path) -> Path:
    (file,) = originals_folder.glob("originals/??/*")
    return file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(data=st.binary(max_size=4_000))
def test_what_was_put_comes_back_under_its_hash(originals: FileOriginals, data: bytes) -> None:
    name = originals.put(data)
    assert name == content_hash(data)
    assert originals.get(name) == data


def test_storing_again_has_no_effect(originals: FileOriginals) -> None:
    assert originals.put(b"leave policy") == originals.put(b"leave policy")
    assert list(originals.hashes()) == [content_hash(b"leave policy")]


def test_what_was_never_put_is_none(originals: FileOriginals) -> None:
    assert originals.get(content_hash(b"never")) is None
    assert not originals.has(content_hash(b"never"))
    assert list(originals.hashes()) == []


def test_every_hash_is_listed(originals: FileOriginals) -> None:
    names = {originals.put(bytes([n])) for n in range(50)}
    assert set(originals.hashes()) == names
    assert all(originals.has(name) for name in names)


def test_what_was_removed_is_gone_and_can_be_stored_again(originals: FileOriginals) -> None:
    name, other = originals.put(b"leave policy"), originals.put(b"travel policy")
    originals.keep_only({other})
    originals.keep_only({other})
    assert originals.get(name) is None
    assert list(originals.hashes()) == [other]
    assert originals.put(b"leave policy") == name
    assert originals.has(name)


def test_removing_sweeps_up_what_an_interrupted_write_left(originals: FileOriginals, tmp_path: Path) -> None:
    originals.put(b"leave policy")
    leftover = tmp_path / "originals" / "unfinished" / "left"
    leftover.write_bytes(b"half of it")
    originals.keep_only({content_hash(b"leave policy")})
    assert not leftover.exists()
    assert originals.get(content_hash(b"leave policy")) == b"leave policy"


def test_where_nothing_was_ever_stored_nothing_is_removed(tmp_path: Path) -> None:
    FileOriginals(tmp_path / "originals").keep_only(())
    assert not (tmp_path / "originals").exists()


@pytest.mark.parametrize("name", ["", "b3:", "b3:../../etc/passwd", "sha256:" + "0" * 64, "b3:" + "G" * 64])
def test_a_name_that_is_no_hash_reaches_no_file(originals: FileOriginals, name: str) -> None:
    with pytest.raises(ValueError, match="not a content hash"):
        originals.get(name)


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "huge"])
def test_damage_is_found_on_reading_and_the_file_is_named(
    originals: FileOriginals, tmp_path: Path, damage: str
) -> None:
    name = originals.put(b"the policy as it was " * 50)
    file = stored_file(tmp_path)
    packed = file.read_bytes()
    if damage == "other":
        originals.put(b"another text")
        packed = next(other for other in tmp_path.glob("originals/??/*") if other != file).read_bytes()
    changed = {
        "cut": packed[: len(packed) // 2],
        "flipped": packed[:-3] + bytes([packed[-3] ^ 1]) + packed[-2:],
        "other": packed,
        "huge": bytes.fromhex("28b52ffd e0 ffffffffffffff0f") + packed[6:],
    }[damage]
    file.write_bytes(changed)
    with pytest.raises(DamagedStoreError, match=str(file)):
        originals.get(name)


def test_bytes_that_are_discarded_are_gone_and_others_stay(originals: FileOriginals) -> None:
    one, other = originals.put(b"one"), originals.put(b"other")
    originals.discard([one, content_hash(b"never kept")])
    assert list(originals.hashes()) == [other]
    assert originals.get(one) is None
    assert originals.put(b"one") == one
    originals.discard(())


def test_leftovers_of_a_crash_are_ignored_and_removed_by_the_next_writer(
    originals: FileOriginals, tmp_path: Path
) -> None:
    originals.put(b"kept")
    leftover = tmp_path / "originals" / "unfinished" / "half.zst"
    leftover.write_bytes(b"half")
    after_crash = FileOriginals(tmp_path / "originals")
    assert list(after_crash.hashes()) == [content_hash(b"kept")]
    after_crash.put(b"next")
    assert not leftover.exists()


def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    originals: FileOriginals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals.put(b"before")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageFullError, match="the disk is full"):
            originals.put(b"one more")
    assert not originals.has(content_hash(b"one more"))
    assert list((tmp_path / "originals" / "unfinished").iterdir()) == []
    assert originals.put(b"one more") == content_hash(b"one more")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_store_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="permissions"):
        FileOriginals(tmp_path / "originals").put(b"data")


def test_the_file_and_its_folder_are_synced_before_the_hash_is_returned(
    originals: FileOriginals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def record(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    originals.put(b"data")
    file = stored_file(tmp_path)
    written = str(tmp_path / "originals" / "unfinished" / file.name)
    assert synced.index(written) < synced.index(str(file.parent))
