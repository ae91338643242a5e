"""Thinning out: what goes, what stays, what is answered, and what a source may show again."""

from __future__ import annotations

from datetime import UTC

import pytest

from indexer.errors import NotFoundError, PurgedError
from indexer.plan.retention import RetentionRule
from indexer.query.results import Mode, Question
from indexer.stewardship.retention import Governed, Thinned, apply_retention, through
from tests.support.data_folder import found_in
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, written
from tests.support.purging import purged

HOUR = 3_600_000_000
DAILY = RetentionRule(daily_after=7 * 86_400)


def write(home: Home, folder: FakeFolder, text: str, key: str = "a.md") -> None:
    home.clock.advance(HOUR)
    folder.write(key, f"# {key}\n\n{text} days\n\n## B\n\nshared days".encode())
    home.clock.advance(HOUR)
    home.backfill(folder)


def governed(home: Home, name: str = "folder", rule: RetentionRule = DAILY) -> Governed:
    with home.index.catalog.snapshot() as snapshot:
        source = next(s for s in snapshot.sources() if s.name == name)
    return Governed(source, rule, UTC)


def thin(home: Home, name: str = "folder", rule: RetentionRule = DAILY) -> Thinned:
    return through(home.index, governed(home, name, rule))


@pytest.fixture
def edited(home: Home, folder: FakeFolder) -> FakeFolder:
    """Five versions within one day, and another one long after."""
    home.clock.step(-home.clock.now() % (24 * HOUR))
    for text in ("one", "swordfish", "third", "fourth", "fifth"):
        write(home, folder, text)
    home.clock.advance(30 * 24 * HOUR)
    write(home, folder, "last")
    return folder


def numbers(home: Home, key: str = "a.md") -> list[int]:
    """Of the versions that were thinned out."""
    versions = [entry.version for entry in home.queries().history(key).versions]
    return sorted(v.number for v in versions if v.purged is not None and v.purged.thinned and v.number)


def test_versions_lose_their_texts_and_originals_and_keep_their_places(
    home: Home, edited: FakeFolder
) -> None:
    before = home.queries().history("a.md").versions
    done = thin(home)
    assert (done.documents, done.versions, done.passages, done.originals) == (1, 3, 3, 3)
    assert numbers(home) == [2, 3, 4]
    after = home.queries().history("a.md").versions
    assert [
        (e.version.id, e.version.number, e.version.valid_from, e.version.key, e.version.title) for e in after
    ] == [
        (e.version.id, e.version.number, e.version.valid_from, e.version.key, e.version.title) for e in before
    ]
    assert len(list(home.index.originals.hashes())) == 3
    assert home.check().problems == []
    assert home.table_rows() == home.catalog_rows()
    for number, text in ((1, "one"), (5, "fifth"), (6, "last")):
        assert text in home.queries().show(f"a.md@{number}").text


def test_rows_do_not_grow_and_shared_passages_keep_theirs(home: Home, edited: FakeFolder) -> None:
    before = home.catalog_rows()
    thin(home)
    after = home.catalog_rows()
    assert after.items() <= before.items()
    assert len(after) == len(before) - 3


def test_a_thinned_version_says_so_and_names_the_nearest(home: Home, edited: FakeFolder) -> None:
    home.queries().show("a.md@3")
    thin(home)
    with pytest.raises(PurgedError) as refused:
        home.queries().show("a.md@3")
    assert "version 3 of a.md was thinned out on " in refused.value.message
    assert refused.value.message.endswith(
        " by the retention rule of folder: kept are the last of each day after 7 days"
    )
    assert refused.value.remedy == (
        "the nearest that are kept are version 1 (`indexer show a.md@number:1`) "
        "and version 5 (`indexer show a.md@number:5`)"
    )
    for ask in (home.queries().blame, lambda ref: home.queries().diff(ref, "5"), home.queries().original):
        with pytest.raises(PurgedError):
            ask("a.md@3")


