"""The JSON documents have the keys that the contract promises, and times in UTC."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from indexer.check.report import CheckReport, Problem
from indexer.cli import shapes
from indexer.ingest.reports import BackfillReport, Forecast, SourceReport
from indexer.model import Failure
from indexer.query.results import Answer, Description, Gap, HistoryResult, OriginalResult
from tests.unit.cli import samples

VERSION_KEYS = {
    "id", "number", "was_number", "labels", "kind", "status", "provisional", "title", "key", "valid_from",
    "valid_to", "time_basis", "recorded_from", "recorded_to", "author", "message", "content_hash", "text_hash",
    "passages", "added", "removed",
}  # fmt: skip
DOCUMENT_KEYS = {"id", "source", "key", "title"}
REPORT_KEYS = {
    "name", "documents_seen", "versions_added", "passages_embedded", "tokens_embedded", "tokens_reused",
    "passages_closed", "failed", "seconds",
}  # fmt: skip


def at(shape: Any, path: str) -> Any:
    """What stands at a dotted path; numbers index lists."""
    for part in path.split(".") if path else []:
        shape = shape[int(part)] if part.isdigit() else shape[part]
    return shape


FAILURE = Failure(1, "policies", "a.bin", "binary", "no text", 3, samples.MARCH_1, None)
REPORT = BackfillReport([SourceReport("policies", failed=1, problems=["it is away"])], seconds=1.23456)
CHECKED = CheckReport(1, 2, 3, [Problem("exact", "d_1", "row missing")])

PROMISED: list[tuple[Any, str, set[str]]] = [
    (shapes.version_shape(samples.entry()), "", VERSION_KEYS),
    (shapes.document_shape(samples.DOCUMENT), "", DOCUMENT_KEYS | {"deleted"}),
    (shapes.search_shape(samples.SEARCH), "", {"query", "scope", "hits", "answer"}),
    (
        shapes.search_shape(samples.SEARCH),
        "scope",
        {
            "document", "version", "as_of", "known_at", "resolved_by", "alternatives", "selector",
            "documents_with", "documents_without",
        },
    ),
    (shapes.search_shape(samples.SEARCH), "scope.alternatives.0", VERSION_KEYS),
    (
        shapes.search_shape(samples.SEARCH),
        "hits.0",
        {"rank", "score", "text", "heading", "page", "document", "version", "citation", "stale", "also_in"},
    ),
    (shapes.search_shape(samples.SEARCH), "hits.0.version", VERSION_KEYS),
    (shapes.search_shape(samples.SEARCH), "hits.0.document", DOCUMENT_KEYS),
    (shapes.history_shape(samples.HISTORY), "", {"document", "versions"}),
    (shapes.history_shape(samples.HISTORY), "document", DOCUMENT_KEYS | {"deleted"}),
    (shapes.history_shape(samples.HISTORY), "versions.1", VERSION_KEYS | {"missing_after"}),
    (
        shapes.show_shape(samples.SHOW),
        "",
        {"document", "version", "metadata", "text", "passages", "resolved_by", "alternatives"},
    ),
    (
        shapes.show_shape(samples.SHOW),
        "document",
        DOCUMENT_KEYS | {"deleted", "labels", "path", "access"},
    ),
    (
        shapes.show_shape(samples.SHOW),
        "passages.0",
        {"citation", "heading", "start", "end", "page", "introduced"},
    ),
    (
        shapes.diff_shape(samples.DIFF),
        "",
        {"document", "from", "to", "changes", "resolved_by", "alternatives"},
    ),
    (shapes.diff_shape(samples.DIFF), "changes.0", {"op", "heading", "before", "after"}),
    (
        shapes.blame_shape(samples.BLAME),
        "",
        {"document", "version", "passages", "resolved_by", "alternatives"},
    ),
    (shapes.blame_shape(samples.BLAME), "passages.0", {"text", "heading", "introduced", "citation"}),
    (shapes.blame_shape(samples.BLAME), "passages.0.introduced", VERSION_KEYS),
    (shapes.cite_shape(samples.CITE), "", {"citation", "document", "version", "heading", "text", "page"}),
    (shapes.status_shape(samples.STATUS), "", {"sources", "totals", "writer"}),
    (
        shapes.status_shape(samples.STATUS),
        "sources.0",
        {"name", "kind", "state", "documents", "versions", "passages", "failed", "last_scan", "last_change"},
    ),
    (
        shapes.status_shape(samples.STATUS),
        "totals",
        {
            "documents", "versions", "passages", "failed", "embedded_passages", "embedded_tokens",
            "seen_passages", "seen_tokens",
        },
    ),
    (shapes.status_shape(samples.STATUS), "writer", {"pid", "since"}),
    (
        shapes.failures_shape([FAILURE]),
        "0",
        {"source", "key", "reason", "detail", "attempts", "first_seen", "next_retry"},
    ),
    (shapes.backfill_shape(REPORT), "", {"sources", "seconds"}),
    (shapes.backfill_shape(REPORT), "sources.0", REPORT_KEYS),
    (shapes.check_shape(CHECKED), "", {"ok", "checked", "problems"}),
    (shapes.check_shape(CHECKED), "checked", {"documents", "versions", "passages"}),
    (shapes.check_shape(CHECKED), "problems.0", {"invariant", "where", "detail"}),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "path", "keys"), PROMISED)
def test_every_promised_key_is_there_and_all_of_it_is_json(shape: Any, path: str, keys: set[str]) -> None:
    assert keys <= at(json.loads(json.dumps(shape)), path).keys()


def test_what_a_source_says_of_a_document_is_shown_and_null_where_it_says_nothing() -> None:
    said = Description(("hr", "policy"), "HR/Leave policy", {"view": {"groups": ["staff"]}})
    shown = shapes.show_shape(replace(samples.SHOW, description=said))["document"]
    unsaid = shapes.show_shape(samples.SHOW)["document"]

    assert (shown["labels"], shown["path"]) == (["hr", "policy"], "HR/Leave policy")
    assert shown["access"] == {"view": {"groups": ["staff"]}}
    assert (unsaid["labels"], unsaid["path"], unsaid["access"]) == ([], None, None)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (((3, 4),), ["3", "4"]),
        (((3, 3), (6, 7)), ["3", "6", "7"]),
        (((1, 20),), [str(number) for number in range(1, 21)]),
        (((1, 21),), [*(str(number) for number in range(1, 21)), "…"]),
        (((5, 10**17),), [*(str(number) for number in range(5, 25)), "…"]),
    ],
)
def test_versions_that_the_source_did_not_keep_are_numbers_up_to_twenty(
    runs: tuple[tuple[int, int], ...], expected: list[str]
) -> None:
    earlier, later = samples.entry(1, no=1), samples.entry(2, no=2)
    shape = shapes.history_shape(HistoryResult(samples.DOCUMENT, (later, earlier), {1: Gap(runs)}))

    assert [version["missing_after"] for version in shape["versions"]] == [None, expected]


def test_times_are_rfc_3339_in_utc_and_an_open_end_is_null() -> None:
    past, current = shapes.version_shape(samples.entry()), shapes.version_shape(samples.CURRENT)

    assert past["valid_from"] == "2024-03-01T11:00:00Z"
    assert past["valid_to"] == "2024-06-12T08:00:00.000001Z"
    assert current["valid_to"] is None
    assert past["recorded_to"] is None


def test_words_of_the_model_are_plain_strings() -> None:
    shape = shapes.version_shape(samples.entry())

    assert (shape["kind"], shape["status"], shape["time_basis"]) == ("content", "past", "mtime")
    assert all(type(shape[name]) is str for name in ("kind", "status", "time_basis"))


def test_runs_of_other_versions_are_pairs() -> None:
    assert shapes.search_shape(samples.SEARCH)["hits"][0]["also_in"] == [[1, 2], [5, 9]]


def test_an_answer_s_own_keys_stand_beside_kind_and_text() -> None:
    answer = Answer(
        "nothing-in-version",
        "Version 3 says nothing of it.",
        {"version": samples.entry(), "first": None, "elsewhere": (samples.CURRENT,), "value": ["1", 2, True]},
    )
    shape = shapes.search_shape(type(samples.SEARCH)(query="q", scope=samples.SCOPE, hits=(), answer=answer))[
        "answer"
    ]

    assert shape["kind"] == "nothing-in-version"
    assert shape["text"] == "Version 3 says nothing of it."
    assert shape["version"]["number"] == 3
    assert shape["first"] is None
    assert shape["elsewhere"][0]["id"] == "v_current"
    assert shape["value"] == ["1", 2, True]


def test_changes_in_an_answer_look_like_those_of_a_diff() -> None:
    answer = Answer("changes", "Two changes.", {"value": samples.DIFF.changes})
    found = shapes.search_shape(type(samples.SEARCH)("q", samples.SCOPE, (), answer))["answer"]

    assert found["value"] == shapes.diff_shape(samples.DIFF)["changes"]


def test_a_report_says_what_is_forecast_only_on_a_dry_run() -> None:
    wet = shapes.backfill_shape(REPORT)
    dry = shapes.backfill_shape(BackfillReport([SourceReport("p", forecast=Forecast(1, 2, 3, 4, None, 5))]))

    assert wet["seconds"] == 1.235
    assert wet["sources"][0]["problems"] == ["it is away"]
    assert "forecast" not in wet["sources"][0]
    assert dry["sources"][0]["forecast"] == {
        "documents": 1, "versions": 2, "passages": 3, "tokens": 4, "seconds": None, "whole_tokens": 5,
    }  # fmt: skip


def test_no_writer_is_null() -> None:
    status = type(samples.STATUS)(samples.STATUS.sources, samples.STATUS.totals)

    assert shapes.status_shape(status)["writer"] is None


def test_an_original_s_shape_says_where_the_bytes_went() -> None:
    original = OriginalResult(samples.DOCUMENT, samples.entry(), b"12345", "leave-policy.md", "number 3")

    shape = shapes.original_shape(original, "/tmp/x")

    assert (shape["file"], shape["bytes"], shape["name"]) == ("/tmp/x", 5, "leave-policy.md")


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (samples.entry(), shapes.version_shape(samples.entry())),
        (samples.DOCUMENT, shapes.document_shape(samples.DOCUMENT)),
        ("policies:a.md", "policies:a.md"),
    ],
)
def test_candidates_are_versions_documents_or_texts(candidate: object, expected: object) -> None:
    assert shapes.candidate_shape(candidate) == expected


def test_a_bare_version_is_a_candidate_without_counts() -> None:
    shape = shapes.candidate_shape(samples.version())

    assert (shape["number"], shape["added"], shape["removed"]) == (3, None, None)
