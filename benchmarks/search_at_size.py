"""How long searches take, and how near to exact they are, by scope and by size.

    python -m benchmarks.search_at_size [--index DATA_DIR] [--repository REPO] [--rows N] [--queries N] [--json FILE]

The rows are those of a real history, first parents of REPO, with all that was closed on the way;
``--index`` keeps that index between runs, vectors included. Up to N rows are added by
editing real passages: a word of the text replaced, the vector moved a little, the same share closed.
Without a repository everything is made of a small built-in text, to see that it runs.

Two measurements, scopes interleaved, one process, warm: *search* asks the whole question at the
real size (embedding it, scope, retrieval, hits with versions); *retrieve* finds the passages at the
padded size (both sides and fusion). Recall compares the ten best by meaning with an exact scan of
the same rows; of equally near rows either counts.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.workplace import conditions, configure, percentile
from connectors import git
from indexer.composition import connectors, open_index, open_queries
from indexer.config import Config, load
from indexer.embedding.choose import create_embedder
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import ConfiguredSource
from indexer.model import FOREVER, Published
from indexer.ports import Embedder, Filter, StoredPassage
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question
from indexer.query.retrieve import retrieve
from indexer.store.catalog.catalog import Catalog
from indexer.store.passages import LancePassages
from indexer.store.passages.snapshot import LanceSnapshot
from indexer.store.passages.table import INDEX_CACHE_BYTES

HITS: Final = 10
NOISE: Final = 0.15
"""How far an edited passage's vector moves, as a share of its length: cosine about 0.99 to the real one."""
_BATCH: Final = 5_000
_SMALL: Final = "\n\n".join(
    f"# Rule {n}\n\nRule {n} of the house says that item {n * 7 % 31} is kept in room {n * 5 % 17}."
    for n in range(400)
)


# --- the index -------------------------------------------------------------------------------


def build(place: Path, repository: Path | None, model: str | None) -> Config:
    """The index in `place`, brought up to date; made where there is none."""
    documents = place / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    if repository is None:
        (documents / "rules.md").write_text(_SMALL, encoding="utf-8")
    config = load(configure(place, documents, model), os.environ)
    with open_index(config) as index:
        if repository is None:
            Backfill(index).run(connectors(config))
        else:
            texts = {"path": str(repository.resolve()), "paths": ["*.txt", "*.rst", "*.md"]}
            history = ConfiguredSource("history", git.create("history", texts), keep_originals=False)
            Backfill(index).run([history])
    return config


def padded(
    real: LanceSnapshot,
    folder: Path,
    published: Published,
    rows: int,
    chance: np.random.Generator,
    cache: int = INDEX_CACHE_BYTES,
) -> LancePassages:
    """A table of `rows` rows in `folder`: the real ones, then edited copies of them, indexed as upkeep would."""
    table = LancePassages(folder, published.fingerprint, published.dimension, index_cache_bytes=cache)
    found = [passage for batch in real.scan() for passage in batch]
    made = table.newest()
    count = 0 if made is None else table.at(made).count()
    while count < rows:
        part = found[count : count + _BATCH] if count < len(found) else []
        if not part:
            picked = chance.choice(len(found), min(_BATCH, rows - count))
            part = [edited(found[place], count + n, chance) for n, place in enumerate(picked)]
        table.commit(part[: rows - count], [])
        count += len(part[: rows - count])
    while table.upkeep_due():
        table.compact()
    return table


def edited(passage: StoredPassage, extra: int, chance: np.random.Generator) -> StoredPassage:
    """A near-duplicate under numbers of its own."""
    words = passage.embedded.split(" ")
    words[int(chance.integers(len(words)))] = f"w{chance.integers(5_000)}"
    moved = passage.vector + NOISE * chance.standard_normal(len(passage.vector)).astype(np.float32) / np.sqrt(
        len(passage.vector)
    )
    no = 10_000_000 + extra
    row = replace(
        passage.row,
        no=no,
        passage_no=no,
        embed_no=no,
        document_no=passage.row.document_no + 1_000_000 * (extra % 7 + 1),
    )
    return StoredPassage(row, " ".join(words), (moved / np.linalg.norm(moved)).astype(np.float32))


# --- questions and scopes --------------------------------------------------------------------


def questions(rows: Sequence[StoredPassage], count: int, chance: random.Random) -> list[str]:
    """Some words in a row of passages drawn at random, with one left out: what somebody half remembers."""
    texts = []
    for passage in chance.sample(rows, min(count, len(rows))):
        words = passage.embedded.split()
        start = chance.randrange(max(1, len(words) - 8))
        kept = words[start : start + 8]
        if len(kept) > 3:
            del kept[chance.randrange(len(kept))]
        texts.append(" ".join(kept))
    return [text for text in texts if text.strip()]