def test_citations_of_what_is_kept_elsewhere_still_resolve_and_others_tell(
    home: Home, edited: FakeFolder
) -> None:
    shown = home.queries().show("a.md@3")
    own, shared = shown.passages[0].citation, shown.passages[-1].citation
    thin(home)
    found = home.queries().cite(shared)
    assert found.text == "## B\n\nshared days"
    assert found.version.version.number == 3
    assert "the rest of version 3 was thinned out on " in found.standing
    with pytest.raises(PurgedError, match="thinned out"):
        home.queries().cite(own)
    with pytest.raises(PurgedError, match="thinned out"):
        home.queries().cite(own.partition("#")[0])
    # What it never had is not cited from it, though the document has it.
    last = home.queries().show("a.md@6").passages[0].citation
    version = shown.version.version.id
    forged = f"{own.partition('@')[0]}@{version}#{last.partition('#')[2]}"
    with pytest.raises(PurgedError):
        home.queries().cite(forged)


def test_a_search_as_of_then_finds_what_is_still_known_of_it_and_nothing_else(
    home: Home, edited: FakeFolder
) -> None:
    times = [e.version.valid_from for e in reversed(home.queries().history("a.md").versions)]
    thin(home)
    as_of = written(times[2] or 0)
    for mode in (Mode.TEXT, Mode.VECTOR):
        hits = home.queries().search(Question("days", mode=mode, as_of=as_of)).hits
        assert [(hit.text, hit.version.version.number) for hit in hits] == [("## B\n\nshared days", 3)]
        assert hits[0].version.version.purged is not None
        assert home.queries().cite(hits[0].citation).text == hits[0].text
    answer = home.queries().search(Question("days", document="a.md", as_of=as_of)).answer
    assert answer is not None
    assert "was thinned out on" in answer.text
    history = home.queries().search(Question("shared", mode=Mode.TEXT, history=True))
    assert [hit.version.version.number for hit in history.hits] == [6]
    # The end of that day is answered as before.
    assert "fifth" in home.queries().show("a.md@2023-11-15").text


def test_a_search_in_every_version_cites_a_kept_one_where_there_is_one(
    home: Home, folder: FakeFolder
) -> None:
    home.clock.step(-home.clock.now() % (24 * HOUR))
    for n, text in enumerate(("alike", "alike", "other", "other", "now")):
        write(home, folder, f"{n}\n\n## C\n\n{text}")
    home.clock.advance(30 * 24 * HOUR)
    write(home, folder, "later")
    thin(home)
    assert numbers(home) == [2, 3, 4]
    hits = home.queries().search(Question("shared", mode=Mode.TEXT, history=True)).hits
    assert [(hit.version.version.number, hit.also_in) for hit in hits] == [(6, ((1, 5),))]
    hits = home.queries().search(Question("alike", mode=Mode.TEXT, history=True)).hits
    assert [(hit.version.version.number, hit.also_in) for hit in hits] == [(1, ((2, 2),))]


def test_doing_it_again_finds_nothing_and_writes_nothing(home: Home, edited: FakeFolder) -> None:
    thin(home)
    before = home.sizes()
    assert thin(home) == Thinned()
    assert home.sizes() == before


def test_looking_changes_nothing(home: Home, edited: FakeFolder) -> None:
    state, sizes = home.state(), home.sizes()
    done = through(home.index, governed(home), dry_run=True)
    assert (done.documents, done.versions, done.passages, done.records) == (1, 3, 3, ())
    assert (home.state(), home.sizes()) == (state, sizes)


def test_many_versions_of_many_documents_are_one_commit(home: Home, folder: FakeFolder) -> None:
    for text in ("one", "two", "three"):
        home.clock.advance(HOUR)
        for n in range(7):
            folder.write(f"{n}.md", f"# {n}\n\n{text} days".encode())
        home.clock.advance(HOUR)
        home.backfill(folder)
    home.clock.advance(30 * 24 * HOUR)
    now = home.clock.now()
    commits = home.recorded
    first = apply_retention(home.index, governed(home), now)
    assert (first.documents, first.versions, first.after) == (7, 7, None)
    assert home.recorded > commits
    assert len(home.sql("SELECT * FROM purge")) == 1


