"""Full disks, newer releases, second writers; and forecasts, which write nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.errors import BusyError, NewerSchemaError, StorageFullError
from indexer.model import Row
from indexer.ports import StoredPassage
from indexer.store.catalog.catalog import FILE_NAME
from indexer.store.lock import writer_lock
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.memory_passages import MemoryPassages

ROOT = Path(__file__).parents[2]


# --- disks, schemas, writers ----------------------------------------------------------------------


class FullStore(MemoryPassages):
    """A table on a disk that is full."""

    full = False

    def commit(self, add: Sequence[StoredPassage], change: Sequence[Row]) -> int:
        if self.full:
            raise StorageFullError("the disk is full", remedy="free some space")
        return super().commit(add, change)


def test_a_full_disk_stops_the_run_loses_nothing_and_is_made_up_for_later(place: Path) -> None:
    store = FullStore()
    with Home(place / "full", store=lambda *_: store) as home:
        folder = FakeFolder(home.clock)
        folder.write("a.md", b"Alpha days.")
        home.clock.advance()
        home.backfill(folder)
        store.full = True
        folder.write("a.md", b"Other days.")
        folder.write("b.md", b"Beta days.")
        home.clock.advance()
        for _ in range(2):
            with pytest.raises(StorageFullError):
                home.backfill(folder)
            assert home.queries().show("a.md").text == "Alpha days."
            assert home.check().problems == []
        store.full = False
        home.backfill(folder)
        assert home.queries().show("a.md").text == "Other days."
        assert home.check().problems == []


_FULL = """
set -e
mount -t tmpfs -o size=8m none "$1"
exec "$2" -m "$4" "$1" "$3"
"""


@pytest.mark.parametrize(("module", "beside"), [("full_disk", "share"), ("full_backup", ".")])
def test_a_disk_that_is_really_full_is_named_and_what_was_committed_or_saved_stands(
    place: Path, module: str, beside: str
) -> None:
    """In a mount namespace of its own, where any user may mount a small memory disk if the kernel lets them."""
    (place / "small").mkdir()
    allowed = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(place / "small")],
        check=False,
        capture_output=True,
    )
    if allowed.returncode != 0:
        pytest.skip(f"no namespaces here: {allowed.stderr.decode().strip()}")
    arguments = [str(place / "small"), sys.executable, str(place / beside), f"tests.fault.{module}"]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", _FULL, "sh", *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["full", "whole", "made", "up"]


def test_an_index_of_a_newer_release_is_not_touched(home: Home) -> None:
    home.sql("PRAGMA user_version = 99")
    home.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    home.close()
    before = (home.folder / FILE_NAME).read_bytes()
    with pytest.raises(NewerSchemaError, match="newer release"):
        home.reopen()
    assert (home.folder / FILE_NAME).read_bytes() == before
    assert not list(home.folder.glob("passages*"))


def test_a_second_writer_is_turned_away_at_once(place: Path, home: Home) -> None:
    with writer_lock(home.folder, home.clock):
        with pytest.raises(BusyError, match=str(os.getpid())), writer_lock(home.folder, home.clock):
            pass
        command = [
            sys.executable,
            "-m",
            "tests.fault.process",
            "write",
            str(home.folder),
            str(place / "share"),
        ]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        assert done.returncode != 0
        assert f"BusyError: process {os.getpid()} is writing to {home.folder}" in done.stderr
    with writer_lock(home.folder, home.clock):
        pass


# --- forecasts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [1, 3, 100])
def test_a_forecast_of_a_history_says_what_the_run_then_does_and_writes_nothing(
    home: Home, every: int
) -> None:
    wiki = FakeConnector(checkpoint_every=every)
    for number in range(5):
        wiki.observe("page", f"{number} days.\n\n## Rest\n\nSame.".encode(), at=number)
        wiki.observe(f"page {number}", b"Shared days.", at=number)
    wiki.rename("page", "renamed", at=9)
    before = home.sizes()
    report = home.backfill(wiki, dry_run=True)
    forecast = report.sources[0].forecast
    assert forecast is not None
    assert home.sizes() == before
    assert home.index.table().newest() is None
    done = home.backfill(wiki).sources[0]
    assert (forecast.versions, forecast.passages, forecast.tokens) == (
        done.versions_added,
        done.passages_embedded,
        done.tokens_embedded,
    )


def test_a_forecast_of_a_folder_says_what_the_run_then_does_and_writes_nothing(
    home: Home, folder: FakeFolder
) -> None:
    for number in range(7):
        folder.write(f"{number}.md", f"{number} days.\n\n## Rest\n\nSame.".encode())
    home.clock.advance()
    forecast = home.backfill(folder, dry_run=True).sources[0].forecast
    assert forecast is not None
    assert home.sizes()["version"] == 0
    assert not (home.folder / "originals").exists()
    done = home.backfill(folder).sources[0]
    assert (forecast.versions, forecast.passages) == (done.versions_added, done.passages_embedded)
