"""An index over a folder in memory and a wiki in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder


@pytest.fixture
def home() -> Iterator[Home]:
    place = fast_folder("steward-")
    with Home(place / "data", lance=True) as home:
        yield home
    shutil.rmtree(place)


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    return FakeFolder(home.clock)


@pytest.fixture
def wiki() -> FakeConnector:
    return FakeConnector()
