"""The Git connector keeps the contract of sources with a history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.git import create
from indexer.errors import ReadError
from indexer.ports import Connector, Event, Landed, Retold, Tagged
from tests.contract.connector_contract import HistoryContract, Stage, observed
from tests.support.git_repository import GitRepository
from tests.support.indexes import fast_folder


class GitStage:
    """A repository that begins with an empty commit: without any there is no branch to list."""

    def __init__(self, folder: Path) -> None:
        self.repository = GitRepository(folder / "repository")
        self.repository.commit("an empty tree")
        self.excluded: list[str] = []
        self.connector = self._connect()

    def connect(self, settings: dict[str, object]) -> Connector:
        return create("docs", settings)

    def _connect(self) -> Connector:
        paths = [f"!{path}" for path in self.excluded]
        return self.connect({"path": str(self.repository.folder), "paths": paths})

    def put(self, key: str, data: bytes) -> None:
        self.repository.write(key, data).commit(f"put {key}")

    def remove(self, key: str) -> None:
        self.repository.remove(key).commit(f"remove {key}")

    def make_unreadable(self, key: str) -> None:
        self.repository.delete_object(self.repository.files[key.encode()][1])
        self.connector = self._connect()  # what was read before is remembered

    def hide(self, scope: str) -> None:
        pytest.skip("no part of a branch can be hidden")

    def take_away(self) -> None:
        self.repository.take_away(self.repository.folder.with_name("elsewhere"))

    def unwant(self, key: str) -> None:
        self.excluded.append("/" + key.replace("//", "/"))
        self.connector = self._connect()


class TestGitConnector(HistoryContract):
    @pytest.fixture
    def stage(self) -> Iterator[GitStage]:
        folder = fast_folder("contract-")
        yield GitStage(folder)
        shutil.rmtree(folder)

    def listing(
        self, stage: Stage, cursor: str | None = None, scopes: Sequence[str] | None = None
    ) -> list[Event]:
        """A listing without what is said of the whole branch, which the next test is about."""
        events = super().listing(stage, cursor, scopes)
        return [event for event in events if not isinstance(event, Retold | Landed | Tagged)]

    def test_a_document_that_cannot_be_read_is_listed_and_fails_alone(self, stage: GitStage) -> None:  # type: ignore[override]
        """As the contract has it, but for the reason: an object is missing, no permission."""
        stage.put("a.md", b"one")
        stage.put("b.md", b"two")
        stage.make_unreadable("b.md")
        states = {event.key: event for event in observed(self.listing(stage))}
        with pytest.raises(ReadError) as failure:
            self.read(states["b.md"])
        assert failure.value.reason == "missing-object"
        assert "\n" not in str(failure.value)
        assert self.read(states["a.md"]).data == b"one"

    def test_a_first_listing_says_that_it_tells_everything_and_which_commits_landed(
        self, stage: GitStage
    ) -> None:
        stage.put("a.md", b"one")
        first, landed, *_, tagged, end = super().listing(stage)
        assert first == Retold()
        assert isinstance(landed, Landed)
        assert [revision.sequence for revision in landed.revisions] == [0, 1]
        assert landed.revisions[-1].id == stage.repository.tip
        assert isinstance(tagged, Tagged)
        assert tagged.tags == {}
        assert end.complete
