"""The threads that work for clients: few, with a bounded number waiting in front of them."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest

from indexer.daemon.control.workers import CrowdedError, Workers

PATIENCE = 10.0


class Gate:
    """Work that begins, and ends when it may."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.open = threading.Event()

    def __call__(self) -> str:
        self.begun.release()
        assert self.open.wait(PATIENCE)
        return threading.current_thread().name


def test_so_many_work_at_once_and_no_more_wait_than_may() -> None:
    workers, gate = Workers("few", threads=2, waiting=1), Gate()
    results = [workers.submit(gate) for _ in range(3)]
    for _ in range(2):
        assert gate.begun.acquire(timeout=PATIENCE)

    with pytest.raises(CrowdedError):
        workers.submit(gate)

    assert not gate.begun.acquire(blocking=False)
    gate.open.set()
    assert {result.result(PATIENCE) for result in results} == {"few-1", "few-2"}
    assert workers.submit(gate).result(PATIENCE) in ("few-1", "few-2")
    workers.stop()


def test_one_after_the_other_takes_one_thread() -> None:
    workers = Workers("one", threads=4, waiting=0)

    names = {workers.submit(lambda: threading.current_thread().name).result(PATIENCE)}
    while len(names) < 2 and threading.active_count() < 2:  # its thread may not be idle again yet
        names.add(workers.submit(lambda: threading.current_thread().name).result(PATIENCE))

    assert "one-1" in names
    workers.stop()


def test_who_loses_patience_makes_room_and_is_never_worked_for() -> None:
    workers, gate = Workers("few", threads=1, waiting=1), Gate()
    first = workers.submit(gate)
    assert gate.begun.acquire(timeout=PATIENCE)
    impatient = workers.submit(gate)

    assert impatient.cancel()
    patient = workers.submit(lambda: "patient")

    gate.open.set()
    assert (first.result(PATIENCE), patient.result(PATIENCE)) == ("few-1", "patient")
    assert not gate.begun.acquire(blocking=False)
    workers.stop()


def test_an_error_goes_to_who_waits_and_the_thread_goes_on() -> None:
    workers = Workers("few", threads=1, waiting=1)

    def fail() -> None:
        raise ValueError("what")

    with pytest.raises(ValueError, match="what"):
        workers.submit(fail).result(PATIENCE)
    assert workers.submit(lambda: 1).result(PATIENCE) == 1
    workers.stop()


def test_stopped_they_finish_what_they_are_at_and_begin_nothing() -> None:
    workers, gate = Workers("few", threads=1, waiting=2), Gate()
    at_work, waiting = workers.submit(gate), workers.submit(gate)
    assert gate.begun.acquire(timeout=PATIENCE)

    workers.stop()

    with pytest.raises(CrowdedError):
        workers.submit(gate)
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE)
    gate.open.set()
    assert at_work.result(PATIENCE) == "few-1"
