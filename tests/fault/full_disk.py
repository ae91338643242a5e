"""Fills a real disk while an index is written to it: `python -m tests.fault.full_disk MOUNT SHARE`.

Prints ``full`` when the writer says so, ``whole`` when the index was checked afterwards, and ``made up``
when there is room again and the same run goes through.
"""

from __future__ import annotations

import sys
from pathlib import Path

from indexer.check.verification import check
from indexer.errors import StorageFullError
from indexer.ingest.backfill import Backfill
from tests.fault.process import open_index, open_queries, sources


def main(mount: Path, share: Path) -> None:
    """Say what happened, a word at a time."""
    data = mount / "data"
    (share / "first.md").write_text("First days.")
    with open_index(data) as index:
        Backfill(index).run(sources(share))
    ballast = mount / "ballast"
    ballast.write_bytes(b"\0" * 4_000_000)
    for number in range(60):
        # Does not compress: each takes its size.
        (share / f"{number}.md").write_text("".join(f"{(number * 7919 + n) ** 5:x} " for n in range(3000)))
    try:
        with open_index(data) as index:
            Backfill(index).run(sources(share))
    except StorageFullError:
        _say("full")
    with open_index(data) as index:
        problems = check(index, deep=True).problems
    with open_queries(data) as queries:
        text = queries.show("first.md").text
    _say("whole" if not problems and text == "First days." else f"{problems} {text}")
    ballast.unlink()
    for number in range(60):
        (share / f"{number}.md").write_text(f"{number} days.")
    with open_index(data) as index:
        Backfill(index).run(sources(share))
        problems = check(index, deep=True).problems
    _say(str(problems) if problems else "made up")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
