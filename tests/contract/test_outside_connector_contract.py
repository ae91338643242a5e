"""A connector that looks from another process keeps the contract of the one inside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.files import create
from indexer.outside.connector import OutsideConnector, look_from_outside
from indexer.outside.recipe import Recipe
from tests.contract.connector_contract import SnapshotContract
from tests.contract.test_connector_contract import FolderStage
from tests.contract.test_git_connector_contract import GitStage
from tests.contract.test_git_connector_contract import TestGitConnector as GitContract
from tests.support.indexes import fast_folder


class OutsideFolderStage(FolderStage):
    """A real folder, listed and read by a process that is refused what modes refuse."""

    def __init__(self, root: Path) -> None:
        self.made: list[OutsideConnector] = []
        super().__init__(root)

    def connect(self, settings: dict[str, object]) -> OutsideConnector:
        recipe = Recipe("tests.support.unprivileged:create", "files", settings)
        self.made.append(OutsideConnector(create("files", settings), recipe))
        return self.made[-1]

    def close(self) -> None:
        super().close()
        for connector in self.made:
            connector.close()


class OutsideGitStage(GitStage):
    """A repository that another process reads."""

    def __init__(self, folder: Path) -> None:
        self.made: list[OutsideConnector] = []
        super().__init__(folder)

    def connect(self, settings: dict[str, object]) -> OutsideConnector:
        self.made.append(look_from_outside(Recipe("connectors.git:create", "docs", settings)))
        return self.made[-1]


class TestFilesFromOutside(SnapshotContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> Iterator[OutsideFolderStage]:
        stage = OutsideFolderStage(tmp_path / "share")
        yield stage
        stage.close()


class TestGitFromOutside(GitContract):
    @pytest.fixture
    def stage(self) -> Iterator[OutsideGitStage]:  # type: ignore[override]
        folder = fast_folder("contract-")
        stage = OutsideGitStage(folder)
        yield stage
        for connector in stage.made:
            connector.close()
        shutil.rmtree(folder)
