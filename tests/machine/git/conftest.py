"""A repository, and an index that learns of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository
from tests.support.indexes import Home, fast_folder


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("git-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def repository(place: Path) -> GitRepository:
    return GitRepository(place / "repository")


@pytest.fixture
def scene(home: Home, repository: GitRepository) -> GitScene:
    return GitScene(home, repository)


@pytest.fixture
def fresh(make_home: Callable[..., Home]) -> Callable[[GitScene], GitScene]:
    """An index that never saw the repository before, and learns all of it now, with all of its history."""

    def learn(scene: GitScene) -> GitScene:
        settings = {**scene.settings, "history": "all"}
        made = GitScene(make_home(), scene.repository, scene.name, **settings)
        made.path = scene.path
        made.learn()
        return made

    return learn
