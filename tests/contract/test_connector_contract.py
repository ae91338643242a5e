"""Every connector and every fake of one keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connectors.files import create
from indexer.ports import Connector
from tests.contract.connector_contract import HistoryContract, SnapshotContract
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.privileges import permissions_enforced


class FolderStage:
    """A real folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hidden: list[Path] = []
        self.excluded: list[str] = []
        self.connector = self.connect({"root": str(root)})
        root.mkdir()

    def connect(self, settings: dict[str, object]) -> Connector:
        return create("files", settings)

    def put(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat().st_ctime_ns if path.exists() else None
        path.write_bytes(data)
        # Two writes within the clock's granularity may look alike; `settled` is about that, this is not.
        while path.stat().st_ctime_ns == before:
            path.write_bytes(data)

    def remove(self, key: str) -> None:
        (self.root / key).unlink()

    def make_unreadable(self, key: str) -> None:
        (self.root / key).chmod(0)

    def hide(self, scope: str) -> None:
        (self.root / scope).chmod(0)
        self.hidden.append(self.root / scope)

    def take_away(self) -> None:
        self.root.rename(self.root.with_name("elsewhere"))

    def unwant(self, key: str) -> None:
        self.excluded.append("/" + key.replace("//", "/"))
        self.connector = self.connect({"root": str(self.root), "exclude": self.excluded})

    def close(self) -> None:
        for path in self.hidden:
            path.chmod(0o700)


class FakeFolderStage:
    """A folder in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.connector = FakeFolder(self.clock)

    def put(self, key: str, data: bytes) -> None:
        self.clock.advance()
        self.connector.write(key, data)

    def remove(self, key: str) -> None:
        self.connector.delete(key)

    def make_unreadable(self, key: str) -> None:
        self.connector.make_unreadable(key)

    def hide(self, scope: str) -> None:
        self.connector.hide(scope)

    def take_away(self) -> None:
        self.connector.away = True

    def unwant(self, key: str) -> None:
        self.connector.unwanted.add(key)


class FakeHistoryStage:
    """A history in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.connector = FakeConnector()
        self.origins: dict[str, str] = {}

    def put(self, key: str, data: bytes) -> None:
        self.origins[key] = self.connector.observe(key, data, at=self.clock.advance())

    def remove(self, key: str) -> None:
        self.connector.remove(key, at=self.clock.advance())

    def make_unreadable(self, key: str) -> None:
        self.connector.fail_reads(self.origins[key])

    def hide(self, scope: str) -> None:
        self.connector.hide(scope)

    def take_away(self) -> None:
        self.connector.interrupt(0)

    def unwant(self, key: str) -> None:
        self.connector.unwanted.add(key)


class TestFilesConnector(SnapshotContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> Iterator[FolderStage]:
        stage = FolderStage(tmp_path / "share")
        yield stage
        stage.close()

    def enforced(self) -> AbstractContextManager[None]:
        return permissions_enforced()


class TestFakeFolder(SnapshotContract):
    @pytest.fixture
    def stage(self) -> FakeFolderStage:
        return FakeFolderStage()


class TestFakeConnector(HistoryContract):
    @pytest.fixture
    def stage(self) -> FakeHistoryStage:
        return FakeHistoryStage()


class TestFakeConnectorWithSparseCheckpoints(HistoryContract):
    @pytest.fixture
    def stage(self) -> FakeHistoryStage:
        stage = FakeHistoryStage()
        stage.connector.checkpoint_every = 3
        return stage
