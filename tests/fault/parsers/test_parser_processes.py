"""Parsers that do what parsers must not do: each costs one document, in bounded time, and nothing stays behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from indexer.errors import ParserProcessError
from indexer.parsing.workers import WorkerLimits, Workers
from indexer.parsing.workers.limits import MIB
from tests.support.hostile_workers import HOSTILE, LIMITS, PATIENT, ROOT, failure, processes, text

# --- each costs one document ------------------------------------------------------------------------


@pytest.mark.parametrize("function", ["loop", "loop_in_native_code"])
def test_a_parser_that_never_ends_is_ended_in_time(workers: Workers, function: str) -> None:
    text(workers, "read_well")
    began = time.monotonic()  # noqa: TID251 - real processes take real time
    with pytest.raises(ParserProcessError) as caught:
        workers.read(HOSTILE, function, b"")
    assert caught.value.reason == "parser-timeout"
    assert 0.3 <= time.monotonic() - began < 5  # noqa: TID251
    assert text(workers, "read_well", b"the next one") == "the next one"


def test_a_large_document_has_more_time_and_one_that_is_converted_more_still() -> None:
    limits = WorkerLimits(seconds=60, seconds_per_mib=5, program_seconds=900)
    assert limits.seconds_for(10 * MIB) == 110
    assert limits.seconds_for(10 * MIB, programs=True) == 1010


@pytest.mark.parametrize("function", ["allocate_at_once", "allocate_bit_by_bit", "map_memory"])
def test_a_parser_that_eats_memory_is_stopped_before_it_has_it(patient: Workers, function: str) -> None:
    error = failure(patient, function)
    assert error.reason == "parser-memory"
    assert "150 MiB" in str(error)


@pytest.mark.parametrize(
    ("function", "how"),
    [
        ("crash", "SIGSEGV"),
        ("abort", "SIGABRT"),
        ("exit_at_once", "ended with status 3, saying: that was that"),
        ("answer_with_garbage", "answered with garbage"),
        ("answer_with_a_wrong_shape", "answered with garbage"),
        ("announce_too_much", "answered with garbage"),
    ],
)
def test_a_parser_whose_process_dies_or_raves_costs_one_document(
    patient: Workers, function: str, how: str
) -> None:
    error = failure(patient, function)
    assert error.reason == "parser-crashed"
    assert how in str(error)
    assert "\x1b" not in str(error)
    assert not error.permanent


def test_a_parser_that_closes_its_channel_costs_one_document(workers: Workers) -> None:
    assert failure(workers, "close_everything").reason == "parser-crashed"


def test_a_parser_that_exits_politely_keeps_its_process(patient: Workers) -> None:
    pid = text(patient, "keep_memory", b"0")
    error = failure(patient, "exit_politely")
    assert error.reason == "malformed"
    assert "SystemExit" in str(error)
    assert text(patient, "keep_memory", b"0") == pid


def test_recursion_without_end_is_nested_too_deeply(patient: Workers) -> None:
    assert failure(patient, "recurse").reason == "too-large"


def test_recursion_past_the_interpreters_own_limit_costs_one_document(patient: Workers) -> None:
    assert failure(patient, "recurse_in_native_code").reason in ("parser-crashed", "parser-memory")


def test_what_is_printed_harms_nobody(patient: Workers, capfd: pytest.CaptureFixture[str]) -> None:
    assert text(patient, "print_garbage") == "''"
    assert text(patient, "read_well", b"the next one") == "the next one"
    assert capfd.readouterr() == ("", "")


def test_what_is_printed_without_end_does_not_fill_the_disk(patient: Workers) -> None:
    error = failure(patient, "print_without_end")
    assert error.reason == "malformed"
    assert "File too large" in str(error)


# --- limits of what comes out ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "data"),
    [("write_without_end", b""), ("attach_much", b"2000000"), ("attach_many", b"11")],
)
def test_more_than_a_document_may_give_is_too_large(patient: Workers, function: str, data: bytes) -> None:
    small = Workers(LIMITS)
    assert failure(small, function, data).reason == "too-large"
    small.close()


def test_a_reading_arrives_as_it_was_made_in_canonical_form(patient: Workers) -> None:
    reading = patient.read(HOSTILE, "attach", b"")
    heading, paragraph = reading.blocks
    assert (heading.text, heading.title, heading.level) == ("# A�b", "A b", 1)
    assert (paragraph.text, paragraph.page) == ("�x", 2)
    assert (reading.title, reading.labels) == ("t", ("1.0",))
    assert reading.metadata == {"Author": "é�"}
    assert [(a.name, len(a.data), a.data[:2]) for a in reading.attachments] == [
        ("a.txt", 200_000, b"\x00\xff"),
        ("b.txt", 0, b""),
    ]


def test_a_large_document_arrives_whole(patient: Workers) -> None:
    assert text(patient, "count_bytes", b"a" + bytes(20 * MIB) + b"z") == f"{20 * MIB + 2} b'a' b'z'"


def test_what_a_parser_says_of_a_document_is_what_the_owner_hears(patient: Workers) -> None:
    error = failure(patient, "fail")
    assert (error.reason, error.message, error.remedy) == (
        "encrypted", "it is encrypted", "save it without a password",
    )  # fmt: skip
    assert error.permanent


def test_a_defect_of_a_parser_is_one_line_of_bounded_length(patient: Workers) -> None:
    error = failure(patient, "defect")
    assert error.reason == "malformed"
    assert "ValueError: line 1 line 2" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 1000


def test_a_parser_that_cannot_be_imported_says_so_and_is_tried_again(patient: Workers) -> None:
    with pytest.raises(ParserProcessError) as caught:
        patient.read("tests.support.no_such_parser", "read", b"")
    assert caught.value.reason == "parser-unavailable"
    assert not caught.value.permanent


# --- reuse and blame ------------------------------------------------------------------------------


def test_a_worker_is_reused_until_it_has_had_its_documents() -> None:
    few = Workers(WorkerLimits(processes=1, recycle_documents=3))
    said = [text(few, "count_documents").split() for _ in range(5)]
    assert [count for _, count in said] == ["1", "2", "3", "1", "2"]
    assert len({pid for pid, _ in said}) == 2
    few.close()


def test_a_worker_that_has_grown_is_replaced(patient: Workers) -> None:
    first = text(patient, "keep_memory", str(120 * MIB).encode())
    assert text(patient, "keep_memory", b"0") != first


def test_what_an_earlier_document_broke_is_not_blamed_on_the_next(patient: Workers) -> None:
    for _ in range(5):
        assert text(patient, "crash_when_used") == ""


def test_a_worker_that_was_killed_while_idle_is_replaced_unnoticed(patient: Workers) -> None:
    pid = int(text(patient, "keep_memory", b"0"))
    os.kill(pid, signal.SIGKILL)
    assert text(patient, "read_well", b"still here") == "still here"


def test_several_threads_parse_at_once_and_a_hanging_one_holds_up_nobody() -> None:
    pair = Workers(WorkerLimits(processes=2, seconds=2.0))
    reasons: list[str] = []

    def hang() -> None:
        with pytest.raises(ParserProcessError) as caught:
            pair.read(HOSTILE, "loop", b"")
        reasons.append(caught.value.reason)

    thread = threading.Thread(target=hang)
    thread.start()
    texts = [text(pair, "read_well", str(number).encode()) for number in range(50)]
    assert reasons == []
    assert texts == [str(number) for number in range(50)]
    thread.join()
    assert reasons == ["parser-timeout"]
    pair.close()


def test_more_threads_than_workers_wait_for_their_turn() -> None:
    pair = Workers(WorkerLimits(processes=2))
    found: set[str] = set()
    threads = [threading.Thread(target=lambda: found.add(text(pair, "facts"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(found) <= 2
    pair.close()


# --- the end ----------------------------------------------------------------------------------------


def test_closing_ends_a_document_that_is_being_parsed() -> None:
    closing = Workers(WorkerLimits(processes=1))
    heard: list[ParserProcessError] = []
    text(closing, "read_well")

    def hang() -> None:
        with pytest.raises(ParserProcessError) as caught:
            closing.read(HOSTILE, "loop", b"")
        heard.append(caught.value)

    thread = threading.Thread(target=hang)
    thread.start()
    while not closing._busy:
        thread.join(0.01)
    closing.close()
    thread.join()
    assert heard[0].reason == "parser-unavailable"
    with pytest.raises(ParserProcessError, match="closed"):
        closing.read(HOSTILE, "read_well", b"")
    closing.close()


def test_workers_that_nobody_closed_end_with_their_owner() -> None:
    forgotten = Workers(PATIENT)
    text(forgotten, "read_well")
    assert processes()
    del forgotten


OWNER = """
import sys, threading
from indexer.parsing.workers import Workers, WorkerLimits
workers = Workers(WorkerLimits(processes=1))
print(workers.read("tests.support.hostile_parsers", "facts", b"").blocks[0].text.split()[-1], flush=True)
try:
    workers.read("tests.support.hostile_parsers", sys.argv[1], sys.argv[3].encode())
