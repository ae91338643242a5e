"""What a version says is answered from that version and no other, however it is named."""

from __future__ import annotations

import pytest

from indexer.errors import AmbiguousError
from indexer.query.results import Mode
from tests.support.library import DAY, Library, V
from tests.unit.query.asking.shelf import answered, ask, found, number, numbers, on

OLD, MIDDLE, NEW = ("9001", 1), ("9001", 2), ("9001", 3)


@pytest.mark.parametrize(
    ("question", "version"),
    [
        ("What did the leave policy say about carry-over in version 3?", MIDDLE),
        ("What did version 1 of the leave policy say about carry-over?", OLD),
        ("leave policy v4 carry-over", NEW),
        # ordinals mean what the wiki counted; the first and the last are those that it kept
        ("What did the third version of the leave policy say about carry-over?", MIDDLE),
        ("What did the first version of the leave policy say about carry-over?", OLD),
        ("What does the latest version of the leave policy say about carry-over?", NEW),
        ("What did the previous version of the leave policy say about carry-over?", MIDDLE),
        ("What did the version before v4 of the leave policy say about carry-over?", MIDDLE),
        ("What did the version after v1 of the leave policy say about carry-over?", MIDDLE),
        ("What did the leave policy say before v3 about carry-over?", OLD),
        # dates
        ("What did the leave policy say about carry-over as of 2023-06-01?", OLD),
        ("What did the leave policy say on 1 March 2024 about carry-over?", MIDDLE),
        ("What did the leave policy say before 12 June 2024 about carry-over?", MIDDLE),
        ("What did the last version before March 2024 of the leave policy say about carry-over?", OLD),
        # a repository: numbers, tags, commits
        ("What did docs/client.md say about timeouts in version 1?", ("docs/client.md", 1)),
        ("What did client.md say about timeouts in v1.1?", ("docs/client.md", 2)),
        ("What did client.md say about timeouts in release 2.0?", ("docs/client.md", 3)),
        ("What did client.md say about timeouts at commit 2222222?", ("docs/client.md", 2)),
        ("What did client.md say about timeouts at commit 5555555?", ("docs/client.md", 3)),
        # editions
        ("What did travel policy v2 say about hotels?", ("hr/travel-policy_v2.docx", 1)),
        ("hotels in the third edition of the travel policy", ("hr/travel-policy_v3.docx", 2)),
        ("What did the version before v3 of the travel policy say about hotels?", ("hr/travel-policy_v2.docx", 1)),
        ("What did the first version of the travel policy say about hotels?", ("hr/travel-policy_v1.docx", 1)),
        # a file that is an edition has versions of its own
        ("What did version 1 of travel-policy_v3.docx say about hotels?", ("hr/travel-policy_v3.docx", 1)),
    ],
)  # fmt: skip
def test_a_version_is_found_by_whatever_it_is_called(
    library: Library, question: str, version: tuple[str, int]
) -> None:
    assert numbers(ask(library, question)) == {version}


def test_an_interpretation_is_shown_with_the_version_that_it_led_to(library: Library) -> None:
    scope = ask(library, "What did version 3 of the leave policy say about carry-over?").scope
    assert '"version 3" → version 3' in scope.resolved_by
    assert scope.document is not None
    assert scope.document.title == "Leave policy"
    assert scope.version is not None
    assert scope.version.version.labels == ("3",)
    assert scope.version.version.number == 2
    assert scope.selector == "3"


def test_versions_that_are_compared_stand_side_by_side(library: Library) -> None:
    result = ask(library, "Compare v1 and v4 of the leave policy on carry-over", k=4)
    assert [hit.version.version.labels for hit in result.hits[:2]] == [("1",), ("4",)]
    assert all("carry over" in hit.text for hit in result.hits[:2])
    assert [hit.rank for hit in result.hits] == [1, 2, 3, 4]


def test_what_compared_versions_hold_alike_is_cited_from_each(library: Library) -> None:
    result = ask(library, "Compare v1 and v3 of the leave policy on sick leave", k=4)
    sick = [hit.version.version.labels for hit in result.hits if "sick" in hit.text]
    assert sick == [("1",), ("3",)]


def test_editions_that_are_compared_stand_side_by_side(library: Library) -> None:
    result = ask(library, "Compare travel policy v1 and v2 on hotels", k=2)
    assert [hit.document.key for hit in result.hits] == [
        "hr/travel-policy_v1.docx", "hr/travel-policy_v2.docx",
    ]  # fmt: skip


