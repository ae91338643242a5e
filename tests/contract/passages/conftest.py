"""Every implementation of `ports.PassageStore`, empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.ports import PassageStore
from tests.support.memory_passages import MemoryPassages
from tests.support.stored_passages import lance


@pytest.fixture(params=["memory", "lance"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PassageStore:
    if request.param == "memory":
        return MemoryPassages()
    return lance(tmp_path)
