"""In which version something came in, went, or took its present wording: with its date, author and message."""

from __future__ import annotations

import pytest

from tests.support.library import Library, V
from tests.unit.query.asking.shelf import answered, ask, number, numbers, on


@pytest.mark.parametrize(
    ("question", "label", "version"),
    [
        ("When was HR_FORM_7 introduced in the leave policy?", "4", 3),
        ("When was § 4.2 introduced in the leave policy?", "4", 3),
        ("In which version of the leave policy were sabbaticals introduced?", "4", 3),
        ("Who added retry_budget to client.md?", "v1.1", 2),
        ('When was "five days" added to the leave policy?', "3", 2),
        ("When were trains added to the travel policy?", "2", 1),
        ("When was the leave policy introduced?", "1", 1),
        ("When were the sabbatical/month rules introduced in the leave policy?", "4", 3),
    ],
)
def test_something_came_in_with_a_version(library: Library, question: str, label: str, version: int) -> None:
    answer = answered(library, question)
    assert answer.kind == "introduced"
    assert answer.values["label"] == label
    assert number(answer.values["value"]) == version


def test_it_is_told_when_by_whom_and_why(library: Library) -> None:
    result = ask(library, "When was HR_FORM_7 introduced in the leave policy?")
    assert result.answer is not None
    assert result.answer.text == ("came in with 4 of Leave policy, 2024-06-12 12:00 by Grace: Sabbaticals")
    assert numbers(result) == {("9001", 3)}
    assert "HR_FORM_7" in result.hits[0].text


@pytest.mark.parametrize(
    ("question", "label", "version"),
    [
        ("When was retry_budget removed from client.md?", "v2.0", 3),
        ("In which version of the travel policy were trains removed?", "3", 2),
        ("When was docs/server.md deleted?", "2", 2),
    ],
)
def test_something_went_with_a_version(library: Library, question: str, label: str, version: int) -> None:
    answer = answered(library, question)
    assert answer.kind == "removed"
    assert (answer.values["label"], number(answer.values["value"])) == (label, version)


def test_what_went_is_shown_as_it_last_was(library: Library) -> None:
    result = ask(library, "When was retry_budget removed from client.md?")
    assert numbers(result) == {("docs/client.md", 2)}
    assert "retry_budget" in result.hits[0].text


def test_what_never_went_is_said_to_be_there(library: Library) -> None:
    answer = answered(library, "When was HR_FORM_7 removed from the leave policy?")
    assert answer.values["value"] is None
    assert answer.text == "it is still there, in 4 of Leave policy"


def test_what_was_always_there_is_said_to_be(library: Library) -> None:
    answer = answered(library, "When was sick leave introduced in the leave policy?")
    assert answer.text.startswith("in Leave policy since the first version that is known, 1")


def test_what_looks_like_a_path_is_not_taken_for_two_words_that_nothing_has_together(
    library: Library,
) -> None:
    assert ask(library, "When was sabbatical/breakfast introduced in the leave policy?").answer is None


def test_a_topic_last_changed_with_a_version(library: Library) -> None:
    answer = answered(library, "When was the default timeout in client.md last changed?")
    assert answer.values["label"] == "v2.0"
    assert answer.text == "last changed with v2.0 of docs/client.md, 2022-09-01 12:00 by Lin: Faster"


def test_without_a_document_the_best_passage_tells_which(library: Library) -> None:
    result = ask(library, "When was retry_budget introduced?")
    assert result.answer is not None
    assert number(result.answer.values["value"]) == 2
    assert "docs/client.md" in result.scope.resolved_by


def test_a_text_that_could_not_be_read_for_a_while_did_not_go(library: Library) -> None:
    library.write(
        "gap.md",
        [V(on("2024-01-01"), ["Tea is free."]), V(on("2024-02-01"), None), V(on("2024-03-01"), ["Tea is free.", "So is coffee."])],
    )  # fmt: skip
    assert answered(library, "When was tea removed from gap.md?").values["value"] is None
    assert number(answered(library, "When was tea introduced in gap.md?").values["value"]) == 1


def test_what_was_deleted_and_came_back_came_in_twice(library: Library) -> None:
    library.write(
        "back.md",
        [V(on("2024-01-01"), ["Tea is free."]), V(on("2024-02-01"), "gone"), V(on("2024-03-01"), ["Tea is free."])],
    )  # fmt: skip
    answer = answered(library, "When was tea introduced in back.md?")
    assert number(answer.values["value"]) == 1
    assert "also from 3" in answer.text


def test_examples_are_looked_for_in_code_blocks_alone(library: Library) -> None:
    prose = ("Guide > Retries", "Retries follow the budget; use retry_loop for that.")
    before = V(on("2023-01-01"), [prose, ("Guide > Loop", "Here is some code.\n\n```\nloop()\n```")])
    after = V(on("2023-02-01"), [prose, ("Guide > Loop", "```\nloop()\nretry_loop(budget)\n```")])
    library.write("guide.md", [before, after])
    assert answered(library, "When was retry_loop added to guide.md?").values["label"] == "1"
    for asked in ("sample code for retry_loop", "an example of retry_loop", "a snippet with retry_loop"):
        assert answered(library, f"When was {asked} added to guide.md?").values["label"] == "2"


def test_code_that_goes_on_in_the_next_passage_is_still_code(library: Library) -> None:
    split = [
        ("Guide > Loop", "```\nloop()"),
        ("Guide > Loop", "retry_loop(budget)\n```"),
        ("Guide > End", "The end."),
    ]
    library.write(
        "guide.md",
        [V(on("2023-01-01"), [("Guide > End", "retry_loop is planned.")]), V(on("2023-02-01"), split)],
    )
    assert answered(library, "When was an example of retry_loop added to guide.md?").values["label"] == "2"


def test_an_example_counts_as_any_text_where_no_code_is_marked(library: Library) -> None:
    library.write(
        "plain.txt", [V(on("2023-01-01"), ["Nothing."]), V(on("2023-02-01"), ["For example retry_loop(3)."])]
    )
    assert answered(library, "When was an example of retry_loop added to plain.txt?").values["label"] == "2"


def test_a_line_that_says_where_a_link_leads_says_nothing_else(library: Library) -> None:
    first = V(on("2023-01-01"), ["See [the form].\n\n[the form]: https://example.org/sabbatical-leave-form"])
    library.write("links.md", [first, V(on("2023-02-01"), ["A sabbatical leave takes a form."])])
    assert answered(library, "When was sabbatical leave introduced in links.md?").values["label"] == "2"


def test_when_something_changed_is_not_when_it_came(library: Library) -> None:
    answer = answered(library, "When was the carry-over changed in the leave policy?")
    assert answer.values["label"] == "4"
    assert answer.text.startswith(
        "last changed with 4 of Leave policy, 2024-06-12 12:00 by Grace; also with 3"
    )
    never = answered(library, "When was the sabbatical changed in the leave policy?")
    assert never.text.startswith("came in with 4")


@pytest.mark.parametrize(
    "question",
    [
        "retry_budget introduced in which version of client.md?",
        "retry_budget added when, client.md",
        "In which version of client.md did retry_budget arrive?",
        "what is the first version of client.md to mention retry_budget",
    ],
)
def test_when_something_came_is_asked_in_many_ways(library: Library, question: str) -> None:
    assert answered(library, question).values["label"] == "v1.1"
