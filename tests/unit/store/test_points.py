"""Revisions, tags and offshoots in the catalog: what a commit changes of them, and since when it is believed."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from indexer.model import Instant, Point
from indexer.ports import Revision
from indexer.ports.batch import Batch, Points, SourceUpdate
from indexer.store.catalog.catalog import Catalog
from indexer.store.catalog.connection import connect, migrations

Line = dict[str, int]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path, create=True) as catalog:
        for name in ("handbook", "other"):
            catalog.register(f"uid-{name}", name, "git")
        yield catalog


def name(number: int) -> str:
    """The full name of the commit with this number."""
    return hashlib.sha1(str(number).encode()).hexdigest()


def landed(*numbers: int, first: int = 0) -> list[Revision]:
    return [Revision(name(number), first + place) for place, number in enumerate(numbers)]


def tell(catalog: Catalog, at: Instant, points: Points, source_no: int = 1) -> None:
    batch = Batch(at, source_no)
    batch.points = points
    catalog.commit(batch)


def line(catalog: Catalog, numbers: range, at: Instant | None = None, source_no: int = 1) -> dict[int, int]:
    """Number of a commit → its place, of those that are on the line."""
    with catalog.snapshot() as snapshot:
        points = {number: snapshot.point(source_no, name(number), at) for number in numbers}
        found = {number: point.place for number, point in points.items() if point.place is not None}
        for number, place in found.items():
            assert snapshot.revisions(source_no, name(number), at) == {name(number): place}
        return found


def lines_of(catalog: Catalog, table: str) -> int:
    count: int = catalog._sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


def test_revisions_are_on_the_line_from_the_commit_on_that_says_so(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(1, 2, 3)))
    tell(catalog, 20, Points(landed=landed(4, first=3)))

    numbers = range(1, 6)
    assert line(catalog, numbers) == {1: 0, 2: 1, 3: 2, 4: 3}
    assert line(catalog, numbers, at=19) == {1: 0, 2: 1, 3: 2}
    assert line(catalog, numbers, at=9) == {}
    assert line(catalog, numbers, source_no=2) == {}
    assert catalog.current().on_line(1, [name(2), name(5)]) == {name(2): 1}
    assert catalog.current().on_line(2, [name(2)]) == {}


def test_a_rewritten_line_ends_what_was_on_it_and_says_what_is(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(1, 2, 3, 4)))
    tell(catalog, 20, Points(cut_after=1, landed=landed(7, 8, first=2)))

    numbers = range(1, 9)
    assert line(catalog, numbers) == {1: 0, 2: 1, 7: 2, 8: 3}
    assert line(catalog, numbers, at=19) == {1: 0, 2: 1, 3: 2, 4: 3}
    tell(catalog, 30, Points(cut_after=1, landed=landed(3, 4, first=2)))
    assert line(catalog, numbers) == {1: 0, 2: 1, 3: 2, 4: 3}
    assert line(catalog, numbers, at=25) == {1: 0, 2: 1, 7: 2, 8: 3}


def test_a_line_that_is_told_again_as_it_was_writes_nothing(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(*range(50))))
    tell(catalog, 20, Points(cut_after=-1, landed=landed(*range(50))))
    tell(catalog, 30, Points(landed=landed(*range(10, 20), first=10)))
    assert lines_of(catalog, "revision") == 50
    assert line(catalog, range(50)) == {number: number for number in range(50)}


def test_another_revision_at_a_place_takes_it_over(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(1, 2, 3)))
    tell(catalog, 20, Points(landed=landed(9, first=1)))
    assert line(catalog, range(10)) == {1: 0, 9: 1, 3: 2}


def test_a_revision_that_is_told_at_another_place_leaves_the_first(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(1, 2)))
    tell(catalog, 20, Points(landed=landed(1, first=5)))
    assert line(catalog, range(3)) == {2: 1, 1: 5}
    assert line(catalog, range(3), at=10) == {1: 0, 2: 1}


def test_the_line_of_another_source_stays(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(1, 2)))
    tell(catalog, 20, Points(landed=landed(1, 2, first=7), tags={"v1": name(1)}), source_no=2)
    tell(catalog, 30, Points(cut_after=-1, tags={}))
    assert line(catalog, range(3)) == {}
    assert line(catalog, range(3), source_no=2) == {1: 7, 2: 8}
    assert catalog.current().tags(2) == {"v1": name(1)}


@pytest.mark.parametrize("prefix", ["abcd", "abcde", "abcdef", "ffff", "fffff", "ab", ""])
def test_a_prefix_finds_the_revisions_that_begin_with_it(catalog: Catalog, prefix: str) -> None:
    names = ["abcd" + "0" * 36, "abcde" + "0" * 35, "abcdef" + "f" * 34, "abce" + "0" * 36, "abcc" + "f" * 36,
             "f" * 40, "fffe" + "f" * 36, "0" * 40, "abcdef" + "f" * 10 + "0" * 24]  # fmt: skip
    tell(catalog, 10, Points(landed=[Revision(id_, place) for place, id_ in enumerate(names)]))
    expected = {n: place for place, n in enumerate(names) if n.startswith(prefix)} if len(prefix) > 3 else {}
    with catalog.snapshot() as snapshot:
        assert snapshot.revisions(1, prefix) == expected


def test_tags_are_a_whole_that_moves_and_loses_names(catalog: Catalog) -> None:
    tell(catalog, 10, Points(tags={"v1": name(1), "rel/v2@x": name(2)}))
    tell(catalog, 20, Points(tags={"v1": name(1), "rel/v2@x": name(3)}))
    tell(catalog, 30, Points(tags={"V1": name(1)}))
    tell(catalog, 40, Points(landed=landed(1)))
    with catalog.snapshot() as snapshot:
        assert snapshot.tags(1, 9) == {}
        assert snapshot.tags(1, 10) == {"v1": name(1), "rel/v2@x": name(2)}
        assert snapshot.tags(1, 29) == {"v1": name(1), "rel/v2@x": name(3)}
        assert snapshot.tags(1) == catalog.current().tags(1) == {"V1": name(1)}
    tell(catalog, 50, Points(tags={}))
    assert catalog.current().tags(1) == {}
    assert lines_of(catalog, "tag") == 4  # one for each name and revision that it stood at


def test_an_offshoot_says_how_it_differs_until_it_is_told_again_or_its_place_leaves_the_line(
    catalog: Catalog,
) -> None:
    def told(place: int, states: Mapping[str, str | None]) -> Points:
        return Points(offshoots={name(9): (place, states)})

    def known(at: Instant | None = None) -> Point:
        with catalog.snapshot() as snapshot:
            return snapshot.point(1, name(9), at)

    tell(catalog, 10, Points(landed=landed(1, 2, 3)))
    tell(catalog, 20, told(1, {"a.md": "commit:1:a.md", "b.md": None}))
    tell(catalog, 30, told(2, {"a.md": "commit:1:a.md"}))
    assert known() == Point(name(9), 2, frozenset({"a.md"}), frozenset({"commit:1:a.md"}))
    assert known(29) == Point(name(9), 1, frozenset({"a.md", "b.md"}), frozenset({"commit:1:a.md"}))
    assert known(19) == Point(name(9), None)
    assert catalog.current().offshoots(1) == {name(9)}
    assert catalog.current().offshoots(2) == set()

    tell(catalog, 40, Points(cut_after=2))
    assert known() == known(39)
    tell(catalog, 50, Points(cut_after=1))
    assert known() == Point(name(9), None)
    assert known(49) == known(39)
    assert catalog.current().offshoots(1) == set()


def test_an_offshoot_that_comes_onto_the_line_has_its_own_place(catalog: Catalog) -> None:
    tell(catalog, 10, Points(landed=landed(1), offshoots={name(9): (0, {"a.md": None})}))
    tell(catalog, 20, Points(landed=landed(9, first=1)))
    with catalog.snapshot() as snapshot:
        assert snapshot.point(1, name(9)) == Point(name(9), 1)


def test_offshoots_that_differ_alike_share_what_they_differ_by(catalog: Catalog) -> None:
    states = {f"docs/{number}.md": f"tree:{name(0)}:docs/{number}.md" for number in range(100)}
    tell(catalog, 10, Points(offshoots={name(number): (0, states) for number in range(50)}))
    assert lines_of(catalog, "deviating") == 100
    assert lines_of(catalog, "deviation") == 5000


def test_whether_history_is_open_is_said_of_all_documents_of_the_source(tmp_path: Path) -> None:
    from tests.support.library import DAY, Library, V

    library = Library(tmp_path / "library")
    library.write("a.md", [V(DAY, ["A"])], history_open=True)
    library.write("b.md", [V(DAY, ["B"])], history_open=True)
    library.write("c.md", [V(DAY, ["C"])], history_open=True, source="other")
    batch = Batch(library.recorded + 1, 1)
    batch.source = SourceUpdate(history_open=False)
    library.catalog.commit(batch)
    with library.catalog.snapshot() as snapshot:
        assert [document.history_open for document in snapshot.documents()] == [False, False, True]


def test_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    """Tables and indexes are those that a new catalog has, whatever way they were made."""
    paths = [tmp_path / "old", tmp_path / "new"]
    connect(paths[0], create=True, known=migrations()[:1]).close()
    connect(paths[0], migrate=True).close()
    connect(paths[1], create=True).close()
    schemas = []
    for path in paths:
        with sqlite3.connect(path) as connection:
            schemas.append(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall())
        connection.close()
    assert schemas[0] == schemas[1]
    assert {"revision", "tag", "offshoot", "version_place"} <= {name for name, _ in schemas[0]}


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT 1 FROM version WHERE document_no = 1 AND sequence <= 5 ORDER BY sequence DESC", "version_place"),
        ("SELECT min(document_no) FROM placement WHERE key = 'a' AND document_no > 5", "placement_key"),
        (
            "SELECT 1 FROM revision WHERE substr(id, 1, 8) = substr(?, 1, 8) AND id = ?",
            "revision_id",
        ),
        ("SELECT 1 FROM deviating WHERE origin = ? AND origin <> ''", "deviating_origin"),
    ],
)  # fmt: skip
def test_lookups_have_an_index(catalog: Catalog, query: str, index: str) -> None:
    values = ("",) * query.count("?")
    plan = catalog._sql.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
    assert [index in step[3] and "SEARCH" in step[3] for step in plan] == [True]
