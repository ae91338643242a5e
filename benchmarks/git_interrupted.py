"""Whether an import of a repository's history that is killed ends as one that is not.

    python -m benchmarks.git_interrupted REPO [--kills 3] [--seed 1] [--keep DIR]

Imports the whole history twice with the hashing embedder, as processes of their own: once in one go,
once ended by SIGKILL at random moments and begun again. Then compares what both hold: documents by
their states, versions with their places in time, the texts of their passages, the weave's rows;
drawn ids and recorded times aside. Prints times and the peak memory.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.workplace import conditions
from indexer.composition import open_index
from indexer.config import load

_CONFIG = """data_dir = "./data"
[embedding]
model = "hashing"
[[source]]
name = "history"
kind = "git"
path = "{repository}"
"""
Told = Counter[tuple[object, ...]]


def command(place: Path) -> list[str]:
    """The import, as people run it."""
    program = Path(sys.executable).with_name("indexer")
    return [str(program), "--config", str(place / "config.toml"), "backfill"]


def prepare(place: Path, repository: Path) -> Path:
    """A configured folder without an index."""
    place.mkdir(parents=True)
    (place / "config.toml").write_text(_CONFIG.format(repository=repository.resolve()), encoding="utf-8")
    return place


def in_one_go(place: Path) -> float:
    """Seconds of the import."""
    began = time.perf_counter()
    done = subprocess.run(command(place), check=False, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 5):  # 5: some documents cannot be read
        raise SystemExit(done.stderr.decode(errors="replace"))
    return time.perf_counter() - began


def killed(place: Path, usual: float, kills: int, chance: random.Random) -> list[float]:
    """The moments at which it was ended, in seconds after each beginning."""
    moments = []
    for _ in range(kills):
        moment = chance.uniform(0.05, 0.6) * usual
        process = subprocess.Popen(
            command(place), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            moments.append(round(moment, 1))
    return moments


def held(place: Path) -> Told:
    """Every version with its place and its text, and every row, under names that do not depend on what was drawn."""
    told: Told = Counter()
    with open_index(load(place / "config.toml", os.environ)) as index, index.catalog.snapshot() as snapshot:
        texts = {no: (p.heading, p.embedded) for no, p in snapshot.passages(_numbers(snapshot)).items()}
        for no, versions in snapshot.versions_of().items():
            born = (versions[0].key, versions[0].origin)
            for version in versions:
                manifest = () if version.manifest_no is None else snapshot.manifest(version.manifest_no)
                said = tuple((texts[entry.passage_no], entry.separator) for entry in manifest)
                told[
                    "version", born, version.origin, version.key, version.kind, version.number, version.status,
                    version.valid_from, version.valid_to, version.text_hash, version.content_hash, hash(said),
                ] += 1  # fmt: skip
            for row in snapshot.rows(document_no=no):
                told["row", born, texts[row.passage_no], row.valid_from, row.valid_to] += 1
    return told


def _numbers(snapshot: object) -> list[int]:
    return sorted({row.passage_no for row in snapshot.rows()})  # type: ignore[attr-defined]


def main() -> int:
    """Import twice, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leave both indexes here")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp())
    try:
        whole = prepare(folder / "whole", options.repository)
        torn = prepare(folder / "torn", options.repository)
        print(conditions(), flush=True)
        usual = in_one_go(whole)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"in one go: {usual:.0f} s, peak memory of a process {peak:,.0f} MiB", flush=True)
        moments = killed(torn, usual, options.kills, random.Random(options.seed))
        began = time.perf_counter()
        in_one_go(torn)
        print(f"killed after {moments} s, then ended in {time.perf_counter() - began:.0f} s", flush=True)
        one, other = held(whole), held(torn)
        kinds = Counter(kind for kind, *_ in one.elements())
        print(f"{kinds['version']:,} versions, {kinds['row']:,} rows")
        missing, extra = one - other, other - one
        for what, found in (("missing", missing), ("too many", extra)):
            print(f"{what}: {found.total()}")
            for entry in list(found)[:10]:
                print("  ", *(str(part)[:60] for part in entry))
        return int(bool(missing or extra))
    finally:
        if options.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
