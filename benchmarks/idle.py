"""What does the service take that has nothing to do, with its model loaded?

    python -m benchmarks.idle [--documents 10000] [--seconds 60] [--keep DIR] [--model bundled]

Fills a share, starts the service, saves once and searches until that is found, so that model and table are in use;
then watches the process while nothing happens.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.daemon import Daemon, memory
from benchmarks.freshness import TIMEOUT, prepared
from benchmarks.searching import Searching
from benchmarks.workplace import add_json, conditions, load, write_json

SETTLING = 40.0
"""Seconds after the save: upkeep is considered every 30."""


def main() -> None:
    """Prepare, watch, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--keep", type=Path, help="keep the share and its index in this folder, for the next time"
    )
    parser.add_argument("--model", default="bundled", help="as in the configuration, or: bundled")
    add_json(parser)
    options = parser.parse_args()
    told = conditions()
    print(told)
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        share, config = prepared(
            folder, options.documents, None if options.model == "bundled" else options.model
        )
        with Daemon(config, folder / "journal.log") as daemon:
            daemon.settled()
            with Searching(config) as searching:
                saved = share.save("edit")
                if searching.wait([saved], TIMEOUT, lambda: daemon.running) is None:
                    raise RuntimeError("what was saved is not found")
            time.sleep(SETTLING)
            before, began = daemon.weight(), time.perf_counter()
            time.sleep(options.seconds)
            after, lasted = daemon.weight(), time.perf_counter() - began
            parts = memory(daemon.pid)
            daemon.end()
    share_of_core = (after.cpu - before.cpu) / lasted
    print(
        f"\n{options.documents} documents, model {options.model}, {lasted:.0f} s, load average {load():.1f}\n"
    )
    print("| | |\n|---|---:|")
    print(f"| of a core | {share_of_core:.2%} |")
    print(f"| resident | {after.resident / 2**20:.0f} MiB |")
    for name, size in parts.items():
        print(f"| {name} | {size / 2**20:.0f} MiB |")
    print(f"| threads | {after.threads} |\n| open files | {after.files} |")
    figures = {
        "documents": options.documents,
        "seconds": lasted,
        "core_share": share_of_core,
        "resident_bytes": after.resident,
        "parts_bytes": parts,
        "threads": after.threads,
        "files": after.files,
        "load": load(),
    }
    write_json(options.json, told, figures)


if __name__ == "__main__":
    main()
