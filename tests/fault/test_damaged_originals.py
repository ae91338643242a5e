"""Damage to originals: the deep check names the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from tests.fault.damage import problems_of, sound_index
from tests.support.indexes import Home


@pytest.fixture
def home() -> Iterator[Home]:
    yield from sound_index()


def _originals(home: Home) -> list[Path]:
    return sorted((home.folder / "originals").glob("??/*.zst"))


def test_a_missing_original_is_found(home: Home) -> None:
    gone = _originals(home)[0]
    gone.unlink()
    (problem,) = problems_of(home)
    assert problem.where == f"b3:{gone.parent.name}{gone.stem}"
    assert "missing" in problem.detail


@pytest.mark.parametrize("data", [b"", b"garbage", zstandard.compress(b"other bytes")])
def test_an_altered_original_is_found(home: Home, data: bytes) -> None:
    altered = _originals(home)[0]
    altered.write_bytes(data)
    (problem,) = problems_of(home)
    assert problem.where == f"b3:{altered.parent.name}{altered.stem}"
    assert str(altered) in problem.detail
