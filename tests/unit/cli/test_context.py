"""Context for language models: what it says, and that it keeps to its budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from indexer.cli.context import Context, context
from indexer.query.results import Answer, Change, ChangeKind, Hit, Scope, SearchResult
from indexer.query.surroundings import Stretch
from tests.unit.cli.samples import CITATION, CURRENT, DOCUMENT, HIT, entry

SENTENCES = "The first sentence has six words. The second one as well. And then a third."


def words(text: str) -> int:
    return len(text.split())


def made(
    *hits: Hit, budget: int = 1_000, answer: Answer | None = None, scope: Scope | None = None
) -> Context:
    result = SearchResult("x", scope or Scope("the present"), hits, answer)
    return context("What is it?", result, [Stretch((hit,), hit.text) for hit in hits], UTC, budget, words)


def hit(rank: int, text: str) -> Hit:
    return replace(HIT, rank=rank, text=text, heading=("Leave", "Carry-over"), page=2, stale=False)


def test_each_passage_has_a_number_a_version_and_a_source() -> None:
    assert made(hit(1, "One."), replace(hit(2, "Two."), version=CURRENT)).text == (
        "Question: What is it?\n"
        "Scope: the present\n"
        "\n"
        "[1] Leave policy (policies:hr/leave-policy.md) · version 3 · v3.1 · effective 2024-03-01 – 2024-06-12"
        " · Leave › Carry-over · page 2\n"
        "One.\n"
        "\n"
        "[2] Leave policy (policies:hr/leave-policy.md) · version 4 · current since 2024-06-12"
        " · Leave › Carry-over · page 2\n"
        "Two.\n"
        "\n"
        "Sources\n"
        f"[1] {CITATION}\n"
        f"[2] {CITATION}\n"
    )


def test_hits_that_were_joined_name_all_their_sources() -> None:
    both = Stretch((hit(1, "One."), replace(hit(2, "Two."), citation="indexer:other")), "One.\n\nTwo.")
    text = context("x", SearchResult("x", Scope("the present")), [both], UTC, 1_000, words).text
    assert "\nOne.\n\nTwo.\n" in text
    assert f"[1] {CITATION} indexer:other\n" in text


def test_what_has_no_room_is_left_out_and_a_smaller_one_after_it_is_not() -> None:
    everything = made(hit(1, "One."), hit(2, SENTENCES * 5), hit(3, "Three."))
    found = made(hit(1, "One."), hit(2, SENTENCES * 5), hit(3, "Three."), budget=everything.tokens - 50)
    assert (found.left_out, found.tokens < everything.tokens) == (1, True)
    assert "[2] Leave" in found.text
    assert "Three." in found.text
    assert SENTENCES not in found.text


@pytest.mark.parametrize("less", range(1, 14))
def test_the_first_passage_is_cut_at_sentences_and_then_at_words(less: int) -> None:
    whole = made(hit(1, SENTENCES))
    found = made(hit(1, SENTENCES), budget=whole.tokens - less)
    assert found.tokens <= whole.tokens - less
    assert found.tokens == words(found.text)
    shown = found.text.partition("page 2\n")[2].partition(" …")[0]
    assert shown
    assert SENTENCES.startswith(shown)
    if less <= 8:
        assert shown.endswith(".")


def test_whatever_the_budget_there_is_something() -> None:
    found = made(hit(1, SENTENCES), hit(2, "Two."), budget=1)
    assert "\nThe …\n" in found.text
    assert found.left_out == 1
    assert found.tokens == words(found.text)


def test_answers_by_kind_are_said_with_their_versions() -> None:
    text = made(answer=Answer("introduced", "it came with version 3", {"value": entry()})).text
    assert "Answer: it came with version 3\nThat is version 3 · v3.1 · effective" in text
    assert made(answer=Answer("nothing-in-version", "nothing in v3 about this")).text.endswith(
        "Answer: nothing in v3 about this\n"
    )
    assert made().text.endswith("Nothing was found there.\n")


def test_changes_are_told_before_and_after() -> None:
    changes = (
        Change(ChangeKind.CHANGED, ("Leave",), "five days", "ten days"),
        Change(ChangeKind.ADDED, (), None, "New."),
    )
    answer = Answer("changes", "two changes", {"from": entry(), "to": CURRENT, "value": changes})
    text = made(answer=answer, scope=Scope("from 3 to 4", document=DOCUMENT)).text
    assert "[1] changed · Leave · version 3 · v3.1" in text
    assert "Before:\nfive days\n\nAfter:\nten days\n" in text
    assert "\nAfter:\nNew.\n" in text
    source = CITATION.partition("#")[0]
    assert f"[2] {source} {source.replace('v_1a2b3c4d5e6f7g8h9j0k', 'v_current')}\n" in text


def test_nothing_in_a_text_steers_a_terminal_or_looks_like_a_line_of_its_own_heading() -> None:
    text = made(replace(hit(1, "\x1b[31mred"), heading=("a\nb",))).text
    assert "\\x1b[31mred" in text
    assert "a\\nb" in text
