"""What becomes of an index when sources are away, empty, locked or changing: nothing is buried without proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.files import FilesConnector
from connectors.files.settings import FilesSettings
from indexer.ingest.index import ConfiguredSource
from indexer.model import Source, VersionKind
from indexer.ports import Event, Observed
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.privileges import permissions_enforced


def _fill(share: Path, count: int) -> None:
    for number in range(count):
        (share / f"{number}.md").write_text(f"{number} days.")


def _state(home: Home) -> Source:
    with home.index.catalog.snapshot() as snapshot:
        return snapshot.sources()[0]


# --- roots and deletions --------------------------------------------------------------------------


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


# --- files that change under the reader -----------------------------------------------------------


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


# --- permissions ----------------------------------------------------------------------------------


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
