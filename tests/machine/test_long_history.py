"""Two hundred steps of work on one folder, with crashes: every version of every document still shows its text."""

from __future__ import annotations

import shutil
from random import Random  # noqa: TID251 - seeded: the same steps in every run

from indexer.ingest.index import IngestLimits
from indexer.model import VersionKind
from tests.machine.generated import HEADINGS, PARAGRAPHS, assembled, cut
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Crash, Home, fast_folder

STEPS = 200
KEYS = [f"{place}{name}.md" for place in ("", "hr/", "it/") for name in "abcd"]
MINUTE = 60_000_000


def test_every_version_of_every_document_shows_its_text_after_200_steps_with_crashes() -> None:
    place = fast_folder("long-history-")
    draw = Random(20240301)
    home = Home(place, limits=IngestLimits(batch_passages=8, batch_documents=3))
    folder = FakeFolder(home.clock)
    expected: dict[str, str | None] = {}
    crashes = 0
    for step in range(STEPS):
        for _ in range(draw.randint(1, 4)):
            _something_happens(folder, draw, home)
        home.clock.advance(draw.randint(1, 100) * MINUTE)
        if draw.random() < 0.3:
            home.crash_at("", draw.randint(1, 10))
        try:
            home.backfill(folder, accept_deletions=True)
        except Crash:
            crashes += 1
            home.reopen()
            home.backfill(folder, accept_deletions=True)
        home.steps.name = None
        _remember(home, folder, expected)
        if step % 50 == 49:
            assert home.check().problems == []

    assert crashes > 20
    queries, contents = home.queries(), 0
    for (number,) in home.sql("SELECT no FROM document"):
        with home.index.catalog.snapshot() as snapshot:
            document, versions = snapshot.document(number), snapshot.versions(number)
        for version in versions:
            if version.kind is VersionKind.CONTENT:
                contents += 1
                assert queries.show(f"{document.id}@{version.id}").text == expected[version.id]
                assert queries.show(f"{document.id}@{version.number}").text == expected[version.id]
            else:
                assert expected.get(version.id) is None
    assert contents > 150
    assert home.check().problems == []
    assert home.table_rows() == home.catalog_rows()
    home.close()
    shutil.rmtree(place)


def _something_happens(folder: FakeFolder, draw: Random, home: Home) -> None:
    present = sorted(folder.files)
    key = draw.choice(KEYS)
    what = draw.random()
    if not present or what < 0.5:
        sections = [
            (draw.choice(HEADINGS), f"{draw.choice(PARAGRAPHS)} {draw.randint(1, 40)}") for _ in range(4)
        ]
        folder.write(key, assembled(sections))
    elif what < 0.65:
        folder.move(draw.choice(present), key)
    elif what < 0.75:
        folder.copy(draw.choice(present), key)
    elif what < 0.85:
        folder.delete(draw.choice(present))
    elif what < 0.9:
        folder.swap(draw.choice(present), draw.choice(present))
    elif what < 0.95:
        folder.make_unreadable(draw.choice(present))
    else:
        for locked in [k for k, file in folder.files.items() if file.failure]:
            folder.make_readable(locked)
        home.clock.step(-draw.randint(1, 200) * MINUTE - draw.randint(1, 1000))


def _remember(home: Home, folder: FakeFolder, expected: dict[str, str | None]) -> None:
    """What each present version must show for ever: the text that its file has now."""
    with home.index.catalog.snapshot() as snapshot:
        for key, document_no in home.keys().items():
            version = next(v for v in reversed(snapshot.versions(document_no)) if v.number is not None)
            file = folder.files[key]
            rendered = None if file.failure else cut(file.data, key)
            if rendered is not None:
                assert expected.setdefault(version.id, rendered[0]) in (None, rendered[0])
                expected[version.id] = rendered[0]
            else:
                expected.setdefault(version.id, None)
