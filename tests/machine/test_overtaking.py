"""A look at a few places in the middle of a complete scan of the same source: it overtakes, and nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random  # noqa: TID251 - seeded: the same steps in every run

import pytest

from indexer.ingest.backfill import Backfill
from indexer.ingest.index import IngestLimits
from indexer.ingest.turns import Urgency
from indexer.ingest.writing import Writer
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, configured, fast_folder

SMALL = IngestLimits(batch_documents=2, batch_passages=4)


def scan_with(home: Home, folder: FakeFolder, meanwhile: Callable[[int], tuple[str, ...]]) -> int:
    """A complete scan, in which after each commit something happens and is looked at; how often that was."""
    source = configured(folder)
    count = 0

    def between() -> None:
        nonlocal count
        count += 1
        scopes = meanwhile(count)
        if scopes:
            looks.update(source, quick_writer, scopes=scopes)

    index = replace(home.index, between=between)
    quick = replace(home.index, urgency=Urgency.CHANGES)
    scans = Backfill(index)
    looks = Backfill(quick, beside=scans)
    quick_writer = Writer(quick, upkeep=False)
    scans.update(source, Writer(index, upkeep=False))
    return count


@pytest.fixture
def home() -> Home:
    return Home(fast_folder("overtaking-"), limits=SMALL)


def same_as_a_scan(home: Home, folder: FakeFolder) -> None:
    """Another scan finds nothing new, and everything holds."""
    sizes = home.sizes()
    home.backfill(folder)
    assert home.sizes() == sizes
    assert home.check().problems == []


def test_what_is_saved_during_a_first_import_is_there_before_it_ends(home: Home) -> None:
    folder = FakeFolder(home.clock)
    for number in range(20):
        folder.write(f"{number:02}.md", f"Old text {number}.".encode())
    seen_at: list[int] = []

    def meanwhile(count: int) -> tuple[str, ...]:
        if count == 2:
            home.clock.advance()
            folder.write("19.md", b"New text.")
            return ("19.md",)
        if count == 3:
            seen_at.append(len(home.keys()))
            assert [entry.version.number for entry in home.queries().history("19.md").versions] == [1]
            assert home.queries().show("19.md").text == "New text."
        return ()

    scan_with(home, folder, meanwhile)
    assert seen_at[0] < 20
    assert len(home.queries().history("19.md").versions) == 1
    same_as_a_scan(home, folder)


def test_a_document_that_moves_during_the_import_of_others_is_one_document(home: Home) -> None:
    folder = FakeFolder(home.clock)
    for number in range(20):
        folder.write(f"{number:02}.md", f"Old text {number}.".encode())

    def meanwhile(count: int) -> tuple[str, ...]:
        if count == 2:
            folder.move("18.md", "moved.md")
            return ("18.md", "moved.md")
        return ()

    scan_with(home, folder, meanwhile)
    keys = home.keys()
    assert "moved.md" in keys
    assert "18.md" not in keys
    assert len(keys) == 20
    same_as_a_scan(home, folder)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_during_a_scan_the_end_is_as_if_it_had_happened_before_or_after(
    home: Home, seed: int
) -> None:
    chance = Random(seed)
    folder = FakeFolder(home.clock)
    names = [f"{folder_}/{number}.md" for folder_ in "abc" for number in range(6)]
    for name in names:
        folder.write(name, f"First text of {name}.".encode())
    home.backfill(folder)
    for name in chance.sample(names, 10):
        home.clock.advance()
        folder.write(name, f"Second text of {name}.".encode())
    folder.delete(chance.choice(names))
    there = sorted(folder.files)

    def meanwhile(count: int) -> tuple[str, ...]:
        home.clock.advance()
        name = chance.choice(there)
        match chance.randrange(4):
            case 0:
                folder.write(name, f"Text {count} of {name}.".encode())
                return (name,)
            case 1 if name in folder.files:
                folder.delete(name)
                return (name.partition("/")[0],)
            case 2 if name in folder.files:
                target = f"{name}.{count}.md"
                folder.move(name, target)
                there.append(target)
                return (name, target)
        return ()

    assert scan_with(home, folder, meanwhile) > 2
    home.clock.advance()
    home.backfill(folder)
    assert home.keys().keys() == set(folder.files)
    for key in folder.files:
        assert home.queries().show(key).text == folder.files[key].data.decode()
    same_as_a_scan(home, folder)
