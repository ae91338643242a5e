"""A source that hangs, or whose process dies, costs what it must: a document, or the source; never the program."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from indexer.errors import ClosedError, LostError, ReadError, SourceError
from indexer.outside.connector import OutsideConnector
from indexer.outside.process import Patience
from indexer.outside.recipe import Recipe
from indexer.ports import Event, Observed
from tests.support.hanging_connector import HangingConnector, UnkillableProcess, write_plan
from tests.support.hanging_mount import state_of
from tests.support.hostile_workers import processes

ROOT = Path(__file__).parents[3]
PATIENT = Patience(silent=60, farewell=5)
KEYS = ["a.md", "b.md", "c.md", "d.md", "e.md"]
MANY = [f"{number:05}.md" for number in range(1_200)]

Outside = Callable[..., OutsideConnector]


def observed(events: Sequence[Event]) -> dict[str, Observed]:
    return {event.key: event for event in events if isinstance(event, Observed)}


def failed_listing(connector: OutsideConnector) -> tuple[list[Event], SourceError]:
    """What a listing told, and how it failed."""
    told: list[Event] = []
    with pytest.raises(SourceError) as caught:  # noqa: PT012 - where it fails is not said
        for event in connector.changes(None):
            told.append(event)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return told, caught.value


# --- listings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 700])
def test_a_listing_that_hangs_fails_in_time_and_concludes_nothing(
    plan: Path, outside: Outside, after: int
) -> None:
    write_plan(plan, MANY, hang=[f"list {after}"])
    connector = outside()
    began = time.monotonic()  # noqa: TID251 - real processes take real time

    _, error = failed_listing(connector)

    assert error.code == "not-answering"
    assert f"source share ({plan}) has not answered since 20" in str(error)
    assert time.monotonic() - began < 10  # noqa: TID251


def test_what_a_listing_told_before_it_hung_is_told_and_no_end_of_it(plan: Path, outside: Outside) -> None:
    write_plan(plan, MANY, hang=["list 700"])

    told, _ = failed_listing(outside())

    assert [*observed(told)] == MANY[: len(told)]
    assert 0 < len(told) <= 700


def test_a_source_that_hung_is_listed_again_when_it_answers(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS, hang=["list 2"])
    connector = outside()
    failed_listing(connector)

    write_plan(plan, KEYS)

    assert [*observed([*connector.changes(None)])] == KEYS


def test_a_listing_that_takes_its_time_but_works_does_not_hang(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS, compute=["list 0"])

    assert len(list(outside().changes(None))) == len(KEYS) + 1


def test_a_process_that_is_killed_amid_a_listing_fails_it(plan: Path, outside: Outside) -> None:
    write_plan(plan, MANY)
    connector = outside(PATIENT)
    listing = connector.changes(None)
    next(listing)

    os.kill(connector.pid or 0, signal.SIGKILL)
    with pytest.raises(SourceError, match="SIGKILL") as caught:
        list(listing)

    assert caught.value.code == "source-crashed"
    assert len(list(connector.changes(None))) == len(MANY) + 1


@pytest.mark.parametrize(
    ("trouble", "code", "words"),
    [
        ("die", "source-crashed", "was ended by SIGKILL"),
        ("exit", "source-crashed", "ended with status 3, saying: leaving at list 3"),
        ("fail", "source-crashed", "failed (TypeError: a defect at list 3)"),
        ("refuse", "permission", "list 3: no"),
    ],
)
def test_a_listing_that_fails_in_whatever_way_fails_alone_and_says_how(
    plan: Path, outside: Outside, trouble: str, code: str, words: str
) -> None:
    write_plan(plan, KEYS, **{trouble: ["list 3"]})
    connector = outside(PATIENT)

    _, error = failed_listing(connector)

    assert error.code == code
    assert words in str(error)
    write_plan(plan, KEYS)
    assert [*observed([*connector.changes(None)])] == KEYS


def test_a_connector_that_cannot_be_made_there_fails_the_listing(plan: Path) -> None:
    recipe = Recipe("tests.support.no_such_module:create", "share", {})
    connector = OutsideConnector(HangingConnector(plan), recipe)

    with pytest.raises(SourceError, match="no_such_module") as caught:
        list(connector.changes(None))

    assert caught.value.code == "source-crashed"
    connector.close()


# --- reads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "reason"), [("hang", "not-answering"), ("die", "source-crashed"), ("fail", "source-crashed")]
)
def test_a_document_whose_reading_fails_costs_only_itself(
    plan: Path, outside: Outside, trouble: str, reason: str
) -> None:
    write_plan(plan, KEYS, **{trouble: ["read b.md", "read d.md"]})
    states = observed(list(outside().changes(None)))
    read, failed = {}, {}
    for key, state in states.items():
        try:
            read[key] = state.read().data
        except ReadError as error:
            failed[key] = error

    assert read == {key: key.encode() * 2 for key in ("a.md", "c.md", "e.md")}
    assert {key: error.reason for key, error in failed.items()} == {"b.md": reason, "d.md": reason}
    assert all(key in str(error) and not error.permanent for key, error in failed.items())


def test_several_documents_in_a_row_that_hang_are_the_source(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS, hang=[f"read {key}" for key in KEYS])
    states = observed(list(outside().changes(None)))

    for key in KEYS[:2]:
        with pytest.raises(ReadError):
            states[key].read()
    with pytest.raises(SourceError) as caught:
        states["c.md"].read()

    assert caught.value.code == "not-answering"


def test_a_source_that_went_away_between_listing_and_reading_is_not_taken_for_documents_that_vanished(
    plan: Path, outside: Outside
) -> None:
    write_plan(plan, KEYS, hang=["read a.md"])
    connector = outside()
    states = observed(list(connector.changes(None)))
    with pytest.raises(ReadError):
        states["a.md"].read()
    write_plan(plan, KEYS, hang=["look at b.md"], refuse=["look at c.md"], die=["look at d.md"])

    with pytest.raises(ReadError) as caught:
        states["b.md"].read()
    assert caught.value.reason == "not-answering"
    with pytest.raises(SourceError, match=r"look at c\.md: no"):
        states["c.md"].read()


def test_what_the_connector_says_of_a_document_is_what_the_core_hears(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS, refuse=["read b.md"])
    connector = outside()
    states = observed(list(connector.changes(None)))

    with pytest.raises(ReadError) as caught:
        states["b.md"].read()
    assert (caught.value.reason, caught.value.message, caught.value.remedy) == (
        "unreadable", "read b.md: no", "ask again",
    )  # fmt: skip
    with pytest.raises(LostError):
        connector.read_state("a.md", "origin")


def test_states_can_be_read_after_the_process_that_told_of_them_has_ended(
    plan: Path, outside: Outside
) -> None:
    write_plan(plan, [*KEYS, "hidden"])
    connector = outside(PATIENT)
    states = observed(list(connector.changes(None)))
    first = states["a.md"].read()
    os.kill(connector.pid or 0, signal.SIGKILL)

    again = states["a.md"].read()
    assert (again.data, again.settled) == (first.data, first.settled)
    assert again.etag != first.etag  # the stand-in's etag is its process
    write_plan(plan, KEYS[1:])
    with pytest.raises(ReadError) as caught:
        states["a.md"].read()
    assert caught.value.reason == "vanished"
    with pytest.raises(ReadError) as caught:
        states["hidden"].read()
    assert caught.value.reason == "unreadable"


def test_several_threads_read_at_once(plan: Path, outside: Outside) -> None:
    write_plan(plan, MANY)
    states = observed(list(outside(PATIENT).changes(None)))
    wrong: list[str] = []

    def read(part: int) -> None:
        wrong.extend(key for key in MANY[part::4] if states[key].read().data != key.encode() * 2)

    threads = [threading.Thread(target=read, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- one that cannot be killed ------------------------------------------------------------------------


def test_a_source_whose_process_cannot_be_killed_fails_at_once_until_it_is_gone(
    plan: Path, outside: Outside
) -> None:
    write_plan(plan, KEYS, hang=["list 2"])
    connector = outside(start=UnkillableProcess)
    _, first = failed_listing(connector)
    write_plan(plan, KEYS)

    began = time.monotonic()  # noqa: TID251
    for _ in range(50):
        _, again = failed_listing(connector)
        assert str(again) == str(first)
    with pytest.raises(SourceError):
        connector.read_state("a.md", "origin")
    assert time.monotonic() - began < 0.3  # noqa: TID251
    assert len(UnkillableProcess.started) == 1

    UnkillableProcess.started[0].let_go()
    assert [*observed([*connector.changes(None)])] == KEYS
    assert len(UnkillableProcess.started) == 2


def test_a_read_that_cannot_be_killed_is_the_source_at_once(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS, hang=["read a.md"])
    connector = outside(start=UnkillableProcess)
    states = observed(list(connector.changes(None)))

    with pytest.raises(SourceError):
        states["a.md"].read()
    with pytest.raises(SourceError):
        states["b.md"].read()

    UnkillableProcess.started[0].let_go()
    assert states["b.md"].read().data == b"b.mdb.md"


# --- the end of the program -----------------------------------------------------------------------------


def test_closing_frees_whoever_waits(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS, hang=["read a.md", "list 5"])
    connector = outside(PATIENT)
    told: list[BaseException] = []

    def ask() -> None:
        try:
            list(connector.changes(None))
        except ClosedError as error:
            told.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    hung = Path(f"{plan}.hung")
    while not hung.exists():
        threads[0].join(0.01)
    began = time.monotonic()  # noqa: TID251
    connector.close()
    for thread in threads:
        thread.join()

    assert time.monotonic() - began < 2  # noqa: TID251
    assert len(told) == 3
    with pytest.raises(ClosedError):
        list(connector.changes(None))


HANGS = """
import sys
from indexer.outside.connector import look_from_outside
from indexer.outside.recipe import Recipe
connector = look_from_outside(Recipe("tests.support.hanging_connector:create", "share", {"plan": sys.argv[1]}))
print("listing", flush=True)
list(connector.changes(None))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_ends_promptly_while_its_source_hangs_and_leaves_no_process(
    plan: Path, how: signal.Signals
) -> None:
    write_plan(plan, KEYS, hang=["list 1"])
    program = subprocess.Popen(
        [sys.executable, "-c", HANGS, str(plan)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"listing\n"
    hung = Path(f"{plan}.hung")
    while not hung.exists():
        select.select([], [], [], 0.01)
    children = processes(program.pid)
    began = time.monotonic()  # noqa: TID251

    program.send_signal(how)
    program.communicate(timeout=20)

    assert time.monotonic() - began < 3  # noqa: TID251
    assert len(children) == 1
    while any(Path("/proc", str(child)).exists() for child in children):
        select.select([], [], [], 0.01)


def test_a_process_that_is_asked_nothing_ends_and_another_one_takes_its_place(
    plan: Path, outside: Outside
) -> None:
    write_plan(plan, KEYS)
    connector = outside(Patience(silent=60, farewell=5, idle=0.05))
    states = observed(list(connector.changes(None)))
    first = connector.pid
    while state_of(first) != "Z":
        select.select([], [], [], 0.01)

    assert states["a.md"].read().data == b"a.mda.md"
    assert connector.pid != first
    assert len(list(connector.changes(None))) == len(KEYS) + 1


def test_a_listing_that_nobody_goes_on_with_costs_no_other_process(plan: Path, outside: Outside) -> None:
    write_plan(plan, KEYS)
    connector = outside(PATIENT)
    listing = connector.changes(None)
    next(listing)
    first = connector.pid
    listing.close()  # type: ignore[attr-defined] - it is a generator

    assert len(list(connector.changes(None))) == len(KEYS) + 1
    assert connector.pid == first
