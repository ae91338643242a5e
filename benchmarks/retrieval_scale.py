"""How commits, searches and upkeep of the passages table grow with its rows.

    python benchmarks/retrieval_scale.py 10000 50000 --folder /somewhere/with/space

Synthetic passages: 384 random components, 100 words whose frequencies follow Zipf's law, ten
passages a document. Prints one line a measurement, in milliseconds (median of five for searches).
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from indexer.model import FOREVER, Row
from indexer.ports import Filter, StoredPassage
from indexer.store.passages import LancePassages, UpkeepBounds

DIMENSION = 384
BATCH = 5_000
RANDOM = np.random.default_rng(1)
WORDS = np.array([f"word{number}" for number in range(30_000)])


def passages(first: int, count: int) -> list[StoredPassage]:
    """Synthetic passages with these row numbers."""
    vectors = RANDOM.standard_normal((count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = WORDS[RANDOM.zipf(1.3, size=(count, 100)) % len(WORDS)]
    return [
        StoredPassage(
            Row(no, no, no // 10, no % 3, no, 0, FOREVER, 0, FOREVER, FOREVER if no % 2 else 5),
            " ".join(texts[place]),
            vectors[place],
        )
        for place, no in enumerate(range(first, first + count))
    ]


def timed(name: str, work: Callable[[], object], times: int = 1) -> None:
    """Print the median time of `work` in milliseconds."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    print(f"  {name:<48}{statistics.median(spent):10.1f} ms", flush=True)


def searches(store: LancePassages) -> None:
    """Searches of both kinds with filters from wide to narrow."""
    newest = store.newest()
    assert newest is not None
    timed("open at a version", lambda: store.at(newest), 5)
    snapshot = store.at(newest)
    question = RANDOM.standard_normal(DIMENSION).astype(np.float32)
    documents = snapshot.count() // 10
    scattered = frozenset(RANDOM.choice(documents, min(900, documents // 2), replace=False).tolist())
    for name, where in (
        ("everything", Filter()),
        ("the present", Filter(known_at=9)),
        ("one document", Filter(known_at=9, documents=frozenset({17}))),
        ("900 scattered documents", Filter(known_at=9, documents=scattered)),
        ("20,000 scattered passages", Filter(passages=frozenset(range(0, 40_000, 2)))),
    ):
        timed(f"vector, {name}", partial(snapshot.search_vector, lambda: question, where, 20), 5)
        timed(f"text, {name}", partial(snapshot.search_text, "word3 word777 word12", where, 20), 5)
    timed("vectors of 500 embedded texts", lambda: store.vectors(range(100, 5100, 10)), 5)


def commits(store: LancePassages, rows: int) -> None:
    """Commits such as an edit makes."""
    for place in range(3):
        added = passages(rows + 20 * place, 20)
        closed = [replace(stored.row, no=no, passage_no=no) for no, stored in enumerate(added, 10 * place)]
        timed("commit that adds 20 rows and closes 20", partial(store.commit, added, closed))


def measure(folder: Path, rows: int) -> None:
    """Everything, for a table of so many rows."""
    print(f"{rows} rows")
    bounds = UpkeepBounds(number_index_rows=10**9, vector_index_rows=10**9)
    store = LancePassages(folder, f"rows-{rows}", DIMENSION, bounds=bounds)
    for first in range(0, rows, BATCH):
        added = passages(first, min(BATCH, rows - first))
        start = time.perf_counter()
        store.commit(added, [])
    print(f"  last commit of {BATCH}: {(time.perf_counter() - start) * 1000:.0f} ms")
    timed("text, nothing of it merged yet", lambda: searches_text(store), 5)
    timed("merge files and refresh the text index", store.compact)
    searches(store)
    commits(store, rows)
    for name, indexed in (
        ("number indexes", replace(bounds, number_index_rows=1)),
        ("vector index", replace(bounds, number_index_rows=1, vector_index_rows=1)),
    ):
        store = LancePassages(folder, f"rows-{rows}", DIMENSION, bounds=indexed)
        timed(f"build {name}", store.compact)
        searches(store)
        commits(store, rows + 1000)
    store.commit(passages(rows + 5_000, 5_000), [])
    timed("refresh all indexes after 5,000 rows", store.compact)


def searches_text(store: LancePassages) -> object:
    """One text search without a filter."""
    newest = store.newest()
    assert newest is not None
    return store.at(newest).search_text("word3 word777 word12", Filter(), 20)


def main() -> None:
    """Measure each size named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int, nargs="+")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=arguments.folder))
    try:
        for rows in arguments.rows:
            measure(folder, rows)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
