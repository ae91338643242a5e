"""A state that was purged stays purged whenever its source shows it again; an edited one is a new state."""

from __future__ import annotations

import pytest

from indexer.errors import PurgedError
from indexer.ingest.reports import SourceReport
from indexer.model import VersionKind
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.purging import purged

MINUTE = 60_000_000
SECRET, OTHER, THIRD = (
    b"# Leave\n\nThe password is swordfish.\n",
    b"# Leave\n\nAsk the office.\n",
    b"# Third\n\nText.\n",
)


def run(home: Home, folder: FakeFolder, *, accept_deletions: bool = False) -> SourceReport:
    home.clock.advance(MINUTE)
    report = home.backfill(folder, accept_deletions=accept_deletions).sources[0]
    home.clock.advance(MINUTE)
    assert home.check().problems == []
    assert home.table_rows() == home.catalog_rows()
    return report


def states(home: Home, reference: str) -> list[str]:
    """A document's versions, oldest first: what each is, as far as anybody may know."""
    history = home.queries().history(reference)
    return [
        "deleted" if v.version.kind is VersionKind.TOMBSTONE else "purged" if v.version.purged else "text"
        for v in reversed(history.versions)
    ]


@pytest.fixture
def doc(home: Home, folder: FakeFolder) -> str:
    """The id of a document whose only state was purged, and still lies on the share; another is beside it."""
    folder.write("secret.md", SECRET)
    folder.write("other.md", OTHER)
    run(home, folder)
    found = home.document_id("secret.md")
    purged(home, "secret.md")
    return found


def test_a_file_that_lies_there_as_it_was_is_neither_read_nor_spoken_of(
    home: Home, folder: FakeFolder, doc: str
) -> None:
    folder.reads.clear()
    before = home.sizes()
    report = run(home, folder)
    assert (folder.reads, report.remarks, report.versions_added) == ([], [], 0)
    assert home.sizes() == before


def test_a_touched_one_is_read_and_stays_away(home: Home, folder: FakeFolder, doc: str) -> None:
    folder.set_mtime("secret.md", home.clock.now())
    assert run(home, folder).versions_added == 0
    assert states(home, doc) == ["purged"]
    assert list(home.index.originals.hashes()) == [
        home.queries().history("other.md").versions[0].version.content_hash
    ]


def test_a_moved_one_is_said_once_and_stays_away(home: Home, folder: FakeFolder, doc: str) -> None:
    folder.move("secret.md", "elsewhere/secret.md")
    report = run(home, folder)
    assert states(home, doc) == ["purged", "purged"]
    assert len(report.remarks) == 1
    assert doc in report.remarks[0]
    assert "stays away" in report.remarks[0]
    assert "secret" not in report.remarks[0]
    again = run(home, folder)
    assert (again.remarks, again.versions_added) == ([], 0)


def test_an_edited_one_is_a_new_state_of_the_same_document(home: Home, folder: FakeFolder, doc: str) -> None:
    folder.write("secret.md", OTHER + b"\nMore.\n")
    assert run(home, folder).remarks == []
    assert states(home, doc) == ["purged", "text"]
    assert "More." in home.queries().show("secret.md").text
    assert home.queries().show("secret.md").document.id == doc


def test_one_that_is_put_back_stays_away(home: Home, folder: FakeFolder, doc: str) -> None:
    folder.write("secret.md", THIRD)
    run(home, folder)
    folder.write("secret.md", SECRET)
    assert len(run(home, folder).remarks) == 1
    assert states(home, doc) == ["purged", "text", "purged"]
    with pytest.raises(PurgedError, match=r"version 3 of .* was purged on"):
        home.queries().show(doc)


def test_a_deleted_one_is_buried_without_its_name(home: Home, folder: FakeFolder, doc: str) -> None:
    folder.delete("secret.md")
    run(home, folder)
    assert states(home, doc) == ["purged", "deleted"]
    assert home.sql("SELECT count(*) FROM placement WHERE key = 'secret.md'") == [(0,)]


@pytest.mark.parametrize(("content", "expected"), [(SECRET, "purged"), (THIRD, "text")])
def test_one_that_was_deleted_and_comes_back_goes_on_with_its_document(
    home: Home, folder: FakeFolder, doc: str, content: bytes, expected: str
) -> None:
    folder.delete("secret.md")
    run(home, folder)
    folder.write("secret.md", content)
    run(home, folder)
    assert states(home, doc) == ["purged", "deleted", expected]


def test_a_copy_of_it_stays_away_as_well(home: Home, folder: FakeFolder, doc: str) -> None:
    folder.copy("secret.md", "copy.md")
    report = run(home, folder)
    assert len(report.remarks) == 1
    with pytest.raises(PurgedError):
        home.queries().show("copy.md")
    assert run(home, folder).remarks == []


def test_a_copy_that_was_there_before_stays_and_so_do_its_moves(home: Home, folder: FakeFolder) -> None:
    folder.write("secret.md", SECRET)
    folder.write("copy.md", SECRET)
    run(home, folder)
    done = purged(home, "secret.md")
    assert any("other documents have the same bytes" in remark for remark in done.target.remarks)
    folder.move("copy.md", "moved.md")
    run(home, folder)
    assert "swordfish" in home.queries().show("moved.md").text
    assert states(home, "moved.md") == ["text", "text"]
    folder.set_mtime("secret.md", home.clock.now())
    run(home, folder)
    with pytest.raises(PurgedError):
        home.queries().show(done.target.document.id)


