"""The service while one of its sources lies on a mount that hangs: the others are followed, and it ends when it is told to."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.cli_workplace import Workplace
from tests.e2e.test_control_of_the_service import running
from tests.support.hanging_mount import hanging_mount


def test_a_mount_that_hangs_keeps_neither_other_sources_nor_the_end_of_the_service_waiting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
        pytest.skip("only root can mount here, and only with FUSE")
    work = Workplace(tmp_path, capsys)
    work.config.write_text(
        f'{work.config.read_text()}[[source]]\nname = "away"\nkind = "files"\nroot = "share"\n'
    )
    with hanging_mount(share) as server:
        if server is None:
            pytest.skip("nothing can be mounted here")
        assert server.stdout is not None
        with running(work) as process:
            assert server.stdout.readline() == b"asked\n"

            work.write("new.md", "# Travel\n\nBook early.\n")
            began = time.monotonic()  # noqa: TID251 - real processes take real time
            while not work.json("search", "early", "--mode", "text")["hits"]:
                assert time.monotonic() - began < 20  # noqa: TID251

            began = time.monotonic()  # noqa: TID251
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            assert time.monotonic() - began < 8  # noqa: TID251
            assert process.returncode == 0
