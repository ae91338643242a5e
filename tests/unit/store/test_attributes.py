"""Attributes in the catalog's file: kept once, and written only where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.model import FOREVER, Instant
from indexer.ports.batch import Batch, NewDocument
from indexer.store.catalog.catalog import Catalog

STAFF = '{"groups":["staff"]}'


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path, create=True) as catalog:
        catalog.register("uid", "wiki", "confluence")
        batch = Batch(1, 1)
        batch.documents += [NewDocument(no, f"d_{no}", 1, f"page-{no}", history_open=False) for no in (1, 2)]
        catalog.commit(batch)
        yield catalog


def say(catalog: Catalog, at: Instant, no: int, **said: tuple[str, ...]) -> int:
    """Say this of a document; how many lines that wrote."""
    batch = Batch(at, 1)
    batch.attributes[no] = said
    before = catalog._sql.total_changes
    catalog.commit(batch)
    return catalog._sql.total_changes - before


def lines(catalog: Catalog, table: str) -> list[tuple[object, ...]]:
    return catalog._sql.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()


def test_a_value_that_many_documents_share_is_kept_once(catalog: Catalog) -> None:
    say(catalog, 5, 1, access=(STAFF,))
    say(catalog, 6, 2, access=(STAFF,))
    assert lines(catalog, "attribute_value") == [(1, "access", STAFF)]
    assert lines(catalog, "attribute") == [(1, 1, 5, FOREVER), (1, 2, 6, FOREVER)]


def test_only_what_differs_is_written(catalog: Catalog) -> None:
    say(catalog, 5, 1, label=("a", "b"), access=(STAFF,))
    nothing = say(catalog, 6, 2)
    assert say(catalog, 7, 1, label=("a", "b"), access=(STAFF,)) == nothing
    say(catalog, 8, 1, label=("b", "c"), access=(STAFF,))
    held = catalog._sql.execute(
        """SELECT v.value, a.recorded_from, a.recorded_to FROM attribute a JOIN attribute_value v ON v.no = a.value_no
           ORDER BY 1"""
    ).fetchall()
    assert held == [("a", 5, 8), ("b", 5, FOREVER), ("c", 8, FOREVER), (STAFF, 5, FOREVER)]


def test_a_value_that_comes_back_has_two_intervals(catalog: Catalog) -> None:
    for at, labels in ((5, ("a",)), (6, ()), (7, ("a",))):
        say(catalog, at, 1, label=labels)
    with catalog.snapshot() as snapshot:
        seen = [snapshot.attributes([1], at)[1]["label"] for at in (5, 6, 7)]
    assert seen == [("a",), (), ("a",)]
    assert list(catalog.current().clashing_attributes()) == []


def test_two_intervals_that_overlap_are_found(catalog: Catalog) -> None:
    say(catalog, 5, 1, label=("a",))
    catalog._sql.execute(
        "INSERT INTO attribute SELECT value_no, document_no, 9, ? FROM attribute", (FOREVER,)
    )
    assert list(catalog.current().clashing_attributes()) == [("d_1", "label", "a")]