def test_one_that_could_not_be_read_when_it_came_back_stays_away(
    home: Home, folder: FakeFolder, doc: str
) -> None:
    folder.make_unreadable("secret.md")
    run(home, folder)
    folder.make_readable("secret.md")
    run(home, folder)
    assert states(home, doc) == ["purged", "purged"]
    assert not any(b"swordfish" in path.read_bytes() for path in home.folder.rglob("*") if path.is_file())


def test_a_file_that_no_parser_could_read_is_not_listed_as_a_failure_any_more(
    home: Home, folder: FakeFolder
) -> None:
    folder.write("odd.bin", b"\x00\x01" * 40)
    folder.write("other.md", OTHER)
    run(home, folder)
    assert [failure.key for failure in home.queries().failures().failures] == ["odd.bin"]
    purged(home, "odd.bin")
    folder.set_mtime("odd.bin", home.clock.now())
    run(home, folder)
    assert home.queries().failures().failures == ()


def test_an_empty_file_keeps_no_other_away(home: Home, folder: FakeFolder) -> None:
    folder.write("empty.md", b"")
    folder.write("other.md", OTHER)
    run(home, folder)
    purged(home, "empty.md")
    folder.write("empty too.md", b"")
    assert run(home, folder).remarks == []


def test_the_same_content_in_an_older_version_keeps_the_present_one(home: Home, folder: FakeFolder) -> None:
    for content in (SECRET, OTHER, SECRET):
        folder.write("a.md", content)
        run(home, folder)
    done = purged(home, "a.md@1")
    assert any("version 3 has the same content" in remark for remark in done.target.remarks)
    assert states(home, "a.md") == ["purged", "text", "text"]
    assert "swordfish" in home.queries().show("a.md").text
    folder.move("a.md", "b.md")
    run(home, folder)
    assert "swordfish" in home.queries().show("b.md").text


# --- sources with a history -------------------------------------------------------------------


def told_again(home: Home, wiki: FakeConnector) -> SourceReport:
    home.sql("UPDATE source SET cursor = NULL")
    home.clock.advance(MINUTE)
    report = home.backfill(wiki).sources[0]
    assert home.check().problems == []
    return report


def test_states_that_are_told_again_stay_away_without_being_read(home: Home, wiki: FakeConnector) -> None:
    wiki.observe("leave.md", OTHER, at=10, lineage="p")
    secret = wiki.observe("leave.md", SECRET, at=20, lineage="p", author="Al", labels=("2",))
    home.backfill(wiki)
    purged(home, "leave.md@2")
    before, wiki.reads = home.sizes(), []
    assert told_again(home, wiki).remarks == []
    assert secret not in wiki.reads
    assert home.sizes() == before
    assert home.sql("SELECT author, message, title FROM version WHERE sequence = 1001") == [(None,) * 3]
    with pytest.raises(PurgedError):
        home.queries().show("leave.md@label:2")  # a label that counts still names it


def test_withdrawn_and_told_again_it_stays_away(home: Home, wiki: FakeConnector) -> None:
    wiki.observe("leave.md", OTHER, at=10, lineage="p")
    secret = wiki.observe("leave.md", SECRET, at=20, lineage="p")
    wiki.observe("leave.md", THIRD, at=30, lineage="p")
    home.backfill(wiki)
    purged(home, "leave.md@2")
    wiki.withdraw("leave.md", secret, lineage="p")
    home.backfill(wiki)
    assert [v.version.number for v in home.queries().history("leave.md").versions] == [2, 1, None]
    wiki.observe("leave.md", SECRET, at=20, origin=secret, lineage="p", sequence=1001)
    home.backfill(wiki)
    assert states(home, "leave.md") == ["text", "purged", "text"]
    assert home.check().problems == []


def test_documents_that_are_known_by_their_paths_go_on_under_them(home: Home, wiki: FakeConnector) -> None:
    wiki.observe("leave.md", SECRET, at=10)
    home.backfill(wiki)
    doc = home.document_id("leave.md")
    purged(home, "leave.md")
    home.reopen()
    wiki.observe("leave.md", OTHER, at=20)
    home.backfill(wiki)
    assert states(home, doc) == ["purged", "text"]
    wiki.rename("leave.md", "absence.md", at=30)
    home.backfill(wiki)
    assert states(home, doc) == ["purged", "text", "text"]
    assert home.check().problems == []


def test_a_rename_of_what_was_purged_tells_no_name(home: Home, wiki: FakeConnector) -> None:
    wiki.observe("leave.md", SECRET, at=10)
    home.backfill(wiki)
    doc = home.document_id("leave.md")
    purged(home, "leave.md")
    wiki.rename("leave.md", "absence.md", at=30)
    wiki.remove("absence.md", at=40)
    home.backfill(wiki)
    assert states(home, doc) == ["purged", "purged", "deleted"]
    keys = {key for (key,) in home.sql("SELECT key FROM placement")}
    assert not keys & {"leave.md", "absence.md"}


def test_a_source_that_was_forgotten_and_is_configured_again_keeps_purged_states_away(
    home: Home, wiki: FakeConnector, folder: FakeFolder
) -> None:
    from indexer.stewardship.forget import forget, look_at

    wiki.observe("leave.md", OTHER, at=10)
    wiki.observe("leave.md", SECRET, at=20)
    folder.write("secret.md", SECRET)
    folder.write("other.md", OTHER)
    run(home, folder)
    home.backfill(wiki)
    purged(home, "leave.md@2")
    purged(home, "secret.md")
    for name in ("history", "folder"):
        forget(home.index, look_at(home.index, name, {}), "alice")
    assert home.sizes()["document"] == 0
    home.backfill(wiki)
    run(home, folder)
    assert states(home, "leave.md") == ["text", "purged"]
    assert states(home, "other.md") == ["text"]
    with pytest.raises(PurgedError):
        home.queries().show("secret.md")
