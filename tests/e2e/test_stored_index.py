"""What earlier releases stored can be read, and goes on; what later ones stored is left alone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import NewerSchemaError, NotFoundError, PurgedError, StoreError
from indexer.query.logged import verify
from indexer.query.results import Question
from indexer.store.catalog.catalog import FILE_NAME
from indexer.store.catalog.connection import connect, migrations
from tests.support.fake_clock import START, FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.stored_index import DAY, FIRST, NOTES, SECOND, SECRET, UID

STORED = sorted((Path(__file__).parents[1] / "data").glob("schema-*"))


@pytest.fixture(params=STORED, ids=lambda folder: folder.name)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "index"
    shutil.copytree(request.param, folder)
    home = Home(folder, lance=True, clock=FakeClock(START + 30 * DAY))
    yield home
    home.close()


def test_every_schema_up_to_this_releases_has_a_stored_index() -> None:
    assert [folder.name for folder in STORED] == [f"schema-{number}" for number, _ in migrations()]


def test_a_stored_index_answers_as_it_did(home: Home) -> None:
    queries = home.queries()
    assert queries.show("leave.md@1").text == FIRST.rstrip()
    assert queries.show("hr/leave.md").text == SECOND.rstrip()
    assert [entry.version.number for entry in queries.history("travel.md").versions] == [2, 1]
    hits = queries.search(Question("eight days of unused leave", k=1)).hits
    assert [hit.document.key for hit in hits] == ["hr/leave.md"]
    citation = queries.show("leave.md@1").passages[0].citation
    assert queries.cite(citation).text == FIRST.split("\n\n## Asking")[0]


def test_tags_that_a_stored_index_has_select_versions(home: Home, request: pytest.FixtureRequest) -> None:
    queries = home.queries()
    if "schema-1" in request.node.name:  # it has none, and says so as it always did
        with pytest.raises(NotFoundError, match='no version fits label "side"'):
            queries.show("hr/leave.md@label:side")
        return
    assert queries.show("hr/leave.md@v1").text == FIRST.rstrip()
    assert queries.show("hr/leave.md@side").version.version.number == 3
    with pytest.raises(NotFoundError, match="the document did not exist at tag side"):
        queries.show("notes.txt@side")


def test_what_a_stored_index_knows_of_documents_narrows_a_search(
    home: Home, request: pytest.FixtureRequest
) -> None:
    queries = home.queries()
    if request.node.callspec.id in ("schema-1", "schema-2"):  # nothing was said of any document yet
        assert queries.search(Question("leave", labels=("policy",))).hits == ()
        assert queries.show("hr/leave.md").description.labels == ()
        return
    assert queries.show("hr/leave.md").description.labels == ("hr", "policy")
    for scope in ({"labels": ("policy",)}, {"under": "HR/Leave"}):
        hits = queries.search(Question("leave", **scope)).hits  # type: ignore[arg-type]
        assert {hit.document.key for hit in hits} == {"hr/leave.md"}
    assert queries.search(Question("leave", labels=("draft",))).hits == ()


def test_what_was_purged_from_a_stored_index_stays_away(home: Home, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.id in ("schema-1", "schema-2", "schema-3"):  # nothing was purged yet
        assert home.index.catalog.unfinished_purges() == []
        return
    with pytest.raises(PurgedError, match="by alice: not for everybody"):
        home.queries().show("secret.md@1")
    share = FakeFolder(home.clock, UID)
    share.write("secret.md", SECRET.encode())
    (report,) = home.backfill(share, accept_deletions=True).sources
    assert any("stays away" in remark for remark in report.remarks)


def test_what_was_asked_of_a_stored_index_can_be_verified(home: Home, request: pytest.FixtureRequest) -> None:
    with home.index.catalog.snapshot() as snapshot:
        asked = [verify(snapshot, query) for query in snapshot.logged_queries()]
    if request.node.callspec.id in ("schema-1", "schema-2", "schema-3", "schema-4"):  # nothing was kept yet
        assert asked == []
        return
    (one,) = asked
    assert (one.query.question, one.query.who, len(one.query.citations)) == ("unused leave", "alice", 1)
    assert one.problems == ()


def test_a_stored_index_is_whole(home: Home) -> None:
    assert home.check().problems == []


def test_a_stored_index_goes_on_where_it_was(home: Home) -> None:
    share = FakeFolder(home.clock, UID)
    share.write("hr/leave.md", SECOND.replace("eight", "ten").encode())
    share.write("notes.txt", NOTES.encode())

    report = home.backfill(share)

    assert [source.versions_added for source in report.sources] == [1]
    assert len(home.embedder.texts) == 1
    assert home.queries().history("leave.md").versions[0].version.number == 4
    assert home.check().problems == []


def test_an_older_schema_is_migrated_by_the_writer_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    shutil.copy(STORED[0] / FILE_NAME, path)
    newer = [*migrations(), (len(migrations()) + 1, "CREATE TABLE added (no INTEGER PRIMARY KEY);")]

    with pytest.raises(StoreError, match="older release"):
        connect(path, known=newer)
    connect(path, migrate=True, known=newer).close()

    with sqlite3.connect(path) as catalog:
        assert catalog.execute("PRAGMA user_version").fetchone() == (newer[-1][0],)
        assert catalog.execute("SELECT count(*) FROM added").fetchone() == (0,)
        assert catalog.execute("SELECT count(*) FROM document").fetchone() == (3,)
    catalog.close()


def test_a_migration_that_fails_leaves_the_schema_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    shutil.copy(STORED[0] / FILE_NAME, path)
    broken = [
        *migrations(),
        (len(migrations()) + 1, "CREATE TABLE added (no INTEGER); SELECT nothing FROM nowhere;"),
    ]

    with pytest.raises(StoreError):
        connect(path, migrate=True, known=broken)

    with sqlite3.connect(path) as catalog:
        assert catalog.execute("PRAGMA user_version").fetchone() == (len(migrations()),)
        assert catalog.execute("SELECT name FROM sqlite_master WHERE name = 'added'").fetchall() == []
    catalog.close()


def test_a_newer_schema_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    shutil.copy(STORED[0] / FILE_NAME, path)
    with sqlite3.connect(path) as catalog:
        catalog.execute(f"PRAGMA user_version = {len(migrations()) + 1}")
    catalog.close()
    before = path.read_bytes()

    with pytest.raises(NewerSchemaError, match="newer release"):
        connect(path, migrate=True)

    assert path.read_bytes() == before
