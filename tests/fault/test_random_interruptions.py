"""A thousand random interruptions of loops at work: nothing is lost, nothing comes twice, every invariant holds each time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same steps in every run

import pytest

from tests.fault.life import KINDS, MOMENTS, Life
from tests.support.indexes import fast_folder

EACH = 25
"""Interruptions in one life."""
SEEDS = range(34)
LANCE_SEEDS = range(100, 110)
LANCE_EACH = 15
"""10 × 15 with LanceDB, 34 × 25 without: a thousand."""


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("interrupted-")
    yield folder
    shutil.rmtree(folder)


def disturb(life: Life, seed: int, times: int) -> int:
    """Live, with so many interruptions; how many steps that took."""
    chance, steps = Random(f"faults {seed}"), 0
    while len(life.faults.met) < times:
        if not life.faults.armed:
            life.faults.arm(chance.randint(1, MOMENTS), chance.choice(KINDS))
        before, met = life.version_ids(), len(life.faults.met)
        life.step()
        steps += 1
        assert before <= life.version_ids(), "what was committed is lost"
        if len(life.faults.met) > met:
            hold(life)
    life.faults.disarm()
    life.step()
    hold(life)
    return steps + 1


def hold(life: Life) -> None:
    """Every invariant, and nothing twice."""
    home = life.home
    assert life.world.fatal == []
    assert life.wrong == []
    assert home.check().problems == [], life.faults.met[-1]
    assert home.table_rows() == home.catalog_rows(), life.faults.met[-1]
    for states in life.believed():
        for earlier, later in pairwise(states):
            assert earlier[3:5] != later[3:5], f"twice: {earlier} {later} after {life.faults.met[-1]}"


def as_the_sources_are(life: Life) -> None:
    """The present of the index is that of the sources."""
    home = life.home
    present = home.keys()
    assert set(life.folder.files) <= present.keys()
    for key, file in life.folder.files.items():
        assert home.queries().show(key).text == file.data.decode()
    assert len(present) - len(life.folder.files) <= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_an_interrupted_life_ends_as_an_undisturbed_one(place: Path, seed: int) -> None:
    """With every second seed something is saved in the middle of scans; such a life cannot be lived twice."""
    life = Life(place / "one", seed, overtaking=seed % 2 == 1)
    steps = disturb(life, seed, EACH)
    as_the_sources_are(life)
    if seed % 2 == 0:
        undisturbed = Life(place / "other", seed)
        for _ in range(steps):
            undisturbed.step()
        assert life.believed() == undisturbed.believed()
        undisturbed.home.close()
    life.home.close()


@pytest.mark.parametrize("seed", LANCE_SEEDS)
def test_the_same_with_lancedb(place: Path, seed: int) -> None:
    life = Life(place / "one", seed, lance=True)
    steps = disturb(life, seed, LANCE_EACH)
    as_the_sources_are(life)
    undisturbed = Life(place / "other", seed)
    for _ in range(steps):
        undisturbed.step()
    assert life.believed() == undisturbed.believed()
    undisturbed.home.close()
    life.home.close()
