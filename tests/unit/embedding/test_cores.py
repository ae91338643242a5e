"""How many threads this process may run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.embedding.cores import cores

ALL = len(os.sched_getaffinity(0))


def grouped(tmp_path: Path, quotas: dict[str, str]) -> tuple[Path, Path]:
    for place, quota in quotas.items():
        (tmp_path / "groups" / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / place / "cpu.max").write_text(quota)
    (tmp_path / "cgroup").write_text("1:name=systemd:/elsewhere\n0::/pod/box\n")
    return tmp_path / "cgroup", tmp_path / "groups"


@pytest.mark.parametrize(
    ("quota", "granted"), [("max 100000\n", ALL), ("100000 100000\n", 1), ("50000 100000\n", 1), ("nonsense", ALL), ("9900000 100000\n", ALL)]
)  # fmt: skip
def test_a_control_group_grants_what_its_quota_says(tmp_path: Path, quota: str, granted: int) -> None:
    assert cores(*grouped(tmp_path, {"pod/box": quota})) == granted


def test_the_least_of_all_groups_above_counts(tmp_path: Path) -> None:
    assert cores(*grouped(tmp_path, {"pod/box": "max 100000", "pod": "100000 100000"})) == 1


def test_without_control_groups_the_affinity_decides(tmp_path: Path) -> None:
    assert cores(tmp_path / "none", tmp_path / "nothing") == ALL
