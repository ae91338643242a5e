"""history, show, original, diff, blame, cite, status and failures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.clock import SystemClock
from indexer.errors import DamagedStoreError, NotFoundError, UsageError
from indexer.model import VersionKind, VersionStatus
from indexer.query.queries import Queries
from indexer.query.results import ChangeKind
from indexer.store.lock import writer_lock
from tests.support.library import DAY, Library, V


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "data")
    library.write(
        "leave.md",
        [
            V(DAY, [("Leave", "25 days."), ("Leave", "Repeated."), ("Leave", "Repeated.")]),
            V(2 * DAY, [("Leave", "28 days."), ("Leave", "Repeated.")]),
            V(3 * DAY, None),
            V(4 * DAY, [("Leave", "28 days."), ("Leave", "Repeated."), ("More", "New.")]),
            V(5 * DAY, "gone"),
        ],
        recorded=10 * DAY,
    )
    return library


@pytest.fixture
def queries(library: Library) -> Queries:
    return library.queries()


def test_history_is_newest_first_with_what_each_version_changed(queries: Queries) -> None:
    result = queries.history("leave.md")
    assert result.document.deleted
    assert [(e.version.number, e.version.kind, e.added, e.removed) for e in result.versions] == [
        (5, VersionKind.TOMBSTONE, 0, 3),
        (4, VersionKind.CONTENT, None, None),
        (3, VersionKind.UNREADABLE, None, None),
        (2, VersionKind.CONTENT, 1, 2),
        (1, VersionKind.CONTENT, 3, 0),
    ]


def test_history_puts_withdrawn_versions_and_those_aside_last(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["1"]), V(2 * DAY, ["2"])], recorded=3 * DAY)
    library.write(
        "a.md", [V(DAY, ["1"])], aside=[V(DAY, ["tag"], origin="tag", labels=("t",))], recorded=4 * DAY
    )
    versions = [entry.version for entry in library.queries().history("a.md").versions]
    assert [(v.status, v.number, v.was_number) for v in versions] == [
        (VersionStatus.CURRENT, 1, None),
        (VersionStatus.ASIDE, None, None),
        (VersionStatus.WITHDRAWN, None, 2),
    ]
    earlier = library.queries().history("a.md", known_at="1970-01-04").versions
    assert [(e.version.status, e.version.number) for e in earlier] == [
        (VersionStatus.CURRENT, 2),
        (VersionStatus.PAST, 1),
    ]


def test_show_gives_the_text_and_where_each_passage_stands_in_it(queries: Queries) -> None:
    result = queries.show("leave.md@1")
    assert result.text == "25 days.\n\nRepeated.\n\nRepeated."
    assert [result.text[p.start : p.end] for p in result.passages] == ["25 days.", "Repeated.", "Repeated."]
    assert {p.heading for p in result.passages} == {("Leave",)}
    assert result.passages[1].citation == result.passages[2].citation


def test_show_says_since_which_version_each_passage_stands_there(queries: Queries) -> None:
    assert [p.introduced for p in queries.show("leave.md@4").passages] == [2, 1, 4]


@pytest.mark.parametrize(
    ("reference", "words"),
    [("leave.md", "deleted on 1970-01-06"), ("leave.md@3", "could not be read"), ("leave.md@5", "deleted")],
)
def test_show_says_why_there_is_no_text_and_where_the_last_one_is(
    queries: Queries, reference: str, words: str
) -> None:
    with pytest.raises(NotFoundError, match=words) as raised:
        queries.show(reference)
    last = "leave.md@number:2" if reference.endswith("3") else "leave.md@number:4"
    assert last in str(raised.value)
    assert queries.show(last).text


def test_show_refuses_a_text_that_is_not_the_recorded_one(library: Library) -> None:
    library.catalog._sql.execute("UPDATE manifest SET text_hash = zeroblob(32) WHERE no = 1")
    with pytest.raises(DamagedStoreError, match="check --deep"):
        library.queries().show("leave.md@1")


def test_the_original_is_the_bytes_of_that_version(library: Library, queries: Queries) -> None:
    result = queries.original("leave.md@1")
    assert (result.data, result.name) == (
        repr([("Leave", "25 days."), *[("Leave", "Repeated.")] * 2]).encode(),
        "leave.md",
    )
    library.originals.clear()
    with pytest.raises(NotFoundError, match="not kept"):
        queries.original("leave.md@1")
    with pytest.raises(NotFoundError, match="could not be read"):
        queries.original("leave.md@3")


def test_diff_takes_two_versions_in_either_spelling(queries: Queries) -> None:
    for after in ("4", "leave.md@4", "date:1970-01-05"):
        result = queries.diff("leave.md@1", after)
        assert (result.before.version.number, result.after.version.number) == (1, 4)
        assert [(c.op, c.before, c.after) for c in result.changes] == [
            (ChangeKind.CHANGED, "25 days.", "28 days."),
            (ChangeKind.REMOVED, "Repeated.", None),
            (ChangeKind.ADDED, None, "New."),
        ]


def test_diff_of_two_documents_or_a_deleted_version_is_refused(library: Library, queries: Queries) -> None:
    library.write("pay.md", [V(DAY, ["Pay."])])
    with pytest.raises(UsageError, match="two documents"):
        queries.diff("leave.md@1", "pay.md@1")
    with pytest.raises(NotFoundError, match="deleted"):
        queries.diff("leave.md@1", "5")
    with pytest.raises(NotFoundError):
        queries.diff("leave.md@1", "77")


def test_blame_names_the_version_that_introduced_each_passage(queries: Queries) -> None:
    result = queries.blame("leave.md@4")
    assert [(p.text, p.introduced.version.number) for p in result.passages] == [
        ("28 days.", 2),
        ("Repeated.", 1),
        ("New.", 4),
    ]


def test_blame_of_versions_off_the_line_follows_what_was_believed_while_they_stood(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    one, two = V(DAY, ["a", "b"]), V(2 * DAY, ["a", "c"])
    library.write("a.md", [one, two, V(3 * DAY, ["a", "c", "bad"])], recorded=5 * DAY)
    tag = V(2 * DAY + 1, ["a", "tag"], origin="tag", labels=("t",))
    library.write("a.md", [one], aside=[tag], recorded=6 * DAY)
    queries = library.queries()
    withdrawn = next(e.version for e in queries.history("a.md").versions if e.version.was_number == 3)
    found = queries.blame(f"a.md@{withdrawn.id}").passages
    assert [(p.text, p.introduced.version.number) for p in found] == [("a", 1), ("c", None), ("bad", None)]
    assert found[1].introduced.version.was_number == 2
    assert found[2].introduced.version == withdrawn
    aside = queries.blame("a.md@t").passages
    assert [p.introduced.version.number for p in aside] == [1, None]


def test_a_citation_stands_whatever_happens_to_the_document(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    queries = library.queries()
    one, two = V(2 * DAY, ["Old.", "Stays."]), V(3 * DAY, ["New.", "Stays."])
    library.write("a.md", [one], recorded=4 * DAY)
    old, stays = (passage.citation for passage in queries.show("a.md").passages)

    def standing(citation: str) -> tuple[str, int | None, bool, int | None]:
        result = queries.cite(citation)
        newer = result.newer.version.number if result.newer else None
        assert citation != old or result.text == "Old."
        return result.standing, result.version.version.number, result.current, newer

    assert standing(old) == ("version 1 is the current one", 1, True, None)
    library.write("a.md", [one, two])
    assert standing(old) == ("the passage is not in version 2, the current one", 1, False, 2)
    assert standing(stays) == ("the passage stands unchanged in version 2, the current one", 1, True, 2)
    before = V(DAY, ["Older."])
    library.write("a.md", [before, one, two])
    assert standing(old)[1:] == (2, False, 3)
    library.write("a.md", [before, one, two, V(4 * DAY, "gone")])
    assert standing(stays) == ("the document was deleted on 1970-01-05 00:00:00+00:00", 2, False, 4)
    library.write("a.md", [before, two], recorded=9 * DAY)
    assert standing(old) == (
        "version v_… was withdrawn".replace("v_…", queries.cite(old).version.version.id)
        + " by its source on 1970-01-10 00:00:00+00:00",
        None,
        False,
        2,
    )


def test_a_citation_without_a_passage_gives_the_whole_version(queries: Queries) -> None:
    citation = queries.show("leave.md@1").passages[0].citation.partition("#")[0]
    assert queries.cite(citation).text == "25 days.\n\nRepeated.\n\nRepeated."


def test_a_citation_of_a_passage_that_the_version_lacks_is_not_found(
    library: Library, queries: Queries
) -> None:
    old, new = (queries.show(f"leave.md@{n}").passages[0].citation for n in (1, 2))
    mixed = f"{old.partition('#')[0]}#{new.partition('#')[2]}"
    library.write("pay.md", [V(DAY, ["Pay."])])
    other = old.replace(library.document_id("leave.md"), library.document_id("pay.md"))
    for citation in (mixed, other, f"{old[:-1]}{'0' if old[-1] != '0' else '1'}"):
        with pytest.raises(NotFoundError) as raised:
            queries.cite(citation)
        assert raised.value.code == "no-such-citation"


@pytest.mark.parametrize("text", ["", "leave.md", "indexer:x", "indexer:policies/leave.md@1"])
def test_what_is_no_citation_is_wrong_usage(queries: Queries, text: str) -> None:
    with pytest.raises(UsageError):
        queries.cite(text)


def test_status_counts_and_names_the_writer(library: Library, queries: Queries) -> None:
    library.write("pay.md", [V(DAY, ["Pay."])], source="wiki")
    result = queries.status()
    assert [(s.name, s.documents, s.versions, s.passages) for s in result.sources] == [
        ("policies", 0, 5, 0),
        ("wiki", 1, 1, 1),
    ]
    assert (result.totals.documents, result.totals.versions, result.totals.reused_share) == (1, 6, None)
    assert result.writer is None
    with writer_lock(library.catalog.path.parent, SystemClock()):
        writer = queries.status().writer
    assert writer is not None
    assert writer.pid > 0
    assert queries.failures().failures == ()


def test_questions_about_versions_load_neither_numpy_nor_the_passages_table(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.write("a.md", [V(DAY, ["One."]), V(2 * DAY, ["Two."])])
    library.catalog.close()
    script = f"""
import sys
from datetime import UTC
from pathlib import Path
from indexer.query.queries import Queries
from indexer.store.catalog.catalog import Catalog
def never(*_): raise AssertionError
q = Queries(Catalog(Path({str(tmp_path / "data")!r})), never, never, never, UTC)
q.history("a.md"), q.show("a.md@1"), q.diff("a.md@1", "2"), q.blame("a.md"), q.status(), q.failures()
q.cite(q.show("a.md").passages[0].citation)
print([m for m in ("numpy", "lancedb", "pyarrow", "torch", "pydantic", "pathspec") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
