"""What is asked for word by word comes first."""

from __future__ import annotations

from datetime import UTC

from indexer.query.asking.emphasis import by_words
from indexer.query.ordering import both
from indexer.question import Interpretation, interpret
from tests.support.library import Library, V
from tests.unit.query.asking.shelf import ask, on


def asked(text: str) -> Interpretation:
    return interpret(text, on("2024-06-01"), UTC)


def test_an_identifier_comes_before_what_is_only_like_it() -> None:
    order = by_words(asked("what does ERR_ACCESS_DENIED mean in version 3"))
    assert list(order(["Access was denied.", "See ERR_ACCESS.", "ERR_ACCESS_DENIED: no permission."])) == [
        2,
        0,
        1,
    ]


def test_a_passage_with_all_the_rare_words_comes_first() -> None:
    texts = ["The dog barks at night.", "The quick dog.", "The quick brown dog jumps."]
    assert by_words(asked("quick brown dog jumps in version 3"))(texts) == [2, 0, 1]


def test_where_no_passage_plainly_has_the_words_the_order_stays() -> None:
    texts = ["The dog barks.", "A brown cat.", "Something else."]
    assert by_words(asked("quick brown dog jumps in version 3"))(texts) == [0, 1, 2]


def test_one_order_after_another_keeps_what_the_second_holds_equal() -> None:
    backwards = lambda texts: list(range(len(texts)))[::-1]  # noqa: E731 - an order is a function
    short_first = lambda texts: sorted(range(len(texts)), key=lambda place: len(texts[place]) > 1)  # noqa: E731
    order = both(backwards, short_first)
    assert order is not None
    assert order(["a", "bb", "c", "dd"]) == [2, 0, 3, 1]


def test_scores_tell_better_from_worse_in_the_new_order(library: Library) -> None:
    for number in range(5):
        library.write(f"notes/{number}.md", [V(on("2024-01-01"), [f"Budget of retries number {number}."])])
    result = ask(library, "budget of retries retry_budget")
    assert "retry_budget" not in result.hits[0].text  # it stands in no present version
    library.write(
        "notes/new.md", [V(on("2024-02-01"), ["What retry_budget means is told elsewhere at length."])]
    )
    result = ask(library, "budget of retries retry_budget")
    assert "retry_budget" in result.hits[0].text
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
