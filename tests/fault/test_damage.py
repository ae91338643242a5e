"""Damage that disks, people and other programs do to a stored index: the deep check names it, and what is derived is mended."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from indexer.check.report import Problem
from indexer.errors import DamagedStoreError, StoreError
from indexer.ingest.recovery import rebuild
from indexer.model import FOREVER, ManifestEntry
from indexer.query.results import Mode, Question
from indexer.store.catalog.catalog import FILE_NAME, Catalog
from indexer.store.catalog.manifests import decode, encode
from indexer.store.passages import columns
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder


@pytest.fixture
def home() -> Iterator[Home]:
    """Two sources with some history, in LanceDB."""
    place = fast_folder("damage-")
    home = Home(place, lance=True)
    folder, wiki = FakeFolder(home.clock), FakeConnector()
    for number in range(3):
        folder.write("leave.md", f"## Leave\n\n{number} days.\n\n## Rest\n\nSome rest.".encode())
        wiki.observe("page", f"## Page\n\n{number} pages.".encode(), at=number, labels=(f"v{number}",))
        home.clock.advance(60_000_000)
        home.backfill(folder, wiki)
    assert home.check().problems == []
    yield home
    home.close()
    shutil.rmtree(place)


def _problems(home: Home) -> list[Problem]:
    report = home.check()
    assert not report.ok
    return report.problems


def _answers(home: Home) -> list[object]:
    queries = home.queries()
    return [
        [
            (hit.citation, hit.text)
            for hit in queries.search(Question("days", k=100, mode=mode, history=True)).hits
        ]
        for mode in Mode
    ]


# --- the catalog ------------------------------------------------------------------------------


def _other_text(home: Home) -> str:
    home.sql("UPDATE passage SET text = ? WHERE no = 1", zstandard.compress(b"## Leave\n\n9 days."))
    return str(home.sql("SELECT id FROM passage WHERE no = 1")[0][0])


def _garbled_text(home: Home) -> str:
    home.sql("UPDATE passage SET text = ? WHERE no = 1", b"no zstd at all")
    return str(home.sql("SELECT id FROM passage WHERE no = 1")[0][0])


def _other_heading(home: Home) -> str:
    home.sql("""UPDATE passage SET heading = '["Sick leave"]' WHERE no = 1""")
    return str(home.sql("SELECT id FROM passage WHERE no = 1")[0][0])


def _other_embedding(home: Home) -> str:
    home.sql("UPDATE embedding SET hash = ? WHERE no = 1", b"\x01" * 32)
    return str(home.sql("SELECT id FROM passage WHERE embed_no = 1")[0][0])


def _manifest_in_another_order(home: Home) -> str:
    entries = decode(home.sql("SELECT entries FROM manifest WHERE no = 1")[0][0])
    home.sql("UPDATE manifest SET entries = ? WHERE no = 1", encode(entries[::-1]))
    return "manifest 1"


def _manifest_of_missing_passages(home: Home) -> str:
    home.sql("UPDATE manifest SET entries = ? WHERE no = 1", encode([ManifestEntry(999, "")]))
    return "manifest 1"


def _manifest_cut_short(home: Home) -> str:
    home.sql("UPDATE manifest SET entries = substr(entries, 1, length(entries) - 2) WHERE no = 1")
    return "manifest 1"


def _other_text_hash(home: Home) -> str:
    home.sql("UPDATE manifest SET text_hash = ? WHERE no = 2", b"\x02" * 32)
    return "manifest 2"


def _row_that_ends_otherwise(home: Home) -> str:
    home.sql("UPDATE row SET valid_to = valid_to + 1 WHERE no = 1")
    return _document(home, 1)


def _row_that_is_open_again(home: Home) -> str:
    home.sql("UPDATE row SET closed_recorded = ? WHERE no = 1", FOREVER)
    return _document(home, 1)


def _row_missing(home: Home) -> str:
    home.sql("DELETE FROM row WHERE no = 1")
    return _document(home, 1)


def _row_twice(home: Home) -> str:
    home.sql("""INSERT INTO row SELECT 999, passage_no, document_no, valid_from, valid_to, recorded_from,
                recorded_to, closed_recorded FROM row WHERE no = 1""")
    return _document(home, 1)


def _row_of_a_passage_that_was_not_there(home: Home) -> str:
    home.sql("""INSERT INTO row SELECT 999, passage_no, document_no, valid_from + 1, valid_to, recorded_from,
                recorded_to, closed_recorded FROM row WHERE no = 1""")
    return _document(home, 1)


def _gap_in_the_numbers(home: Home) -> str:
    home.sql("UPDATE placement SET number = 7 WHERE no = 1")
    return _document(home, 1)


def _version_that_ends_too_late(home: Home) -> str:
    home.sql("UPDATE placement SET valid_to = valid_to + 1 WHERE no = 1")
    return str(
        home.sql("SELECT v.id FROM version v JOIN placement p ON p.version_no = v.no WHERE p.no = 1")[0][0]
    )


def _label_of_another_document(home: Home) -> str:
    home.sql("UPDATE label SET document_no = 1 WHERE name = 'v1'")
    return str(
        home.sql("SELECT v.id FROM version v JOIN label l ON l.version_no = v.no WHERE l.name = 'v1'")[0][0]
    )


def _version_of_no_document(home: Home) -> str:
    home.sql("PRAGMA foreign_keys = OFF")
    home.sql("UPDATE version SET document_no = 99 WHERE no = 1")
    return "catalog"


def _passage_missing(home: Home) -> str:
    home.sql("PRAGMA foreign_keys = OFF")
    home.sql("DELETE FROM passage WHERE no = 1")
    return "catalog"


def _document(home: Home, no: int) -> str:
    return str(home.sql("SELECT id FROM document WHERE no = ?", no)[0][0])


CATALOG = [
    _other_text,
    _garbled_text,
    _other_heading,
    _other_embedding,
    _manifest_in_another_order,
    _manifest_of_missing_passages,
    _manifest_cut_short,
    _other_text_hash,
    _row_that_ends_otherwise,
    _row_that_is_open_again,
    _row_missing,
    _row_twice,
    _row_of_a_passage_that_was_not_there,
    _gap_in_the_numbers,
    _version_that_ends_too_late,
    _label_of_another_document,
    _version_of_no_document,
    _passage_missing,
]


@pytest.mark.parametrize("damage", CATALOG, ids=lambda damage: damage.__name__.strip("_"))
def test_damage_to_the_catalog_is_found_and_its_place_named(
    home: Home, damage: Callable[[Home], str]
) -> None:
    place = damage(home)
    problems = _problems(home)
    assert any(place in problem.where or place in problem.detail for problem in problems), problems
    assert all(" — " in problem.detail for problem in problems), "a problem says what to do"


# --- the passages table -----------------------------------------------------------------------


def _edit_table(home: Home, edit: Callable[[Any], None]) -> None:
    """Change the table behind the index's back, and have it published."""
    import lancedb

    assert home.published is not None
    table = lancedb.connect(str(home.folder / "passages")).open_table(home.published.fingerprint)
    edit(table)
    table.checkout_latest()
    home.sql("UPDATE published SET table_version = ?", table.version)


