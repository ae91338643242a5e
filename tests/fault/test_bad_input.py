"""What sources, disks and people throw at an index: nothing is buried without proof, and each failure costs only itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.files import FilesConnector
from connectors.files.settings import FilesSettings
from indexer.errors import BusyError, NewerSchemaError, StorageFullError
from indexer.ingest.index import ConfiguredSource
from indexer.model import ParsedDocument, Row, Source, VersionKind
from indexer.parsing import Parsers
from indexer.ports import Event, Observed, StoredPassage
from indexer.query.results import Mode, Question
from indexer.store.catalog.catalog import FILE_NAME
from indexer.store.lock import writer_lock
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, canonical, fast_folder
from tests.support.memory_passages import MemoryPassages
from tests.support.privileges import permissions_enforced

ROOT = Path(__file__).parents[2]
LATER = 4_000_000_000_000_000
"""2096: long after every file was written, so that each is settled."""


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("bad-input-")
    (folder / "share").mkdir()
    yield folder
    subprocess.run(["chmod", "-R", "u+rwx", str(folder)], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def share(place: Path) -> Path:
    return place / "share"


@pytest.fixture
def home(place: Path) -> Iterator[Home]:
    with Home(place / "data", clock=FakeClock(LATER)) as home:
        yield home


@pytest.fixture
def source(share: Path, home: Home) -> ConfiguredSource:
    return ConfiguredSource("share", FilesConnector(FilesSettings(str(share)), home.clock))


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    return FakeFolder(home.clock)


def _fill(share: Path, count: int) -> None:
    for number in range(count):
        (share / f"{number}.md").write_text(f"{number} days.")


def _state(home: Home) -> Source:
    with home.index.catalog.snapshot() as snapshot:
        return snapshot.sources()[0]


# --- roots and deletions ----------------------------------------------------------------------


def test_a_missing_root_buries_nothing_and_is_said(home: Home, share: Path, source: ConfiguredSource) -> None:
    _fill(share, 3)
    home.backfill(source)
    share.rename(share.with_name("away"))
    report = home.backfill(source)
    assert not report.complete
    assert str(share) in report.sources[0].problems[0]
    assert len(home.keys()) == 3
    assert [(f.key, f.reason) for f in home.queries().failures().failures] == [("", "source-missing")]
    share.with_name("away").rename(share)
    home.clock.advance()
    assert home.backfill(source).complete
    assert _state(home).state == "ok"
    assert home.sizes()["version"] == 3


def test_an_emptied_root_is_refused_until_the_deletions_are_accepted(
    home: Home, share: Path, source: ConfiguredSource
) -> None:
    _fill(share, 3)
    home.backfill(source)
    before = home.sizes()
    for file in share.iterdir():
        file.unlink()
    report = home.backfill(source)
    assert "--accept-deletions" in report.sources[0].problems[0]
    assert home.sizes() == before
    assert len(home.keys()) == 3
    assert _state(home).state == "refused"
    assert home.backfill(source, accept_deletions=True).complete
    assert home.keys() == {}
    assert _state(home).state == "ok"
    assert home.queries().show("0.md@1").text == "0 days."


@pytest.mark.parametrize(("gone", "refused"), [(5, False), (6, True)])
def test_more_deletions_than_the_configured_share_are_refused(
    home: Home, share: Path, source: ConfiguredSource, gone: int, refused: bool
) -> None:
    _fill(share, 10)
    home.backfill(source)
    for number in range(gone):
        (share / f"{number}.md").unlink()
    (share / "new.md").write_text("New days.")
    report = home.backfill(source)
    assert bool(report.sources[0].problems) is refused
    assert len(home.keys()) == (10 if refused else 11 - gone)


def test_a_root_on_another_device_changes_nothing_until_it_is_accepted(
    home: Home, folder: FakeFolder
) -> None:
    for key in ("a.md", "b.md"):
        folder.write(key, key.encode())
    home.clock.advance()
    home.backfill(folder)
    folder.device = 2
    folder.delete("b.md")
    folder.write("a.md", b"another file of this name")
    folder.write("c.md", b"new")
    home.clock.advance()
    report = home.backfill(folder)
    assert not report.complete
    assert set(home.keys()) == {"a.md", "b.md"}
    assert home.queries().show("a.md").text == "a.md"
    assert home.backfill(folder, accept_deletions=True).complete
    assert set(home.keys()) == {"a.md", "c.md"}


def test_a_device_that_was_only_renumbered_is_no_problem(home: Home, folder: FakeFolder) -> None:
    folder.write("a.md", b"days")
    home.clock.advance()
    home.backfill(folder)
    folder.device = 2
    assert home.backfill(folder).complete
    folder.delete("a.md")
    folder.write("b.md", b"days")
    folder.write("c.md", b"other")
    assert home.backfill(folder).complete
    assert set(home.keys()) == {"b.md", "c.md"}


# --- files that change under the reader -------------------------------------------------------


class Vanishing(FilesConnector):
    """Deletes a file right after it was listed."""

    def __init__(self, share: Path, clock: FakeClock, victim: str) -> None:
        super().__init__(FilesSettings(str(share)), clock)
        self._file = share / victim
        self._victim = victim

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        for event in super().changes(cursor, scopes):
            yield event
            if isinstance(event, Observed) and event.key == self._victim:
                self._file.unlink(missing_ok=True)


def test_a_file_that_vanishes_between_listing_and_reading_leaves_no_trace(home: Home, share: Path) -> None:
    _fill(share, 3)
    vanishing = ConfiguredSource("share", Vanishing(share, home.clock, "1.md"))
    home.backfill(vanishing)
    assert set(home.keys()) == {"0.md", "2.md"}
    assert home.queries().failures().failures == ()
    assert home.check().problems == []


def test_a_known_file_that_vanishes_while_it_is_read_is_buried_by_the_next_scan_only(
    home: Home, share: Path, source: ConfiguredSource
) -> None:
    _fill(share, 3)
    home.backfill(source)
    home.clock.advance()
    (share / "1.md").write_text("Other days.")
    vanishing = ConfiguredSource("share", Vanishing(share, home.clock, "1.md"))
    home.backfill(vanishing)
    assert set(home.keys()) == {"0.md", "1.md", "2.md"}
    home.backfill(vanishing)
    assert set(home.keys()) == {"0.md", "2.md"}


def test_a_document_that_moved_and_cannot_be_read_a_second_time_is_not_lost(place: Path) -> None:
    """Its text was compared with the old one, and by the time that it is indexed it is being written."""
    from indexer.ingest.index import IngestLimits

    with Home(place / "small", limits=IngestLimits(held_bytes=0)) as home:
        folder = FakeFolder(home.clock)
        text = b"One two three four five six seven eight nine ten days."
        folder.write("old.md", text)
        folder.write("other.md", b"Other words that nobody confuses with these.")
        home.clock.advance()
        home.backfill(folder)
        document, other = home.document_id("old.md"), home.document_id("other.md")
        folder.move("old.md", "new.md")
        folder.move("other.md", "old.md")
        folder.write("new.md", text + b" And more.")
        read, reads = folder._read, []

        def fail_in_the_end(key: str) -> object:
            reads.append(key)
            if key == "new.md" and reads.count(key) == 3:
                folder.make_unreadable(key, "changing")
            return read(key)

        folder._read = fail_in_the_end  # type: ignore[method-assign,assignment]
        home.clock.advance()
        home.backfill(folder)
        assert reads.count("new.md") == 3
        folder.make_readable("new.md")
        home.clock.advance()
        home.backfill(folder)
        assert home.check().problems == []
        assert home.document_id("new.md") == document
        assert home.document_id("old.md") == other
        assert home.queries().show("new.md").text.endswith("And more.")
        assert len(home.keys()) == 2


# --- permissions ------------------------------------------------------------------------------


def test_a_file_without_permission_is_listed_and_read_when_it_is_given(
    home: Home, share: Path, source: ConfiguredSource
) -> None:
    _fill(share, 2)
    (share / "0.md").chmod(0)
    with permissions_enforced():
        report = home.backfill(source)
        assert report.sources[0].failed == 1
        assert [(f.key, f.reason) for f in home.queries().failures().failures] == [("0.md", "unreadable")]
        versions = home.queries().history("0.md").versions
        assert [entry.version.kind for entry in versions] == [VersionKind.UNREADABLE]
        assert home.queries().show("1.md").text == "1 days."
        home.clock.advance()
        (share / "0.md").chmod(0o600)
        assert home.backfill(source).complete
    assert home.queries().show("0.md").text == "0 days."
    assert len(home.queries().history("0.md").versions) == 1


def test_a_folder_without_permission_buries_nothing_in_it(
    home: Home, share: Path, source: ConfiguredSource
) -> None:
    _fill(share, 2)
    (share / "hr").mkdir()
    (share / "hr" / "leave.md").write_text("Twenty days.")
    home.backfill(source)
    (share / "hr").chmod(0)
    (share / "0.md").unlink()
    with permissions_enforced():
        report = home.backfill(source)
    assert not report.complete
    assert set(home.keys()) == {"1.md", "hr/leave.md"}
    assert [(f.key, f.reason) for f in home.queries().failures().failures] == [("hr", "permission")]
    (share / "hr").chmod(0o700)
    (share / "hr" / "leave.md").unlink()
    assert home.backfill(source).complete
    assert set(home.keys()) == {"1.md"}


def test_a_document_that_moves_within_sight_keeps_its_own_record_after_its_folder_was_out_of_sight(
    home: Home, folder: FakeFolder
) -> None:
    """What a scan wrote of a key early must not be written over with what was known before."""
    for key in ("sub/a.md", "sub/b.md"):
        folder.write(key, f"The days of {key}.".encode())
    home.clock.advance()
    home.backfill(folder)
    first, second = home.document_id("sub/a.md"), home.document_id("sub/b.md")
    folder.hide("sub")
    home.backfill(folder)
    folder.show("sub")
    folder.swap("sub/a.md", "sub/b.md")
    home.clock.advance()
    home.backfill(folder)
    for _ in range(2):
        home.clock.advance()
        assert home.backfill(folder).sources[0].versions_added == 0
        assert (home.document_id("sub/a.md"), home.document_id("sub/b.md")) == (second, first)
        assert [row[0] for row in home.sql("SELECT count(DISTINCT document_no) FROM seen")] == [2]


def test_a_key_that_another_document_took_stays_its_own_when_the_first_cannot_be_read(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("a.md", b"Alpha days.")
    folder.write("b.md", b"Beta days, of another length.")
    home.clock.advance()
    home.backfill(folder)
    alpha, beta = home.document_id("a.md"), home.document_id("b.md")
    folder.move("a.md", "c.md")
    folder.make_unreadable("c.md")
    folder.move("b.md", "a.md")
    home.clock.advance()
    home.backfill(folder)
    assert dict(home.sql("SELECT key, document_no FROM seen")) == home.keys()
    assert (home.document_id("c.md"), home.document_id("a.md")) == (alpha, beta)
    folder.delete("a.md")
    home.clock.advance()
    home.backfill(folder)
    assert set(home.keys()) == {"c.md"}


def test_a_document_without_a_parser_stays_on_the_list_under_its_new_name(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("old.bin", b"\x00\x01\x02" * 20)
    home.clock.advance()
    home.backfill(folder)
    assert [f.key for f in home.queries().failures().failures] == ["old.bin"]
    folder.move("old.bin", "new.bin")
    home.clock.advance()
    home.backfill(folder)
    assert [f.key for f in home.queries().failures().failures] == ["new.bin"]
    folder.delete("new.bin")
    folder.write("a.md", b"days")
    home.backfill(folder, accept_deletions=True)
    assert home.queries().failures().failures == ()


# --- strange contents -------------------------------------------------------------------------

STRANGE = {
    "zero bytes": b"",
    "only blanks": b" \n\t\n  \n",
    "invalid UTF-8": b"caf\xe9 \xff\xfe days \x80\x81",
    "mixed line ends": b"one\r\ntwo\rthree\nfour\r\n\r\nfive",
    "a byte order mark": b"\xef\xbb\xbf# Leave\n\nTwenty days.",
    "control characters": b"a\x0bb\x0cc\x1b[31md days",
    "a lone surrogate in its title": b'---\ntitle: "x \\uD800 y"\nversion: "\\uDFFF"\n---\n\nTwenty days.',
    "a lone surrogate as a reference": b"<html><body><h1>&#xD800; x</h1><p>days &#xDC00;</p></body></html>",
    "no end of line": b"Twenty days",
    "only headings": b"# A\n\n## B\n\n### C\n",
    "deep nesting": b">" * 500 + b" days",
    "an unclosed fence": b"```\nTwenty days.\n",
    "a table without rows": b"| a | b |\n| --- | --- |\n",
    "null bytes in text": b"Twenty\x00days",
    "emoji and right-to-left": "أيام 👩‍👩‍👧 dağ ǆ".encode(),
}


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.rst", "a.json", "a.yaml", "a.csv"])
@pytest.mark.parametrize("case", STRANGE)
def test_a_strange_document_costs_only_itself_and_is_shown_as_it_was_read(
    home: Home, folder: FakeFolder, case: str, name: str
) -> None:
    folder.write(name, STRANGE[case])
    folder.write("plain.md", b"Plain days.")
    home.clock.advance()
    home.backfill(folder)
    assert home.check().problems == []
    assert home.queries().show("plain.md").text == "Plain days."
    (version,) = (entry.version for entry in home.queries().history(name).versions)
    if version.kind is VersionKind.CONTENT:
        assert home.queries().show(name).text == canonical(home, STRANGE[case], name)
    else:
        assert [f.key for f in home.queries().failures().failures] == [name]
    for mode in Mode:
        home.queries().search(Question("days", mode=mode))


def test_binary_data_with_the_name_of_a_text_is_listed_and_not_indexed(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("picture.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    home.clock.advance()
    report = home.backfill(folder)
    assert report.sources[0].failed == 1
    (failure,) = home.queries().failures().failures
    assert failure.next_retry is None, "the same bytes would fail again"
    assert home.sizes()["passage"] == 0


def test_one_very_long_line_is_cut_into_passages_and_shown_whole(home: Home, folder: FakeFolder) -> None:
    line = " ".join(f"word{number % 9973} days" for number in range(150_000))
    assert len(line) > 2_000_000
    folder.write("long.txt", line.encode())
    home.clock.advance()
    home.backfill(folder)
    assert home.queries().show("long.txt").text == line
    assert home.sizes()["passage"] > 100
    limit = home.embedder.counter.limit
    assert max(home.embedder.counter.count(home.embedder.texts)) <= limit


class Faulty(Parsers):
    """A parser with a defect."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        if key == "bad.md":
            raise self._error
        return super().parse(data, key)


