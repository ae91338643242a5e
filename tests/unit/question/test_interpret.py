"""What an interpretation says besides kind, versions and dates: literals, topic, notes, candidates; and odd input."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.clock import to_instant
from indexer.question import Bound, Kind, LiteralKind, VersionReading, interpret
from indexer.question.interpret import LONGEST
from tests.unit.question.phrasings import BERLIN, NOW, ask, phrasings

FRAGMENTS: Final = (
    "v3 ", "between ", "from 2 to 4 ", "the latest ", "when was ", '"', "'", "(", ".", "1.", "- ", "which ", "is v3 ", "of the ",
    "what changed ", "in March ", "last ", "three weeks ago ", "version ", "versions 2, ", "§ 4.2 ", "A", "9", "→", "“ ", "2024-03-01 ",
    "does version 3 exist ", "all versions ", "\u00a0", "\x00", "and ", "1.0.2-", "X_",
)  # fmt: skip
LONG_AGO: Final = to_instant(datetime(2, 1, 1, tzinfo=UTC))
LATE: Final = to_instant(datetime(9998, 12, 31, tzinfo=UTC))


# --- what goes with it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("between 2024-13-45 and 2024-06-01", "2024-13-45"),
        ("carry-over on 2024/02/30", "2024/02/30"),
        ("carry-over on 31/31/2024", "31/31/2024"),
        ("notice on 30 February 2024", "30 February 2024"),
        ("notice on the 31st of April 2024", "31st of April 2024"),
        ("notice on February 30, 2024", "February 30, 2024"),
        ("the words '2024-13-45' and 2024-02-29", None),
        ("version 2024-13-45 of it", None),
        ("part 12345-67-89, 2024-13, 1/2024", None),
    ],
)
def test_a_day_that_no_calendar_has_is_doubted(text: str, day: str | None) -> None:
    meaning = ask(text)
    assert [doubt.split('"')[1] for doubt in meaning.doubts] == ([day] if day else [])
    assert set(meaning.doubts) <= set(meaning.notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What does ERR_ACCESS_DENIED mean?", ["identifier ERR_ACCESS_DENIED"]),
        ("assert.deepEqual() in v3", ["identifier assert.deepEqual()"]),
        ("Why is error.code stable?", ["identifier error.code"]),
        ("SPARK-43242 and CVE-2021-44228", ["identifier SPARK-43242", "identifier CVE-2021-44228"]),
        (
            "maxOldSpaceSize or --max-old-space-size",
            ["identifier maxOldSpaceSize", "identifier --max-old-space-size"],
        ),
        ('the words "to be or not to be"', ["phrase to be or not to be"]),
        ("the words “carry over” and 'leave'", ["phrase carry over", "phrase leave"]),
        ("what does § 4.2 say", ["section § 4.2"]),
        ("what does §4.2 or section 7(b) say", ["section §4.2", "section section 7(b)"]),
        ("is 30 days or 15% or €200 right", ["quantity 30 days", "quantity 15%", "quantity €200"]),
        ("what did v3 say in March 2024", []),
        ("node's rule", []),
        ("the mixing problem (i.e. the one above), e.g. in the U.S. or the U.S.A.", []),
        ("does os.path or a.b.cd stay", ["identifier os.path", "identifier a.b.cd"]),
        ("modules imported with node: syntax", ["identifier node:"]),
        ("links with the mailto: scheme, or with tel:?", ["identifier mailto:", "identifier tel:"]),
        ("note: prefix the number with a zero", []),
        ("one thing: schemes are listed", []),
    ],
)
def test_what_must_be_found_as_it_is_written_is_told(text: str, expected: list[str]) -> None:
    assert [f"{literal.kind} {literal.text}" for literal in ask(text).literals] == expected


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("When was carry-over introduced?", "carry-over"),
        ("Since when is § 4.2 part of the policy?", "§ 4.2 part policy"),
        ("Which Spark release improved percentile_disc?", "Spark percentile_disc"),
        ("When did the policy start to mention dogs?", "policy mention dogs"),
        ("What changed between v2 and v3 about carry-over?", "carry-over"),
        ("Which version of Grafana saw the addition of LDAP?", "Grafana LDAP"),
        ("In which edition did the changes to carry-over take effect?", "carry-over"),
        ("Name the release in which LDAP first appeared.", "LDAP"),
        ("In which edition is the notice period mentioned for the first time?", "notice period"),
        ("When was the first time limit changed?", "time limit"),
        ("What is the latest NodeJs version you know of?", "NodeJs"),
        ("which grafana ver added LDAP", "grafana LDAP"),
        ("LDAP modifications, which Grafana ver introduced them", "LDAP Grafana"),
        ("Which version added shift changes?", "shift changes"),
        ("which dep was upgraded in grafana 9.5.1", "dependency grafana"),
        ("What information is given on changes to the fee in v3?", "fee"),
        ("Is it the case that the system contains version 3 of the handbook?", "handbook"),
        ("How many versions of the leave policy are there?", "leave policy"),
        ("Does version 3 of the leave policy exist?", "leave policy"),
        ("What is the first version that mentions dogs?", "mentions dogs"),
        ('when was "the first ten days" added', "the first ten days"),
        ("which versions exist", ""),
    ],
)
def test_the_topic_is_what_is_asked_about(text: str, topic: str) -> None:
    assert ask(text).topic == topic


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("What did v3 say?", ['"v3" → version 3']),
        ("What changed since rev. B?", ["asks what changed", '"rev. B" → since revision B']),
        ("What did the version before v4 say?", ['"version before v4" → the version before version 4']),
        ("Pets in the last version before March 2024", ['"last version before March 2024" → the latest version before 2024-03']),
        ("notice as of 01/03/2024", ['"01/03/2024" → 2024-03-01 (or 2024-01-03)']),
        ("How do I install Python 3?", ['"3" → version 3, if there is such a version']),
        ("readme in Q3 2021", ['"Q3 2021" → 2021-07 to 2021-09']),
        ("Where is the gym?", []),
    ],
)  # fmt: skip
def test_what_was_recognised_is_told_in_a_line_each(text: str, notes: list[str]) -> None:
    assert list(ask(text).notes) == notes


def test_expressions_say_where_they_were_written() -> None:
    meaning = ask("What did revision C say on 1 March 2024 about pets?")
    (version,), (date,) = meaning.versions, meaning.dates
    assert (meaning.text[slice(*version.span)], version.written) == ("revision C", "revision C")
    assert (meaning.text[slice(*date.span)], date.written) == ("1 March 2024", "1 March 2024")
    assert (version.reading, version.noun, version.name) == (VersionReading.NAMED, "revision", "C")


def test_a_date_is_a_period_in_the_zone_that_is_given() -> None:
    new_york = ZoneInfo("America/New_York")
    (date,) = interpret("What did it say on 2024-03-01?", NOW, new_york).dates
    first = to_instant(datetime(2024, 3, 1, tzinfo=new_york))
    after = to_instant(datetime(2024, 3, 2, tzinfo=new_york))
    assert (date.period.first, date.period.last) == (first, after - 1)


def test_yesterday_depends_on_the_zone() -> None:
    just_after_midnight = to_instant(datetime(2024, 6, 18, 23, 0, tzinfo=UTC))
    in_berlin = interpret("What did it say yesterday?", just_after_midnight, BERLIN).dates[0]
    in_utc = interpret("What did it say yesterday?", just_after_midnight, UTC).dates[0]
    assert (in_berlin.period.reading, in_utc.period.reading) == ("2024-06-18", "2024-06-17")


def test_a_candidate_that_was_confirmed_counts() -> None:
    text = "How are grids made in Bootstrap 5?"
    first = ask(text)
    confirmed = interpret(text, NOW, BERLIN, [c.span for c in first.candidates])
    assert (confirmed.kind, confirmed.rest) == (Kind.CONTENT, "How are grids made in Bootstrap?")
    assert [version.name for version in confirmed.versions] == ["5"]
    assert confirmed.candidates == ()


def test_an_impossible_date_is_no_date() -> None:
    assert ask("What was valid as of 2023-02-30?").kind is Kind.PLAIN
    assert ask("What was valid as of 30 February 2023?").dates == ()


def test_the_two_ends_of_a_range_know_which_they_are() -> None:
    assert [v.bound for v in ask("What changed from v2 to v4?").versions] == [Bound.FROM, Bound.TO]


# --- odd input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "?",
        "...",
        "\x00",
        "\ud800",
        "v3",
        "v",
        "'s",
        "“",
        "v3\ud800",
        "in",
        "the",
        "as of",
        "version",
    ],
)
def test_next_to_nothing_is_no_trouble(text: str) -> None:
    assert ask(text).text == text


@given(st.text(max_size=60) | st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_any_text_has_an_interpretation_and_a_plain_one_is_searched_as_it_is(text: str) -> None:
    meaning = ask(text)
    if meaning.kind is Kind.PLAIN:
        assert meaning.rest == text
        assert not meaning.versions
        assert not meaning.dates
    assert any(map(str.isalnum, meaning.rest)) or meaning.rest == text
    for expression in (*meaning.versions, *meaning.dates, *meaning.candidates):
        assert meaning.text[slice(*expression.span)] == expression.written
    spans = sorted(x.span for x in (*meaning.versions, *meaning.dates, *meaning.candidates))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    if any(literal.kind is LiteralKind.PHRASE for literal in meaning.literals):
        assert len(text) > 2


@given(st.integers(LONG_AGO, LATE), st.sampled_from([line.text for line in phrasings()]))
def test_any_moment_will_do(now: int, text: str) -> None:
    interpret(text, now, BERLIN)


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_twice_the_text_costs_twice_the_steps(fragment: str) -> None:
    """Steps are calls, of Python's functions and of C's: what one call may look at is bounded by the patterns' own limits."""
    once, twice = _calls(fragment * 200), _calls(fragment * 400)
    assert twice <= 2.2 * once + 500


def test_a_text_of_a_hundred_kilobytes_is_searched_as_it_is() -> None:
    text = ("What did v3 say? " * 10_000)[:100_000]
    meaning = ask(text)
    assert (meaning.kind, meaning.rest, meaning.versions) == (Kind.PLAIN, text, ())
    assert meaning.notes == ("a text of 100000 characters is searched as it is: questions have up to 10000",)


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_question_as_long_as_may_be_is_read(fragment: str) -> None:
    text = (fragment * LONGEST)[:LONGEST]
    assert ask(text).text == text


def _calls(text: str) -> int:
    count = 0

    def profile(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        ask(text)
    finally:
        sys.setprofile(before)
    return count
