"""A sound index to be damaged, and what the check says of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from indexer.check.report import Problem
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder


def sound_index() -> Iterator[Home]:
    """Two sources with some history, in LanceDB."""
    place = fast_folder("damage-")
    home = Home(place, lance=True)
    folder, wiki = FakeFolder(home.clock), FakeConnector()
    for number in range(3):
        folder.write("leave.md", f"## Leave\n\n{number} days.\n\n## Rest\n\nSome rest.".encode())
        wiki.observe("page", f"## Page\n\n{number} pages.".encode(), at=number, labels=(f"v{number}",))
        home.clock.advance(60_000_000)
        home.backfill(folder, wiki)
    assert home.check().problems == []
    yield home
    home.close()
    shutil.rmtree(place)


def problems_of(home: Home) -> list[Problem]:
    report = home.check()
    assert not report.ok
    return report.problems
