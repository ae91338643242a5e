"""Does the service follow a busy share for a long time, whatever happens to it, without growing?

    python -m benchmarks.soak [--operations 20000] [--minutes 10] [--calm 10000] [--documents 400] [--model hashing]

This process edits, creates, moves, copies, deletes and takes back documents and renames folders, while the service
follows; from `--calm` operations on the service is killed (SIGKILL) at random moments and started again. Now and then
the work rests until the index is level with the share, and what is there then is remembered. At the end:

* `indexer check --deep` finds no problem;
* every document that was there at a rest is found, with its contents, by the date of that rest;
* an index of the share that is made from nothing has the same documents with the same texts;
* the least-squares slopes over operations of what the service takes are told, and what each of them would be after
  a year of 1,000 changes a day. Those of the process, and of what upkeep bounds, are taken over the operations before
  the first kill: all but the first fifth of them, and beside that the second half alone, which tells what levels off
  from what goes on growing. Their means over each tenth of these operations are told too.

Superseded versions of the passages table are kept for an hour, which is longer than this takes: here it is
`--retention` seconds, so that it is seen how many there are in the long run.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.daemon import Daemon, folder_size
from benchmarks.searching import Searching
from benchmarks.share_at_work import Work
from benchmarks.workplace import COMMAND, add_json, conditions, configure, indexer, load, write_json
from indexer.hashing import content_hash
from indexer.model import Version, VersionKind

REST = 400
"""Operations between two rests, about."""
KILL = 600
"""Operations between two kills, about."""
SAMPLE = 50
"""Operations between two weighings."""
TICK: Final = 0.02
"""Seconds by which the times of files may lie behind the clock, and more."""
LEVEL = 120.0
"""Seconds within which the index has to be level with a share at rest."""
YEAR = 365_000
"""Operations: 1,000 a day."""
WARM = 0.2
"""The share of the operations before the first kill in which caches fill, which is left out of the slopes."""
LATE: Final = 0.5
"""The share after which something that levels off should have done so."""
_TENTHS: Final = 10
START = (
    "import sys\n"
    "from indexer.store.passages import LancePassages\n"
    "LancePassages.__init__.__kwdefaults__['retention'] = {retention}\n"
    "from indexer.cli.main import main\n"
    "sys.exit(main())"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the service and its index took after so many operations."""

    operations: int
    pid: int
    resident: int
    files: int
    threads: int
    passage_files: int
    """Files of the passages table."""
    table_versions: int
    catalog: int
    """Bytes, as are the following."""
    data: int
    content: int
    """Of all that was ever written to the share."""


BEFORE_KILLS = ("resident", "files", "threads", "passage_files", "table_versions")
"""What belongs to one process, and what upkeep keeps within bounds, for which kills every half minute leave no time."""
_IN_BYTES: Final = ("resident", "catalog", "data", "content")


