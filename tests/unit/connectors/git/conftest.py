"""A remote repository, the environment of who mirrors it, and its mirror."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git.mirror import Mirror
from tests.support.git_remotes import Remote, user
from tests.unit.connectors.git.mirrors import mirror_of


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    remote = Remote(tmp_path / "remote")
    remote.commit("one")
    return remote


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return user(tmp_path / "home")


@pytest.fixture
def mirror(remote: Remote, tmp_path: Path, environment: dict[str, str]) -> Mirror:
    return mirror_of(remote.url, tmp_path, environment)
