"""Reciprocal rank fusion."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.query.fusion import Ranked, fuse


def ranking(*passage_nos: int) -> list[Ranked]:
    return [Ranked(no, no // 10, 1 / place) for place, no in enumerate(passage_nos, start=1)]


def numbers(found: list[Ranked]) -> list[int]:
    return [one.passage_no for one in found]


def test_a_passage_that_both_sides_find_comes_before_those_that_one_finds() -> None:
    assert numbers(fuse([ranking(1, 3), ranking(2, 3)])) == [3, 1, 2]


def test_a_score_is_the_sum_of_reciprocal_ranks() -> None:
    found = fuse([ranking(1, 2), ranking(2)], rank_constant=60)
    assert found[0].score == pytest.approx(1 / 62 + 1 / 61)
    assert found[1].score == pytest.approx(1 / 61)


def test_a_weight_lets_one_side_decide() -> None:
    assert numbers(fuse([ranking(1, 2), ranking(2, 1)], weights=[1, 3])) == [2, 1]


def test_equal_scores_stand_in_the_order_of_their_numbers() -> None:
    assert numbers(fuse([ranking(7), ranking(4)])) == [4, 7]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([]) == fuse([[], []]) == []


@given(st.lists(st.lists(st.integers(1, 40), unique=True), min_size=1, max_size=3))
def test_every_passage_comes_once_with_its_document_and_no_score_rises(lists: list[list[int]]) -> None:
    found = fuse([ranking(*one) for one in lists])
    assert sorted(numbers(found)) == sorted({no for one in lists for no in one})
    assert all(one.document_no == one.passage_no // 10 for one in found)
    assert all(one.score >= other.score for one, other in pairwise(found))


@given(st.lists(st.integers(1, 40), unique=True))
def test_one_ranking_keeps_its_order(one: list[int]) -> None:
    assert numbers(fuse([ranking(*one)])) == one