@pytest.mark.parametrize("error", [RecursionError("too deep"), ValueError("defect"), MemoryError()], ids=repr)
def test_a_defect_of_a_parser_costs_only_the_document_that_meets_it(place: Path, error: Exception) -> None:
    with Home(place / "faulty", parser=Faulty(error)) as home:
        folder, wiki = FakeFolder(home.clock), FakeConnector()
        folder.write("bad.md", b"days")
        folder.write("good.md", b"Good days.")
        wiki.observe("bad.md", b"days", at=1)
        wiki.observe("page", b"Page days.", at=1)
        home.clock.advance()
        home.backfill(folder, wiki)
        assert home.queries().show("good.md").text == "Good days."
        assert home.queries().show("page").text == "Page days."
        failures = home.queries().failures().failures
        assert len(failures) == 2
        assert all(type(error).__name__ in failure.detail for failure in failures)
        home.parser = Parsers()
        home.reopen()
        assert home.check().problems == []


# --- strange names ----------------------------------------------------------------------------

NAMES = (
    "it's.md",
    'say "days".md',
    "'; DROP TABLE document; --.md",
    "100%_[a-z]?*.md",
    "line\nbreak.md",
    "tab\there.md",
    "@latest.md",
    "a@2.md",
    "-rf.md",
    "räume/日本語/🌴.md",
    "$(reboot).md",
    "back\\slash.md",
    " leading and trailing .md",
    "\u202egnp.md",
)


