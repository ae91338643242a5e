"""What of a status somebody should look at, and what not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.model import Failure
from indexer.query.alerts import Circumstances, alerts, oldest_scan
from indexer.query.results import SourceStatus, StatusResult, Totals

HOUR = 3_600_000_000  # [µs]
NOW = 1_700_000_000_000_000
MIB = 1024**2
SOURCE = SourceStatus("policies", "files", "ok", None, 3, 3, 3, 0, last_scan=NOW - HOUR, last_change=None)
FINE = Circumstances(NOW, oldest={"policies": 3 * 3600.0})


def failing(number: int, began: int) -> list[Failure]:
    return [
        Failure(1, "policies", f"{began}/{n}.md", "unreadable", "it is", 1, began, None)
        for n in range(number)
    ]


def codes(source: SourceStatus = SOURCE, known: Circumstances = FINE) -> list[str]:
    totals = Totals(**dict.fromkeys(Totals.__dataclass_fields__, 0))
    return [alert.code for alert in alerts(StatusResult((source,), totals), known)]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ok", []),
        ("new", []),
        ("refused", ["source-refused"]),
        ("unavailable", ["source-unavailable"]),
        ("incomplete", ["source-incomplete"]),
        ("detached", []),
    ],
)
def test_a_source_that_could_not_be_seen_whole_is_in_trouble(state: str, expected: list[str]) -> None:
    assert codes(replace(SOURCE, state=state)) == expected


def test_what_the_daemon_cannot_look_at_is_told_once() -> None:
    known = replace(FINE, troubled={"policies": "it hangs"})

    assert codes(known=known) == ["source-trouble"]
    assert codes(replace(SOURCE, state="unavailable"), known) == ["source-unavailable"]


@pytest.mark.parametrize(
    ("last_scan", "known", "expected"),
    [
        (NOW - 3 * HOUR, FINE, []),
        (NOW - 3 * HOUR - 1, FINE, ["scan-too-old"]),
        (None, FINE, ["scan-too-old"]),
        (None, replace(FINE, since=NOW - HOUR), []),
        (None, replace(FINE, since=NOW - 4 * HOUR), ["scan-too-old"]),
        (NOW - 9 * HOUR, replace(FINE, since=NOW - HOUR), []),
        (NOW - 9 * HOUR, replace(FINE, at_work=frozenset({"policies"})), []),
        (NOW - 9 * HOUR, replace(FINE, oldest={}), []),
        (NOW + 9 * HOUR, FINE, []),
    ],
)
def test_a_scan_may_be_missed_but_not_for_long(
    last_scan: int | None, known: Circumstances, expected: list[str]
) -> None:
    assert codes(replace(SOURCE, last_scan=last_scan), known) == expected


def test_a_source_that_is_not_configured_any_more_is_not_scanned() -> None:
    assert codes(replace(SOURCE, state="detached", last_scan=None)) == []


@pytest.mark.parametrize(("interval", "age"), [(1.0, 900.0), (300.0, 900.0), (3600.0, 10_800.0)])
def test_three_scans_may_be_missed_or_a_quarter_of_an_hour(interval: float, age: float) -> None:
    assert oldest_scan(interval) == age


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (0, 100, []),
        (19, 0, []),
        (20, 0, ["failures-growing"]),
        (20, 20, []),
        (21, 20, ["failures-growing"]),
    ],
)
def test_failures_that_more_than_double_within_a_day_are_told(
    new: int, old: int, expected: list[str]
) -> None:
    failures = (*failing(new, NOW - HOUR), *failing(old, NOW - 25 * HOUR))

    assert codes(known=replace(FINE, failures=failures)) == expected


def test_failures_of_another_source_do_not_count() -> None:
    failures = [replace(failure, source="wiki") for failure in failing(50, NOW - HOUR)]

    assert codes(known=replace(FINE, failures=failures)) == []


@pytest.mark.parametrize(
    ("free", "all_", "expected"),
    [
        (100 * MIB, 100_000 * MIB, ["disk-nearly-full"]),
        (4_000 * MIB, 100_000 * MIB, ["disk-nearly-full"]),
        (6_000 * MIB, 10_000_000 * MIB, []),
        (100 * MIB, 1_000 * MIB, []),
        (0, 1_000 * MIB, ["disk-nearly-full"]),
        (None, None, []),
    ],
)
def test_a_disk_that_is_nearly_full_is_told(free: int | None, all_: int | None, expected: list[str]) -> None:
    assert codes(known=replace(FINE, free_bytes=free, all_bytes=all_)) == expected


def test_a_daemon_that_died_is_told_first() -> None:
    known = replace(FINE, dead_daemon=True)

    assert codes(replace(SOURCE, state="refused"), known) == ["daemon-gone", "source-refused"]


def test_what_keeps_the_daemon_from_its_work_is_told() -> None:
    known = replace(
        FINE, refused="config.toml:3: no such key", full="the disk is full", free_bytes=0, all_bytes=1
    )

    assert codes(known=known) == ["configuration-refused", "disk-full"]
