"""A look at a few places in the middle of a scan of the same source, or of a larger look: it overtakes, and nothing comes twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random  # noqa: TID251 - seeded: the same steps in every run

import pytest

from indexer.errors import SourceError
from indexer.ingest.backfill import Backfill
from indexer.ingest.embedding_ahead import JOB
from indexer.ingest.index import IngestLimits
from indexer.ingest.turns import Urgency
from indexer.ingest.writing import Writer
from indexer.ports import Content, Embedder, Vectors
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, configured, fast_folder

SMALL = IngestLimits(batch_documents=2, batch_passages=4)


def scan_with(
    home: Home,
    folder: FakeFolder,
    meanwhile: Callable[[int], tuple[str, ...]],
    scopes: tuple[str, ...] | None = None,
    *,
    listing: bool = False,
) -> int:
    """A complete scan, or a look at `scopes`, in which something happens and is looked at; how often that was.

    After each commit, and with `listing` also for each file that is listed or hashed.
    """
    source = configured(folder)
    count, before = 0, home.steps.passed.count("catalog committed")

    def between() -> None:
        nonlocal count
        if not larger.overtakable(source):
            return
        if not listing and home.steps.passed.count("catalog committed") == before:
            return
        count += 1
        hinted = meanwhile(count)
        if hinted:
            looks.update(source, quick_writer, scopes=hinted)

    index = replace(home.index, between=between)
    quick = replace(home.index, urgency=Urgency.CHANGES)
    larger = Backfill(index)
    looks = Backfill(quick, beside=larger)
    quick_writer = Writer(quick, upkeep=False)
    larger.update(source, Writer(index, upkeep=False), scopes=scopes)
    return count


class Waiting:
    """An embedder that does not begin before something happened."""

    def __init__(self, embedder: Embedder, happened: threading.Event) -> None:
        self._embedder = embedder
        self._happened = happened
        self.fingerprint = embedder.fingerprint
        self.dimension = embedder.dimension
        self.counter = embedder.counter
        self.embed_query = embedder.embed_query

    def embed(self, texts: Sequence[str]) -> Vectors:
        assert self._happened.wait(60)
        return self._embedder.embed(texts)


class Failing(FakeFolder):
    """A folder that is gone once this file is read, as a share is whose server dies."""

    fatal = ""

    def _read(self, key: str) -> Content:
        if key == self.fatal:
            raise SourceError("the server is gone", remedy="bring it back", code="not-answering")
        return super()._read(key)


@pytest.fixture
def home() -> Home:
    return Home(fast_folder("overtaking-"), limits=SMALL)


def same_as_a_scan(home: Home, folder: FakeFolder) -> None:
    """Another scan finds nothing new, and everything holds."""
    sizes = home.sizes()
    home.backfill(folder)
    assert home.sizes() == sizes
    assert home.check().problems == []


@pytest.mark.parametrize("scopes", [None, ("",), tuple(f"{number:02}.md" for number in range(20))])
def test_what_is_saved_while_much_else_is_indexed_is_there_before_that_ends(
    home: Home, scopes: tuple[str, ...] | None
) -> None:
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

    scan_with(home, folder, meanwhile, scopes)
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
    assert set(home.keys()) == set(folder.files)
    assert len(folder.files) == 20
    same_as_a_scan(home, folder)


def test_what_a_look_committed_before_it_failed_is_not_indexed_once_more(home: Home) -> None:
    folder = Failing(home.clock)
    for number in range(20):
        folder.write(f"{number:02}.md", f"Old text {number}.".encode())

    def meanwhile(count: int) -> tuple[str, ...]:
        folder.fatal = "19.md" if count == 2 else ""
        return ("16.md", "17.md", "18.md", "19.md") if count == 2 else ()

    scan_with(home, folder, meanwhile)
    home.backfill(folder)
    with home.index.catalog.snapshot() as snapshot:
        assert len(snapshot.versions_of()) == len(folder.files), "each document is there once"
    same_as_a_scan(home, folder)


def test_what_moved_is_not_overtaken_while_it_is_embedded(home: Home) -> None:
    folder = FakeFolder(home.clock)
    many = range(2 * JOB)
    for number in many:
        folder.write(f"{number:02}.md", f"# Title {number}\n\nOld text {number}.\n".encode())
    home.backfill(folder)
    for number in many:
        folder.move(f"{number:02}.md", f"moved/{number:02}.md")
        folder.write(f"moved/{number:02}.md", f"# Title {number}\n\nOld text {number}.\n\nMore.\n".encode())
    source = configured(folder)
    asked = threading.Event()
    refused = 0

    def between() -> None:
        nonlocal refused
        if not larger.overtakable(source):
            refused += 1
            asked.set()
        elif refused:
            assert set(home.keys()) == set(folder.files)

    embedder = Waiting(home.index.embedder, asked)
    index = replace(home.index, between=between, embedder=embedder)
    larger = Backfill(index)
    larger.update(source, Writer(index, upkeep=False))
    assert refused
    same_as_a_scan(home, folder)


def at_each_file(what: dict[int, Callable[[], tuple[str, ...]]]) -> Callable[[int], tuple[str, ...]]:
    """At the moment of this number do this, and look there."""
    return lambda count: what[count]() if count in what else ()


def edited(home: Home, folder: FakeFolder, key: str, text: str) -> Callable[[], tuple[str, ...]]:
    """Somebody saves a file."""

    def act() -> tuple[str, ...]:
        home.clock.advance()
        folder.write(key, text.encode())
        return (key,)

    return act


def texts_of(home: Home, key: str) -> list[str]:
    """Of all versions of a document, oldest first."""
    versions = home.queries().history(key).versions
    return [home.queries().show(f"{key}@{entry.version.number}").text for entry in versions][::-1]


def indexed_folder(home: Home, files: int = 6) -> FakeFolder:
    """A folder that is up to date, of which every file was edited since."""
    folder = FakeFolder(home.clock)
    for number in range(files):
        folder.write(f"{number}.md", f"First text {number}.".encode())
    home.clock.advance()
    home.backfill(folder)
    for number in range(files):
        home.clock.advance()
        folder.write(f"{number}.md", f"Second text {number}.".encode())
    home.clock.advance()
    return folder


LISTING, HASHING = 3, 12
"""Moments in the listing of `indexed_folder`, and in the hashing of what it listed."""


@pytest.mark.parametrize("moment", [LISTING, HASHING])
def test_what_is_saved_while_the_source_is_listed_or_hashed_is_there_at_once_and_stays(
    home: Home, moment: int
) -> None:
    folder = indexed_folder(home)
    there: list[str] = []

    def look(count: int) -> tuple[str, ...]:
        if count == moment + 1:
            there.append(home.queries().show("4.md").text)
            assert home.queries().show("3.md").text == "First text 3.", "the scan has committed nothing"
        return edited(home, folder, "4.md", "Third text.")() if count == moment else ()

    scan_with(home, folder, look, listing=True)
    assert there == ["Third text."]
    assert texts_of(home, "4.md") == ["First text 4.", "Third text."]
    assert texts_of(home, "3.md") == ["First text 3.", "Second text 3."]
    same_as_a_scan(home, folder)


@pytest.mark.parametrize("moment", [LISTING, HASHING])
def test_a_file_that_moves_while_the_source_is_listed_or_hashed_is_one_document(
    home: Home, moment: int
) -> None:
    folder = indexed_folder(home)
    folder.write("4.md", b"First text 4.")
    document = home.keys()["4.md"]

    def move() -> tuple[str, ...]:
        folder.move("4.md", "moved.md")
        return "4.md", "moved.md"

    scan_with(home, folder, at_each_file({moment: move}), listing=True)
    assert home.keys()["moved.md"] == document
    assert home.keys().keys() == set(folder.files)
    same_as_a_scan(home, folder)


@pytest.mark.parametrize("moment", [LISTING, HASHING])
def test_what_is_deleted_and_created_while_the_source_is_listed_or_hashed_is_believed_as_it_is_now(
    home: Home, moment: int
) -> None:
    folder = indexed_folder(home)

    def replaced() -> tuple[str, ...]:
        folder.delete("4.md")
        folder.write("new/5.md", b"A new text.")
        return "4.md", "new"

    scan_with(home, folder, at_each_file({moment: replaced}), listing=True)
    assert home.keys().keys() == set(folder.files)
    same_as_a_scan(home, folder)


def test_a_failure_that_a_look_found_over_is_not_put_back_by_the_scan_that_met_it_before(home: Home) -> None:
    folder = indexed_folder(home)
    folder.make_unreadable("0.md")

    def mended() -> tuple[str, ...]:
        assert "0.md" in folder.reads
        folder.make_readable("0.md")
        return ("0.md",)

    folder.reads.clear()
    scan_with(home, folder, at_each_file({HASHING: mended}), listing=True)
    assert home.queries().status().sources[0].failed == 0
    assert home.queries().show("0.md").text == "Second text 0."
    same_as_a_scan(home, folder)


@pytest.mark.parametrize("listing", [False, True])
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("scopes", [None, ("a", "b", "c")])
def test_whatever_happens_meanwhile_the_end_is_as_if_it_had_happened_before_or_after(
    home: Home, seed: int, scopes: tuple[str, ...] | None, listing: bool
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
        if listing and chance.random() > 0.2:
            return ()
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

    assert scan_with(home, folder, meanwhile, scopes, listing=listing) > 2
    home.clock.advance()
    home.backfill(folder)
    assert home.keys().keys() == set(folder.files)
    for key in folder.files:
        assert home.queries().show(key).text == folder.files[key].data.decode()
    same_as_a_scan(home, folder)