def _first_row(table: Any) -> Any:
    return columns.from_arrow(table.search().where("row_no = 1").to_arrow())[0]


def _set(home: Home, **values: object) -> str:
    _edit_table(home, lambda table: table.update(where="row_no = 1", values=values))
    return "row 1"


def _table_row_deleted(home: Home) -> str:
    _edit_table(home, lambda table: table.delete("row_no = 1"))
    return "row 1"


def _table_row_twice(home: Home) -> str:
    _edit_table(home, lambda table: table.add(columns.to_arrow([_first_row(table)], 32)))
    return "row 1"


def _table_row_too_many(home: Home) -> str:
    def add(table: Any) -> None:
        data = columns.to_arrow([_first_row(table)], 32)
        table.add(data.set_column(0, data.schema.field(0), [[777]]))

    _edit_table(home, add)
    return "row 777"


def _table_interval(home: Home) -> str:
    return _set(home, valid_from=5)


def _table_belief(home: Home) -> str:
    return _set(home, recorded_from=5)


def _table_document(home: Home) -> str:
    return _set(home, document_no=2)


def _table_text(home: Home) -> str:
    return _set(home, embedded="something else")


def _table_vector(home: Home) -> str:
    return _set(home, vector=[1.0, *[0.0] * 31])


def _table_vector_too_long(home: Home) -> str:
    return _set(home, vector=[1.0] * 32)


def _table_vector_of_nothing(home: Home) -> str:
    return _set(home, vector=[0.0] * 32)


