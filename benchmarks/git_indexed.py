"""An index of one repository's whole history, made as a user would, and what making it took."""

from __future__ import annotations

import json
import os
import resource
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.composition import connectors, open_index
from indexer.config import Config, load
from indexer.ingest.backfill import Backfill
from indexer.ingest.reports import SourceReport


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index of one repository, and what making it took."""

    config: Config
    report: SourceReport
    seconds: float
    cpu_seconds: float
    """Of this process, all threads; says more than `seconds` where others work too."""
    peak_mib: int
    """Of this process and its largest child, so far."""
    steps: Mapping[str, int]
    """How often each step of the commit protocol was done."""


def index_history(place: Path, repository: Path, model: str | None) -> Indexed:
    """Index the whole history in `place`, as a user would; brings the index that is there up to date."""
    place.mkdir(parents=True, exist_ok=True)
    lines = [f"data_dir = {json.dumps(str(place / 'data'))}", 'timezone = "UTC"']
    if model is not None:
        lines += ["[embedding]", f"model = {json.dumps(model)}"]
    lines += ["[[source]]", f"name = {json.dumps(repository.stem)}", 'kind = "git"']
    lines += [f"path = {json.dumps(str(repository.resolve()))}"]
    file = place / "config.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = load(file, os.environ)
    steps: Counter[str] = Counter()
    began, cpu = time.perf_counter(), time.process_time()
    with open_index(config) as index:
        index.step = lambda name: steps.update([name])
        (report,) = Backfill(index).run(connectors(config)).sources
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    if report.problems:
        raise RuntimeError("; ".join(report.problems))
    return Indexed(config, report, seconds, cpu, peak // 1024, steps)
