"""Backups: what is copied, what is left where it is, what is refused, and what comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.errors import (
    BusyError,
    DamagedStoreError,
    NewerSchemaError,
    NotFoundError,
    StoreError,
    UsageError,
)
from indexer.stewardship.backup import BackupReport, back_up
from indexer.stewardship.backup_folder import BackupFolder
from indexer.stewardship.restore import RestoreReport, restore
from indexer.store.catalog.connection import migrations
from tests.support.data_folder import found_in
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.purging import purged

MINUTE = 60_000_000
LATER = 4_000_000_000_000_000


@pytest.fixture
def target(home: Home) -> Path:
    return home.folder.parent / "backup"


def write(home: Home, folder: FakeFolder, text: str, key: str = "a.md") -> None:
    """A commit with a new version."""
    home.clock.advance(MINUTE)
    folder.write(key, f"# {key}\n\n{text} days\n\n## B\n\nshared days".encode())
    home.clock.advance(MINUTE)
    home.backfill(folder)


def saved(home: Home, target: Path) -> BackupReport:
    return back_up(home.folder, target, home.clock)


def restored(home: Home, target: Path, name: str = "again") -> tuple[Home, RestoreReport]:
    folder = home.folder.parent / name
    report = restore(target, folder, home.clock)
    return Home(folder, lance=True, clock=home.clock), report


def same(home: Home, other: Home) -> None:
    """The other index answers as this one, and holds."""
    assert other.state() == home.state()
    assert other.catalog_rows() == home.catalog_rows()
    assert other.check().problems == []


def test_what_is_restored_is_what_was_saved_and_goes_on_from_there(
    home: Home, folder: FakeFolder, target: Path
) -> None:
    for text in ("one", "two"):
        write(home, folder, text)
    write(home, folder, "other", "b.md")
    report = saved(home, target)
    assert report.backup.counts == {"documents": 2, "versions": 3}

    again, done = restored(home, target)

    with again:
        same(home, again)
        assert done.passages
        assert done.originals == 3
        assert again.table_rows() == home.table_rows()
        before = again.sizes() | {"run": 0}
        again.backfill(folder)
        assert again.sizes() | {"run": 0} == before
        assert again.embedder.texts == []
        write(again, folder, "three")
        assert again.check().problems == []


def test_a_second_backup_copies_only_what_is_new(home: Home, folder: FakeFolder, target: Path) -> None:
    for n in range(20):
        write(home, folder, f"number {n}", f"{n}.md")
    saved(home, target)
    write(home, folder, "new", "new.md")
    second = saved(home, target)
    # The catalog, the version's own file, its transaction, one data file and maybe an index of it, one original.
    assert second.copied_files <= 12
    assert second.reused_files >= 20
    third = saved(home, target)
    assert third.copied_files <= 2  # the catalog, and the version's own file
    again, _ = restored(home, target)
    with again:
        same(home, again)


def test_only_the_last_backup_is_kept(home: Home, folder: FakeFolder, target: Path) -> None:
    write(home, folder, "one")
    saved(home, target)
    write(home, folder, "two")
    report = saved(home, target)
    assert report.removed_files >= 1
    assert len(list((target / "catalog").iterdir())) == 1
    assert not list((target / "unfinished").iterdir())
    needed = {file.hash for file in report.backup.passages.files}  # type: ignore[union-attr]
    assert {file.name for file in (target / "passages").iterdir()} == needed


def test_what_was_purged_leaves_the_next_backup(home: Home, folder: FakeFolder, target: Path) -> None:
    for text in ("one", "swordfish", "three"):
        write(home, folder, text)
    saved(home, target)
    assert found_in(target, "swordfish")
    purged(home, "a.md@2")
    assert found_in(target, "swordfish")
    saved(home, target)
    assert found_in(target, "swordfish") == {}


@pytest.mark.parametrize("at", ["catalog copied", "passages copied", "originals copied"])
def test_a_purge_during_the_backup_makes_it_begin_again(
    home: Home, folder: FakeFolder, target: Path, at: str
) -> None:
    for text in ("one", "swordfish", "three"):
        write(home, folder, text)
    waiting = ["a.md@2"]

    def step(name: str) -> None:
        if name == at and waiting:
            purged(home, waiting.pop())

    notes: list[str] = []
    back_up(home.folder, target, home.clock, notes.append, step)
    assert len(notes) == 1
    assert found_in(target, "swordfish") == {}
    again, _ = restored(home, target)
    with again:
        same(home, again)


@pytest.mark.parametrize("at", ["catalog copied", "a file copied", "passages copied", "an original copied"])
def test_commits_and_pruning_meanwhile_are_not_in_it_and_harm_nothing(
    home: Home, folder: FakeFolder, target: Path, at: str
) -> None:
    for n in range(4):
        write(home, folder, f"number {n}")
    state, waiting = home.state(), [1]

    def step(name: str) -> None:
        if name == at and waiting:
            waiting.pop()
            for n in range(3):
                write(home, folder, f"later {n}", "b.md")
                home.clock.advance(60 * MINUTE)
            home.clock.step(LATER - home.clock.now())  # long after the files were written
            published = home.published
            assert published is not None
            table = home.index.table()
            table.prune([published.table_version])
            table._open().optimize(delete_unverified=True)  # type: ignore[attr-defined]  # with the files of the others

    notes: list[str] = []
    report = back_up(home.folder, target, home.clock, notes.append, step)
    again, done = restored(home, target)
    with again:
        assert again.check().problems == []
        assert done.passages
        taken_again = at in ("catalog copied", "a file copied")
        assert len(notes) == taken_again
        assert again.state() == (home.state() if taken_again else state)
    assert report.backup.passages is not None


def test_an_index_without_anything_in_it_can_be_saved(home: Home, target: Path) -> None:
    saved(home, target)
    again, done = restored(home, target)
    with again:
        assert again.state() == home.state()
        assert not done.passages


def test_what_is_no_place_for_a_backup_is_refused_in_one_line(
    home: Home, folder: FakeFolder, target: Path
) -> None:
    write(home, folder, "one")
    with pytest.raises(UsageError, match="lies in the data folder"):
        saved(home, home.folder / "backup")
    file = home.folder.parent / "file"
    file.touch()
    with pytest.raises(UsageError, match="is not a folder"):
        saved(home, file)
    with pytest.raises(UsageError, match="holds something that is no backup"):
        saved(home, home.folder.parent)
    assert not (home.folder.parent / "catalog").exists()
    with pytest.raises(StoreError, match="nothing is indexed"):
        back_up(home.folder.parent / "nowhere", target, home.clock)
    saved(home, target)
    with BackupFolder(target).alone(), pytest.raises(BusyError, match="under way"):
        saved(home, target)


def test_the_backup_of_another_index_is_not_overwritten(home: Home, folder: FakeFolder, target: Path) -> None:
    write(home, folder, "one")
    saved(home, target)
    with Home(home.folder.parent / "other", lance=True, clock=home.clock) as other:
        write(other, FakeFolder(home.clock, "fake:elsewhere"), "two")
        with pytest.raises(UsageError, match="the backup of another index"):
            saved(other, target)
    again, _ = restored(home, target)
    with again:
        same(home, again)


def test_only_an_empty_data_folder_is_restored_to(home: Home, folder: FakeFolder, target: Path) -> None:
    write(home, folder, "one")
    saved(home, target)
    with pytest.raises(UsageError, match=r"data is not empty \(catalog\.sqlite"):
        restore(target, home.folder, home.clock)
    empty = home.folder.parent / "empty"
    empty.mkdir()
    restore(target, empty, home.clock)


def test_what_is_no_complete_backup_is_refused(home: Home, folder: FakeFolder, target: Path) -> None:
    write(home, folder, "one")
    for place, reason in ((target, "no folder that"), (home.folder, "no folder that")):
        with pytest.raises(NotFoundError, match=reason):
            restore(place, home.folder.parent / "again", home.clock)
    BackupFolder(target).prepare()
    with pytest.raises(NotFoundError, match="no backup in it was finished"):
        restore(target, home.folder.parent / "again", home.clock)
    saved(home, target)
    (target / "backup.json").write_text("{")
    with pytest.raises(DamagedStoreError, match=r"backup\.json is damaged"):
        restore(target, home.folder.parent / "again", home.clock)
    saved(home, target)  # another one takes its place
    restore(target, home.folder.parent / "again", home.clock)


def test_a_backup_of_a_newer_release_is_refused(home: Home, folder: FakeFolder, target: Path) -> None:
    write(home, folder, "one")
    home.sql("PRAGMA user_version = 900")
    with pytest.raises(NewerSchemaError):
        saved(home, target)
    home.sql(f"PRAGMA user_version = {migrations()[-1][0]}")
    saved(home, target)
    told = json.loads((target / "backup.json").read_text())
    (target / "backup.json").write_text(json.dumps(told | {"format": 2}))
    with pytest.raises(NewerSchemaError):
        restore(target, home.folder.parent / "again", home.clock)


def test_a_damaged_catalog_or_original_stops_the_restore_before_anything_is_written(
    home: Home, folder: FakeFolder, target: Path
) -> None:
    write(home, folder, "one")
    report = saved(home, target)
    again = home.folder.parent / "again"
    original = next((target / "originals").glob("??/*.zst"))
    whole = original.read_bytes()
    original.write_bytes(whole[:-1])
    with pytest.raises(DamagedStoreError, match="1 originals in the backup"):
        restore(target, again, home.clock)
    assert not again.exists()
    accepted = restore(target, again, home.clock, accept_losses=True)
    assert (accepted.originals, len(accepted.lost)) == (0, 1)
    original.write_bytes(whole)
    catalog = BackupFolder(target).catalog_file(report.backup.id)
    catalog.write_bytes(catalog.read_bytes() + b"\0")
    with pytest.raises(DamagedStoreError, match="the catalog of the backup"):
        restore(target, home.folder.parent / "other", home.clock)


def test_damaged_passages_are_made_anew_from_the_catalog(
    home: Home, folder: FakeFolder, target: Path
) -> None:
    write(home, folder, "one")
    saved(home, target)
    for file in (target / "passages").iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    again, done = restored(home, target)
    with again:
        assert not done.passages
        assert "are damaged" in done.remarks[0]
        again.backfill(folder)
        assert again.table_rows() == home.table_rows()
        same(home, again)


def test_an_original_that_is_missing_in_the_data_folder_stops_no_backup(
    home: Home, folder: FakeFolder, target: Path
) -> None:
    write(home, folder, "one")
    write(home, folder, "two")
    (gone, *_) = (home.folder / "originals").glob("??/*.zst")
    gone.unlink()
    notes: list[str] = []
    report = back_up(home.folder, target, home.clock, notes.append)
    assert len(report.backup.missing) == 1
    assert "indexer check --deep" in notes[0]
    again, done = restored(home, target)
    with again:
        assert again.state() == home.state()
        assert done.lost == report.backup.missing


def test_a_backup_that_names_files_elsewhere_is_damaged(home: Home, folder: FakeFolder, target: Path) -> None:
    write(home, folder, "one")
    saved(home, target)
    told = json.loads((target / "backup.json").read_text())
    told["passages"]["files"][0]["path"] = "../../elsewhere"
    (target / "backup.json").write_text(json.dumps(told))
    with pytest.raises(DamagedStoreError, match="outside the folder"):
        restore(target, home.folder.parent / "again", home.clock)