def _table_version_gone(home: Home) -> str:
    _edit_table(home, lambda table: None)
    manifests = sorted((home.folder / "passages").glob("*.lance/_versions/*.manifest"))
    assert len(manifests) > 1
    home.sql("UPDATE published SET table_version = 1")
    manifests[-1].unlink()  # the oldest: they are named in falling order
    return "passages table"


def _table_removed(home: Home) -> str:
    shutil.rmtree(home.folder / "passages")
    return "passages table"


def _table_file_cut_short(home: Home) -> str:
    for file in (home.folder / "passages").glob("*.lance/data/*"):
        os.truncate(file, file.stat().st_size // 2)
    return "passages table"


TABLE = [
    _table_row_deleted,
    _table_row_twice,
    _table_row_too_many,
    _table_interval,
    _table_belief,
    _table_document,
    _table_text,
    _table_vector,
    _table_vector_too_long,
    _table_vector_of_nothing,
    _table_version_gone,
    _table_removed,
    _table_file_cut_short,
]


@pytest.mark.parametrize("damage", TABLE, ids=lambda damage: damage.__name__.strip("_"))
def test_damage_to_the_passages_table_is_found_and_a_rebuild_mends_it(
    home: Home, damage: Callable[[Home], str]
) -> None:
    answers, state = _answers(home), home.state()
    place = damage(home)
    home.reopen()
    problems = _problems(home)
    assert any(place in problem.where for problem in problems), problems
    assert all("indexer rebuild" in problem.detail for problem in problems), problems
    home.reopen()
    rebuild(home.index)
    assert home.check().problems == []
    assert home.state() == state
    assert _answers(home) == answers
    assert home.table_rows() == home.catalog_rows()


@pytest.mark.parametrize("damage", [_table_removed, _table_version_gone], ids=["removed", "version gone"])
def test_the_next_writer_mends_a_table_that_it_cannot_open(home: Home, damage: Callable[[Home], str]) -> None:
    damage(home)
    home.reopen()
    folder = FakeFolder(home.clock, uid="fake:more")
    folder.write("more.md", b"More days.")
    home.backfill(folder)
    assert home.check().problems == []
    assert len(home.table_rows()) == len(home.catalog_rows())


# --- originals --------------------------------------------------------------------------------


def _originals(home: Home) -> list[Path]:
    return sorted((home.folder / "originals").glob("??/*.zst"))


def test_a_missing_original_is_found(home: Home) -> None:
    gone = _originals(home)[0]
    gone.unlink()
    (problem,) = _problems(home)
    assert problem.where == f"b3:{gone.parent.name}{gone.stem}"
    assert "missing" in problem.detail


@pytest.mark.parametrize("data", [b"", b"garbage", zstandard.compress(b"other bytes")])
def test_an_altered_original_is_found(home: Home, data: bytes) -> None:
    altered = _originals(home)[0]
    altered.write_bytes(data)
    (problem,) = _problems(home)
    assert problem.where == f"b3:{altered.parent.name}{altered.stem}"
    assert str(altered) in problem.detail


# --- the catalog's file -----------------------------------------------------------------------


def _closed(home: Home) -> Path:
    """The catalog's file with everything in it."""
    home.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    home.close()
    return home.folder / FILE_NAME


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_catalog_that_is_cut_short_is_found(home: Home, share: float) -> None:
    file = _closed(home)
    os.truncate(file, int(file.stat().st_size * share))
    _is_found(home)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8])
def test_a_catalog_with_a_page_overwritten_is_found(home: Home, share: float) -> None:
    file = _closed(home)
    with file.open("r+b") as opened:
        opened.seek(int(file.stat().st_size * share) // 4096 * 4096)
        opened.write(b"\xab" * 4096)
    _is_found(home)


def _is_found(home: Home) -> None:
    """Either it cannot even be opened, and the error says so, or the check lists it."""
    try:
        home.index = home._open()
    except DamagedStoreError as error:
        said = str(error)
    else:
        problems = _problems(home)
        assert problems[0].where == "catalog"
        said = problems[0].detail
    assert "backup" in said


def test_a_catalog_that_is_no_database_is_refused_in_plain_words(home: Home) -> None:
    file = _closed(home)
    file.write_bytes(b"this was a catalog once\n" * 400)
    with pytest.raises(StoreError, match=r"catalog .* is damaged .* backup"):
        Catalog(home.folder)
