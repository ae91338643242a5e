"""Upkeep changes no answer: a long life equals the model, readers go on, and what no version needs leaves the disk."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import lancedb
import numpy as np
import pytest
from lancedb.index import IvfSq

from indexer.clock import SystemClock
from indexer.ports import Filter, UpkeepDue, VersionGoneError
from indexer.store.passages import LancePassages
from indexer.store.passages import snapshot as snapshot_module
from indexer.store.passages.columns import PERIOD
from indexer.store.passages.upkeep import UpkeepBounds
from tests.support.memory_passages import MemoryPassages
from tests.support.stored_passages import (
    EAGER,
    EMBEDDER,
    TIMES,
    by_text,
    by_vector,
    lance,
    passage,
    random_filter,
    random_row,
    rows_of,
    seeded,
    texts_of,
)


def test_a_long_life_with_upkeep_and_recovery_equals_the_model(tmp_path: Path) -> None:
    pick = seeded(11)
    real, model = lance(tmp_path), MemoryPassages()
    published: list[tuple[int, int]] = []
    next_no = 0
    for step in range(40):
        add = [random_row(next_no + place, pick) for place in range(pick(range(12)))]
        next_no += len(add)
        known = (
            [stored.row for batch in model.at(published[-1][1]).scan() for stored in batch]
            if published
            else []
        )
        change = [
            replace(row, valid_to=pick(TIMES), closed_recorded=pick(TIMES))
            for row in known
            if not pick(range(6))
        ]
        versions = (real.commit(add, change), model.commit(add, change))
        if published and not pick(range(5)):
            versions = (real.restore(published[-1][0]), model.restore(published[-1][1]))
        if real.upkeep_due() and pick(range(2)):
            versions = (real.compact(), versions[1])
        published.append(versions)
        if step % 7 == 6:
            real.prune([version for version, _ in published[-2:]])
    assert not (real.compact(), real.upkeep_due())[1]
    for mine, models in published[-2:]:
        got, wanted = real.at(mine), model.at(models)
        assert rows_of(got) == rows_of(wanted)
        assert texts_of(got) == texts_of(wanted)
        for _ in range(20):
            where = random_filter(pick)
            assert by_vector(got, where) == by_vector(wanted, where)
            assert set(by_text(got, "passage", where, 1000)) == set(by_text(wanted, "passage", where, 1000))


def test_versions_stay_for_the_retention_period_after_they_were_superseded(tmp_path: Path) -> None:
    class Later(SystemClock):
        hours = 0

        def now(self) -> int:
            return super().now() + self.hours * 3_600_000_000

    clock = Later()
    store = LancePassages(tmp_path / "p", EMBEDDER.fingerprint, EMBEDDER.dimension, clock=clock)
    versions = [store.commit([passage(no)], []) for no in range(1, 5)]
    store.prune([versions[-1]])
    assert store.at(versions[0]).count() == 1
    clock.hours = 2
    store.prune([versions[-1]])
    with pytest.raises(VersionGoneError):
        store.at(versions[0])
    assert store.at(versions[-1]).count() == 4


def test_a_reader_outlives_compaction_and_pruning_of_other_versions(tmp_path: Path) -> None:
    store = lance(tmp_path)
    for no in range(1, 40, 4):
        store.commit([passage(no + place, f"wording number{no + place}") for place in range(4)], [])
    published = store.newest()
    assert published is not None
    held = store.at(published)
    for _ in range(3):
        store.commit([passage(99)], [replace(passage(1).row, valid_to=3)])
        store.compact()
        store.prune([published])
    assert held.count() == store.at(published).count() == 40
    assert by_text(held, "number17") == [17]
    assert by_vector(store.at(published), Filter()) == set(range(1, 41))


def test_what_no_version_names_leaves_the_disk_with_the_next_merge(tmp_path: Path) -> None:
    store = lance(tmp_path)
    for no in range(1, 31):
        store.commit([passage(no, f"wording {no} " * 200)], [])
    files = partial(tmp_path.glob, "passages/*.lance/data/*.lance")
    before = len(list(files()))
    store.prune([store.compact()])
    store.commit([passage(31)], [])
    store.commit([passage(32)], [])
    published = store.compact()
    assert len(list(files())) < before / 2
    assert store.at(published).count() == 32


def test_the_vector_index_finds_what_an_exact_search_finds(tmp_path: Path) -> None:
    store = lance(tmp_path)
    generator = np.random.default_rng(5)
    raw = generator.standard_normal((600, EMBEDDER.dimension)).astype(np.float32)
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    store.commit([replace(passage(no, document_no=no % 50), vector=raw[no]) for no in range(500)], [])
    exact = store.at(store.commit([], []))
    store.compact()
    indexed = store.at(
        store.commit(
            [replace(passage(no, document_no=no % 50), vector=raw[no]) for no in range(500, 600)], []
        )
    )
    hits = 0
    for where in (Filter(), Filter(not_documents=frozenset(range(25)))):
        for question in raw[480:500]:
            wanted = {m.row_no for m in exact.search_vector(partial(np.asarray, question), where, 10)}
            got = {m.row_no for m in indexed.search_vector(partial(np.asarray, question), where, 20)}
            hits += len(wanted & got)
    assert hits >= 0.95 * 400


def test_a_few_rows_are_found_wherever_they_lie_in_the_vector_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "_ALL", 1)  # half of the ten partitions are searched first
    monkeypatch.setattr(snapshot_module, "_SMALL_SCOPE", 0)
    store = lance(tmp_path, replace(EAGER, vector_index_rows=100, partition_rows=50))
    store.commit([passage(no, document_no=no % 100) for no in range(500)], [])
    snapshot = store.at(store.compact())
    assert by_vector(snapshot, Filter(documents=frozenset({17}))) == {17, 117, 217, 317, 417}


def test_the_vector_index_is_made_anew_as_the_table_grows(tmp_path: Path) -> None:
    store = lance(tmp_path, replace(EAGER, vector_index_rows=100, partition_rows=50))
    made: list[list[str]] = []
    for end in (90, 100, 190, 260):
        store.commit([passage(no) for no in range(end - 90, end)], [])
        store.compact()
        table = lancedb.connect(tmp_path / "passages").open_table(EMBEDDER.fingerprint)
        made.append([index.name for index in table.list_indices() if index.name.startswith("vector")])
        assert not store.upkeep_due()
    assert made == [[], ["vector_ivf_2"], ["vector_ivf_4"], ["vector_ivf_4"]]


def test_what_has_gathered_can_wait_until_it_slows_searches_down(tmp_path: Path) -> None:
    bounds = UpkeepBounds(files=4, unindexed_rows=20)
    store = lance(tmp_path, bounds)
    dues = []
    for no in range(40):
        store.commit([passage(no)], [])
        dues.append(store.upkeep_due())
    assert sorted(dues) == dues
    assert set(dues) == set(UpkeepDue)
    assert dues.index(UpkeepDue.WHEN_QUIET) <= bounds.files
    assert dues.index(UpkeepDue.NOW) >= 2 * bounds.files - 1
    store.compact()
    assert store.upkeep_due() is UpkeepDue.NO


def test_a_table_without_periods_gets_them_with_the_next_commit(tmp_path: Path) -> None:
    store = lance(tmp_path)
    old = [passage(no, valid_from=at) for no, at in enumerate((-PERIOD - 1, -1, 0, PERIOD), start=1)]
    store.commit(old, [])
    table = lancedb.connect(tmp_path / "passages").open_table(EMBEDDER.fingerprint)
    table.drop_columns([column for column in table.schema.names if column.endswith("_period")])
    before = store.newest()
    assert before is not None
    assert rows_of(store.at(before)) == {stored.row.no: stored.row for stored in old}
    after = store.commit([passage(no) for no in range(5, 30)], [])
    assert {no: row for no, row in rows_of(store.at(after)).items() if no < 5} == rows_of(store.at(before))
    where = Filter(known_at=9, valid_at=-1)
    assert by_vector(store.at(store.compact()), where) == by_vector(store.at(before), where) == {1, 2}


def test_an_index_that_a_failed_upkeep_left_beside_its_successor_is_dropped(tmp_path: Path) -> None:
    store = lance(tmp_path, replace(EAGER, vector_index_rows=60, partition_rows=30))
    store.commit([passage(no) for no in range(60)], [])
    store.compact()
    table = lancedb.connect(tmp_path / "passages").open_table(EMBEDDER.fingerprint)
    table.create_index("vector", name="vector_ivf_1", config=IvfSq(distance_type="cosine", num_partitions=1))
    assert store.upkeep_due()
    store.compact()
    table.checkout_latest()
    names = [index.name for index in table.list_indices() if index.name.startswith("vector")]
    assert names == ["vector_ivf_2"]
    assert not store.upkeep_due()


def test_a_vector_index_of_many_pieces_is_made_anew(tmp_path: Path) -> None:
    store = lance(tmp_path, replace(EAGER, vector_index_rows=60, partition_rows=100))
    store.commit([passage(no) for no in range(60)], [])
    store.compact()
    pieces = []
    for no in range(60, 80):
        store.commit([passage(no)], [])
        store.compact()
        table = lancedb.connect(tmp_path / "passages").open_table(EMBEDDER.fingerprint)
        pieces.append(table.index_stats("vector_ivf_1").num_indices)
    assert max(pieces) > 2  # each refresh adds one
    assert max(pieces) <= 9
    assert by_vector(store.at(store.compact()), Filter(known_at=9)) == set(range(80))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed by Linux alone")
def test_nothing_is_kept_open_of_indexes_that_were_superseded(tmp_path: Path) -> None:
    def open_indexes() -> set[str]:
        targets = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
        return {
            Path(target).parent.name
            for target in targets
            if f"{tmp_path}/" in target and "_indices" in target
        }

    table = lance(tmp_path)
    for no in range(40):
        version = table.commit([passage(no)], [])
        if table.upkeep_due():
            version = table.compact()
        assert by_text(table.at(version), f"number{no}", Filter())
    assert len(list(tmp_path.rglob("_indices/*"))) > 6
    assert len(open_indexes()) <= 2
