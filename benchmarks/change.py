"""How much work a change makes, through the real write side: edits, a renamed folder, edits taken back.

    python -m benchmarks.change [--edits 200] [--documents DIR] [--model bundled] [--seed 1]

Edits are made one at a time, each followed by a backfill: a paragraph is changed, inserted at the
top or deleted, in documents of 20 to 500 passages. Those are invented, or with --documents made of the
texts under DIR, joined to that size. Then edits are taken back, which embeds nothing, and a folder is
renamed, which embeds nothing and breaks no history.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.texts import EDITS, Author, Edit, read_documents
from benchmarks.workplace import add_json, conditions, configure, percentile, write_json
from indexer.composition import connectors, open_index, open_queries
from indexer.config import Config, load
from indexer.ingest.backfill import Backfill
from indexer.ingest.reports import BackfillReport

SMALLEST, LARGEST = 20, 500
"""Passages of a document that is edited."""


@dataclass(frozen=True, slots=True)
class Made:
    """One edit and what the backfill after it did."""

    edit: Edit
    embedded: int
    """Passages."""
    seconds: float


class Share:
    """A folder of documents with an index that is open for writing."""

    def __init__(self, config: Config, root: Path, backfill: Callable[[], BackfillReport]) -> None:
        self.config = config
        self.root = root
        self.backfill = backfill

    def write(self, key: str, text: str) -> None:
        """Create or replace a document."""
        file = self.root / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, key: str) -> str:
        """The present text of a document."""
        return (self.root / key).read_text(encoding="utf-8")

    def embedded(self) -> int:
        """Bring the index up to date, and say how many passages that embedded."""
        return sum(source.passages_embedded for source in self.backfill().sources)

    def histories(self, keys: Sequence[str]) -> list[tuple[str, int, int]]:
        """For each document its id, and the numbers of its versions and of its present passages."""
        with open_queries(self.config) as queries:
            found = [queries.history(f"corpus:{key}") for key in keys]
        return [
            (result.document.id, len(result.versions), result.versions[0].version.passages)
            for result in found
        ]


@contextmanager
def share(folder: Path, model: str | None) -> Iterator[Share]:
    """An empty folder and an empty index."""
    root = folder / "documents"
    root.mkdir()
    config = load(configure(folder, root, model), os.environ)
    with open_index(config) as index:
        yield Share(config, root, lambda: Backfill(index).run(connectors(config)))


def edit_one_by_one(place: Share, keys: Sequence[str], edits: int, author: Author) -> list[Made]:
    """Make so many edits, each in a document drawn from `keys`, each followed by a backfill."""
    made = []
    for _ in range(edits):
        key = author.choose(keys)
        text, edit = author.edit(place.read(key))
        place.write(key, text)
        began = time.perf_counter()
        made.append(Made(edit, place.embedded(), time.perf_counter() - began))
    return made


def take_back(place: Share, keys: Sequence[str], times: int, author: Author) -> int:
    """Edit a document, index it, and bring its former text back, so many times; passages embedded by coming back."""
    embedded = 0
    for _ in range(times):
        key = author.choose(keys)
        before = place.read(key)
        place.write(key, author.edit(before)[0])
        place.backfill()
        place.write(key, before)
        embedded += place.embedded()
    return embedded


def rename_folder(place: Share, files: int, author: Author) -> tuple[int, int, float]:
    """Rename a folder of so many files.

    Returns the passages embedded, the documents that did not keep their id and passages or did not
    get exactly one more version, and the seconds of the backfill.
    """
    names = [f"document {number:04d}.md" for number in range(files)]
    for name in names:
        place.write(f"old/{name}", author.document(2))
    place.backfill()
    before = place.histories([f"old/{name}" for name in names])
    (place.root / "old").rename(place.root / "new")
    began = time.perf_counter()
    embedded = place.embedded()
    seconds = time.perf_counter() - began
    after = place.histories([f"new/{name}" for name in names])
    expected = [(id_, versions + 1, passages) for id_, versions, passages in before]
    return embedded, sum(a != b for a, b in zip(after, expected, strict=True)), seconds


def documents_of_all_sizes(place: Share, count: int, ending: str, author: Author) -> list[str]:
    """Write and index documents from `SMALLEST` to `LARGEST` passages; the keys of those that came out between."""
    keys = [f"document {number:03d}{ending}" for number in range(count)]
    for number, key in enumerate(keys):
        # In equal ratios, and well between the bounds, so that few come out beyond.
        place.write(key, author.document(round(30 * (400 / 30) ** (number / max(1, count - 1)))))
    place.backfill()
    sized = zip(keys, place.histories(keys), strict=True)
    return [key for key, (_, _, passages) in sized if SMALLEST <= passages <= LARGEST]


def print_edits(made: Sequence[Made]) -> None:
    """A line for each kind of edit and one for all."""
    print("\n| edit | times | passages embedded: p50 | p95 | most | seconds: p50 | p95 | most |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in (*EDITS, "all"):
        chosen = [one for one in made if name in ("all", one.edit)]
        if not chosen:
            continue
        columns = [
            [f"{percentile([one.embedded for one in chosen], share):.0f}" for share in (0.5, 0.95, 1)],
            [f"{percentile([one.seconds for one in chosen], share):.2f}" for share in (0.5, 0.95, 1)],
        ]
        print(f"| {name} | {len(chosen)} | {' | '.join(cell for group in columns for cell in group)} |")


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--documents", type=Path, metavar="DIR", help="real texts instead of invented ones")
    parser.add_argument("--count", type=int, default=12, help="documents that are edited")
    parser.add_argument("--renamed", type=int, default=500, help="files in the folder that is renamed")
    parser.add_argument("--model", default="hashing", help="as in the configuration, or: bundled")
    parser.add_argument("--seed", type=int, default=1)
    add_json(parser)
    options = parser.parse_args()
    ending, real = read_documents(options.documents) if options.documents else (".md", [])
    author = Author(options.seed, real)
    told = conditions()
    print(told)
    with (
        tempfile.TemporaryDirectory() as folder,
        share(Path(folder), None if options.model == "bundled" else options.model) as place,
    ):
        keys = documents_of_all_sizes(place, options.count, ending, author)
        sizes = sorted(passages for _, _, passages in place.histories(keys))
        origin = f"joined from {options.documents}" if options.documents else "invented"
        print(
            f"{len(keys)} documents of {sizes[0]} to {sizes[-1]} passages, {origin}; model {options.model}, seed {options.seed}"
        )
        made = edit_one_by_one(place, keys, options.edits, author)
        print_edits(made)
        times = max(5, options.edits // 20)
        taken_back = take_back(place, keys, times, author)
        print(f"\n{times} edits taken back: {taken_back} passages embedded")
        embedded, broken, seconds = rename_folder(place, options.renamed, Author(options.seed))
        print(
            f"a folder of {options.renamed} files renamed: {embedded} passages embedded, "
            f"{broken} histories broken, {seconds:.1f} s"
        )
    write_json(
        options.json,
        told,
        {
            "edits": len(made),
            "embedded_p95": percentile([one.embedded for one in made], 0.95),
            "embedded_most": max(one.embedded for one in made),
            "edit_p50_s": percentile([one.seconds for one in made], 0.5),
            "edit_p95_s": percentile([one.seconds for one in made], 0.95),
            "taken_back_embedded": taken_back,
            "renamed_embedded": embedded,
            "histories_broken": broken,
        },
    )


if __name__ == "__main__":
    main()
