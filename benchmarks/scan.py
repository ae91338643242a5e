"""Compares the listing of an unchanged folder with `find -printf`, which also stats each file once.

    python -m benchmarks.scan [--files 10000] [--rounds 15]

Both see the same tree in interleaved rounds, so that neither gets the warmer cache; medians count.
The connector's time is that of a whole listing in a running process, every event consumed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.workplace import add_json, conditions, write_json
from connectors.files import create
from indexer.outside.connector import look_from_outside
from indexer.outside.recipe import Recipe
from indexer.ports import Connector

FORMAT = "%s %T@ %p\n"


def build_tree(root: Path, files: int) -> None:
    """`files` small files, 20 to a folder, folders nested three deep."""
    for number in range(files):
        folder = (
            root
            / f"area {number // 2000:02d}"
            / f"team {number // 200 % 10}"
            / f"subject {number // 20 % 10}"
        )
        if number % 20 == 0:
            folder.mkdir(parents=True)
        (folder / f"document {number:06d}.md").write_text(f"# Document {number}\n")


def milliseconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def find(root: Path) -> None:
    """List the tree with `find`, as a process of its own."""
    subprocess.run(["find", root, "-type", "f", "-printf", FORMAT], check=True, stdout=subprocess.DEVNULL)


def listing(connector: Connector) -> int:
    """List the tree with the connector and return the number of events."""
    return sum(1 for _ in connector.changes(None))


def main() -> None:
    """Build the tree, measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    add_json(parser)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build_tree(root, arguments.files)
        patterns = {"include": ["*.md", "docs/**"], "exclude": ["drafts/", "old *.md", "!*.tmp"]}
        plain = create("plain", {"root": root})
        chosen = create("chosen", {"root": root, **patterns})
        outside = look_from_outside(Recipe("connectors.files:create", "outside", {"root": str(root)}))
        actions: dict[str, Callable[[], object]] = {
            "find -printf": lambda: find(root),
            "files connector": lambda: listing(plain),
            "files connector, looked at by another process": lambda: listing(outside),
            "files connector, 2 include and 3 exclude patterns": lambda: listing(chosen),
        }
        assert listing(plain) == listing(chosen) == listing(outside) == arguments.files + 1
        rounds = [
            {name: milliseconds(action) for name, action in actions.items()} for _ in range(arguments.rounds)
        ]
        outside.close()

    print(f"{arguments.files} files, {arguments.rounds} interleaved rounds, warm cache")
    told = conditions()
    print(f"{told}\n")
    print("| listing | median ms | fastest ms | times find |")
    print("|---|---:|---:|---:|")
    base = statistics.median(times["find -printf"] for times in rounds)
    for name in actions:
        measured = [times[name] for times in rounds]
        median = statistics.median(measured)
        print(f"| {name} | {median:.1f} | {min(measured):.1f} | {median / base:.2f} |")
    write_json(arguments.json, told, {name: statistics.median(t[name] for t in rounds) for name in actions})


if __name__ == "__main__":
    main()
