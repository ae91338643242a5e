"""Which versions there are, whether one exists, and which one is the first, the last, or the next."""

from __future__ import annotations

import pytest

from tests.support.library import Library, V
from tests.unit.query.asking.shelf import answered, ask, number, on


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Which versions of the leave policy exist?", ["1", "3", "4"]),
        ("Which versions of the travel policy are there?", ["1", "2", "3"]),
        ("List the versions of docs/client.md", ["v1.0", "v1.1", "v2.0"]),
        ("How many versions of travel-policy_v3.docx are there?", ["1", "2"]),
        ("Which versions of the leave policy came out before 2024?", ["1"]),
        ("Which versions of the leave policy came out since March 2024?", ["3", "4"]),
        ("Which versions of the leave policy came out between 2023-06-01 and 2024-04-01?", ["3"]),
        ("Which versions of the leave policy came out in 2024?", ["3", "4"]),
        ("Which version of the leave policy was in force on 2024-04-01?", ["3"]),
        ("Which versions of the leave policy came after v1?", ["3", "4"]),
        ("What is the latest version of the leave policy?", ["4"]),
        ("Leave policy: newest version in the system", ["4"]),
        ("Of the leave policy versions on file, which one came out first?", ["1"]),
        ("What is the most old version of the leave policy?", ["1"]),
        ("What was the first version of the travel policy?", ["1"]),
        ("What is the version before v4 of the leave policy?", ["3"]),
        ("Which version of the travel policy came after v2?", ["3"]),
        ("What was the last version before March 2024 of the leave policy?", ["1"]),
    ],
)
def test_versions_are_listed_as_their_source_calls_them(
    library: Library, question: str, value: list[str]
) -> None:
    answer = answered(library, question)
    assert answer.kind == "versions"
    assert answer.values["value"] == value


def test_a_subject_before_the_newest_version_is_looked_for_in_it(library: Library) -> None:
    result = ask(library, "carry-over days, newest version")
    assert result.answer is None
    assert "which versions there are" not in result.scope.resolved_by
    assert "the latest version" in result.scope.resolved_by


def test_versions_are_listed_with_their_dates_and_labels(library: Library) -> None:
    answer = answered(library, "Which versions of the leave policy exist?")
    assert answer.text == (
        "Leave policy has 3 versions: 1 (2023-01-10 12:00), 3 (number 2, 2024-03-01 12:00), "
        "4 (number 3, 2024-06-12 12:00)"
    )
    assert [number(one) for one in answer.values["versions"]] == [1, 2, 3]


def test_a_tombstone_is_listed_as_one(library: Library) -> None:
    answer = answered(library, "Which versions of docs/server.md exist?")
    assert answer.values["value"] == ["v1.0", "2"]
    assert "deleted" in answer.text


@pytest.mark.parametrize(
    ("question", "value", "nearest"),
    [
        ("Is there a version 3 of the leave policy?", True, []),
        ("We work by version 3 of the leave policy. Does the system know this version?", True, []),
        (
            "We need to find out whether version 2 of the leave policy is in the system.",
            False,
            ["1", "3", "4"],
        ),
        ("Does version 2 of the leave policy exist?", False, ["1", "3", "4"]),
        ("Does version 2 of the travel policy exist?", True, []),
        ("Is there a v8 of the travel policy?", False, ["1", "2", "3"]),
        ("Is there a version 1.1 of client.md?", True, []),
        ("Does version 5 exist?", False, ["1", "2", "3"]),
        ("Does version 3 exist?", True, []),
    ],
)
def test_existence_is_answered_with_the_nearest_where_there_is_none(
    library: Library, question: str, value: bool, nearest: list[str]
) -> None:
    answer = answered(library, question)
    assert answer.kind == "exists"
    assert (answer.values["value"], answer.values["nearest"]) == (value, nearest)


def test_without_works_and_without_a_name_it_is_asked_which_document_is_meant(library: Library) -> None:
    answer = answered(library, "Which versions exist?", sources=("handbook", "wiki"))
    assert answer.values["value"] == []
    assert "name one" in answer.text


def test_versions_of_what_nothing_is_called_are_not_those_of_something_else(library: Library) -> None:
    answer = answered(library, "Which versions of Projekt Zugspitze exist?")
    assert answer.values["value"] == []
    assert answer.text.startswith("no document is called so")


def test_the_only_document_need_not_be_named(library: Library) -> None:
    assert answered(library, "Which versions exist?", sources=("wiki",)).values["value"] == ["1", "3", "4"]


def test_works_with_the_same_editions_are_told_as_one(library: Library) -> None:
    for work, labels in (("parts", ("1.0", "1.2")), ("prices", ("1.0", "1.1", "1.2"))):
        for label in labels:
            library.write(
                f"shop/{work} {label}.md", [V(on("2024-01-01"), [f"{work} {label}"])], source="shop"
            )
    answer = answered(library, "Which versions exist?", sources=("shop",))
    assert answer.values["value"] == ["1.0", "1.1", "1.2"]


@pytest.mark.parametrize(
    ("keywords", "value"),
    [
        ("leave policy versions", ["1", "3", "4"]),
        ("available versions of the travel policy", ["1", "2", "3"]),
        ("travel policy versions available", ["1", "2", "3"]),
        ("hey, could you tell me which versions of the travel policy there are?", ["1", "2", "3"]),
        ("the newest travel policy you have is which?", ["3"]),
    ],
)
def test_keywords_and_chatter_ask_for_the_versions_of_what_they_name(
    library: Library, keywords: str, value: list[str]
) -> None:
    answer = answered(library, keywords)
    assert (answer.kind, answer.values["value"]) == ("versions", value)


def test_keywords_that_are_more_than_a_name_are_searched_as_they_are(library: Library) -> None:
    for keywords in ("hotel prices versions", "travel policy hotel versions", "supported Java versions"):
        result = ask(library, keywords)
        assert result.answer is None
        assert result.scope.resolved_by == "the present"


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("travel policy v2 available?", True),
        ("travel policy version 9 exists?", False),
        ("does the travel policy have a version 3?", True),
        ("is version 9 of the travel policy among the documents?", False),
        ("hi, do you happen to have version 2 of the travel policy?", True),
    ],
)
def test_existence_is_asked_in_many_ways(library: Library, question: str, value: bool) -> None:
    answer = answered(library, question)
    assert (answer.kind, answer.values["value"]) == ("exists", value)
