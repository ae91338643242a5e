"""The index that is kept in tests/data: what it holds, and how it was made.

A release must read what earlier ones stored, so each schema keeps an index that was written by it.
After a change of the schema, and before its release, run

    python -m tests.support.stored_index tests/data/schema-N
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from indexer.ports import Revision
from indexer.ports.batch import Batch, Points
from indexer.query.logged import answered
from indexer.query.results import Question
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.purging import purged

UID = "fake:stored"
DAY = 86_400_000_000  # [µs]
FIRST = "# Leave\n\nUp to five days of unused leave carry over.\n\n## Asking\n\nAsk your manager two weeks ahead.\n"
SECOND = FIRST.replace("five", "eight")
TRAVEL = "# Travel\n\nTrains are preferred to planes below 600 km.\n\n| class | km |\n|---|---|\n| second | 0.10 |\n"
NOTES = "Minutes of the works council.\n"
SECRET = "# Secret\n\nThe password is swordfish.\n"
"""Of a document that was purged."""


def make(folder: Path) -> None:
    """Two documents with histories: one edited and moved, one deleted; written in four commits. Then one that was purged, tags, attributes, and a question that was asked."""
    shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder, lance=True, clock=FakeClock())
    share = FakeFolder(home.clock, UID)
    share.write("leave.md", FIRST.encode())
    share.write("travel.md", TRAVEL.encode())
    share.write("notes.txt", NOTES.encode())
    home.backfill(share)
    for change in (
        lambda: share.write("leave.md", SECOND.encode()),
        lambda: share.move("leave.md", "hr/leave.md"),
        lambda: share.delete("travel.md"),
    ):
        home.clock.advance(DAY)
        change()
        home.clock.advance(DAY)
        home.backfill(share)
    share.write("secret.md", SECRET.encode())
    home.clock.advance(DAY)
    home.backfill(share)
    purged(home, "secret.md")
    share.delete("secret.md")
    home.clock.advance(DAY)
    home.backfill(share)
    landed = [Revision(f"{place:040x}", place) for place in (1, 2, 3)]
    offshoot = (3, {"notes.txt": None})
    points = Points(
        landed=landed,
        tags={"v1": landed[0].id, "side": f"{4:040x}"},
        offshoots={f"{4:040x}": offshoot},
    )
    home.index.catalog.commit(Batch(home.index.catalog.next_instant(home.clock), 1, points=points))
    for said in (
        {"label": ("draft",)},
        {"label": ("hr", "policy"), "path": ("HR/Leave",), "access": ("{}",)},
    ):
        batch = Batch(home.index.catalog.next_instant(home.clock), 1)
        batch.attributes[home.keys()["hr/leave.md"]] = said
        home.index.catalog.commit(batch)
    answer = home.queries().search(Question("unused leave", k=1))
    query = answered(Question("unused leave", k=1), answer, asked=home.clock.now(), recorded=0, seconds=0.04)
    home.index.catalog.log_queries([replace(query, who="alice")], 0, 100)
    with home.index.catalog.snapshot() as snapshot:
        print([(d.key, d.deleted) for d in snapshot.documents()])  # noqa: T201 - a script's answer
    home.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
