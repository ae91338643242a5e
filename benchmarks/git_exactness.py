"""Whether the history of a repository is told exactly: every state, version, rename and tag, beside the git program.

    python -m benchmarks.git_exactness REPO... [--sample 500] [--index DIR] [--seed 1]

Indexes the whole first-parent history of each repository with the hashing embedder and compares:

* *states*: for every path and every commit of the line whether a document is there, and its bytes;
* *texts*: for pairs (path, commit) drawn at random ``show path@commit``, and the text that the parser
  makes of ``git show commit:path``: half of them at commits that touched the path, half at others at which
  it is there. A state that cannot be parsed must be a failure, and some of the index's failures are among
  them. Of pairs at which there is no file a fifth as many: nothing may be found but what *tags* allow;
* *versions*: the commits of the versions at each path, and ``git log --first-parent -- path``. A rename
  counts for both of its paths. Commits that only changed permissions count for nothing, and a file that
  became a link or a submodule is gone. What a path's own log says is held against the log of everything;
* *renames*: (commit, old path, new path), and those of ``git log -M``. Names that were exchanged within
  one commit are told apart: Git does not look for them. The contents must have been exchanged, too;
* *tags*: ``show path@tag`` of every file in the tag's tree, and of every path that the tag lacks. There
  nothing may be found but the document that has the name now under the one that it had then.

A repository's own index is kept in DIR/NAME, if --index is given. Ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.git_compared import Comparison
from benchmarks.git_indexed import index_history
from benchmarks.git_says import Git
from benchmarks.workplace import add_json, conditions, write_json
from indexer.composition import open_index

SHOWN: Final = 20
"""Mismatches of one check that are printed."""


def compare(place: Path, repository: Path, sample: int, seed: int) -> dict[str, object]:
    """Index, compare, print one repository."""
    indexed = index_history(place, repository, "hashing")
    report = indexed.report
    print(
        f"\n{repository.name}: {report.versions_added:,} versions of {report.documents_seen:,} documents added, "
        f"{report.failed} failed, in {indexed.seconds:.0f} s ({indexed.cpu_seconds:.0f} s of CPU), peak {indexed.peak_mib:,} MiB\n"
    )
    print("| check | compared | wrong | besides |")
    print("|---|---:|---:|---|")
    git = Git(repository)
    with open_index(indexed.config) as index:
        counter = index.embedder.counter
    done = []
    for check in Comparison(git, indexed.config, sample, random.Random(seed), counter).checks():
        besides = ", ".join(
            what if what.startswith("exchanged:") else f"{what} {count:,}"
            for what, count in list(check.apart.items())[:SHOWN]
        )
        print(f"| {check.name} | {check.compared:,} | {len(check.wrong):,} | {besides} |", flush=True)
        done.append(check)
    git.close()
    for check in done:
        for line in check.wrong[:SHOWN]:
            print(f"  {check.name}: {line}")
        if len(check.wrong) > SHOWN:
            print(f"  {check.name}: … and {len(check.wrong) - SHOWN:,} more")
    return {
        "seconds": indexed.seconds,
        "cpu_seconds": indexed.cpu_seconds,
        "peak_mib": indexed.peak_mib,
        "report": asdict(report),
        "commits": len(git.line),
        "checks": {check.name: asdict(check) for check in done},
        "wrong": sum(len(check.wrong) for check in done),
    }


def main() -> int:
    """Compare every repository that is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path, nargs="+")
    parser.add_argument("--sample", type=int, default=500, help="pairs of path and commit that are shown")
    parser.add_argument("--index", type=Path, help="keep the indexes here, and use those that are here")
    parser.add_argument("--seed", type=int, default=1)
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(f"{told}, git {_git_version()}")
    figures: dict[str, object] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        for repository in options.repository:
            place = (options.index or Path(temporary)).resolve() / repository.stem
            figures[repository.name] = found = compare(place, repository, options.sample, options.seed)
            wrong += int(str(found["wrong"]))
    write_json(options.json, told, {"repositories": figures})
    return 1 if wrong else 0


def _git_version() -> str:
    told = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    return told.split()[-1]


if __name__ == "__main__":
    sys.exit(main())
