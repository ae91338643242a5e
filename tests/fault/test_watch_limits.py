"""A watcher whose limits are exhausted, or under which file systems come and go, says what it cannot see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault.watch_alone import STORIES

pytestmark = pytest.mark.inotify
_ALONE = ["unshare", "-rm"]


@pytest.fixture(scope="module", autouse=True)
def _namespaces() -> None:
    try:
        found = subprocess.run([*_ALONE, "true"], capture_output=True, check=False).returncode
    except FileNotFoundError:
        found = 1
    if found != 0:
        pytest.skip("namespaces of one's own are not allowed here")


@pytest.mark.parametrize("story", [story.__name__ for story in STORIES])
def test_a_watcher_says_what_it_cannot_see(tmp_path: Path, story: str) -> None:
    """Each story's docstring is its claim."""
    command = [*_ALONE, sys.executable, "-m", "tests.fault.watch_alone", story, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
