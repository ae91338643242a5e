"""Questions that nobody should ask are answered clearly, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import UsageError
from tests.support.library import Library, V
from tests.unit.query.asking.shelf import answered, ask, numbers, on


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_question_is_refused(library: Library, text: str) -> None:
    with pytest.raises(UsageError, match="the question is empty"):
        ask(library, text)


@pytest.mark.parametrize("k", [0, -1, 1001])
def test_an_impossible_number_of_hits_is_refused_for_every_kind(library: Library, k: int) -> None:
    for question in ("carry-over", "carry-over in v3 of the leave policy", "Which versions exist?"):
        with pytest.raises(UsageError, match="hits cannot be asked for"):
            ask(library, question, k=k)


def test_a_hundred_kilobytes_are_searched_as_they_are(library: Library) -> None:
    text = "what did version 3 of the leave policy say about carry-over " * 1700
    result = ask(library, text)
    assert result.answer is None
    assert result.scope.resolved_by == "the present"


@pytest.mark.parametrize("day", ["2024-13-45", "30 February 2024"])
def test_a_day_that_no_calendar_has_limits_nothing_and_that_is_said(library: Library, day: str) -> None:
    for question in (
        f"What did the leave policy say on {day}?",
        f"carry-over on {day}",
        f"Leave policy v3, carry-over on {day}",
    ):
        assert f'"{day}" is no day of the calendar' in ask(library, question).scope.resolved_by


@pytest.mark.parametrize(
    "text",
    [
        "What did version 3\x00 of the leave policy say about carry-over?",
        "What did\x1b[31m version 3 of the leave policy\x07 say about carry-over?",
        "What did version 3 of the leave policy \u202e say about carry-over?",
        "version \ud800 3 of the leave policy carry-over",
    ],
)
def test_control_characters_do_no_harm(library: Library, text: str) -> None:
    result = ask(library, text)
    assert {key for key, _ in numbers(result)} >= {"9001"}


@pytest.mark.parametrize(
    "name",
    [
        "o'brien's rules.md",
        "x' OR 1=1 --.md",
        'say "hello" to all.md',
        "drop table passage; select.md",
        "100%_done [draft] (a|b)*.md",
        "back\\slash $HOME `id`.md",
    ],
)
def test_names_that_look_like_code_are_only_names(library: Library, name: str) -> None:
    library.write(f"odd/{name}", [V(on("2024-01-01"), ["Tea is free."]), V(on("2024-02-01"), ["Tea costs."])])
    result = ask(library, f"What did version 1 of {name} say about tea?")
    assert (f"odd/{name}", 1) in numbers(result)
    assert not any(number == 2 for key, number in numbers(result) if key.startswith("odd/"))
    listed = answered(library, "Which versions exist?", document=f"odd/{name}")
    assert listed.values["value"] == ["1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        "What did version 99999999999999999999 of the leave policy say?",
        "What did version 3' OR '1'='1 of the leave policy say?",
        "What changed between v0 and v0 of the leave policy?",
        "What did the 9999th version of the leave policy say?",
        "What did the leave policy say on 9999-12-31 about carry-over?",
        "What did the leave policy say on 0001-01-01 about carry-over?",
        "versions versions versions of of of the the leave policy",
        "the version before the version before the version before v4 of the leave policy",
        "at commit ffffffffffffffffffffffffffffffffffffffff what did client.md say?",
        "% _ ? * ' \" ; -- /* */ version 3",
    ],
)
def test_strange_questions_are_answered_all_the_same(library: Library, text: str) -> None:
    result = ask(library, text)
    assert result.hits or result.answer is not None or result.scope.resolved_by


def test_an_empty_index_answers_every_kind_of_question(tmp_path: Path) -> None:
    empty = Library(tmp_path / "data")
    for question in (
        "carry-over in v3 of the leave policy", "Which versions exist?", "Does version 3 exist?", "What changed since 2020?",
        "When was carry-over introduced?", "What did it say as of 2020-01-01?", "compare v1 and v2 on carry-over",
    ):  # fmt: skip
        result = ask(empty, question)
        assert result.hits == ()


def test_an_index_without_versions_of_the_kind_that_is_asked_for_says_so(tmp_path: Path) -> None:
    single = Library(tmp_path / "data")
    single.write("pay.md", [V(on("2024-01-01"), ["Pay day is the last of the month."])])
    assert answered(single, "What did release 4.2 of pay.md say about pay day?").values["value"] is False
    assert answered(single, "What changed last in pay.md?").text.startswith(
        "1 is the first version of pay.md"
    )
    assert answered(single, "What does pay.md say at commit 1234567?").values["value"] is False
    assert answered(single, "Which versions of pay.md came out before 2020?").values["value"] == []
