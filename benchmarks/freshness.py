"""How long after a save does a search find it, in a service that follows a share?

    python -m benchmarks.freshness [--documents 10000] [--saves 100] [--burst 200] [--copied 2000]
                                   [--beside PATH] [--keep DIR] [--model bundled] [--only PART ...] [--socket]

Fills a share and starts the service, then: single saves (edit, create, rename, delete, in turn) with pauses
between them; many edits at once; single saves while another source is imported, PATH: a bare Git repository or a
folder; single saves while many documents were copied into the same share at once. Each is measured from the end of
the write to the moment at which a search of the published index finds it, from another process.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from benchmarks.daemon import Daemon
from benchmarks.searching import Asking, Searching
from benchmarks.share import SAVES, Saved, Share
from benchmarks.workplace import add_json, conditions, configure, indexer, load, percentile, write_json

PAUSES = (0.1, 1.2)
"""Shortest and longest pause between two saves, in seconds: they meet every phase of the service's loops."""
TIMEOUT = 120.0
PARTS = ("alone", "burst", "beside", "same")


@dataclass
class Waits:
    """How long saves took to be found."""

    name: str
    seconds: list[float] = field(default_factory=list)
    by_save: dict[str, list[float]] = field(default_factory=dict)
    lost: int = 0
    """Saves that were not found in time."""
    load: tuple[float, float] = (0.0, 0.0)
    """Load average before and after."""

    def add(self, saved: Saved, seconds: float | None) -> None:
        """One more save; None: it was not found in time."""
        if seconds is None:
            self.lost += 1
            return
        self.seconds.append(seconds)
        self.by_save.setdefault(saved.save, []).append(seconds)

    def line(self) -> str:
        """Of the table."""
        s = self.seconds
        if not s:
            return f"| {self.name} | 0 | – | – | – | {self.lost} | {self.load[0]:.1f}–{self.load[1]:.1f} |"
        return (
            f"| {self.name} | {len(s)} | {percentile(s, 0.5):.2f} | {percentile(s, 0.95):.2f} | {max(s):.2f} "
            f"| {self.lost} | {self.load[0]:.1f}–{self.load[1]:.1f} |"
        )

    def figures(self) -> dict[str, object]:
        """For the file."""
        return {
            "count": len(self.seconds),
            "lost": self.lost,
            "load": self.load,
            **{f"p{share}_s": percentile(self.seconds, share / 100) for share in (50, 95) if self.seconds},
            "max_s": max(self.seconds, default=None),
            "median_by_save": {save: percentile(s, 0.5) for save, s in self.by_save.items()},
            "all_s": [round(seconds, 3) for seconds in self.seconds],
        }


class Bench:
    """A share, the service that follows it, and somebody who searches."""

    def __init__(
        self, folder: Path, share: Share, daemon: Daemon, config: Path, searching: type[Searching]
    ) -> None:
        """`searching`: how it is found out whether something can be found."""
        self._searching = searching
        self._folder = folder
        self._share = share
        self._daemon = daemon
        self._config = config

    def saves(self, name: str, count: int, going_on: Callable[[], bool] = lambda: True) -> Waits:
        """Save one document after another, each once the one before was found; as long as `going_on`."""
        waits = Waits(name)
        before = load()
        with self._searching(self._config) as searching:
            searching.warm()
            for save, _ in zip(cycle(SAVES), range(count), strict=False):
                time.sleep(self._share.pause(*PAUSES))
                if not going_on():
                    break
                saved = self._share.save(save)
                began = time.perf_counter()
                found = searching.wait([saved], TIMEOUT, lambda: self._daemon.running)
                waits.add(saved, None if found is None else found - began)
        waits.load = (before, load())
        return waits

    def burst(self, count: int) -> Waits:
        """Edit many documents as fast as can be; one figure, for all of them."""
        waits = Waits(f"{count} edits at once, until all are found")
        before = load()
        with self._searching(self._config) as searching:
            searching.warm()
            saved = [Saved("edit", key, self._share.write(key)) for key in self._share.choose(count)]
            began = time.perf_counter()
            found = searching.wait(saved, TIMEOUT, lambda: self._daemon.running)
            waits.add(saved[0], None if found is None else found - began)
        waits.load = (before, load())
        return waits

    def beside(self, path: Path, count: int) -> Waits:
        """Save while another source is imported."""
        bare = (path / "HEAD").is_file()
        lines = ["[[source]]", 'name = "other"', f"kind = {json.dumps('git' if bare else 'files')}"]
        lines.append(f"{'path' if bare else 'root'} = {json.dumps(str(path.resolve()))}")
        with self._config.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        with self._searching(self._config) as searching:
            committed = searching.changes()
            self._daemon.reload()
            self._daemon.wait(committed, 600, "first commit of the import")
        name = f"while {'the history of a repository' if bare else 'another folder'} is imported"
        return self.saves(name, count, self._imports)

    def same(self, copied: int, count: int) -> Waits:
        """Save while much else was copied into the same share at once."""
        source = Share(self._folder / "incoming", seed=7)
        source.fill(copied)
        with self._searching(self._config) as searching:
            committed = searching.changes()
            shutil.copytree(source.root, self._share.root / "incoming", dirs_exist_ok=True)
            self._daemon.wait(committed, 600, "first commit of what was copied")
            last = list(source.words.values())
            waits = self.saves(
                f"while {copied} documents that were copied into the share are indexed",
                count,
                lambda: not all(searching.keys(word) for word in reversed(last)),
            )
        shutil.rmtree(self._share.root / "incoming")
        shutil.rmtree(source.root)
        return waits

    def _imports(self) -> bool:
        return "scanning other" in self._daemon.status