def test_of_several_versions_in_a_row_a_passage_is_cited_from_the_last_that_holds_it(
    library: Library,
) -> None:
    result = ask(library, "What did the leave policy say between v1 and v3 about sick leave and carry-over?")
    assert numbers(result) == {OLD, MIDDLE}
    assert {hit.version.version.number for hit in result.hits if "sick" in hit.text} == {2}
    since = ask(library, "What did the leave policy say since v3 about sick leave and carry-over?")
    assert numbers(since) == {MIDDLE, NEW}


def test_a_period_is_answered_from_its_end_and_names_what_else_held_in_it(library: Library) -> None:
    result = ask(library, "What did the leave policy say in 2024 about carry-over?")
    assert numbers(result) == {NEW}
    assert [number(one) for one in result.scope.alternatives] == [2]
    assert result.scope.as_of is not None


def test_without_a_document_a_version_is_looked_for_in_everything(library: Library) -> None:
    result = ask(library, "What did version 2 say about hotels and timeouts?")
    # The wiki calls none of its versions 2, though one is the second that is here.
    assert numbers(result) == {("hr/travel-policy_v2.docx", 1), ("docs/client.md", 2)}
    assert result.scope.selector == "2"
    assert result.scope.documents_with == 3  # and one that was deleted then


def test_without_a_document_a_date_is_looked_for_in_everything(library: Library) -> None:
    result = ask(library, "How much did hotels cost as of March 2022?")
    assert ("hr/travel-policy_v2.docx", 1) in numbers(result)
    assert ("hr/travel-policy_v3.docx", 1) not in numbers(result)


def test_one_of_two_versions_that_does_not_exist_is_told_beside_the_other(library: Library) -> None:
    result = ask(library, "Compare v3 and v9 of the leave policy on carry-over")
    assert numbers(result) == {MIDDLE}
    assert result.answer is not None
    assert result.answer.values == {"value": False, "nearest": ["1", "3", "4"]}


def test_a_label_comes_before_the_number_and_the_other_is_named(library: Library) -> None:
    days = ("2024-01-01", "2024-02-01", "2024-03-01")
    labels: tuple[tuple[str, ...], ...] = (("v3",), (), ())
    library.write(
        "tea.md",
        [V(on(day), [f"Tea on {day}."], labels=own) for day, own in zip(days, labels, strict=True)],
    )
    result = ask(library, "What did version 3 of tea.md say about tea?")
    assert numbers(result) == {("tea.md", 1)}
    assert [number(one) for one in result.scope.alternatives] == [3]
    assert "is another version" in result.scope.resolved_by


def test_a_label_that_several_versions_of_one_document_hold_is_a_question(library: Library) -> None:
    library.write(
        "twice.md",
        [V(on("2024-01-01"), ["Tea."], labels=("v7",)), V(on("2024-02-01"), ["Coffee."], labels=("v7",))],
    )
    with pytest.raises(AmbiguousError) as error:
        ask(library, "What does twice.md say about drinks in version 7?")
    assert error.value.code == "ambiguous-version"
    assert len(error.value.candidates) == 2


def test_editions_that_share_a_label_are_all_searched(library: Library) -> None:
    library.write("hr/travel-policy_v3.pdf", [V(on("2023-03-01"), ["Hotels cost what they cost."])])
    result = ask(library, "What did travel policy v3 say about hotels?")
    assert {key for key, _ in found(result)} == {"hr/travel-policy_v3.docx", "hr/travel-policy_v3.pdf"}


def test_a_version_that_two_documents_of_one_name_have_is_answered_from_both_and_said_so(
    library: Library,
) -> None:
    for place, drink in (("a", "tea"), ("b", "coffee")):
        library.write(f"{place}/kitchen-rules.md", [V(on("2024-01-01"), [f"Drink {drink}."])])
    result = ask(library, "What did version 1 of the kitchen rules say about drinks?")
    assert numbers(result) == {("a/kitchen-rules.md", 1), ("b/kitchen-rules.md", 1)}
    assert "2 documents are called so: a/kitchen-rules.md, b/kitchen-rules.md" in result.scope.resolved_by


