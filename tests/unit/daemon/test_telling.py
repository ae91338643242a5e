"""What the service tells: of a trouble once when it comes and once when it goes, and how it is in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from indexer import logs
from indexer.daemon.activity import Activity
from indexer.daemon.agenda import Job
from indexer.daemon.metrics import Metrics
from indexer.daemon.state import overall
from indexer.daemon.telling import Teller
from indexer.errors import SourceError
from indexer.ingest.reports import SourceReport
from tests.support.journal import Journal, kept

SCAN, LOOK = Job("schedule"), Job("changes", ("a.md",))


@pytest.fixture
def journal() -> Iterator[Journal]:
    with kept() as journal:
        yield journal


@pytest.fixture
def teller() -> Teller:
    return Teller(Metrics())


def value(teller: Teller, name: str, **labels: str) -> float | None:
    return teller.metrics.registry.get_sample_value(name, labels)


def report(**told: object) -> SourceReport:
    return SourceReport("docs", **told)  # type: ignore[arg-type]


def test_a_share_that_is_away_for_a_weekend_is_two_lines_and_counted_all_the_while(
    journal: Journal, teller: Teller
) -> None:
    for _ in range(2000):
        teller.failed("docs", SCAN, SourceError("the share is away", code="source-missing"))
    teller.looked("docs", SCAN, report(), 0.1)
    teller.looked("docs", SCAN, report(), 0.1)
    assert [event for event in journal.events() if event != "nothing new"] == ["in trouble", "well again"]
    assert value(teller, "indexer_errors_total", source="docs", code="source-missing") == 2000
    assert value(teller, "indexer_looks_total", source="docs", kind="scan", result="error") == 2000


def test_another_trouble_is_another_line(journal: Journal, teller: Teller) -> None:
    teller.failed("docs", SCAN, SourceError("away", code="source-missing"))
    teller.failed("other", SCAN, SourceError("away", code="source-missing"))
    teller.failed("docs", SCAN, SourceError("forbidden", code="permission"))
    assert [(line["source"], line["code"]) for line in journal.lines()] == [
        ("docs", "source-missing"),
        ("other", "source-missing"),
        ("docs", "permission"),
    ]


def test_the_trouble_of_a_source_that_is_followed_anew_is_news(journal: Journal, teller: Teller) -> None:
    for _ in range(2):
        teller.failed("docs", SCAN, SourceError("away", code="source-missing"))
        teller.documents("docs", [("a.pdf", "encrypted", "a.pdf is encrypted")])
        teller.forget("docs")
    assert journal.events() == ["in trouble", "not indexed"] * 2


def test_documents_that_fail_are_told_once_and_again_when_the_reason_is_another(
    journal: Journal, teller: Teller
) -> None:
    failures = [("a.pdf", "encrypted", "a.pdf is encrypted"), ("b.md", "unreadable", "b.md may not be read")]
    for _ in range(3):
        teller.documents("docs", failures)
    teller.documents("docs", [("a.pdf", "damaged", "a.pdf is damaged")])
    told = [(line["event"], line["document"], line["code"]) for line in journal.lines()]
    assert told == [
        ("not indexed", "a.pdf", "encrypted"),
        ("not indexed", "b.md", "unreadable"),
        ("not indexed", "a.pdf", "damaged"),
        ("indexed at last, or gone", "b.md", "unreadable"),
    ]


def test_of_documents_that_fail_elsewhere_than_was_looked_nothing_is_said(
    journal: Journal, teller: Teller
) -> None:
    teller.documents("docs", [("a/1.md", "unreadable", "it is"), ("b/1.md", "unreadable", "it is")])
    teller.documents("docs", [("a/2.md", "unreadable", "it is")], ("a",))
    teller.documents("docs", [("a/2.md", "unreadable", "it is"), ("b/1.md", "unreadable", "it is")])
    assert [(line["event"], line["document"]) for line in journal.lines()] == [
        ("not indexed", "a/1.md"),
        ("not indexed", "b/1.md"),
        ("not indexed", "a/2.md"),
        ("indexed at last, or gone", "a/1.md"),
    ]


def test_what_is_indexed_is_counted_and_told(journal: Journal, teller: Teller) -> None:
    teller.committed("docs", 2, 5, 70)
    teller.looked("docs", LOOK, report(versions_added=2, passages_embedded=5, tokens_embedded=70), 0.25)
    teller.searchable("docs", 0.9)
    [line] = journal.lines()
    assert (line["event"], line["versions"], line["passages"], line["seconds"]) == ("indexed", 2, 5, 0.25)
    assert value(teller, "indexer_versions_added_total", source="docs") == 2
    assert value(teller, "indexer_passages_embedded_total", source="docs") == 5
    assert value(teller, "indexer_freshness_seconds_count", source="docs") == 1


def test_every_line_of_a_run_has_its_number_its_source_and_its_reason(
    journal: Journal, teller: Teller
) -> None:
    logger = logs.get("ingest")
    with teller.running("docs", SCAN):
        logger.info("inside")
        with logs.bound(document="a.md"):
            logger.info("deeper", reason="its own")
    with teller.running("docs", LOOK):
        logger.info("next")
    logger.info("outside")
    inside, deeper, following, outside = journal.lines()
    assert (inside["run"], inside["source"], inside["reason"]) == (1, "docs", "schedule")
    assert (deeper["run"], deeper["document"], deeper["reason"]) == (1, "a.md", "its own")
    assert following["run"] == 2
    assert "run" not in outside


# --- one line -------------------------------------------------------------------------------------


@dataclass
class Loop:
    """As much of a loop as is looked at."""

    state: str
    documents: int = 0
    failed: int = 0
    activity: Activity = field(default_factory=lambda: Activity(0))

    def __post_init__(self) -> None:
        self.activity.now(self.state, 0)
        self.activity.stands(self.documents, self.failed)


@pytest.mark.parametrize(
    ("loops", "disk", "refused", "line"),
    [
        ({}, "", "", "watching 0 sources, 0 documents"),
        ({"a": Loop("idle", 1)}, "", "", "watching 1 source, 1 document"),
        (
            {"a": Loop("idle", 12_000), "b": Loop("idle", 31, 2), "c": Loop("updating")},
            "",
            "",
            "watching 3 sources, 12,031 documents, 2 failed",
        ),
        (
            {"a": Loop("failing"), "b": Loop("scanning")},
            "",
            "",
            "watching 2 sources, 0 documents, in trouble: a, scanning b",
        ),
        (
            {"a": Loop("waiting", 3)},
            "the disk is full",
            "line 3: no",
            "watching 1 source, 3 documents, waiting for room on the disk, the configuration on disk is refused",
        ),
    ],
)
def test_one_line_says_how_the_service_is(loops: dict[str, Any], disk: str, refused: str, line: str) -> None:
    assert overall(loops, disk, refused) == line
