"""Mirrors in a test's folder, and what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git.mirror import Mirror
from indexer.errors import IndexerError
from tests.support.git_remotes import run_git


def mirror_of(url: str, tmp_path: Path, environment: dict[str, str]) -> Mirror:
    def never(seconds: float) -> None:
        raise AssertionError("nothing here is worth trying again")

    folder = tmp_path / "data/mirror"
    return Mirror(url, folder, wait=never, environment=environment, allow_local=True, timeout=60)


def names(mirror: Mirror) -> dict[str, str]:
    """The branches and tags of the mirror, and the commits that they name."""
    lines = run_git(mirror.path, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split() for line in lines)


def head(mirror: Mirror) -> str:
    return run_git(mirror.path, "symbolic-ref", "HEAD")


def failing(mirror: Mirror) -> IndexerError:
    with pytest.raises(IndexerError) as caught:
        mirror.update()
    return caught.value
