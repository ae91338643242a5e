"""How long does the service take to end in the middle of a large import, and does the next start find all in order?

    python -m benchmarks.stopping [--times 10] [--documents FOLDER] [--model bundled]

Starts the service on a folder (a made-up share unless one is given), sends SIGTERM at a random moment of its first
import, starts it again, and so on. Before each further start the passages table's newest version must be the one that
the catalog publishes: then there is nothing to take back. What the journal says of repairs and errors is told.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from benchmarks.daemon import Daemon
from benchmarks.searching import Searching
from benchmarks.share import Share
from benchmarks.workplace import add_json, conditions, configure, load, percentile, write_json

GENERATED = 20_000
"""Documents of the made-up share: more than are indexed before the last end."""
ORDINARY = frozenset({"starting", "watching", "ready", "indexed", "stopping", "stopped"})
"""What the journal says of a service without troubles."""
FIRST = 600.0
"""Seconds within which the import commits for the first time; the bundled model is exported before."""


def main() -> None:
    """Start and end, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--documents", type=Path, help="a folder to import; the index lies elsewhere")
    parser.add_argument("--model", default="bundled", help="as in the configuration, or: bundled")
    parser.add_argument("--seed", type=int, default=1)
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(told)
    chance = random.Random(options.seed)
    seconds: list[float] = []
    odd: list[str] = []
    repairs = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        root: Path | None = options.documents
        if root is None:
            share = Share(folder / "share")
            share.fill(GENERATED)
            root = share.root
        config = configure(folder, root.resolve(), None if options.model == "bundled" else options.model)
        with Daemon(config, folder / "journal.log") as daemon:
            began = time.perf_counter()
            # What is told of the first start: the index is not there yet, and the model has to be exported.
            daemon.wait(lambda: (folder / "data" / "passages").exists(), FIRST, "first commit")
            print(f"first commit after {time.perf_counter() - began:.1f} s", flush=True)
            for _ in range(options.times):
                with Searching(config) as searching:
                    daemon.wait(searching.changes(), FIRST, "commit")
                time.sleep(chance.uniform(0, 3))
                if "scanning" not in daemon.status:
                    raise RuntimeError("the import is over: there is nothing to interrupt any more")
                seconds.append(daemon.end())
                odd += [str(event) for event in daemon.events() if event["event"] not in ORDINARY]
                with Searching(config) as searching:
                    repairs += not searching.level()
                daemon.start()
            daemon.kill()
    print(f"\n{len(seconds)} ends during an import, model {options.model}, load average {load():.1f}")
    print("seconds from SIGTERM to the end: " + ", ".join(f"{s:.2f}" for s in seconds))
    print(f"median {percentile(seconds, 0.5):.2f}, longest {max(seconds):.2f}")
    print(f"ends after which the next start has something to repair: {repairs}")
    print(f"lines of the journal that are not of the ordinary: {len(odd)}", *odd[:10], sep="\n")
    figures = {"seconds": seconds, "max_s": max(seconds), "repairs": repairs, "odd": odd, "load": load()}
    write_json(options.json, told, figures)


if __name__ == "__main__":
    main()
