"""A share, a folder in memory, and an index of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.files import FilesConnector
from connectors.files.settings import FilesSettings
from indexer.ingest.index import ConfiguredSource
from tests.support.fake_clock import FakeClock
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home, fast_folder

LATER = 4_000_000_000_000_000
"""2096: long after every file was written, so that each is settled."""


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("bad-input-")
    (folder / "share").mkdir()
    yield folder
    subprocess.run(["chmod", "-R", "u+rwx", str(folder)], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def share(place: Path) -> Path:
    return place / "share"


@pytest.fixture
def home(place: Path) -> Iterator[Home]:
    with Home(place / "data", clock=FakeClock(LATER)) as home:
        yield home


@pytest.fixture
def source(share: Path, home: Home) -> ConfiguredSource:
    return ConfiguredSource("share", FilesConnector(FilesSettings(str(share)), home.clock))


@pytest.fixture
def folder(home: Home) -> FakeFolder:
    return FakeFolder(home.clock)
