"""How far a run is: plain lines every so often, with rates and the time left."""

from __future__ import annotations

import sys

import pytest

from indexer.cli.progress import LiveProgress, PlainProgress, Tally, shown_progress
from indexer.ingest.reports import SourceReport
from tests.support.fake_clock import FakeClock

SECOND = 1_000_000


def test_plain_lines_come_no_more_often_than_the_interval() -> None:
    clock, lines = FakeClock(), list[str]()
    progress = PlainProgress(lines.append, clock, interval=10)
    progress.source_started("policies")
    progress.to_index("policies", 40)
    for _ in range(20):
        clock.advance(SECOND)
        progress.committed("policies", 1, 1, 2, 100)
    progress.source_finished(SourceReport("policies"))

    assert lines == [
        "policies: 10 of 40 documents, 20 passages, 100 tokens/s, about 30 s left",
        "policies: 20 of 40 documents, 40 passages, 100 tokens/s, about 20 s left",
    ]


def test_a_short_run_says_nothing() -> None:
    clock, lines = FakeClock(), list[str]()
    progress = PlainProgress(lines.append, clock)
    progress.source_started("policies")
    progress.listed("policies", 4)
    progress.committed("policies", 4, 4, 10, 100)
    progress.source_finished(SourceReport("policies"))

    assert lines == []


def test_a_long_listing_says_how_many_were_seen() -> None:
    clock, lines = FakeClock(), list[str]()
    progress = PlainProgress(lines.append, clock, interval=10)
    progress.source_started("policies")
    clock.advance(10 * SECOND)
    progress.listed("policies", 12_000)

    assert lines == ["policies: listing, 12,000 documents so far"]


def test_notes_are_passed_on_at_once_on_one_line() -> None:
    lines = list[str]()
    PlainProgress(lines.append, FakeClock()).note("filled\nagain")

    assert lines == [r"filled\nagain"]


def test_without_a_total_no_time_left_is_claimed() -> None:
    tally = Tally("history", began=0, documents=3, passages=4, tokens=10)

    assert tally.words(2.0) == "3 documents, 4 passages, 5 tokens/s"


def test_live_progress_shows_every_step_and_takes_its_line_away_at_the_end() -> None:
    shown = list[tuple[str, bool, str]]()
    progress = LiveProgress(
        lambda _: None, lambda name, tally, words: shown.append((name, tally is None, words)), FakeClock()
    )
    progress.source_started("policies")
    progress.to_index("policies", 2)
    progress.committed("policies", 1, 1, 1, 10)
    progress.source_finished(SourceReport("policies"))

    assert [words for _, _, words in shown[:-1]] == [
        "listing, 0 documents so far",
        "0 of 2 documents, 0 passages",
        "1 of 2 documents, 1 passage",
    ]
    assert shown[-1] == ("policies", True, "")


def test_a_terminal_gets_live_progress_and_a_pipe_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    with shown_progress(lambda _: None, FakeClock()) as progress:
        assert type(progress) is PlainProgress

    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _: True)
    with shown_progress(lambda _: None, FakeClock()) as progress:
        assert type(progress) is LiveProgress
        progress.source_started("policies [x]")
        progress.to_index("policies [x]", 2)
        progress.committed("policies [x]", 1, 1, 1, 10)
        progress.note("a note [y]")
        progress.source_finished(SourceReport("policies [x]"))
