"""Searches stay fast while a long run goes on: the table is looked after on the way, not only at the end."""

from __future__ import annotations

from pathlib import Path

from indexer.ingest.index import IngestLimits
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home


def test_a_long_run_looks_after_the_table_on_its_way(tmp_path: Path) -> None:
    with Home(tmp_path, lance=True, limits=IngestLimits(batch_documents=1)) as home:
        folder = FakeFolder(home.clock)
        for number in range(80):
            folder.write(f"{number}.md", f"Rule {number} says what it says.".encode())
        home.clock.advance()
        home.backfill(folder)
        steps = home.steps.passed
        assert "compaction published" in steps
        rest = steps[steps.index("compaction published") :]
        assert rest.count("catalog committed") > 10
        assert home.check().problems == []