def test_work_is_bounded_and_goes_on_where_it_stopped(
    home: Home, folder: FakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.stewardship.retention.MOST_DOCUMENTS", 3)
    home.clock.step(-home.clock.now() % (24 * HOUR))
    for text in ("one", "two", "three"):
        home.clock.advance(HOUR)
        for n in range(7):
            folder.write(f"{n}.md", f"# {n}\n\n{text} days".encode())
        home.clock.advance(HOUR)
        home.backfill(folder)
    home.clock.advance(30 * 24 * HOUR)
    parts, after = [], 0
    while True:
        report = apply_retention(home.index, governed(home), home.clock.now(), after=after)
        parts.append(report.documents)
        if report.after is None:
            break
        after = report.after
    assert parts == [3, 3, 1]
    assert home.check().problems == []


def test_an_old_content_that_comes_back_is_a_version_like_any_other(home: Home, edited: FakeFolder) -> None:
    thin(home)
    write(home, edited, "swordfish")
    assert "swordfish" in home.queries().show("a.md").text
    assert len(list(home.index.originals.hashes())) == 4
    assert home.check().problems == []


def test_a_history_that_is_told_again_brings_nothing_back(home: Home, wiki: FakeConnector) -> None:
    for n in range(6):
        wiki.observe(
            "page.md", f"# P\n\nnumber {n} days\n\n## B\n\nshared".encode(), at=n * HOUR, lineage="p"
        )
    home.backfill(wiki)
    home.clock.advance(30 * 24 * HOUR)
    assert thin(home, "history").versions == 4
    wiki.reads.clear()
    state = home.state()
    home.sql("UPDATE source SET cursor = NULL")
    home.backfill(wiki)
    assert home.state() == state
    assert wiki.reads == []
    # Nor does history that arrives late, though it is woven anew.
    wiki.observe(
        "page.md", b"# P\n\nfirst\n\n## B\n\nshared", at=HOUR // 2, lineage="p", sequence=wiki.before("p")
    )
    rows = len(home.catalog_rows())
    home.backfill(wiki)
    assert numbers(home, "page.md") == [3, 4, 5, 6]
    assert home.check().problems == []
    assert len(home.catalog_rows()) == rows + 3  # the line begins later: two begin anew, and a new one


def test_labels_keep_a_version_and_numbers_that_count_all_of_them_do_not(
    home: Home, wiki: FakeConnector
) -> None:
    for n in range(5):
        labels = (str(n + 1), "approved") if n == 2 else (str(n + 1),)
        wiki.observe("page", f"number {n}".encode(), at=n * HOUR, lineage="p", labels=labels)
    home.backfill(wiki)
    thin(home, "history")
    assert numbers(home, "page") == [2, 4]
    with pytest.raises(PurgedError, match="version 2 of page was thinned out"):
        home.queries().show("page@label:2")
    assert "number 2" in home.queries().show("page@approved").text


def test_what_was_thinned_out_can_be_purged_with_its_names(home: Home, folder: FakeFolder) -> None:
    for text in ("one", "swordfish", "third", "fourth"):
        write(home, folder, text, "quizzaciously.md")
    folder.move("quizzaciously.md", "b.md")
    write(home, folder, "last", "b.md")
    home.clock.advance(30 * 24 * HOUR)
    write(home, folder, "now", "b.md")
    assert thin(home).versions > 0
    assert found_in(home.folder, "quizzaciously")
    document = home.document_id("b.md")
    purged(home, document)
    assert found_in(home.folder, "quizzaciously") == {}
    assert home.check().problems == []
    with pytest.raises(NotFoundError):
        home.queries().show(f"{document}@2")


def test_tables_of_other_models_do_not_keep_what_was_thinned_out(home: Home, edited: FakeFolder) -> None:
    home.sql(
        "INSERT INTO published VALUES ('other-model', 8, 1, 1, NULL, NULL, 0)",
    )
    thin(home)
    assert [p.fingerprint for p, _, _ in home.index.catalog.publications()] == [home.embedder.fingerprint]
    assert home.check().problems == []