def prepared(folder: Path, documents: int, model: str | None) -> tuple[Share, Path]:
    """A share of so many documents and an index of it, made once in `folder`; and the configuration."""
    share = Share(folder / "share")
    base = folder / "base"
    config = configure(folder, share.root, model)
    shutil.rmtree(folder / "data", ignore_errors=True)
    if base.exists():
        share.read()
        base.rename(folder / "data")
    else:
        shutil.rmtree(share.root, ignore_errors=True)
        share.fill(documents)
    spent = indexer(config, "backfill")
    print(f"{len(share.words)} documents; the index was level with them after {spent.wall:.0f} s", flush=True)
    # What is indexed beside them in a run is not there in the next one.
    shutil.copytree(folder / "data", base)
    return share, config


def main() -> None:
    """Prepare, measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--burst", type=int, default=50)
    parser.add_argument("--copied", type=int, default=300)
    parser.add_argument(
        "--beside", type=Path, help="a bare Git repository or a folder, to be imported meanwhile"
    )
    parser.add_argument(
        "--keep", type=Path, help="keep the share and its index in this folder, for the next time"
    )
    parser.add_argument("--model", default="bundled", help="as in the configuration, or: bundled")
    parser.add_argument(
        "--socket", action="store_true", help="search by asking the service on its control socket"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(told)
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        model = None if options.model == "bundled" else options.model
        share, config = prepared(folder, options.documents, model)
        all_waits = measure(folder, share, config, options)
    print(f"\n{options.documents} documents, model {options.model}; seconds from a save to its being found\n")
    print("| saves | count | p50 | p95 | longest | not found | load average |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for waits in all_waits.values():
        print(waits.line())
    figures = {part: waits.figures() for part, waits in all_waits.items()}
    write_json(options.json, told, {"documents": options.documents, "waits": figures})


def measure(folder: Path, share: Share, config: Path, options: argparse.Namespace) -> dict[str, Waits]:
    """The parts that are wanted, in one service."""
    found: dict[str, Waits] = {}
    parts: Sequence[str] = options.only
    with Daemon(config, folder / "journal.log") as daemon:
        print(f"ready and settled after {daemon.settled():.1f} s", flush=True)
        bench = Bench(folder, share, daemon, config, Asking if options.socket else Searching)
        if "alone" in parts:
            found["alone"] = bench.saves("single saves", options.saves)
            print(found["alone"].line(), flush=True)
        if "burst" in parts:
            found["burst"] = bench.burst(options.burst)
            print(found["burst"].line(), flush=True)
        if "same" in parts:
            found["same"] = bench.same(options.copied, options.saves)
            print(found["same"].line(), flush=True)
        if "beside" in parts and options.beside is not None:
            found["beside"] = bench.beside(options.beside, options.saves)
            print(found["beside"].line(), flush=True)
        daemon.end()
    return found


if __name__ == "__main__":
    main()
