"""The log of questions in the catalog: its bounds, its order, and that nothing of what was purged is left in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.ports.purges import PurgeRequest, PurgeScope
from indexer.ports.query_log import LoggedCitation, LoggedQuery
from indexer.store.catalog.catalog import Catalog
from tests.support.fake_clock import START, FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.purging import purged

LEAVE = "# Leave\n\nUp to five days carry over.\n"
PAY = "# Pay\n\nSalaries are paid on the last day.\n"
SECRET = "# Vault\n\nThe password is swordfish.\n"


def query(text: str, **changes: object) -> LoggedQuery:
    made = LoggedQuery(
        asked=START,
        question=text,
        options={"k": 3},
        interpretation="the present",
        recorded=START * 2,
        known_at=START * 2,
        citations=(LoggedCitation("indexer:s/d_1@v_1#p_1", START), LoggedCitation("indexer:s/d_1@v_2", None)),
        microseconds=41_000,
        who="alice",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def logged(catalog: Catalog, count: int | None = None) -> list[LoggedQuery]:
    with catalog.snapshot() as snapshot:
        return list(snapshot.logged_queries(count))


def questions(catalog: Catalog) -> list[str]:
    return [one.question for one in logged(catalog)]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path, create=True) as catalog:
        yield catalog


def test_a_question_comes_back_as_it_was_kept(catalog: Catalog) -> None:
    first, second = (
        query("one"),
        query("two", who=None, answer="exists: no", refused="not-found", citations=()),
    )
    assert catalog.log_queries([first, second], 0, 10) == 0
    assert logged(catalog) == [replace(second, no=2), replace(first, no=1)]
    assert [one.question for one in logged(catalog, 1)] == ["two"]


def test_what_is_too_old_or_too_much_goes(catalog: Catalog) -> None:
    catalog.log_queries([query(str(day), asked=START + day) for day in range(6)], 0, 10)
    catalog.log_queries([], START + 2, 10)
    assert questions(catalog) == ["5", "4", "3", "2"]
    catalog.log_queries([query("6")], 0, 3)
    assert questions(catalog) == ["6", "5", "4"]


def test_an_answer_that_saw_what_was_removed_since_is_not_kept(tmp_path: Path) -> None:
    home = indexed(tmp_path)
    catalog = home.index.catalog
    before = home.recorded
    home.clock.advance()
    request = PurgeRequest(PurgeScope.VERSION, 1, [], "no reason", "bob")
    asked_for = catalog.request_purge(request, home.clock).recorded
    between = [query("before", recorded=before), query("at it", recorded=asked_for)]
    assert catalog.log_queries([*between, query("after", recorded=asked_for + 1)], 0, 10) == 2
    assert questions(catalog) == ["after"]
    home.close()


# --- what was purged -------------------------------------------------------------------------


def indexed(tmp_path: Path) -> Home:
    home = Home(tmp_path / "index", clock=FakeClock())
    share = FakeFolder(home.clock, "fake:share")
    for key, text in (("leave.md", LEAVE), ("pay.md", PAY), ("hidden/vault.md", SECRET)):
        share.write(key, text.encode())
    home.backfill(share)
    return home


def cites(home: Home, key: str) -> LoggedQuery:
    citation = home.queries().show(key).passages[0].citation
    return query("something", citations=(LoggedCitation(citation, START),), recorded=home.recorded)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (query("is it SWORDFISH?"), False),
        (query("swordfishes"), True),  # another word, that never stood there
        (query("what is paid on the last day, and the password?"), False),
        (query("where is Hidden/Vault.md"), False),
        (query("x", interpretation="share:hidden/vault.md"), False),
        (query("x", options={"document": "vault.md"}), False),
        (query("x", answer="exists: the password"), False),
        (query("the last day is paid"), True),
        (query("carry over the days"), True),
        (query("a question of other things"), True),
    ],
)
def test_what_only_purged_texts_said_is_taken_out(tmp_path: Path, asked: LoggedQuery, *, kept: bool) -> None:
    home = indexed(tmp_path)
    home.index.catalog.log_queries([asked], 0, 10)
    purged(home, "hidden/vault.md")
    assert len(logged(home.index.catalog)) == kept
    home.close()


def test_answers_that_cite_what_was_purged_are_taken_out(tmp_path: Path) -> None:
    home = indexed(tmp_path)
    home.index.catalog.log_queries([cites(home, "hidden/vault.md"), cites(home, "leave.md")], 0, 10)
    purged(home, "hidden/vault.md")
    assert [one.citations[0] for one in logged(home.index.catalog)] == [cites(home, "leave.md").citations[0]]
    home.close()


def test_of_a_purged_version_only_what_cites_it_is_taken_out(tmp_path: Path) -> None:
    home = Home(tmp_path / "index", clock=FakeClock())
    share = FakeFolder(home.clock, "fake:share")
    for text in (LEAVE, LEAVE.replace("five", "swordfish"), LEAVE.replace("five", "eight")):
        share.write("leave.md", text.encode())
        home.backfill(share)
        home.clock.advance()
    wanted = [cites(home, f"leave.md@{number}") for number in (1, 2, 3)]
    told = [query("five days?", recorded=home.recorded), query("swordfish days?", recorded=home.recorded)]
    home.index.catalog.log_queries([*wanted, *told], 0, 10)
    purged(home, "leave.md@2")
    left = logged(home.index.catalog)
    assert [one.question for one in left] == ["five days?", "something", "something"]
    assert {one.citations for one in left[1:]} == {wanted[0].citations, wanted[2].citations}
    home.close()
