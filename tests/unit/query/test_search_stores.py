"""Searching, when a store is another than the question needs: pruned, lying, of another model, or not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.embedding.hashing import HashingEmbedder
from indexer.errors import DamagedStoreError, IndexerError, StoreError
from indexer.ports import Filter, Match, VersionGoneError
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question
from indexer.store.catalog.catalog import Catalog
from tests.support.library import DAY, Library, V
from tests.support.memory_passages import MemoryPassages, MemorySnapshot
from tests.unit.query.searching import ask, texts


class OtherModel(HashingEmbedder):
    @property
    def fingerprint(self) -> str:
        return "another"


def with_parts(
    library: Library, *, table: MemoryPassages | None = None, model: HashingEmbedder | None = None
) -> Queries:
    return Queries(
        library.catalog,
        passages=lambda _: table or library.table,
        embedder=lambda: model or library.embedder,
        originals=lambda: pytest.fail("no originals are needed"),
        zone=UTC,
    )


def test_another_model_than_the_indexs_is_refused_except_for_words(library: Library) -> None:
    queries = with_parts(library, model=OtherModel())
    for mode in (Mode.HYBRID, Mode.VECTOR):
        with pytest.raises(StoreError, match="backfill"):
            queries.search(Question("days", mode=mode))
    assert queries.search(Question("days", mode=Mode.TEXT)).hits


class Pruning(MemoryPassages):
    """Loses the version that a reader holds, so many times."""

    def __init__(self, inner: MemoryPassages, times: int) -> None:
        super().__init__()
        self._inner = inner
        self.times = times

    def at(self, version: int) -> MemorySnapshot:
        self.times -= 1
        if self.times >= 0:
            raise VersionGoneError("pruned")
        return self._inner.at(version)


def test_a_reader_whose_table_was_pruned_takes_both_stores_again(library: Library) -> None:
    assert with_parts(library, table=Pruning(library.table, 2)).search(Question("days")).hits
    with pytest.raises(StoreError, match="rebuild"):
        with_parts(library, table=Pruning(library.table, 3)).search(Question("days"))


def test_warming_up_takes_both_stores_again_where_the_table_was_pruned(library: Library) -> None:
    with_parts(library, table=Pruning(library.table, 2)).warm()
    with pytest.raises(StoreError, match="rebuild"):
        with_parts(library, table=Pruning(library.table, 3)).warm()


class Upkeep(Pruning):
    """Loses the version that a reader holds once, after something was committed."""

    def __init__(self, inner: MemoryPassages, commit: Callable[[], None]) -> None:
        super().__init__(inner, 1)
        self._commit = commit

    def at(self, version: int) -> MemorySnapshot:
        if self.times > 0:
            self._commit()
        return super().at(version)


def test_a_reader_whose_table_was_pruned_sees_what_was_committed_meanwhile(library: Library) -> None:
    def commit() -> None:
        mine, library.catalog = library.catalog, Catalog(library.catalog.path.parent)
        library.write("late.md", [V(DAY, ["Late days."])])
        library.catalog = mine

    for question in ("Late days.", "Which days are in version 1?"):
        queries = with_parts(library, table=Upkeep(library.table, commit))
        assert "Late days." in texts(queries.search(Question(question)))


class Lying(MemorySnapshot):
    """Finds a passage that is not in the version asked for."""

    def search_text(self, query: str, where: Filter, limit: int, *, vectors: bool = False) -> list[Match]:
        return super().search_text(
            query, replace(where, known_at=None, valid_at=None), limit, vectors=vectors
        )

    def search_vector(
        self,
        vector: Callable[[], NDArray[np.float32]],
        where: Filter,
        limit: int,
        *,
        vectors: bool = False,
    ) -> list[Match]:
        everything = replace(where, known_at=None, valid_at=None)
        return super().search_vector(vector, everything, limit, vectors=vectors)


class LyingTable(MemoryPassages):
    def __init__(self, inner: MemoryPassages) -> None:
        super().__init__()
        self._inner = inner

    def at(self, version: int) -> MemorySnapshot:
        return Lying({p.row.no: p for batch in self._inner.at(version).scan() for p in batch})


def test_a_wrong_version_is_an_error_and_never_an_answer(library: Library) -> None:
    with pytest.raises(DamagedStoreError, match="rebuild"):
        with_parts(library, table=LyingTable(library.table)).search(Question("days"))


def test_a_table_that_was_never_published_has_no_hits(tmp_path: Path) -> None:
    Catalog(tmp_path, create=True).close()
    queries = Queries(
        Catalog(tmp_path),
        passages=lambda _: pytest.fail("there is no table"),
        embedder=lambda: pytest.fail("nothing is to be embedded"),
        originals=lambda: pytest.fail("no originals are needed"),
        zone=UTC,
    )
    assert queries.search(Question("days")).hits == ()
    assert queries.status().totals.documents == 0


def test_where_nothing_was_ever_indexed_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="backfill"):
        Catalog(tmp_path / "nowhere")


def test_a_search_sees_one_commit_whatever_is_written_meanwhile(library: Library) -> None:
    class Meddling(HashingEmbedder):
        def embed_query(self, text: str) -> NDArray[np.float32]:
            other = Catalog(library.catalog.path.parent)
            mine, library.catalog = library.catalog, other
            library.write("late.md", [V(DAY, ["Late days."])])
            library.catalog = mine
            return super().embed_query(text)

    result = with_parts(library, model=Meddling()).search(Question("Late days."))
    assert "Late days." not in texts(result)
    assert "Late days." in texts(ask(library, "Late days."))
