"""Where a process may not make code at run time (MemoryDenyWriteExecute= of a service) models run all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.embedding.choose import create_embedder

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

REFUSE = """
import ctypes, json, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
from pathlib import Path
from indexer.embedding.choose import create_embedder
cache = Path(sys.argv[2]) if sys.argv[2] else None
print(json.dumps(create_embedder(sys.argv[1], cache=cache).embed(["one text", "and another one"]).tolist()))
"""


@pytest.mark.parametrize("exports", [True, False], ids=["onnx", "sentence-transformers"])
def test_vectors_are_the_same_without_code_that_is_made_at_run_time(
    exports: bool, tiny: Path, tmp_path: Path
) -> None:
    cache = str(tmp_path / "models") if exports else ""
    done = subprocess.run(
        [sys.executable, "-c", REFUSE, str(tiny), cache],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("this kernel cannot refuse code that is made at run time (Linux 6.3 can)")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    usual = create_embedder(str(tiny), cache=None).embed(["one text", "and another one"])
    assert np.allclose(json.loads(done.stdout), usual, atol=1e-5)
    assert not exports or any((tmp_path / "models").glob("*/export.json"))
