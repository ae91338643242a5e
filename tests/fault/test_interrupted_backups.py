"""A backup or a restore that dies at any step leaves the backup before it whole, and the next one goes through."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.composition import open_index
from indexer.config import load
from indexer.errors import NotFoundError, StorageFullError, UsageError
from indexer.stewardship.backup import back_up
from indexer.stewardship.backup_folder import BackupFolder, StoredFile
from indexer.stewardship.restore import restore
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Crash, Home, fast_folder

MINUTE = 60_000_000
BACKUP_STEPS = (
    "catalog copied",
    "a file copied",
    "passages copied",
    "an original copied",
    "originals copied",
    "backup named",
    "remains deleted",
)
RESTORE_STEPS = (
    "verified",
    "originals restored",
    "passages restored",
    "catalog prepared",
    "catalog restored",
)


class Place:
    """An index with a backup, and one more commit since."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "data", lance=True)
        self.target = folder / "backup"
        self.share = FakeFolder(self.home.clock)
        self.write("one")
        self.write("two")
        back_up(self.home.folder, self.target, self.home.clock)
        self.before = self.home.state()
        self.write("three")

    def write(self, text: str) -> None:
        self.home.clock.advance(MINUTE)
        self.share.write("a.md", f"# A\n\n{text} days\n\n## B\n\nshared days".encode())
        self.home.clock.advance(MINUTE)
        self.home.backfill(self.share)

    def restored(self) -> object:
        """The state of what is restored from the backup as it is."""
        folder = self.target.parent / "again"
        restore(self.target, folder, self.home.clock)
        with Home(folder, lance=True, clock=self.home.clock) as again:
            assert again.check().problems == []
            assert again.table_rows() == again.catalog_rows()
            state = again.state()
        shutil.rmtree(folder)
        return state


@pytest.fixture
def place() -> Iterator[Place]:
    folder = fast_folder("interrupted-backup-")
    place = Place(folder)
    yield place
    place.home.close()
    shutil.rmtree(folder)


def dying_at(step: str) -> Callable[[str], None]:
    def die(name: str) -> None:
        if name == step:
            raise Crash(name)

    return die


@pytest.mark.parametrize("step", BACKUP_STEPS)
def test_a_backup_that_dies_leaves_a_whole_one_and_the_next_goes_through(place: Place, step: str) -> None:
    home = place.home
    with pytest.raises(Crash):
        back_up(home.folder, place.target, home.clock, step=dying_at(step))
    named = step in ("backup named", "remains deleted")
    assert place.restored() == (home.state() if named else place.before)
    back_up(home.folder, place.target, home.clock)
    assert place.restored() == home.state()
    assert len(list((place.target / "catalog").iterdir())) == 1
    assert not list((place.target / "unfinished").iterdir())


@pytest.mark.parametrize("step", BACKUP_STEPS[:-2])
def test_a_first_backup_that_dies_is_none_and_is_told_from_other_folders(place: Place, step: str) -> None:
    home, target = place.home, place.target.parent / "first"
    with pytest.raises(Crash):
        back_up(home.folder, target, home.clock, step=dying_at(step))
    with pytest.raises(NotFoundError, match="no backup in it was finished"):
        restore(target, target.parent / "again", home.clock)
    back_up(home.folder, target, home.clock)
    place.target = target
    assert place.restored() == home.state()


@pytest.mark.parametrize("step", RESTORE_STEPS)
def test_a_restore_that_dies_begins_anew_and_is_no_index_before_its_catalog(place: Place, step: str) -> None:
    home, folder = place.home, place.target.parent / "again"
    back_up(home.folder, place.target, home.clock)
    with pytest.raises(Crash):
        restore(place.target, folder, home.clock, step=dying_at(step))
    assert (folder / "catalog.sqlite").exists() == (step == "catalog restored")
    assert place.restored() == home.state()


def test_a_folder_that_merely_looks_restored_is_not_overwritten(place: Place) -> None:
    folder = place.target.parent / "again"
    restore(place.target, folder, place.home.clock)
    with pytest.raises(UsageError, match="is not empty"):
        restore(place.target, folder, place.home.clock)


def test_an_index_that_was_made_while_the_backup_was_verified_is_not_overwritten(place: Place) -> None:
    folder = place.target.parent / "again"

    def meanwhile(step: str) -> None:
        if step == "verified":
            with Home(folder, lance=True, clock=place.home.clock) as other:
                other.backfill(place.share)

    with pytest.raises(UsageError, match="is not empty"):
        restore(place.target, folder, place.home.clock, step=meanwhile)
    with Home(folder, lance=True, clock=place.home.clock) as other:
        assert other.keys().keys() == {"a.md"}
        assert other.check().problems == []


def test_a_restore_that_died_is_not_begun_anew_once_somebody_writes_to_what_it_restored(place: Place) -> None:
    folder = place.target.parent / "again"
    with pytest.raises(Crash):
        restore(place.target, folder, place.home.clock, step=dying_at("catalog restored"))
    config = folder.parent / "config.toml"
    config.write_text(f'data_dir = "{folder}"', encoding="utf-8")
    with open_index(load(config, {}), place.home.clock):
        pass
    with pytest.raises(UsageError, match="is not empty"):
        restore(place.target, folder, place.home.clock)
    with Home(folder, lance=True, clock=place.home.clock) as again:
        assert again.state() == place.before


@pytest.mark.parametrize("at", range(1, 4))
def test_a_full_disk_is_said_in_one_line_and_gives_back_what_was_taken(
    place: Place, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    home = place.home
    held = sorted(file.name for file in place.target.rglob("*"))
    take, calls = BackupFolder.take, []

    def full(self: BackupFolder, source: Path, target: Path | None = None) -> StoredFile:
        calls.append(source)
        if len(calls) == at:
            raise OSError(errno.ENOSPC, "No space left on device", str(source))
        return take(self, source, target)

    monkeypatch.setattr(BackupFolder, "take", full)
    with pytest.raises(StorageFullError) as refused:
        back_up(home.folder, place.target, home.clock)
    assert str(refused.value) == (
        f"the disk is full: {place.target} — free some space, then run again; the earlier backup in it is whole"
    )
    assert sorted(file.name for file in place.target.rglob("*")) == held
    monkeypatch.undo()
    assert place.restored() == place.before
    back_up(home.folder, place.target, home.clock)
    assert place.restored() == home.state()
