"""What was found by meaning and by words, in one ranking."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer.ports import Match
from indexer.query.fusion import FEEDBACK, MEANING, Ranked, fuse

QUESTION = np.array([1, 0, 0], dtype=np.float32)
DIRECTIONS = 12


def unit(*numbers: float) -> NDArray[np.float32]:
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def turned(degrees: float) -> NDArray[np.float32]:
    """A vector at this angle to the question."""
    return unit(np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), 0)


def found(no: int, vector: NDArray[np.float32], score: float = 0.0) -> Match:
    return Match(no, no, no // 10, score, vector)


def numbers(ranking: Sequence[Ranked]) -> list[int]:
    return [one.passage_no for one in ranking]


def test_a_passage_that_is_near_and_has_the_words_comes_before_one_that_is_only_near() -> None:
    near, said = found(1, turned(20)), found(2, turned(20), score=3.0)
    assert numbers(fuse([near, said], [said], QUESTION)) == [2, 1]


def test_how_much_better_the_words_fit_counts_and_not_only_their_order() -> None:
    alike = [found(no, turned(40 + no / 10)) for no in range(1, 4)]
    close = [found(3, turned(40.3), score=9.0), found(1, turned(40.1), score=8.99)]
    far = [found(3, turned(40.3), score=9.0), found(1, turned(40.1), score=1.0)]
    by_close, by_far = (fuse(alike, words, QUESTION) for words in (close, far))
    assert numbers(by_close) == [1, 3, 2]
    assert numbers(by_far)[0] == 3
    assert by_far[0].score - by_far[1].score > by_close[0].score - by_close[1].score


def test_a_passage_that_only_the_words_found_is_as_near_as_its_vector_is() -> None:
    meant = [found(no, turned(60 + no)) for no in range(1, 5)]
    by_words = [found(8, turned(100), score=5.0), found(9, turned(5), score=4.0)]
    assert numbers(fuse(meant, by_words, QUESTION))[0] == 9


def test_what_is_near_to_several_good_answers_rises() -> None:
    answers = [found(no, unit(1, 0.5, no / 100)) for no in range(1, 4)]
    beside = found(4, unit(1, 0.52, 0))
    opposite = found(5, unit(1, -0.51, 0))
    assert float(opposite.vector @ QUESTION) > float(beside.vector @ QUESTION)  # type: ignore[operator]
    assert numbers(fuse([*answers, beside, opposite], [], QUESTION))[-2:] == [4, 5]


def test_a_text_that_many_documents_repeat_is_one_answer() -> None:
    repeated = [found(no, unit(1, 0.3, 0)) for no in range(1, 2 * FEEDBACK)]
    others = [found(50, unit(1, -0.3, 0.1)), found(51, unit(1, -0.3, -0.1)), found(52, unit(1, -0.32, 0))]
    place = numbers(fuse([*repeated, *others], [], QUESTION)).index(52)
    # Three different texts on one side, one on the other: the question moves towards the three.
    assert place < len(repeated)


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([], [], QUESTION) == []


def test_equal_passages_stand_in_the_order_of_their_numbers() -> None:
    same = [found(no, turned(30), score=1.0) for no in (7, 4, 23)]
    assert numbers(fuse(same, same[::-1], QUESTION)) == [4, 7, 23]


directions = st.integers(0, DIRECTIONS - 1)
sides = st.dictionaries(st.integers(1, 40), st.floats(0, 30, width=32), max_size=20)


@given(sides, sides, st.lists(directions, min_size=41, max_size=41))
def test_every_passage_comes_once_with_its_document_and_no_score_rises(
    meant: dict[int, float], said: dict[int, float], places: list[int]
) -> None:
    def matches(side: dict[int, float]) -> list[Match]:
        return [found(no, turned(180 * places[no] / DIRECTIONS), score) for no, score in side.items()]

    ranking = fuse(matches(meant), matches(said), QUESTION)
    assert sorted(numbers(ranking)) == sorted(meant.keys() | said.keys())
    assert all(one.document_no == one.passage_no // 10 for one in ranking)
    assert all(one.score >= other.score for one, other in pairwise(ranking))
    assert all(one.score <= 1 + 1e-6 for one in ranking)
    assert ranking == fuse(matches(meant)[::-1], matches(said)[::-1], QUESTION)


def test_without_words_the_best_has_the_weight_of_the_meaning() -> None:
    assert fuse([found(1, turned(30)), found(2, turned(50))], [], QUESTION)[0].score == pytest.approx(MEANING)
