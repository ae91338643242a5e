"""What changed: between versions or dates, in one version, since a day, or at last; before and after."""

from __future__ import annotations

import pytest

from tests.support.library import Library, V
from tests.unit.query.asking.shelf import answered, ask, number, numbers, on


@pytest.mark.parametrize(
    ("question", "step"),
    [
        ("What changed between v1 and v4 of the leave policy?", (1, 3)),
        ("What changed from v4 to v1 of the leave policy?", (3, 1)),
        ("What are the differences between v1 and v3 of the leave policy?", (1, 2)),
        ("What changed in version 3 of the leave policy?", (1, 2)),
        ("What is new in the latest version of the leave policy?", (2, 3)),
        ("What changed in the leave policy since v3?", (2, 3)),
        ("What changed last in the leave policy?", (2, 3)),
        ("When was the leave policy last changed?", (2, 3)),
        ("What changed in the leave policy between 2023-02-01 and 2024-04-01?", (1, 2)),
        ("What changed in the leave policy since 2024-05-01?", (2, 3)),
        ("What changed in the leave policy in March 2024?", (1, 2)),
        ("What changed in client.md between v1.0 and v2.0?", (1, 3)),
        ("What changed in docs/client.md since 2022-03-01?", (1, 3)),
        ("What changed between v1 and v2 of travel-policy_v3.docx?", (1, 2)),
    ],
)
def test_the_two_versions_that_are_compared_are_those_that_are_asked_for(
    library: Library, question: str, step: tuple[int, int]
) -> None:
    answer = answered(library, question)
    assert answer.kind == "changes"
    assert (number(answer.values["from"]), number(answer.values["to"])) == step
    assert answer.values["value"]


def test_a_change_shows_what_stood_there_before_and_after(library: Library) -> None:
    answer = answered(library, "What changed in the leave policy between v1 and v3 about carry-over?")
    (change,) = answer.values["value"]
    assert "three days" in change.before
    assert "five days" in change.after


def test_only_changes_that_matter_to_the_question_are_shown(library: Library) -> None:
    whole = answered(library, "What changed between v3 and v4 of the leave policy?")
    about = answered(library, "What changed between v3 and v4 of the leave policy about sabbaticals?")
    assert len(whole.values["value"]) == 2
    assert [change.after for change in about.values["value"]] == [
        "A sabbatical takes three months; see § 4.2 and HR_FORM_7."
    ]
    assert about.text.startswith("1 of 2 changes from 3 to 4 of Leave policy, 2024-06-12")
    none = answered(library, "What changed between v3 and v4 of the leave policy about sick leave?")
    assert none.values["value"] == ()
    assert "about this; 2 other changes" in none.text


def test_editions_are_compared_with_the_edition_before(library: Library) -> None:
    answer = answered(library, "What changed in travel policy v2?")
    assert answer.values["from"].version.key == "hr/travel-policy_v1.docx"
    assert answer.values["to"].version.key == "hr/travel-policy_v2.docx"
    result = ask(library, "What changed between v1 and v3 of the travel policy?")
    assert result.answer is not None
    assert result.answer.values["to"].version.key == "hr/travel-policy_v3.docx"
    assert {key for key, _ in numbers(result)} == {"hr/travel-policy_v3.docx"}


def test_what_came_first_changed_nothing(library: Library) -> None:
    answer = answered(library, "What changed in version 1 of the leave policy?")
    assert answer.values["from"] is None
    assert "is the first version" in answer.text


def test_a_time_without_changes_is_said_to_be_one(library: Library) -> None:
    answer = answered(library, "What changed in the leave policy between 2023-03-01 and 2023-05-01?")
    assert answer.values["value"] == ()
    assert answer.text == "nothing changed in Leave policy: 1 held all the time"


def test_a_deletion_is_a_change(library: Library) -> None:
    answer = answered(library, "What changed last in docs/server.md?")
    assert "was deleted, 2022-07-01" in answer.text


def test_what_was_removed_comes_first_where_that_is_asked(library: Library) -> None:
    answer = answered(library, "What was removed in travel policy v3?")
    assert answer.values["value"][0].op == "removed"


def test_without_a_document_those_are_listed_that_changed_then(library: Library) -> None:
    answer = answered(library, "What changed since 2024-01-01?")
    assert answer.kind == "changes"
    assert answer.text == "1 document changed: Leave policy (4, 2024-06-12 12:00)"
    assert [number(one) for one in answer.values["versions"]] == [3]
    year = answered(library, "What changed in 2022?")
    assert {one.version.key for one in year.values["versions"]} == {
        "docs/client.md", "docs/server.md", "hr/travel-policy_v1.docx", "hr/travel-policy_v2.docx",
    }  # fmt: skip
    assert answered(library, "What changed in 1999?").text == "no document changed then"


def test_without_a_document_a_version_is_that_of_the_best_passage(library: Library) -> None:
    result = ask(library, "What changed in v2.0 about the default timeout?")
    assert result.answer is not None
    assert (number(result.answer.values["from"]), number(result.answer.values["to"])) == (2, 3)
    assert "no document is named; the best passage is in docs/client.md" in result.scope.resolved_by


def test_half_of_a_term_is_no_evidence_where_the_whole_term_is_used_elsewhere(library: Library) -> None:
    heading = "Notes > Changes"
    library.write("notes.md", [
        V(on("2023-01-01"), [(heading, "Color modes came.")]),
        V(on("2023-02-01"), [(heading, "Wide mode came."), ("Notes > More", "Background color fixed.")]),
        V(on("2023-03-01"), [(heading, "Nothing here."), ("Notes > More", "Nothing there.")]),
    ])  # fmt: skip
    answer = answered(library, "What changed about color modes in version 3 of notes.md?")
    assert answer.values["value"] == ()
    assert answer.text.startswith("nothing changed from 2 to 3 of notes.md")
    assert answered(library, "What changed about color modes in version 2 of notes.md?").values["value"]


def test_a_sentence_over_two_lines_is_one(library: Library) -> None:
    library.write("wrapped.md", [
        V(on("2023-01-01"), ["Nothing."]),
        V(on("2023-02-01"), ["- a\n- b\n- Badges now have darker\n  borders that everybody finds readable\n- c"]),
    ])  # fmt: skip
    answer = answered(library, "What did version 2 of wrapped.md do so that badges are readable?")
    assert len(answer.values["value"]) == 1


def test_the_last_change_of_a_work_is_that_of_its_newest_edition(library: Library) -> None:
    answer = answered(library, "When was the travel policy last changed?")
    assert answer.text.startswith("1 of 1 changes from 1 to 2 of hr/travel-policy_v3.docx, 2023-02-01 12:00")