finally:
    if sys.argv[2] == "close":
        workers.close()
"""


@pytest.mark.parametrize("function", ["loop", "loop_in_native_code"])
@pytest.mark.parametrize(
    ("how", "closing"),
    [
        (signal.SIGKILL, "close"),
        (signal.SIGTERM, "close"),
        (signal.SIGINT, "close"),
        (signal.SIGINT, "leave"),
    ],
)
def test_workers_do_not_outlive_their_owner_however_it_ends(
    function: str, how: signal.Signals, closing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, begun = tmp_path / "temporary", tmp_path / "begun"
    temporary.mkdir()
    os.mkfifo(begun)
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, function, closing, str(begun)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    worker = int(owner.stdout.readline())
    begun.read_bytes()
    owner.send_signal(how)
    owner.wait()
    owner.stdout.close()
    descriptor = _pidfd(worker)
    if descriptor is not None:
        ended, _, _ = select.select([descriptor], [], [], 10)
        os.close(descriptor)
        assert ended
    if how in (signal.SIGKILL, signal.SIGTERM):  # they leave no time to clean up: the next one does
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        next_one = Workers(PATIENT)
        text(next_one, "read_well")
        next_one.close()
    assert list(temporary.iterdir()) == []
    temporary.rmdir()
    begun.unlink()


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
