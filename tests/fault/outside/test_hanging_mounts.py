"""A real mount that hangs in the kernel, where even SIGKILL is of no use (needs root and FUSE)."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import SourceError
from indexer.outside.connector import OutsideConnector, look_from_outside
from indexer.outside.process import Patience
from indexer.outside.recipe import Recipe
from tests.support.hanging_mount import hanging_mount, state_of
from tests.support.hostile_workers import processes

ROOT = Path(__file__).parents[3]
HASTY = Patience(silent=0.4, farewell=0.3)


@pytest.fixture
def share(tmp_path: Path, nothing_stays_behind: None) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """A mount that hangs, and the process on which that depends."""
    folder = tmp_path / "share"
    folder.mkdir()
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
        pytest.skip("only root can mount here, and only with FUSE")
    with hanging_mount(folder) as server:
        if server is None:
            pytest.skip("nothing can be mounted here")
        yield folder, server


def connector_of(folder: Path, patience: Patience = HASTY) -> OutsideConnector:
    return look_from_outside(Recipe("connectors.files:create", "share", {"root": str(folder)}), patience)


def test_a_mount_that_hangs_fails_its_source_in_time_and_costs_one_process(
    share: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    folder, server = share
    # Other tests may have left parsers that wait for work.
    before = processes()
    connector = connector_of(folder)
    with pytest.raises(SourceError) as caught:
        list(connector.changes(None))
    assert caught.value.code == "not-answering"
    hung = connector.pid
    assert state_of(hung) == "D"  # it was killed, and is still there

    for _ in range(20):
        with pytest.raises(SourceError) as again:
            list(connector.changes(None))
        assert str(again.value) == str(caught.value)
    assert len(processes() - before) == 1

    server.kill()
    server.wait()
    while state_of(hung) not in "ZX":
        select.select([], [], [], 0.01)
    with pytest.raises(SourceError) as caught:
        list(connector.changes(None))
    assert caught.value.code == "source-io-error"  # "Transport endpoint is not connected"
    connector.close()


LISTS = """
import sys
from indexer.outside.connector import look_from_outside
from indexer.outside.recipe import Recipe
connector = look_from_outside(Recipe("connectors.files:create", "share", {"root": sys.argv[1]}))
print("listing", flush=True)
try:
    list(connector.changes(None))
finally:
    connector.close()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_program_ends_promptly_while_a_mount_hangs(
    share: tuple[Path, subprocess.Popen[bytes]], how: signal.Signals
) -> None:
    folder, server = share
    program = subprocess.Popen(
        [sys.executable, "-c", LISTS, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"listing\n"
    assert server.stdout is not None
    assert server.stdout.readline() == b"asked\n"
    children = processes(program.pid)
    began = time.monotonic()  # noqa: TID251

    program.send_signal(how)
    program.communicate(timeout=20)

    assert time.monotonic() - began < 3  # noqa: TID251
    server.kill()
    while any(Path(f"/proc/{child}").exists() for child in children):
        select.select([], [], [], 0.01)
