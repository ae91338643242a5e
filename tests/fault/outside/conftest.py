"""Sources that another process looks at, for each test, of which nothing stays behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.outside.connector import OutsideConnector
from indexer.outside.process import Patience
from indexer.outside.recipe import Recipe
from tests.support.hanging_connector import HangingConnector, UnkillableProcess
from tests.support.hostile_workers import processes

HASTY = Patience(silent=0.4, farewell=5)


@pytest.fixture(autouse=True)
def nothing_stays_behind() -> Iterator[None]:
    before, open_before = processes(), len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert processes() <= before
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_before


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plan"


@pytest.fixture
def outside(plan: Path, nothing_stays_behind: None) -> Iterator[Callable[..., OutsideConnector]]:
    """Makes a connector for what the plan holds, with little patience unless it is said."""
    made = []

    def make(patience: Patience = HASTY, **given: object) -> OutsideConnector:
        recipe = Recipe("tests.support.hanging_connector:create", "share", {"plan": str(plan)})
        made.append(OutsideConnector(HangingConnector(plan), recipe, patience, **given))  # type: ignore[arg-type]
        return made[-1]

    UnkillableProcess.started.clear()
    yield make
    for process in UnkillableProcess.started:
        process.let_go()
    for connector in made:
        connector.close()
