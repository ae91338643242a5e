"""`indexer run` as a process: other processes ask it at its control socket from the moment at which it is ready."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.daemon.control.address import FILE_NAME
from tests.e2e.cli_workplace import COMMAND, Workplace
from tests.support.control_client import ControlClient

PATIENCE = 60  # [s]


@contextmanager
def running(work: Workplace) -> Iterator[subprocess.Popen[str]]:
    """The service, ready."""
    process = subprocess.Popen([*COMMAND, "run"], cwd=work.folder, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if '"event": "ready"' in line:
                break
        else:
            raise AssertionError("it ended before it was ready")
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def test_commands_are_run_by_the_service_and_after_its_end_alone_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workplace(tmp_path, capsys)
    work.write("leave.md", "# Leave\n\nUp to five days carry over.\n")
    work.write("travel.md", "# Travel\n\nBook early.\n")
    client = ControlClient(tmp_path / "data")
    with running(work) as process:
        assert work.json("backfill")["sources"][0]["documents_seen"] == 2
        assert work.json("status")["daemon"]["pid"] == process.pid
        assert work.run("status", "--check").out == "nothing needs to be looked at\n"
        assert work.json("rebuild")["passages"] == 2
        assert work.json("purge", "travel.md", "--reason", "a test", "--yes")["purge"]["finished"] is True
        through = [work.run("search", "days", "--json"), work.run("history", "leave.md")]
        assert work.json("retry")["sources"] == []
        assert b"# TYPE indexer_" in client.get("/metrics").body
        assert client.request("PUT", "/v1/log-level", {"level": "debug"}).status == 200
        refused = work.run("--debug", "backfill")
        assert refused.code == 75

        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)

    assert process.returncode == 0
    assert not (tmp_path / "data" / FILE_NAME).exists()
    assert [work.run("search", "days", "--json"), work.run("history", "leave.md")] == through
    assert work.json("check", "--deep")["problems"] == []


def test_a_second_service_is_refused_and_what_a_killed_one_left_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workplace(tmp_path, capsys)
    work.write("leave.md", "# Leave\n\nUp to five days carry over.\n")
    with running(work) as process:
        assert work.spawn("run").returncode == 75
        process.kill()
        process.wait(PATIENCE)
    assert work.json("status", "--check", code=1)["alerts"][-1]["code"] in ("daemon-gone", "scan-too-old")

    with running(work):
        assert work.json("backfill")["sources"][0]["documents_seen"] == 1
        assert work.run("status", "--check").code == 0


def test_a_configuration_that_the_service_refused_is_something_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Workplace(tmp_path, capsys)
    work.write("leave.md", "# Leave\n")
    with running(work) as process:
        work.config.write_text(work.config.read_text() + "bogus = 3\n")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert any("bogus" in line for line in process.stderr)
        found = work.run("status", "--check")

    assert found.code == 1
    assert "goes on by the former configuration" in found.out