def instants(rows: Sequence[StoredPassage], chance: random.Random) -> Iterator[int]:
    """Effective times at which something was there."""
    while True:
        yield chance.choice(rows).row.valid_from


# --- measuring -------------------------------------------------------------------------------


def interleaved(work: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind of work, one of each after another so that noise falls on all."""
    spent: dict[str, list[float]] = {name: [] for name in work}
    gc.collect()
    gc.freeze()  # what this program holds for its own sake is not walked through between questions
    for turn in range(-3, rounds):
        for name, call in work.items():
            began = time.perf_counter()
            call(turn)
            if turn >= 0:
                spent[name].append(1000 * (time.perf_counter() - began))
    return {
        name: {
            "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(percentile(times, 0.95), 1),
            "n": len(times),
        }
        for name, times in spent.items()
    }


def whole_searches(
    queries: Queries,
    catalog: Catalog,
    texts: Sequence[str],
    rows: Sequence[StoredPassage],
    chance: random.Random,
) -> dict[str, Any]:
    """The whole way from a question to its hits, at the real size."""
    with catalog.snapshot() as snapshot:
        ids = {d.no: d.id for d in snapshot.documents(known_at=snapshot.recorded)}
        counted = {no: [v.number for v in vs if v.number] for no, vs in snapshot.versions_of().items()}
        middle = sorted(passage.row.recorded_from for passage in rows)[len(rows) // 2]
    times = instants(rows, chance)
    documents = [no for no in ids if counted.get(no)]

    def moment(instant: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(max(0, instant) // 1_000_000 + 1))

    def ask(turn: int, **scope: Any) -> object:
        return queries.search(Question(texts[turn % len(texts)], k=HITS, **scope))

    def one_version(turn: int) -> object:
        no = chance.choice(documents)
        return ask(turn, document=ids[no], version=str(chance.choice(counted[no])))

    known = moment(middle)
    usual: dict[str, Callable[[int], object]] = {
        "current": ask,
        "as-of": lambda turn: ask(turn, as_of=moment(next(times))),
        "known-at": lambda turn: ask(turn, known_at=known),
        "one document at one version": one_version,
    }
    # By itself: it walks through rows that no other scope sees, and would leave the caches to the next question cold.
    return interleaved(usual, len(texts)) | interleaved(
        {"every version": lambda turn: ask(turn, history=True)}, len(texts)
    )


def retrievals(
    table: LanceSnapshot,
    texts: Sequence[str],
    vectors: Sequence[NDArray[np.float32]],
    rows: Sequence[StoredPassage],
    chance: random.Random,
) -> dict[str, Any]:
    """Both sides and their fusion at the padded size, and the recall of the vector side."""
    now = max(passage.row.recorded_from for passage in rows) + 1
    middle = sorted(passage.row.recorded_from for passage in rows)[len(rows) // 2]
    times = instants(rows, chance)
    by_document: dict[int, list[int]] = {}
    for passage in rows:
        by_document.setdefault(passage.row.document_no, []).append(passage.row.passage_no)
    versions = [nos for nos in by_document.values() if len(nos) >= 5]

    def one_version() -> Filter:
        nos = chance.choice(versions)
        return Filter(passages=frozenset(chance.sample(nos, min(30, len(nos)))))

    scopes: dict[str, Callable[[], Filter]] = {
        "current": lambda: Filter(known_at=now),
        "as-of": lambda: Filter(known_at=now, valid_at=next(times)),
        "known-at": lambda: Filter(known_at=middle),
        "every version": lambda: Filter(known_at=now, every_version=True),
        "one document": lambda: Filter(
            known_at=now, documents=frozenset([chance.choice(rows).row.document_no])
        ),
        "one document at one version": one_version,
    }
    filters = {name: [make() for _ in texts] for name, make in scopes.items()}

    def find(name: str, turn: int) -> object:
        place = turn % len(texts)
        return retrieve(
            table, texts[place], partial(np.asarray, vectors[place]), filters[name][place], Mode.HYBRID, HITS
        )

    figures = interleaved({name: partial(find, name) for name in scopes}, len(texts))
    similar = np.stack(vectors) @ np.stack([passage.vector for passage in rows]).T
    columns = Columns(rows)
    for name, chosen in filters.items():
        shares = []
        for vector, near, where in zip(vectors, similar, chosen, strict=True):
            scores = near[columns.visible(where)]
            if not len(scores):
                continue
            count = min(HITS, len(scores))
            least = np.partition(scores, -count)[-count]
            got = table.search_vector(partial(np.asarray, vector), where, HITS)
            shares.append(sum(match.score >= least - 1e-5 for match in got) / count)
        figures[name]["recall@10"] = round(statistics.mean(shares), 4) if shares else 1.0
    return figures


class Columns:
    """The rows' numbers as arrays, so that an exact scan can apply the filters by itself."""

    def __init__(self, rows: Sequence[StoredPassage]) -> None:
        names = (
            "passage_no",
            "document_no",
            "valid_from",
            "valid_to",
            "recorded_from",
            "recorded_to",
            "closed_recorded",
        )
        self._of = {name: np.array([getattr(p.row, name) for p in rows], dtype=np.int64) for name in names}

    def visible(self, where: Filter) -> NDArray[np.bool_]:
        """Which rows `where` lets through, by the weave's rule."""
        of = self._of
        seen = np.ones(len(of["passage_no"]), dtype=bool)
        if where.known_at is not None:
            known = where.known_at
            seen &= (of["recorded_from"] <= known) & (known < of["recorded_to"])
            is_open = known < of["closed_recorded"]
            if where.valid_at is not None:
                valid = where.valid_at
                seen &= (of["valid_from"] <= valid) & ((valid < of["valid_to"]) | is_open)
            elif not where.every_version:
                seen &= is_open
        for name, chosen in (("document_no", where.documents), ("passage_no", where.passages)):
            if chosen is not None:
                seen &= np.isin(of[name], list(chosen))
        return seen


# --- the command -----------------------------------------------------------------------------


def measure(place: Path, config: Config, rows: int, count: int, model: str | None) -> dict[str, Any]:
    """Every figure, for an index in `place`."""
    chance, generator = random.Random(1), np.random.default_rng(1)
    embedder: Embedder = create_embedder(model, cache=config.data_dir / "models")
    with open_queries(config) as queries, Catalog(config.data_dir) as catalog:
        with catalog.snapshot() as snapshot:
            published = snapshot.published()
        assert published is not None
        store = LancePassages(config.data_dir / "passages", published.fingerprint, published.dimension)
        real = store.at(published.table_version)
        found = [passage for batch in real.scan() for passage in batch]
        texts = questions(found, count, chance)
        result: dict[str, Any] = {
            "rows": len(found),
            "open_rows": sum(passage.row.closed_recorded == FOREVER for passage in found),
            "search": whole_searches(queries, catalog, texts, found, chance),
        }
    vectors = [embedder.embed_query(text) for text in texts]
    tell(f"padding {len(found):,} rows to {rows:,}")
    with tempfile.TemporaryDirectory(dir=place) as folder:
        table = padded(real, Path(folder), published, rows, generator, config.limits.index_cache)
        newest = table.newest()
        assert newest is not None
        snapshot_at = table.at(newest)
        held = [passage for batch in snapshot_at.scan() for passage in batch]
        result["padded_rows"] = len(held)
        tell("searching the padded table")
        result["bytes_per_row"] = round(
            sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file()) / len(held)
        )
        result["retrieve"] = retrievals(snapshot_at, texts, vectors, held, chance)
    return result


