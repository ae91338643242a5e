"""What a parser cannot do to the machine, nor say to anybody outside."""

from __future__ import annotations

import os
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.errors import ParserProcessError
from indexer.parsing.workers import WorkerLimits, Workers
from indexer.parsing.workers.process import Worker
from tests.support.hostile_workers import HOSTILE, PATIENT, failure, text


def test_no_connection_is_made(patient: Workers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1]).encode()
        assert "refused" in str(failure(patient, "connect", port))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_name_is_resolved(patient: Workers) -> None:
    assert "refused" in str(failure(patient, "resolve"))


needs_filter = pytest.mark.skipif(
    os.uname().machine not in ("x86_64", "aarch64"), reason="there is no system call filter for this machine"
)


@needs_filter
@pytest.mark.parametrize("function", ["connect_in_native_code", "fork_in_native_code"])
def test_native_code_gets_no_socket_and_no_process(patient: Workers, function: str) -> None:
    assert text(patient, function) == "-1 Operation not permitted"


def test_no_program_is_started_unless_the_format_needs_one(patient: Workers) -> None:
    assert "refused" in str(failure(patient, "start_program"))
    assert text(patient, "start_program", programs=True) == "started"
    assert "refused" in str(failure(patient, "start_program"))


@needs_filter
def test_a_parser_that_may_start_programs_still_reaches_no_other_machine(patient: Workers) -> None:
    assert text(patient, "connect_in_native_code", programs=True) == "-1 Operation not permitted"
    assert text(patient, "open_local_socket", programs=True) == "opened"
    assert text(patient, "open_local_socket") == "refused"


def test_a_program_that_a_parser_started_ends_with_it() -> None:
    hasty = Workers(WorkerLimits(processes=1, seconds=0.5, program_seconds=0))
    with pytest.raises(ParserProcessError):
        hasty.read(HOSTILE, "start_program_and_hang", b"", programs=True)
    assert all(map(_ends, _running(b"1234.5")))
    hasty.close()


def _running(argument: bytes) -> Iterator[int]:
    """The processes that were started with it."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if argument in path.read_bytes():
                yield int(path.parent.name)


def _ends(pid: int) -> bool:
    """Whether it is gone soon: the kernel takes a moment to end what was killed."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 30)[0])
    finally:
        os.close(process)


def test_threads_are_allowed(patient: Workers) -> None:
    assert text(patient, "use_threads") == "a thread ran"


def test_files_that_a_parser_leaves_are_gone_before_the_next_document(
    patient: Workers, tmp_path: Path
) -> None:
    first, second = text(patient, "leave_files"), text(patient, "leave_files")
    assert first == second
    assert first.endswith(" []")
    assert first.startswith(str(tmp_path))


def test_a_worker_steps_back_and_dumps_no_core(patient: Workers) -> None:
    said = text(patient, "facts")
    assert said.startswith("niceness 5 cores 0 group True")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux chooses what to kill by such a score")
def test_where_memory_runs_out_a_parser_is_killed_before_its_owner(patient: Workers) -> None:
    assert int(text(patient, "readiness_to_be_killed")) > int(Path("/proc/self/oom_score_adj").read_text())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell about memory")
def test_the_memory_of_a_worker_is_seen_until_it_ends() -> None:
    worker = Worker(PATIENT)
    worker.read(HOSTILE, "facts", b"")
    assert worker.resident > 1 << 20
    worker.end()
    assert worker.resident == 0
