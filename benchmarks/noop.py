"""What a run costs that finds nothing new, beside `find` over the same folder.

    python -m benchmarks.noop [--files 10000] [--rounds 9] [--model bundled]

A nested folder of small files is indexed once; then `find -printf`, which stats each file once, and
`indexer backfill` run in turns, each as a whole process. One more idle run, not timed, is watched: it
must open no file of the folder, and load neither parsers nor the passages table's library nor a model.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.scan import FORMAT, build_tree
from benchmarks.workplace import add_json, conditions, configure, indexer, middle, run, write_json
from indexer.embedding.choose import create_embedder

TIMES_FIND, PLUS_SECONDS = 5, 0.8
"""What an idle run may take."""
UNWANTED = ("lancedb", "pyarrow", "torch", "transformers", "tokenizers", "markdown_it", "docutils", "lxml")
WATCHED = """
import json, os, sys

opened = []

def watch(event, arguments):
    if event == "open" and not (arguments[2] or 0) & os.O_DIRECTORY:
        opened.append(os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else "")

sys.addaudithook(watch)
from indexer.cli.main import main
code = main(sys.argv[1:])
json.dump([code, opened, sorted(sys.modules)], sys.stderr)
"""


def watched(config: Path, files: frozenset[str]) -> tuple[list[str], list[str]]:
    """The files of the folder that an idle run opens, and the unwanted packages that it loads."""
    words = [sys.executable, "-c", WATCHED, "--config", str(config), "backfill", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    _, opened, modules = json.loads(done.stderr.splitlines()[-1])
    loaded = {module.partition(".")[0] for module in modules}
    # By name: a file opened relative to its folder's descriptor has no path.
    return [path for path in opened if Path(path).name in files], sorted(loaded & set(UNWANTED))


def fingerprint_seconds() -> float:
    """How long the bundled model's files take to be told from others, which every idle run with it does."""
    began = time.perf_counter()
    _ = create_embedder(None).fingerprint
    return time.perf_counter() - began


def main() -> None:
    """Index once, measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", default="hashing", help="as in the configuration, or: bundled")
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(told)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        root = folder / "documents"
        build_tree(root, options.files)
        config = configure(folder, root, None if options.model == "bundled" else options.model)
        first = indexer(config, "backfill")
        find, idle = [], []
        for _ in range(options.rounds):
            find.append(run(["find", root, "-type", "f", "-printf", FORMAT]))
            idle.append(indexer(config, "backfill"))
        opened, loaded = watched(config, frozenset(file.name for file in root.rglob("*.md")))

    print(f"{options.files} files, model {options.model}, {options.rounds} rounds in turns, warm cache")
    print(f"indexed for the first time in {first.wall:.0f} s\n")
    print("| | median s | median CPU s | fastest s |")
    print("|---|---:|---:|---:|")
    for name, spent in (("find -printf", find), ("indexer backfill, nothing new", idle)):
        median = middle(spent)
        print(f"| {name} | {median.wall:.3f} | {median.cpu:.3f} | {min(s.wall for s in spent):.3f} |")
    allowed = TIMES_FIND * middle(find).wall + PLUS_SECONDS
    print(f"\nallowed: {TIMES_FIND} × find + {PLUS_SECONDS} s = {allowed:.3f} s")
    print(
        f"files of the folder opened: {len(opened)}; unwanted packages loaded: {', '.join(loaded) or 'none'}"
    )
    print(f"fingerprint of the bundled model: {fingerprint_seconds() * 1000:.0f} ms")
    write_json(
        options.json,
        told,
        {
            "files": options.files,
            "find_s": middle(find).wall,
            "idle_backfill_s": middle(idle).wall,
            "allowed_s": allowed,
            "files_opened": len(opened),
        },
    )


if __name__ == "__main__":
    main()
