"""What an installation brings is enough: nothing that only developers have is needed to embed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

ALONE = """
import json, sys
from importlib.machinery import PathFinder
refused = set(json.loads(sys.argv[3]))
find_spec = PathFinder.find_spec
PathFinder.find_spec = lambda name, *more: None if name.partition(".")[0] in refused else find_spec(name, *more)
from pathlib import Path
from indexer.embedding.onnx_export import main
sys.argv[1:] = [sys.argv[1], sys.argv[2], "float32"]
main()
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def with_what_they_need(wanted: Iterable[str]) -> set[str]:
    """The packages that pip installs for these requirements."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(line) for line in wanted]
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            name = canonical(requirement.name)
            if (name, extra) in found:
                continue
            found.add((name, extra))
            inner = map(Requirement, metadata.requires(name) or ())
            waiting += [one for one in inner if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def test_a_model_is_exported_with_nothing_but_what_is_installed(tiny: Path, tmp_path: Path) -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    installed = with_what_they_need(project["dependencies"])
    refused = [
        module
        for module, packages in metadata.packages_distributions().items()
        if not {canonical(package) for package in packages} & (installed | {"document-indexer"})
    ]
    assert {"pytest", "hypothesis"} <= set(refused)
    (tmp_path / "export").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tiny), str(tmp_path / "export"), json.dumps(refused)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    left = {path.name: path for path in (tmp_path / "export").iterdir()}
    assert "refused.json" not in left, left["refused.json"].read_text()
    assert "verified.json" in left
