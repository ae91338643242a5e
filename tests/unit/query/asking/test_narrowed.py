"""Options that narrow a question, and what was known when, hold for every kind of answer."""

from __future__ import annotations

import pytest

from indexer.errors import NotFoundError, UsageError
from indexer.query.results import Question
from tests.support.library import Library, V
from tests.unit.query.asking.shelf import answered, ask, number, numbers, on


def test_a_source_narrows_what_a_name_may_mean(library: Library) -> None:
    library.write("leave-policy.md", [V(on("2020-01-01"), ["Nobody carries over anything."])], source="old")
    question = "What did version 1 of the leave policy say about carry-over?"
    assert numbers(ask(library, question, sources=("old",))) == {("leave-policy.md", 1)}
    assert numbers(ask(library, question, sources=("wiki",))) == {("9001", 1)}
    assert numbers(ask(library, question)) == {("leave-policy.md", 1), ("9001", 1)}


def test_a_path_narrows_editions_and_versions_everywhere(library: Library) -> None:
    result = ask(library, "What did version 2 say about hotels and timeouts?", paths=("docs/**",))
    assert numbers(result) == {("docs/client.md", 2)}
    result = ask(library, "What did version 2 say about hotels and timeouts?", paths=("hr/**",))
    assert numbers(result) == {("hr/travel-policy_v2.docx", 1)}


def test_labels_and_places_narrow(library: Library) -> None:
    question = "What did version 3 say about carry-over and hotels?"
    for options in ({"labels": ("approved",)}, {"under": "HR/Policies"}):
        assert numbers(ask(library, question, **options)) == {("9001", 2)}
    assert answered(library, "Which versions exist?", labels=("approved",)).values["value"] == ["1", "3", "4"]


def test_a_document_that_is_given_need_not_be_named(library: Library) -> None:
    assert numbers(ask(library, "What did version 3 say?", document="Leave policy")) == {("9001", 2)}
    assert answered(library, "Which versions exist?", document="client.md").values["value"] == [
        "v1.0",
        "v1.1",
        "v2.0",
    ]
    changed = answered(library, "What changed last?", document="client.md")
    assert (number(changed.values["from"]), number(changed.values["to"])) == (2, 3)
    gone = answered(library, "When was retry_budget removed?", document="client.md")
    assert number(gone.values["value"]) == 3
    # It is an edition: what no version of its own is called so is an edition of its work.
    assert numbers(ask(library, "hotels in v1", document="travel-policy_v3.docx")) == {
        ("hr/travel-policy_v3.docx", 1)
    }
    assert numbers(ask(library, "hotels in v3", document="travel-policy_v2.docx")) == {
        ("hr/travel-policy_v3.docx", 2)
    }


def test_a_version_that_an_option_selects_is_not_looked_for_in_the_words(library: Library) -> None:
    question = "What did version 3 say about carry-over?"
    assert numbers(ask(library, question, document="Leave policy@1")) == {("9001", 1)}
    assert numbers(ask(library, question, document="Leave policy", version="4")) == {("9001", 3)}
    assert numbers(ask(library, question, document="Leave policy", as_of="2023-06-01")) == {("9001", 1)}


@pytest.mark.parametrize(
    "question", ["carry-over in v3", "Which versions exist?", "What changed since 2020?"]
)
def test_options_that_leave_nothing_or_make_no_sense_are_told(library: Library, question: str) -> None:
    assert "no document has the label" in answered(library, question, labels=("nothing",)).text
    assert "no document stands at or below" in answered(library, question, under="Nowhere").text
    with pytest.raises(NotFoundError, match="no source"):
        ask(library, question, sources=("nothing",))
    with pytest.raises(UsageError, match="--doc already names"):
        ask(library, question, document="Leave policy", paths=("*",))
    with pytest.raises(NotFoundError):
        ask(library, question, document="nothing-of-the-kind.md")


def test_what_was_known_then_is_answered_from_then(library: Library) -> None:
    before = library.recorded
    first = V(on("2024-01-01"), ["Tea is free."], labels=("1",))
    library.write("tea.md", [first], recorded=on("2025-01-01"))
    library.write(
        "tea.md",
        [V(on("2023-01-01"), ["Tea costs a euro."], labels=("0",)), first, V(on("2025-02-01"), ["Tea is gone."], labels=("2",))],
        recorded=on("2025-03-01"),
    )  # fmt: skip
    assert before < on("2025-01-01")
    question = "Which versions of tea.md exist?"
    assert answered(library, question).values["value"] == ["0", "1", "2"]
    assert answered(library, question, known_at="2025-02-01").values["value"] == ["1"]
    then = ask(library, "What does version 1 of tea.md say about tea?", known_at="2025-02-01")
    assert numbers(then) == {("tea.md", 1)}
    assert then.scope.known_at is not None
    assert numbers(ask(library, "What does version 1 of tea.md say about tea?")) == {("tea.md", 2)}
    came = answered(library, "When was tea introduced in tea.md?", known_at="2025-02-01")
    assert came.values["label"] == "1"
    # The document was not known at all yet.
    earlier = ask(library, "What does version 1 of tea.md say about tea?", known_at="2024-12-31")
    assert "tea.md" not in {key for key, _ in numbers(earlier)}
    changed = answered(library, "What changed since 2025-01-15?", known_at="2025-02-01")
    assert changed.text == "no document changed then"


def test_names_that_were_kept_follow_what_is_committed_between_questions(library: Library) -> None:
    queries = library.queries()
    question = Question("What does version 1 of the garden rules say about mowing?")
    assert queries.search(question).scope.document is None
    library.write("garden-rules.md", [V(on("2024-01-01"), ["No mowing on Sundays."])])
    found = queries.search(question).scope.document
    assert found is not None
    library.write(
        "garden-rules.md",
        [V(on("2024-01-01"), ["No mowing on Sundays."]), V(on("2024-02-01"), ["Mow."], key="lawn.md")],
    )
    found = queries.search(Question("What does version 2 of lawn.md say about mowing?")).scope.document
    assert found is not None
    assert found.key == "lawn.md"
