"""A service whose disk is full, or whose shares come and go, in a mount namespace of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault.service_alone import STORIES

pytestmark = pytest.mark.inotify
_ALONE = ["unshare", "-rm"]


@pytest.fixture(scope="module", autouse=True)
def _namespaces(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = str(tmp_path_factory.mktemp("allowed"))
    try:
        found = subprocess.run(
            [*_ALONE, "mount", "-t", "tmpfs", "none", place], capture_output=True, check=False
        ).returncode
    except FileNotFoundError:
        found = 1
    if found != 0:
        pytest.skip("namespaces of one's own are not allowed here")


@pytest.mark.parametrize("story", [story.__name__ for story in STORIES])
def test_a_service_lives_through_it(tmp_path: Path, story: str) -> None:
    """Each story's docstring is its claim."""
    command = [*_ALONE, sys.executable, "-m", "tests.fault.service_alone", story, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