def test_a_version_in_which_the_document_was_gone_says_so(library: Library) -> None:
    answer = answered(library, "What did version 2 of docs/server.md say about ports?")
    assert answer.kind == "nothing-in-version"
    assert "was deleted" in answer.text
    assert [number(one) for one in answer.values["elsewhere"]] == [1]


def test_a_document_that_was_deleted_is_still_found_by_its_name(library: Library) -> None:
    result = ask(library, "What did version 1 of server.md say about ports?")
    assert numbers(result) == {("docs/server.md", 1)}


def test_words_that_may_name_an_edition_count_where_there_is_such_an_edition(library: Library) -> None:
    second = {("hr/travel-policy_v2.docx", 1)}
    assert numbers(ask(library, "What did the travel policy 2 say about hotels?")) == second
    assert numbers(ask(library, "What did Travel Policy 2 say about hotels?")) == second
    # There is no edition 9: then it is a question like any other.
    plain = ask(library, "What did Travel policy 9 say about hotels?")
    assert plain.answer is None
    assert ("hr/travel-policy_v3.docx", 2) in numbers(plain)


def test_literally_nothing_is_understood(library: Library) -> None:
    result = ask(library, "What did version 3 of the leave policy say about carry-over?", literal=True)
    assert result.scope.resolved_by == "the present"
    assert ("9001", 3) in numbers(result)


def test_a_phrase_is_taken_literally(library: Library) -> None:
    library.write(
        "notes.md", [V(on("2024-06-01"), ["Retries were added in version 9.0.0 of another client."])]
    )
    result = ask(library, "added in version 9.0.0", mode=Mode.PHRASE)
    assert result.scope.resolved_by == "the present"
    assert numbers(result) == {("notes.md", 1)}


def test_what_begins_with_a_day_did_not_hold_before_it(library: Library) -> None:
    midnight = on("2024-06-12") - DAY // 2
    library.write("tea.md", [V(midnight - DAY, ["Tea is free."]), V(midnight, ["Tea costs a euro."])])
    assert numbers(ask(library, "What did tea.md say before 12 June 2024 about tea?")) == {("tea.md", 1)}
    assert numbers(ask(library, "What did tea.md say on 12 June 2024 about tea?")) == {("tea.md", 2)}
    everything = ask(library, "What was said before 12 June 2024 about tea?")
    assert ("tea.md", 1) in numbers(everything)
    assert ("tea.md", 2) not in numbers(everything)


def test_of_documents_of_one_name_those_are_meant_that_exist(library: Library) -> None:
    library.write("old/garden-rules.md", [V(on("2023-01-01"), ["Mow daily."]), V(on("2024-01-01"), "gone")])
    library.write("new/garden-rules.md", [V(on("2024-01-01"), ["Mow weekly."])])
    question = "What did version 1 of the garden rules say about mowing?"
    assert numbers(ask(library, question)) == {("new/garden-rules.md", 1)}
    library.write("new/garden-rules.md", [V(on("2024-01-01"), ["Mow weekly."]), V(on("2024-02-01"), "gone")])
    assert {key for key, _ in numbers(ask(library, question))} == {
        "new/garden-rules.md",
        "old/garden-rules.md",
    }


def test_of_documents_that_say_the_same_one_that_is_still_there_comes_first(library: Library) -> None:
    words = "Umbrellas are lent at the northern reception."
    gone = [V(on("2021-01-01"), [words], labels=("v9",)), V(on("2021-02-01"), "gone")]
    library.write("a-gone.md", gone)
    library.write("b-there.md", [V(on("2021-01-01"), [words], labels=("v9",))])
    result = ask(library, "What does v9 say about umbrellas lent at the northern reception?")
    assert [key for key, _ in found(result)] == ["b-there.md", "a-gone.md"]


def test_what_is_headed_by_the_words_comes_first_however_many_passages_mention_them(library: Library) -> None:
    said = "The signature of the constructor of the Error class: new Error('it broke')."
    mentions = [(f"Errors > Use {n}", f"{said} Case {n}.") for n in range(60)]
    made = ("Errors > `new Error(message[, options])`", "Takes a message.")
    library.write("errors_v7.md", [V(on("2021-01-01"), [*mentions, made])])
    library.write("errors_v8.md", [V(on("2021-02-01"), mentions)])
    result = ask(library, "What is the signature of the constructor of the Error class in errors v7?", k=3)
    assert found(result)[0] == ("errors_v7.md", "Takes a message.")
