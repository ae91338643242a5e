"""Documents, versions and headings are named in one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from indexer.cli.words import (
    document_words,
    doubt_words,
    heading_words,
    number_words,
    runs_words,
    version_words,
)
from indexer.model import VersionKind, VersionStatus
from indexer.query.results import VersionEntry
from tests.unit.cli import samples


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (samples.entry(), "version 3 · v3.1 · effective 2024-03-01 – 2024-06-12"),
        (samples.CURRENT, "version 4 · current since 2024-06-12"),
        (samples.entry(provisional=True, labels=()), "version 3 (provisional) · effective 2024-03-01 – 2024-06-12"),
        (
            samples.entry(None, was_number=3, status=VersionStatus.WITHDRAWN, labels=()),
            "withdrawn version, formerly 3 · dated 2024-03-01 – 2024-06-12",
        ),
        (
            samples.entry(None, status=VersionStatus.ASIDE, labels=("v3.1-rc",), valid_to=None),
            "version aside · v3.1-rc · dated 2024-03-01",
        ),
        (
            samples.entry(labels=("a", "b", "c", "d", "e", "3")),
            "version 3 · a · b · c · d · e · effective 2024-03-01 – 2024-06-12",
        ),
        (
            samples.entry(labels=("a", "b", "c", "d", "e", "f", "g")),
            "version 3 · a · b · c · … 3 more … · g · effective 2024-03-01 – 2024-06-12",
        ),
        (
            samples.entry(kind=VersionKind.TOMBSTONE, labels=()),
            "version 3 · deleted · effective 2024-03-01 – 2024-06-12",
        ),
        (
            samples.entry(kind=VersionKind.UNREADABLE, labels=()),
            "version 3 · unreadable · effective 2024-03-01 – 2024-06-12",
        ),
    ],
)  # fmt: skip
def test_a_version_is_named_by_number_labels_and_time(entry: VersionEntry, expected: str) -> None:
    assert version_words(entry, UTC) == expected


def test_a_label_that_repeats_the_number_is_left_out() -> None:
    assert "· 3 ·" not in version_words(samples.entry(), UTC)
    assert number_words(samples.entry()) == "version 3"


def test_without_alternatives_there_is_no_doubt() -> None:
    assert doubt_words('label "3"', (), UTC) == ""


def test_a_document_is_named_by_title_source_and_key() -> None:
    assert document_words(samples.DOCUMENT) == "Leave policy (policies:hr/leave-policy.md)"
    assert document_words(replace(samples.DOCUMENT, deleted=True)).endswith("leave-policy.md, deleted)")


def test_a_key_with_a_line_feed_stays_on_one_line() -> None:
    assert "\n" not in document_words(replace(samples.DOCUMENT, key="a\nb\x1b[2J"))


@pytest.mark.parametrize(
    ("heading", "page", "expected"),
    [
        (("A", "B"), 2, "A › B · page 2"),
        (("A",), None, "A"),
        ((), 2, "page 2"),
        ((), None, ""),
    ],
)
def test_a_heading_path_and_a_page_share_a_line(
    heading: tuple[str, ...], page: int | None, expected: str
) -> None:
    assert heading_words(heading, page) == expected


@pytest.mark.parametrize(
    ("runs", "expected"),
    [([(4, 4)], "version 4"), ([(1, 2), (5, 9)], "versions 1–2, 5–9"), ([(1, 1), (3, 3)], "versions 1, 3")],
)
def test_runs_of_versions_are_shortened(runs: list[tuple[int, int]], expected: str) -> None:
    assert runs_words(runs) == expected


def test_of_many_alternatives_the_first_are_named_and_the_rest_counted() -> None:
    words = doubt_words('label "3"', [samples.entry(number) for number in range(1, 8)], UTC)

    assert words.startswith('Read as label "3"; it could also mean version 1')
    assert words.count("version ") == 3
    assert words.endswith("; and 4 more")
