"""A document that is read for ever holds up no other, and stopping the command waits for nobody."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.clock import SystemClock
from tests.e2e.cli_workplace import COMMAND, Workplace
from tests.unit.parsing.office_files import compound_file

PATIENCE = 90.0
"""Seconds until a test gives up; nothing here is expected to take as many."""


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(tmp_path, capsys)


def until(true: Callable[[], bool]) -> None:
    end = SystemClock().monotonic() + PATIENCE
    while not true():
        assert SystemClock().monotonic() < end


def alive(pid: int) -> bool:
    """Whether the process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_interruption_while_a_converter_hangs_keeps_the_others_and_ends_it(work: Workplace) -> None:
    programs = work.folder / "programs"
    programs.mkdir()
    started = work.folder / "started"
    converter = programs / "soffice"
    converter.write_text(f"#!/bin/sh\necho $$ > {started}.new; mv {started}.new {started}; exec sleep 600\n")
    converter.chmod(0o755)
    work.write("a.doc", compound_file("WordDocument"))
    for number in range(20):
        work.write(f"note-{number}.md", f"# Note {number}\n\nOne rule of {number}.\n")
    process = subprocess.Popen(
        [*COMMAND, "backfill"],
        cwd=work.folder,
        env={**os.environ, "PATH": f"{programs}:{os.defpath}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        until(started.exists)
        until(lambda: (work.folder / "data" / "catalog.sqlite").exists())
        until(lambda: work.json("status")["totals"]["documents"] == 20)
        hanging = int(started.read_text())
        assert alive(hanging)

        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.communicate()

    assert process.returncode == 128 + signal.SIGINT
    assert errors.splitlines()[-1].startswith(b"indexer: interrupted")
    until(lambda: not alive(hanging))
    assert work.run("check", "--deep").code == 0
    assert work.json("backfill", code=5)["sources"][0]["passages_embedded"] == 0
