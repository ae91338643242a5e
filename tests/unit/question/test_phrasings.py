"""Questions in words, judged by a table of phrasings and by the questions of corpora."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import Final

import pytest

from indexer.question import Kind
from tests.support.corpora import corpus, needs_corpus
from tests.unit.question.phrasings import TABLE, Phrasing, ask, dates, phrasings, versions

SHARE: Final = 0.98
MISUNDERSTOOD: Final = frozenset(
    {
        "Which edition of the newspaper was it?",
        "latest release of energy from the spring",
        "Log4Shell in 2021 was serious",
        "who wrote the first draft of history?",
        "since when you are here, take a seat",
        "who last changed the light bulb?",
        "Who draws up the first draft?",
    }
)
"""Lines of the table that come out wrong, and are not worth what it would take to mend them."""

ORDINARY: Final = [
    "what methods are there for measuring skin friction in turbulent flow .",
    "has anyone compared wind tunnel results with flights at mach 2.5 and above .",
    "how do changes of pressure alter the first mode of vibration .",
    "effects of a second stage on the latest possible time of separation .",
    "between 3 and 5 percent of the lift is lost after stall .",
    "is the current distribution along the antenna known .",
    "papers on the release of energy from 2 to 10 seconds after ignition .",
    "What is the boiling point of ethanol at 101.325 kPa?",
    "Who may sign contracts above 10,000 EUR?",
    "what has been added to concrete to slow its setting",
    "difference between a lease and a rental agreement",
    "which instruments exist for measuring humidity",
    "how many people were present",
    "do we have a dress code?",
    "why did the engine stop before the test",
    "history of the boundary layer concept",
    "compare steel with aluminium for wing spars",
    "when is a permit needed",
    "what happens if the last payment is late",
    "the original manuscript and its previous owners",
]

TYPES: Final = {
    "Content Retrieval": {Kind.PLAIN},
    "Content Retrieval Complex": {Kind.PLAIN},
    "Version-Specific Content Retrieval": {Kind.CONTENT},
    "Version Listing & Inquiry": {Kind.VERSIONS, Kind.EXISTS},
    "Change Retrieval (i)": {Kind.INTRODUCED, Kind.CHANGES},
    "Change Retrieval (e)": {Kind.CHANGES, Kind.INTRODUCED},
}


def test_the_table_has_hundreds_of_phrasings_and_a_third_of_them_are_plain() -> None:
    sections = Counter(line.kind for line in phrasings())
    assert sections.total() >= 300
    assert sections["plain"] >= sections.total() * 0.3


def test_all_phrasings_are_understood_but_for_a_few_that_are_listed() -> None:
    lines = phrasings()
    wrong = {
        line.text: f"{line.text!r}: {got}, not {line.wanted}"
        for line in lines
        if (got := _got(line)) != line.wanted
    }
    unknown = [wrong[text] for text in wrong if text not in MISUNDERSTOOD]
    assert unknown == []
    assert set(wrong) == MISUNDERSTOOD
    assert len(wrong) <= (1 - SHARE) * len(lines)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_question_is_searched_as_it_is(text: str) -> None:
    meaning = ask(text)
    assert (meaning.kind, meaning.rest, meaning.versions, meaning.dates) == (Kind.PLAIN, text, (), ())


@pytest.mark.parametrize(
    "style",
    [
        "keywords",
        "chatty",
        "formal",
        "topics_first",
        "support",
        "helpdesk",
        "testers",
        "non_native",
        "precise",
        "tickets",
        "academic",
        "developers",
    ],
)
def test_the_same_questions_put_otherwise_are_of_the_same_kind(style: str) -> None:
    """The 100 questions of a public benchmark, written anew: by number, 40 of content, and 20 of each kind."""
    kinds = [{Kind.PLAIN}] * 40 + [{Kind.CONTENT}] * 20
    kinds += [{Kind.VERSIONS, Kind.EXISTS}] * 20 + [{Kind.INTRODUCED, Kind.CHANGES}] * 10
    # What a release says of itself is what it changed: passages of it answer keywords as well.
    kinds += [{Kind.INTRODUCED, Kind.CHANGES, Kind.CONTENT}] * 10
    if style == "developers":
        kinds[17] = {Kind.CHANGES}  # "what changed?" is no question of content any more
    lines = (TABLE.parent / "paraphrases" / f"{style}.txt").read_text("utf-8").splitlines()
    asked = [(int(number), text) for number, text in (line.split("\t") for line in lines)]
    # What names a package ("node@20.19.0") is about its version where there is one.
    found = {n: Kind.CONTENT if "@" in text and ask(text).candidates else ask(text).kind for n, text in asked}
    wrong = [f"{n}: {text}: {found[n]}" for n, text in asked if found[n] not in kinds[n - 1]]
    assert ([n for n, _ in asked], wrong) == (list(range(1, 101)), [])


@needs_corpus("qa/cranfield")
def test_no_question_about_aerodynamics_is_about_versions() -> None:
    lines = corpus("qa/cranfield").joinpath("queries.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    changed = [text for text in texts if ask(text).kind is not Kind.PLAIN or ask(text).rest != text]
    assert (len(texts), changed) == (225, [])


@needs_corpus("qa/versionqa")
def test_questions_of_a_public_benchmark_have_the_kind_and_the_version_that_they_are_labelled_with() -> None:
    table = corpus("qa/versionqa").joinpath("data", "test", "evaluation_set.csv").read_text("utf-8-sig")
    wrong = []
    for row in csv.DictReader(table.splitlines(keepends=True)):
        meaning = ask(row["Question"])
        print(  # noqa: T201 - what pytest shows on request
            row["Type"], "|", meaning.kind, "|", versions(meaning), dates(meaning), "|", meaning.rest
        )
        named = row["Type"] == "Version-Specific Content Retrieval" or row["Type"] == "Change Retrieval (e)"
        seen = all(v.name in row["Question"] for v in meaning.versions) and (
            bool(meaning.versions) or not named
        )
        if meaning.kind not in TYPES[row["Type"]] or not (seen or meaning.kind is Kind.INTRODUCED):
            wrong.append(row["Question"])
    assert wrong == []


def _got(line: Phrasing) -> str:
    return line.got(ask(line.text))
