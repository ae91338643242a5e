"""How long a question takes that the catalog answers, as a whole process started for it alone.

    python -m benchmarks.start [--passages 26000] [--rounds 5]
    python -m benchmarks.start --config FILE --document DOC

Without --config it makes an index of invented documents first. The files are in the system's cache;
nothing else is warm. CPU time is the program's and the kernel's for it, of all threads.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.texts import Author
from benchmarks.workplace import (
    COMMAND,
    Spent,
    add_json,
    conditions,
    configure,
    indexer,
    middle,
    run,
    write_json,
)
from indexer.composition import open_queries
from indexer.config import load

PASSAGES_PER_DOCUMENT = 30


@contextmanager
def invented_index(passages: int) -> Iterator[tuple[Path, str]]:
    """The configuration of an index of about so many passages, and one of its documents, which has two versions."""
    author = Author(seed=1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        root = folder / "documents"
        root.mkdir()
        files = [
            root / f"document {number}.md" for number in range(max(1, passages // PASSAGES_PER_DOCUMENT))
        ]
        for file in files:
            file.write_text(author.document(PASSAGES_PER_DOCUMENT), encoding="utf-8")
        config = configure(folder, root, "hashing")
        indexer(config, "backfill")
        files[-1].write_text(author.edit(files[-1].read_text(encoding="utf-8"))[0], encoding="utf-8")
        indexer(config, "backfill")
        yield config, files[-1].name


def measure(config: Path, document: str, rounds: int) -> dict[str, list[Spent]]:
    """What each command took, round by round, so that all see the same neighbours."""
    command: list[str | Path] = [*COMMAND, "--config", config]
    questions = [["status"], ["history", document], ["show", document], ["blame", document], ["failures"]]
    commands: dict[str, list[str | Path]] = {
        "python, doing nothing": [sys.executable, "-c", "pass"],
        "indexer --version": [*COMMAND, "--version"],
    }
    for question in questions:
        commands[f"indexer {question[0]}"] = [*command, *question]
        commands[f"indexer {question[0]} --json"] = [*command, *question, "--json"]
    commands["indexer search --mode text"] = [*command, "search", "policy", "--mode", "text"]
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, words in commands.items():
            spent[name].append(run(words))
    return spent


def main() -> None:
    """Measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--config", type=Path, help="an index that is there, instead of an invented one")
    parser.add_argument("--document", help="one of its documents")
    add_json(parser)
    options = parser.parse_args()
    if options.config and not options.document:
        parser.error("--config needs --document")
    told = conditions()
    print(told)
    if options.config:
        figures = report(options.config, options.document, options.rounds)
    else:
        with invented_index(options.passages) as (config, document):
            figures = report(config, document, options.rounds)
    write_json(options.json, told, figures)


def report(config: Path, document: str, rounds: int) -> dict[str, float]:
    """The figures of one index: what is printed, and the median seconds of each process."""
    spent = measure(config, document, rounds)
    with open_queries(load(config, os.environ)) as queries:
        totals = queries.status().totals
    print(f"{totals.documents:,} documents, {totals.passages:,} present passages, {rounds} rounds\n")
    print("| process | median s | fastest s | median CPU s | least CPU s |")
    print("|---|---:|---:|---:|---:|")
    for name, all_ in spent.items():
        median = middle(all_)
        fastest, least = min(s.wall for s in all_), min(s.cpu for s in all_)
        print(f"| {name} | {median.wall:.2f} | {fastest:.2f} | {median.cpu:.2f} | {least:.2f} |")
    return {name: middle(all_).wall for name, all_ in spent.items()}


if __name__ == "__main__":
    main()
