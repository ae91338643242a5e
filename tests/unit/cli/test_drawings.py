"""What people see: within 80 columns, nothing cut that has to be copied, marks where there is no colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest
from rich.console import Console

from indexer.check.report import CheckReport, Problem
from indexer.cli import passages, tables
from indexer.cli.output import drawn
from indexer.ingest.reports import BackfillReport, Forecast, SourceReport
from indexer.model import Failure, VersionKind
from indexer.query.results import (
    Answer,
    DiskUse,
    Gap,
    HistoryResult,
    Scope,
    SearchResult,
    SourceDisk,
    StatusResult,
    Totals,
)
from tests.unit.cli import samples

LONG = "a rather long text that goes on and on " * 5


def plain(draw: Callable[[Console], None]) -> str:
    return drawn(draw)


def lines_over(text: str, width: int = 80) -> list[str]:
    return [line for line in text.splitlines() if len(line) > width and "indexer:" not in line]


def search_text(result: SearchResult, *, full: bool = False) -> str:
    return plain(lambda console: passages.draw_search(console, result, UTC, full=full))


def test_a_hit_shows_document_version_place_text_and_citation() -> None:
    text = search_text(samples.SEARCH)

    assert text.splitlines()[0].startswith('Scope: label "3" · Leave policy (policies:hr/leave-policy.md)')
    assert 'Read as label "3"; it could also mean version 4 · current since 2024-06-12' in text
    assert "1. Leave policy\n   policies:hr/leave-policy.md\n" in text
    assert "   version 3 · v3.1 · effective 2024-03-01 – 2024-06-12" in text
    assert "   Leave policy › Carry-over · page 2" in text
    assert "     Up to ten days may be carried over." in text
    assert "   also in versions 1–2, 5–9" in text
    assert f"   {samples.CITATION}" in text.splitlines()


def test_the_scope_says_which_dates_were_understood_and_in_which_zone() -> None:
    scope = Scope("the version effective then", as_of=samples.MARCH_1, known_at=samples.JUNE_12)

    text = search_text(SearchResult("q", scope))

    assert "as of 2024-03-01 11:00:00 UTC" in text.replace("\n", " ")
    assert "as known at 2024-06-12 08:00:00 UTC" in text.replace("\n", " ")


def test_a_selector_over_many_documents_says_how_many_have_it() -> None:
    scope = Scope("number 3", selector="3", documents_with=1, documents_without=5)

    assert "1 document with such a version, 5 without" in search_text(SearchResult("q", scope))


def test_a_long_passage_is_shortened_unless_full_is_asked_for() -> None:
    hit = replace(samples.HIT, text=LONG * 5)
    result = replace(samples.SEARCH, hits=(hit,))

    assert " …" in search_text(result)
    assert " …" not in search_text(result, full=True)
    assert len(search_text(result)) < len(search_text(result, full=True))


def test_a_citation_is_never_wrapped_or_cut() -> None:
    citation = "indexer:" + "s" * 100 + samples.CITATION
    result = replace(samples.SEARCH, hits=(replace(samples.HIT, citation=citation),))

    assert f"   {citation}" in search_text(result).splitlines()


def test_no_hit_is_said_in_words() -> None:
    assert "Nothing found there." in search_text(replace(samples.SEARCH, hits=()))


def test_the_catalog_s_own_answer_replaces_the_words_for_no_hit() -> None:
    answer = Answer("nothing-in-version", "Version 3 says nothing of it.")
    text = search_text(replace(samples.SEARCH, hits=(), answer=answer))

    assert "Version 3 says nothing of it." in text
    assert "Nothing found" not in text


def test_a_stale_hit_says_so() -> None:
    assert "stale" in search_text(replace(samples.SEARCH, hits=(replace(samples.HIT, stale=True),)))


def test_a_passage_cannot_steer_the_terminal_or_be_taken_for_markup() -> None:
    hit = replace(samples.HIT, text="[red]a[/red] \x1b[31m :smile:", heading=("[b]",))
    text = search_text(replace(samples.SEARCH, hits=(hit,)))

    assert "\x1b" not in text
    assert r"[red]a[/red] \x1b[31m :smile:" in text
    assert "   [b] · page 2" in text


def test_a_diff_without_colour_marks_words_as_wdiff_does() -> None:
    text = plain(lambda console: passages.draw_diff(console, samples.DIFF, UTC))

    assert "[-Ten-] {+Twelve+} days." in text
    assert "~ changed · Carry-over" in text
    assert "{+Something.+}" in text
    assert "[-Nothing.-]" in text
    assert "> moved · Here → There" in text
    assert "from version 3" in text
    assert "to   version 4" in text


def test_a_diff_with_colour_needs_no_marks() -> None:
    text = drawn(
        lambda console: passages.draw_diff(console, samples.DIFF, UTC),
        columns=80,
        environment={"TERM": "xterm-256color"},
    )

    assert "[-" not in text
    assert "\x1b[32mTwelve" in text


def test_equal_texts_are_said_to_be_equal() -> None:
    text = plain(lambda console: passages.draw_diff(console, replace(samples.DIFF, changes=()), UTC))

    assert "The texts are equal." in text


def test_blame_shows_each_passage_under_its_version() -> None:
    text = plain(lambda console: passages.draw_blame(console, samples.BLAME, UTC, full=False))

    assert text.index("version 3 · v3.1") < text.index("Text.") < text.index(samples.CITATION)


def test_cite_says_what_became_of_the_passage() -> None:
    text = plain(lambda console: passages.draw_cite(console, samples.CITE, UTC))

    assert "it was changed in version 4" in text
    assert "The present one is version 4" in text
    assert samples.CITATION in text.splitlines()[-1]


def test_history_fits_80_columns_whatever_labels_and_messages_say() -> None:
    versions = tuple(
        samples.entry(
            number, labels=(f"release-candidate-{number}", "another"), message=LONG, author="Ann\nB. \x1b[1m"
        )
        for number in (1200, 3)
    )

    text = plain(lambda console: tables.draw_history(console, HistoryResult(samples.DOCUMENT, versions), UTC))

    assert lines_over(text) == []
    row = next(line for line in text.splitlines() if line.startswith("1200"))
    assert "2024-03-01 11:00" in row
    assert "past" in row
    assert "+2" in row
    assert "−1" in row
    assert "Ann B." in row
    assert row.endswith("…")
    assert "times in UTC" in text


def test_history_marks_withdrawn_aside_provisional_and_deleted_versions() -> None:
    versions = (
        samples.entry(5, provisional=True),
        samples.entry(None, was_number=4),
        samples.entry(None),
        samples.entry(6, kind=VersionKind.TOMBSTONE),
    )

    text = plain(lambda console: tables.draw_history(console, HistoryResult(samples.DOCUMENT, versions), UTC))

    firsts = [line.split()[0] for line in text.splitlines()[2:6]]
    assert firsts == ["5?", "(4)", "–", "6"]
    assert "deleted" in text


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (((3, 4),), "versions 3 to 4 were not kept by the source"),
        (((3, 3),), "version 3 was not kept by the source"),
        (((3, 3), (6, 9)), "versions 3, 6 to 9 were not kept by the source"),
        (
            tuple((number, number) for number in range(1, 13, 2)),
            "versions 1, 3, 5, 7, 9, … were not kept by the source",
        ),
    ],
)
def test_history_tells_which_versions_the_source_did_not_keep(
    runs: tuple[tuple[int, int], ...], words: str
) -> None:
    history = HistoryResult(
        samples.DOCUMENT, (samples.entry(2, no=2), samples.entry(1, no=1)), {1: Gap(runs)}
    )

    assert words in plain(lambda console: tables.draw_history(console, history, UTC)).splitlines()


def test_status_fits_80_columns_and_says_what_was_saved() -> None:
    text = plain(lambda console: tables.draw_status(console, samples.STATUS, UTC))
    joined = " ".join(text.split())

    assert lines_over(text) == []
    assert "policies ok 1,200 3,400 56,000 2 2024-03-01 11:00" in joined
    assert "handbook: a folder cannot be read" in joined
    assert "never" in joined
    assert (
        "embedded 60,000 of 300,000 passages that embedding every version whole would have taken: "
        "80.0% of the tokens saved"
    ) in joined
    assert "process 4711 is writing since 2024-03-01 11:00" in joined


def test_a_long_source_name_gives_way_and_no_number_is_cut() -> None:
    source = replace(samples.STATUS.sources[0], name="the-policies-of-the-whole-company-and-its-daughters")

    text = plain(lambda console: tables.draw_status(console, replace(samples.STATUS, sources=(source,)), UTC))

    assert lines_over(text) == []
    assert "56,000" in text
    assert "2024-03-01 11:00" in text


def test_an_empty_index_says_what_to_do() -> None:
    empty = StatusResult((), Totals(0, 0, 0, 0, 0, 0, 0, 0))

    assert "run `indexer backfill`" in plain(lambda console: tables.draw_status(console, empty, UTC))


def test_failures_are_grouped_by_reason_with_what_to_do() -> None:
    failures = [
        Failure(1, "policies", "b.bin", "binary", "no text in b.bin", 1, samples.MARCH_1, None),
        Failure(1, "policies", "a\nb.bin", "binary", "no text in it", 2, samples.MARCH_1, samples.JUNE_12),
        Failure(1, "policies", "c.md", "unreadable", "may not be read", 1, samples.MARCH_1, None),
    ]

    text = plain(lambda console: tables.draw_failures(console, failures, UTC))

    assert text.count("binary (2)") == 1
    assert "exclude such files" in text
    assert r"policies:a\nb.bin" in text
    assert "2 attempts, since 2024-03-01 11:00, again 2024-06-12 08:00" in " ".join(text.split())
    assert "3 failures; `indexer retry`" in text


def test_no_failure_is_good_news() -> None:
    assert "Everything" in plain(lambda console: tables.draw_failures(console, [], UTC))


def test_a_report_sums_up_each_source_and_its_problems() -> None:
    source = SourceReport(
        "policies", 1200, 3, 5, 100, 300, 2, 1, 2.5, problems=["source policies: refused — look"]
    )

    text = plain(lambda console: tables.draw_backfill(console, BackfillReport([source], 2.5)))
    joined = " ".join(text.split())

    assert (
        "policies: 1,200 documents seen, 3 new versions, 5 passages embedded, 75.0% of the tokens known"
        in joined
    )
    assert "source policies: refused — look" in joined
    assert "done in 2.5 s, with problems" in joined
    assert "`indexer failures`" in joined


def test_nothing_new_is_said_so() -> None:
    report = BackfillReport([SourceReport("policies", documents_seen=4)], 0.1)

    assert "4 documents seen, nothing new" in plain(lambda console: tables.draw_backfill(console, report))


def test_a_dry_run_says_what_it_would_cost_and_that_nothing_changed() -> None:
    report = BackfillReport([SourceReport("policies", forecast=Forecast(2, 3, 40, 5000, 75.0, 90_000))])

    joined = " ".join(plain(lambda console: tables.draw_backfill(console, report)).split())

    assert (
        "2 documents to index, 3 new versions, 40 passages to embed (5,000 tokens, about 1 min 15 s)"
        in joined
    )
    assert "embedding every document whole would take 90,000 tokens" in joined
    assert "nothing was changed" in joined


def test_a_check_lists_what_does_not_hold() -> None:
    sound, broken = CheckReport(1, 2, 3), CheckReport(1, 2, 3, [Problem("exact", "d_1", "a row is missing")])

    assert "everything holds (1 document, 2 versions, 3 passages looked at)" in plain(
        lambda console: tables.draw_check(console, sound)
    )
    text = plain(lambda console: tables.draw_check(console, broken))
    assert "exact: d_1: a row is missing" in text
    assert "1 problem (" in text


def test_status_says_what_is_on_the_disk_and_by_source_where_all_was_measured() -> None:
    held = replace(samples.STATUS.sources[0], disk=SourceDisk(3400, 56_000_000, 70_000, 1_200_000))
    disk = DiskUse(12_000_000, 340_000_000, 90_000_000, None, None, 120_000_000_000)
    quick = replace(samples.STATUS, sources=(held,), disk=disk)
    line = "on the disk: catalog 12 MB, passages 340 MB, models 90 MB, originals of 56 MB"
    text = plain(lambda console: tables.draw_status(console, quick, UTC))
    assert f"{line}; 120 GB free" in text.replace("\n", " ")
    assert "their size" not in text
    thorough = replace(quick, disk=replace(disk, originals=23_000_000, copies=5_000))
    text = plain(lambda console: tables.draw_status(console, thorough, UTC))
    assert f"{line}, stored in 23 MB, copies of sources 5.0 kB; 120 GB free" in text.replace("\n", " ")
    row = next(line for line in text.splitlines() if "70,000" in line)
    assert row.split() == ["policies", "3,400", "56", "MB", "1.2", "MB", "70,000"]
    assert max(map(len, text.splitlines())) <= 80