def tell(doing: str) -> None:
    """What takes its time now."""
    print(f"{time.strftime('%H:%M:%S')} {doing}", file=sys.stderr, flush=True)


def main() -> int:
    """Build or open the index, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, help="keep the index here, and use the one that is here")
    parser.add_argument("--as-it-is", action="store_true", help="do not bring that index up to date")
    parser.add_argument("--repository", type=Path, help="whose history is indexed")
    parser.add_argument("--rows", type=int, default=2_000, help="of the padded table")
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--model", help="as in the configuration; default: the bundled one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    place = options.index or Path(tempfile.mkdtemp())
    try:
        if options.as_it_is:
            config = load(place.resolve() / "config.toml", os.environ)
        else:
            config = build(place.resolve(), options.repository, options.model)
        result = {"conditions": conditions()} | measure(
            place, config, options.rows, options.queries, options.model
        )
    finally:
        if options.index is None:
            shutil.rmtree(place)
    print(result["conditions"])
    for part, size in (("search", result["rows"]), ("retrieve", result["padded_rows"])):
        print(f"{part}, {size:,} rows")
        for name, figures in result[part].items():
            print(f"  {name:<30}" + "".join(f"{key} {value:<10}" for key, value in figures.items()))
    print(f"{result['bytes_per_row']:,} bytes on disk for each row of the passages table")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
