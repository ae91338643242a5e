"""What the benchmarks share: an index in a folder of its own, the command as a process, and how figures are told."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

COMMAND = (sys.executable, "-c", "import sys; from indexer.cli.main import main; sys.exit(main())")
"""What the installed script does."""


def configure(folder: Path, documents: Path, model: str | None = None) -> Path:
    """Write a configuration with one source, as a user would; its index in ``FOLDER/data``.

    A `model` of None is the bundled one.
    """
    lines = [f"data_dir = {json.dumps(str(folder / 'data'))}", 'timezone = "UTC"']
    if model is not None:
        lines += ["[embedding]", f"model = {json.dumps(model)}"]
    lines += ["[[source]]", 'name = "corpus"', 'kind = "files"', f"root = {json.dumps(str(documents))}"]
    file = folder / "config.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process took, in seconds."""

    wall: float
    cpu: float
    """In the program and in the kernel for it, all threads; says more than `wall` where others work too."""


def run(words: Sequence[str | Path]) -> Spent:
    """Run a process to its end, its standard output unread; whatever it says on standard error is shown if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    with process.stderr as stream:
        errors = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: exit code {process.returncode}\n{errors.decode()}")
    return Spent(wall, usage.ru_utime + usage.ru_stime)


def exit_code(words: Sequence[str]) -> int:
    """How a process ended; what it says is not read."""
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode


def indexer(config: Path, *words: str) -> Spent:
    """Run the command with this configuration."""
    return run([*COMMAND, "--config", config, *words])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that is not exceeded by `share` (0 to 1) of them."""
    return sorted(values)[max(0, -int(-len(values) * share // 1) - 1)]


def middle(spent: Sequence[Spent]) -> Spent:
    """The median wall time and the median CPU time."""
    return Spent(statistics.median(s.wall for s in spent), statistics.median(s.cpu for s in spent))


def load() -> float:
    """How many processes ran or wanted to, over the last minute."""
    return os.getloadavg()[0]


def conditions() -> str:
    """Date, machine, load and versions, in a line."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} CPUs, load average {load():.1f}, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, LanceDB {version('lancedb')}"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option that every benchmark has."""
    parser.add_argument("--json", type=Path, help="write the figures to this file")


def write_json(file: Path | None, told: str, figures: Mapping[str, object]) -> None:
    """Write the figures with their conditions, if somebody wants them."""
    if file is not None:
        file.write_text(json.dumps({"conditions": told} | dict(figures), indent=2) + "\n", encoding="utf-8")
