"""A loop that a test steps by hand, over a folder of three documents and a table whose commits can be made to fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from indexer.ingest.index import IngestLimits
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder
from tests.support.source_loop import Followed, Troubled


@pytest.fixture
def table() -> Troubled:
    return Troubled()


@pytest.fixture
def home(table: Troubled) -> Iterator[Home]:
    place = fast_folder("loop-")
    limits = IngestLimits(batch_documents=2, batch_passages=4)
    with Home(place, store=lambda *_: table, limits=limits) as home:
        yield home
    shutil.rmtree(place)


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    folder = FakeFolder(home.clock)
    for name in "abc":
        folder.write(f"{name}.md", f"Text of {name}.".encode())
    home.clock.advance()
    return folder


@pytest.fixture
def scene(home: Home, folder: FakeFolder) -> Followed:
    scene = Followed(home, folder)
    scene.pass_time(1)
    assert scene.looks == ["start"]
    scene.looks.clear()
    return scene
