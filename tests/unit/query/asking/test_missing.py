"""Where a version says nothing about it, or does not exist, that is said: another version's passage is no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.library import Library, V
from tests.unit.query.asking.shelf import answered, ask, number, on


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("What did version 2 of the leave policy say about carry-over?", ["1", "3", "4"]),
        ("What did the second version of the leave policy say about carry-over?", ["1", "3", "4"]),
        ("What did version 9 of client.md say about timeouts?", ["v1.0", "v1.1", "v2.0"]),
        ("What did travel policy v7 say about hotels?", ["1", "2", "3"]),
        ("What changed in version 9 of the leave policy?", ["1", "3", "4"]),
        ("What changed between v1 and v9 of the leave policy?", ["1", "3", "4"]),
    ],
)
def test_a_version_that_does_not_exist_names_the_nearest(
    library: Library, question: str, nearest: list[str]
) -> None:
    result = ask(library, question)
    assert result.hits == ()
    assert result.answer is not None
    assert result.answer.kind == "exists"
    assert result.answer.values == {"value": False, "nearest": nearest}
    assert "there is no version" in result.answer.text


def test_the_nearest_versions_are_near(library: Library) -> None:
    library.write("long.md", [V(on(f"2020-01-{day:02}"), [f"Day {day}."]) for day in range(1, 31)])
    answer = answered(library, "What does version 31 of long.md say about days?")
    assert answer.values["nearest"] == ["28", "29", "30"]


def test_nothing_in_that_version_tells_where_it_first_appears(library: Library) -> None:
    result = ask(library, "What did version 3 of the leave policy say about HR_FORM_7?")
    assert result.hits == ()
    assert result.answer is not None
    assert result.answer.kind == "nothing-in-version"
    assert result.answer.text == "nothing in 3 about this; it first appears in 4"
    assert number(result.answer.values["version"]) == 2
    assert number(result.answer.values["first"]) == 3
    assert [number(one) for one in result.answer.values["elsewhere"]] == [3]


def test_sections_are_read_literally_with_or_without_a_blank(library: Library) -> None:
    assert (
        answered(library, "What did version 1 of the leave policy say in § 4.2?").kind == "nothing-in-version"
    )
    assert ask(library, "What does version 4 of the leave policy say in §4.2?").hits


def test_what_plainly_stands_only_in_another_version_is_not_offered_from_it(library: Library) -> None:
    result = ask(
        library, "What did client.md v2.0 say about how retries are bound by a budget set to bound them?"
    )
    assert result.hits == ()
    assert result.answer is not None
    assert result.answer.kind == "nothing-in-version"
    assert [number(one) for one in result.answer.values["elsewhere"]] == [2]


def test_the_same_holds_for_editions(library: Library) -> None:
    answer = answered(library, 'What did travel policy v1 say about "second class"?')
    assert answer.text == "nothing in 1 about this; it first appears in 2"


def test_the_same_holds_for_dates(library: Library) -> None:
    answer = answered(library, 'What did the leave policy say about "HR_FORM_7" as of 2023-06-01?')
    assert answer.kind == "nothing-in-version"
    assert number(answer.values["first"]) == 3


def test_an_identifier_that_is_nowhere_is_said_to_be_nowhere(library: Library) -> None:
    answer = answered(library, "What did version 3 of the leave policy say about HR_FORM_99?")
    assert answer.values["elsewhere"] == ()
    assert answer.values["first"] is None


def test_a_phrase_that_is_nowhere_may_be_said_in_other_words(library: Library) -> None:
    result = ask(library, 'What did version 3 of the leave policy say about "days carried over"?')
    assert result.answer is None
    assert {hit.version.version.number for hit in result.hits} == {2}


def test_the_name_of_a_document_need_not_stand_in_its_text(library: Library) -> None:
    for name in ('"docs/client.md"', "client.md", '"client.md"', "docs/client.md"):
        assert ask(library, f"What did version 1 of {name} say about timeouts?").hits, name


def test_a_date_before_all_history_says_when_that_begins(library: Library) -> None:
    named = answered(library, "What did the leave policy say about carry-over in 1999?")
    assert named.kind == "nothing-in-version"
    assert named.text.startswith("there was no Leave policy yet at 1999-12-31")
    assert "it begins with 1 at 2023-01-10" in named.text
    assert number(named.values["first"]) == 1
    everything = answered(library, "What was said about hotels as of 1999?")
    assert everything.kind == "nothing-in-version"
    assert "its history begins at 2021-01-01" in everything.text


def test_a_date_in_the_future_shows_what_holds_now_and_says_so(library: Library) -> None:
    for question in (
        "What does the leave policy say about carry-over as of 2199-01-01?",
        "What is said about carry-over as of 2199-01-01?",
    ):
        result = ask(library, question)
        assert result.hits[0].version.version.labels == ("4",)
        assert "not over yet" in result.scope.resolved_by


def test_a_date_by_option_is_placed_in_time_as_one_in_words_is(library: Library) -> None:
    early = answered(library, "hotels", as_of="1999")
    assert early.kind == "nothing-in-version"
    assert "its history begins at 2021-01-01" in early.text
    late = ask(library, "carry-over", as_of="2199-01-01")
    assert late.hits
    assert "not over yet" in late.scope.resolved_by
    past = ask(library, "carry-over", as_of="2024-03-01")
    assert past.hits
    assert past.answer is None
    assert "not over yet" not in past.scope.resolved_by


def test_a_date_after_what_was_known_is_told_from_one_to_come(library: Library) -> None:
    before = ask(library, "carry-over", as_of="2199", known_at="1960")
    assert before.answer is not None
    assert before.answer.text == "nothing was indexed yet at 1960-12-31 23:59:59+00:00"
    assert "what holds now" not in before.scope.resolved_by
    library.write("hr/late.md", [V(on("2024-02-01"), ["Late arrival."])], recorded=on("2024-06-01"))
    then = ask(library, "late arrival", as_of="2024-07-02", known_at="2024-07-01")
    assert then.hits
    assert "that was not over yet then: what held then is shown" in then.scope.resolved_by
    known = ask(library, "late arrival", as_of="2024-07-01", known_at="2024-07-01")
    assert known.hits
    assert "not over" not in known.scope.resolved_by


def test_after_everything_was_deleted_nothing_is_there_any_more(tmp_path: Path) -> None:
    library = Library(tmp_path / "emptied")
    library.write("a.md", [V(on("2024-01-01"), ["Hotels."]), V(on("2024-02-01"), "gone")])
    early, late = (answered(library, "hotels", as_of=day) for day in ("2023-12-31", "2024-03-01"))
    assert "was there yet at 2023-12-31" in early.text
    assert "its history begins at 2024-01-01" in early.text
    assert late.text == "nothing that is indexed was there any more at 2024-03-01 23:59:59+00:00"


def test_nothing_lies_before_the_first_version(library: Library) -> None:
    for question in (
        "What did the leave policy say before v1 about carry-over?",
        "What did the version before v1 of the leave policy say about carry-over?",
    ):
        result = ask(library, question)
        assert result.hits == ()
        assert result.answer is not None
        assert result.answer.values["value"] is False


@pytest.mark.parametrize(
    "question",
    [
        "What does travel-policy_v7.docx say about hotels?",
        "What did version 2 of travel-policy_v7.docx say about hotels?",
        "Which versions of travel-policy_v7.docx exist?",
        "When was the carry-over added to travel-policy_v7.docx?",
    ],
)
def test_a_file_that_is_not_there_is_not_answered_from_others(library: Library, question: str) -> None:
    result = ask(library, question)
    assert result.hits == ()
    assert result.answer is not None
    assert (result.answer.kind, result.answer.values["value"]) == ("exists", False)
    assert result.answer.text.startswith("no document is called travel-policy_v7.docx, and no passage")
    assert "hr/travel-policy_v3.docx" in result.answer.values["nearest"]


def test_a_file_that_was_deleted_is_not_answered_from_others(library: Library) -> None:
    result = ask(library, "What does server.md say about timeouts?")
    assert result.hits == ()
    assert result.answer is not None
    assert result.answer.kind == "nothing-in-version"
    assert "docs/server.md was deleted on 2022-07-01" in result.answer.text
    assert [number(one) for one in result.answer.values["elsewhere"]] == [1]


@pytest.mark.parametrize("name", ["example.org", "response.text", "element.rest", "browser.tab"])
def test_what_is_rather_a_place_or_a_piece_of_a_program_is_searched_for(library: Library, name: str) -> None:
    result = ask(library, f"What does {name} say about hotels?")
    assert result.answer is None
    assert result.hits


@pytest.mark.parametrize("name", ["zebra.md", "zebra.html", "zebra.csv"])
def test_what_only_ends_like_the_file_that_is_not_there_is_not_near(library: Library, name: str) -> None:
    answer = answered(library, f"What does {name} say about stripes?")
    assert answer.text == f"no document is called {name}, and no passage that was found mentions it"
    assert answer.values["nearest"] == []


@pytest.mark.parametrize("name", ["zebra.org", "zebra.json", "zebra.js"])
def test_what_documents_speak_of_is_not_missed_as_a_document(library: Library, name: str) -> None:
    assert ask(library, f"What does {name} say about stripes?").answer is None


@pytest.mark.parametrize("version", ["v7", "version 7"])
def test_an_edition_that_does_not_exist_is_not_answered_from_another_document(
    library: Library, version: str
) -> None:
    """Each edition has the title that is asked for, among many documents, and something else has such a version."""
    for place in range(60):
        library.write(f"filler/{place:02}.md", [V(on("2024-01-01"), [f"Filler {place}."])])
    for edition in (1, 2, 3):
        text = f"The garden closes at {edition}."
        library.write(
            f"rules/garden-rules_v{edition}.md", [V(on("2024-01-01"), [text], title="Garden rules")]
        )
    library.write(
        "7001", [V(on("2024-01-01"), ["Other things."], labels=("7",), title="Other")], source="wiki"
    )
    result = ask(library, f"What did garden rules {version} say about when it closes?")
    assert result.hits == ()
    assert result.answer is not None
    assert (result.answer.kind, result.answer.values["value"]) == ("exists", False)
    assert result.answer.values["nearest"] == ["1", "2", "3"]


def test_documents_of_one_name_are_told_apart_by_their_sources(library: Library) -> None:
    for source in ("files", "wiki"):
        library.write("notes/lunch.md", [V(on("2024-01-01"), ["At noon."])], source=source)
    result = ask(library, "What did version 9 of notes/lunch.md say?")
    assert "files:notes/lunch.md, wiki:notes/lunch.md" in result.scope.resolved_by
    assert result.answer is not None
    assert result.answer.text == "there is no version 9 of notes/lunch.md; the nearest are 1"


def test_a_file_that_documents_speak_of_is_what_is_looked_for(library: Library) -> None:
    library.write("how-to.md", [V(on("2024-01-01"), ["Fill in form-12.docx and hand it in."])])
    result = ask(library, "Who gets form-12.docx?")
    assert result.answer is None
    assert "form-12.docx" in ask(library, "What is form-12.docx for?").hits[0].text
    assert ask(library, "What is fixed in the color-modes.js script?").answer is None