class Soak:
    """The work, the service that follows it, and what was seen of both."""

    def __init__(self, folder: Path, config: Path, work: Work, daemon: Daemon, seed: int) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._config = config
        self._work = work
        self._daemon = daemon
        self._random = random.Random(seed)
        self.samples: list[Sample] = []
        self.rests: list[tuple[int, dict[str, str]]] = []
        """Moment [µs since 1970] → key → content hash of all that was there."""
        self.level: list[float] = []
        """Seconds from the last operation before a rest until the index was level."""
        self.kills = 0

    def run(self, operations: int, calm: int, minutes: float) -> None:
        """Work; at a pace at which it takes so many minutes at least."""
        began = time.perf_counter()
        next_rest, next_kill = REST, calm + self._random.randrange(KILL)
        for done in range(operations):
            self._work.step()
            if done % SAMPLE == 0:
                self._weigh(done)
            if done >= next_kill:
                self._kill()
                next_kill = done + self._random.randint(KILL // 4, 2 * KILL)
            if done >= next_rest:
                self._rest()
                next_rest = done + self._random.randint(REST // 2, 2 * REST)
            ahead = done / operations * minutes * 60 - (time.perf_counter() - began)
            # Bursts, and pauses in which something is noticed.
            if ahead > 0 and self._random.random() < 0.1:
                time.sleep(ahead)
        self._rest()
        self._weigh(operations)

    def _kill(self) -> None:
        self._daemon.kill()
        self.kills += 1
        for _ in range(self._random.randrange(5)):
            self._work.step()
        self._daemon.start()

    def _rest(self) -> None:
        began = time.perf_counter()
        wanted = {key: content_hash(data) for key, data in self._work.contents().items()}
        with Searching(self._config) as searching:
            while searching.contents() != wanted:
                if not self._daemon.running:
                    raise RuntimeError("the service ended by itself")
                if time.perf_counter() - began > LEVEL:
                    found = searching.contents()
                    odd = {key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)}
                    raise RuntimeError(
                        f"the index is not level with the share after {LEVEL} s: {sorted(odd)}"
                    )
                time.sleep(0.1)
        self.level.append(time.perf_counter() - began)
        self.rests.append((time.time_ns() // 1_000, wanted))
        # What is written within a tick of the kernel's clock would have a time before that moment.
        time.sleep(TICK)

    def _weigh(self, done: int) -> None:
        weight = self._daemon.weight()
        tables = [folder for folder in (self._data / "passages").glob("*") if folder.is_dir()]
        sizes = [self._data / name for name in ("catalog.sqlite", "catalog.sqlite-wal")]
        self.samples.append(
            Sample(
                operations=done,
                pid=self._daemon.pid,
                resident=weight.resident,
                files=weight.files,
                threads=weight.threads,
                passage_files=sum(1 for table in tables for file in table.rglob("*") if file.is_file()),
                table_versions=sum(len(list((table / "_versions").glob("*.manifest"))) for table in tables),
                catalog=sum(file.stat().st_size for file in sizes if file.exists()),
                data=folder_size(self._data),
                content=self._work.content,
            )
        )


def slopes(samples: list[Sample], calm: int, warm: float = WARM) -> dict[str, dict[str, float]]:
    """Of each measure: its growth with an operation, by least squares, its present value, and that after a year."""
    told = {}
    within = [s for s in samples if warm * calm <= s.operations < calm and s.pid == samples[0].pid]
    for name in Sample.__slots__:
        chosen = within if name in BEFORE_KILLS else [s for s in samples if s.operations >= warm * calm]
        if name in ("operations", "pid") or len(chosen) < 3:
            continue
        times = np.array([s.operations for s in chosen], dtype=float)
        values = np.array([getattr(s, name) for s in chosen], dtype=float)
        slope, start = np.polyfit(times, values, 1)
        now = start + slope * times[-1]
        told[name] = {"slope": slope, "now": now, "after a year": now + slope * YEAR}
    return told


def tenths(samples: list[Sample], calm: int) -> dict[str, list[float]]:
    """Of what belongs to one process: its mean over each tenth of the operations before the first kill."""
    parts: list[list[Sample]] = [[] for _ in range(_TENTHS)]
    for sample in samples:
        if sample.operations < calm and sample.pid == samples[0].pid:
            parts[sample.operations * _TENTHS // calm].append(sample)
    return {
        name: [float(np.mean([getattr(sample, name) for sample in part])) for part in parts if part]
        for name in BEFORE_KILLS
    }


def missing(config: Path, rests: list[tuple[int, dict[str, str]]]) -> list[str]:
    """What was there at a rest and is not what the index says was there at its moment, one line each."""
    problems = []
    with Searching(config) as searching:
        versions = searching.versions()
    for moment, wanted in rests:
        found: dict[str, list[str | None]] = {}
        for version in versions:
            if _effective(version, moment):
                found.setdefault(version.key, []).append(version.content_hash)
        problems += [
            f"{moment}: {key}: {wanted.get(key)} was there, {found.get(key)} is said"
            for key in sorted(wanted.keys() | found.keys())
            if found.get(key, []) != [content for content in [wanted.get(key)] if content]
        ]
    return problems


def _effective(version: Version, moment: int) -> bool:
    """Whether this is what was there at the moment."""
    if version.valid_from is None or version.kind is VersionKind.TOMBSTONE:
        return False
    return version.valid_from <= moment and (version.valid_to is None or moment < version.valid_to)


def from_nothing(folder: Path, root: Path, config: Path, model: str | None) -> list[str]:
    """Keys whose present text an index made from nothing has otherwise."""
    anew = folder / "anew"
    anew.mkdir()
    other = configure(anew, root, model)
    indexer(other, "backfill")
    with Searching(config) as first, Searching(other) as second:
        ours, theirs = first.texts(), second.texts()
    return sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))


def main() -> None:
    """Work, verify, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=0.5, help="at least; the work is spread over them")
    parser.add_argument("--calm", type=int, help="operations before the first kill; default: half of all")
    parser.add_argument("--documents", type=int, default=400, help="about as many are there all the time")
    parser.add_argument("--retention", type=float, default=60.0)
    parser.add_argument("--model", default="hashing", help="as in the configuration, or: bundled")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, help="copy the share, the index and the journal there at the end"
    )
    add_json(parser)
    options = parser.parse_args()
    calm = options.operations // 2 if options.calm is None else options.calm
    model = None if options.model == "bundled" else options.model
    told = conditions()
    print(told, flush=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        work = Work(folder / "share", options.documents, options.seed)
        config = configure(folder, work.root, model)
        start = START.format(retention=int(options.retention * 1e6))
        with Daemon(config, folder / "journal.log", program=start) as daemon:
            daemon.settled()
            soak = Soak(folder, config, work, daemon, options.seed)
            soak.run(options.operations, calm, options.minutes)
            lasted = time.perf_counter() - began
            daemon.end()
        problems = missing(config, soak.rests)
        if options.keep:
            shutil.copytree(folder, options.keep)
        differing = from_nothing(folder, work.root, config, model)
        checked = subprocess.run(
            [*COMMAND, "--config", config, "check", "--deep"], capture_output=True, text=True, check=False
        )
        failures = sum('"level": "error"' in line for line in (folder / "journal.log").open())
    tell(options, soak, work, calm, lasted)
    print(f"\ncheck --deep: {'nothing is wrong' if checked.returncode == 0 else checked.stdout[-2000:]}")
    print(
        f"documents at {len(soak.rests)} rests that are otherwise by their dates: {len(problems)}",
        *problems[:10],
        sep="\n",
    )
    print(
        f"present texts that an index from nothing has otherwise: {len(differing)}", *differing[:10], sep="\n"
    )
    print(f"errors in the journal: {failures}")
    figures = {
        "operations": options.operations,
        "seconds": lasted,
        "kills": soak.kills,
        "rests": len(soak.rests),
        "wrong": len(problems) + len(differing) + bool(checked.returncode),
        "problems": problems,
        "differing": differing,
        "check": checked.returncode,
        "errors": failures,
        "slopes": slopes(soak.samples, calm),
        "late slopes": slopes(soak.samples, calm, LATE),
        "tenths": tenths(soak.samples, calm),
        "samples": [asdict(sample) for sample in soak.samples],
    }
    write_json(options.json, told, figures)
    if problems or differing or checked.returncode:
        raise SystemExit(1)


def tell(options: argparse.Namespace, soak: Soak, work: Work, calm: int, lasted: float) -> None:
    """Print what was done and what it took."""
    print(
        f"{options.operations} operations in {lasted / 60:.1f} minutes, load average {load():.1f} at the end, model {options.model}"
    )
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(work.done.items())))
    print(
        f"{soak.kills} kills; level at a rest after {np.median(soak.level):.2f} s (median), {max(soak.level):.2f} s at most"
    )
    found, late = slopes(soak.samples, calm), slopes(soak.samples, calm, LATE)
    print("\n| | now | an operation adds | after a year at 1,000 a day | times | by the second half: times |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, told in found.items():
        scale, unit = (2**20, " MiB") if name in _IN_BYTES else (1, "")
        second = f"{late[name]['after a year'] / late[name]['now']:.2f}" if name in late else "–"
        print(
            f"| {name.replace('_', ' ')} | {told['now'] / scale:,.1f}{unit} | {told['slope']:,.4f} "
            f"| {told['after a year'] / scale:,.1f}{unit} | {told['after a year'] / told['now']:.2f} | {second} |"
        )
    print("\nmeans over each tenth of the operations before the first kill")
    for name, means in tenths(soak.samples, calm).items():
        scale = 2**20 if name in _IN_BYTES else 1
        print(f"{name.replace('_', ' ')}:", *(f"{mean / scale:,.0f}" for mean in means))
    if "data" in found and "content" in found:
        print(
            f"\nbytes of index for a byte that is written: {found['data']['slope'] / found['content']['slope']:.2f}"
        )


if __name__ == "__main__":
    main()
