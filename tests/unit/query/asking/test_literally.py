"""What a question names literally, and what it implies: of a class's constructor, how that is written."""

from __future__ import annotations

from datetime import UTC

import pytest

from indexer.query.asking.literally import capitals, holds, implied, wanted
from indexer.question import Interpretation, interpret


def asked(text: str) -> Interpretation:
    return interpret(text, 1_700_000_000_000_000, UTC)


@pytest.mark.parametrize(
    ("question", "literals"),
    [
        ("What are the arguments of the constructor of SystemError?", ["new systemerror"]),
        ("How do I construct an AssertionError?", ["new assertionerror"]),
        ("the constructor for the class CallTracker", ["new calltracker"]),
        ("What does the Buffer constructor take?", ["new buffer"]),
        ("the signature of new Error", ["new error"]),
        ("What does `new Error(message)` return?", ["new error"]),
        ("What does the error message say?", []),
        ("Who signs for new Employees?", []),
        ("Whose signature does the contract need?", []),
        ("Which constructor won the race?", []),
    ],
)
def test_a_constructor_is_looked_for_as_it_is_written(question: str, literals: list[str]) -> None:
    assert implied(asked(question)) == literals


@pytest.mark.parametrize(
    ("question", "literals"),
    [
        ("What does EMFILE mean, and EMFILE again?", ["emfile"]),
        ("WHAT DOES EMFILE MEAN", []),
        ("What is NASA?", []),
        ("Is it called EACCES-2 there?", []),
    ],
)
def test_words_in_capitals_are_names_unless_all_is_written_so(question: str, literals: list[str]) -> None:
    assert capitals(asked(question)) == literals


def test_identifiers_quoted_words_and_sections_are_wanted_but_not_what_the_subject_is_called() -> None:
    question = asked('What does § 4.2 say about ERR_ACCESS_DENIED and "carried over"?')
    assert wanted(question) == ["§4.2", "err_access_denied", "carried over"]
    assert "err_access_denied" not in wanted(question, ["ERR_ACCESS_DENIED explained"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it says ERR_GONE.", True),
        ("it says ERR_GONE_FOREVER.", False),
        ("see NO_ERR_GONE", False),
        ("ERR_GONE", True),
        ("err_gone(code)", True),
    ],
)
def test_a_part_of_a_longer_word_does_not_hold_a_literal(text: str, found: bool) -> None:
    assert holds(text, "err_gone") is found