def test_names_of_any_kind_are_indexed_shown_renamed_and_buried(
    home: Home, share: Path, source: ConfiguredSource
) -> None:
    for number, name in enumerate(NAMES):
        (share / name).parent.mkdir(parents=True, exist_ok=True)
        (share / name).write_text(f"{number} days.")
    home.backfill(source)
    queries = home.queries()
    for number, name in enumerate(NAMES):
        assert home.document_id(name)
        assert queries.show(home.document_id(name)).text == f"{number} days."
        assert queries.show(name).text == f"{number} days."
        paths = queries.search(Question("days", document=name)).hits
        assert [hit.text for hit in paths] == [f"{number} days."]
    ids = {name: home.document_id(name) for name in NAMES}
    home.clock.advance()
    for name in NAMES:
        (share / name).rename((share / name).with_name(f"moved {(share / name).name}"))
    home.backfill(source)
    assert sorted(map(home.document_id, home.keys())) == sorted(ids.values())
    assert home.check().problems == []


def test_a_name_that_is_no_utf8_is_indexed(home: Home, share: Path, source: ConfiguredSource) -> None:
    Path(os.fsdecode(os.fsencode(share) + b"/caf\xe9.md")).write_text("Twenty days.")
    home.backfill(source)
    (key,) = list(home.keys())
    assert home.queries().show(home.document_id(key)).text == "Twenty days."
    assert home.check().problems == []
    assert home.backfill(source).sources[0].versions_added == 0


# --- disks, schemas, writers ------------------------------------------------------------------


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
exec "$2" -m tests.fault.full_disk "$1" "$3"
"""


def test_a_disk_that_is_really_full_is_named_and_what_was_committed_stands(place: Path) -> None:
    """In a mount namespace of its own, where any user may mount a small memory disk if the kernel lets them."""
    (place / "small").mkdir()
    allowed = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(place / "small")],
        check=False,
        capture_output=True,
    )
    if allowed.returncode != 0:
        pytest.skip(f"no namespaces here: {allowed.stderr.decode().strip()}")
    arguments = [str(place / "small"), sys.executable, str(place / "share")]
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


# --- forecasts --------------------------------------------------------------------------------


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
