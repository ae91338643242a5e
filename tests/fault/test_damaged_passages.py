"""Damage to the passages table: the deep check names it, and it is mended out of the catalog."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from indexer.ingest.recovery import rebuild
from indexer.query.results import Mode, Question
from indexer.store.passages import columns
from tests.fault.damage import problems_of, sound_index
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home


@pytest.fixture
def home() -> Iterator[Home]:
    yield from sound_index()


def _answers(home: Home) -> list[object]:
    queries = home.queries()
    return [
        [
            (hit.citation, hit.text)
            for hit in queries.search(Question("days", k=100, mode=mode, history=True)).hits
        ]
        for mode in Mode
    ]


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
    return _set(home, valid_from=5, valid_from_period=0)


def _table_belief(home: Home) -> str:
    return _set(home, recorded_from=5, recorded_from_period=0)


def _table_period(home: Home) -> str:
    _set(home, valid_from_period=1)
    return "passages table"


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
    _table_period,
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
    problems = problems_of(home)
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
