"""Reads the unit and its companions as their tests want them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

SYSTEMD: Final = Path(__file__).parents[2] / "systemd"
UNIT: Final = SYSTEMD / "indexer.service"
PROGRAM: Final = "/opt/indexer/.venv/bin/indexer"
DROP_INS: Final = {
    "remote-git": SYSTEMD / "drop-ins/remote-git.conf",
    "read-all": SYSTEMD / "drop-ins/read-all.conf",
}
NEWER: Final = SYSTEMD / "newer.conf"


def options(text: str) -> Iterator[tuple[str, str, str]]:
    """Each option of a unit file: its name, its value, and the line that stands above it."""
    above = ""
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            yield name, value, above
        above = line


def values_of(file: Path) -> Mapping[str, str]:
    """The options of a unit file; of those that stand there twice, the last."""
    return {name: value for name, value, _ in options(file.read_text(encoding="utf-8"))}


def laid_out(folder: Path, *drop_ins: Path) -> Path:
    """A copy of the unit in `folder` with `drop_ins` beside it, whose program is one that this machine has."""
    beside = folder / "indexer.service.d"
    beside.mkdir()
    for file in drop_ins:
        shutil.copy(file, beside)
    unit = folder / "indexer.service"
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, sys.executable), encoding="utf-8")
    return unit
