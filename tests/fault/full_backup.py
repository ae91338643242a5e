"""Fills a real disk with a backup: `python -m tests.fault.full_backup MOUNT PLACE`.

Prints ``full`` when the backup says so, ``whole`` when the one before it was restored and checked, and ``made up``
when there is room again and the same backup goes through.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from indexer.check.verification import check
from indexer.clock import SystemClock
from indexer.errors import StorageFullError
from indexer.ingest.backfill import Backfill
from indexer.stewardship.backup import back_up
from indexer.stewardship.restore import restore
from tests.fault.process import open_index, open_queries, sources


def main(mount: Path, place: Path) -> None:
    """Say what happened, a word at a time."""
    data, share, target = place / "data", place / "share", mount / "backup"
    (share / "first.md").write_text("First days.")
    index_all(data, share)
    back_up(data, target, SystemClock())
    ballast = mount / "ballast"
    ballast.write_bytes(b"\0" * 4_000_000)
    for number in range(60):
        # Does not compress: each takes its size.
        (share / f"{number}.md").write_text("".join(f"{(number * 7919 + n) ** 5:x} " for n in range(3000)))
    index_all(data, share)
    try:
        back_up(data, target, SystemClock())
    except StorageFullError as error:
        _say("full" if str(target) in str(error) else str(error))
    _say("whole" if restored(target, place / "again") == ["first.md"] else "changed")
    ballast.unlink()
    for number in range(60):
        (share / f"{number}.md").write_text(f"{number} days.")
    shutil.rmtree(data)
    index_all(data, share)
    back_up(data, target, SystemClock())
    _say("made up" if len(restored(target, place / "again")) == 61 else "changed")


def index_all(data: Path, share: Path) -> None:
    """Bring the index in `data` up to date."""
    with open_index(data) as index:
        Backfill(index).run(sources(share))


def restored(target: Path, folder: Path) -> list[str]:
    """The keys of the documents of the backup, which is restored and checked, and removed again."""
    restore(target, folder, SystemClock())
    with open_index(folder) as index:
        problems = check(index, deep=True).problems
    if problems:
        _say(str(problems))
    with open_queries(folder) as queries:
        keys = [entry.version.key for entry in queries.history("first.md").versions]
        total = queries.status().totals.documents
    shutil.rmtree(folder)
    return keys if total == 1 else ["…"] * total


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
