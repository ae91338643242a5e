"""Worker processes for each test, which leave nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.parsing.workers import Workers
from tests.support.hostile_workers import LIMITS, PATIENT, processes


@pytest.fixture(autouse=True)
def nothing_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, open_before = processes(), len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert processes() <= before
    assert list(tmp_path.iterdir()) == []
    # Fewer is no leak: other tests' leftovers may be collected meanwhile.
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_before


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(LIMITS)
    yield made
    made.close()


@pytest.fixture
def patient() -> Iterator[Workers]:
    """For what depends on memory or order: no slow machine may turn it into a matter of time."""
    made = Workers(PATIENT)
    yield made
    made.close()
