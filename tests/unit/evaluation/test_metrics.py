"""Measures, against values computed by hand."""

from __future__ import annotations

import math

import pytest

from indexer.evaluation import metrics

LOG3 = math.log2(3)


@pytest.mark.parametrize(
    ("places", "wanted", "cut", "expected"),
    [
        ({}, 1, 10, 0.0),
        ({1: 1}, 1, 1, 1.0),
        ({2: 1}, 1, 1, 0.0),
        ({2: 1, 5: 1, 11: 1}, 4, 10, 0.5),
        ({2: 3, 5: 1}, 2, 5, 1.0),  # grades are nothing to recall
    ],
)
def test_recall_is_the_share_of_what_was_wanted_above_the_cut(
    places: dict[int, int], wanted: int, cut: int, expected: float
) -> None:
    assert metrics.recall(places, wanted, cut) == expected


@pytest.mark.parametrize(("places", "expected"), [({}, 0.0), ({1: 1, 2: 1}, 1.0), ({4: 2, 9: 3}, 0.25)])
def test_a_reciprocal_rank_is_that_of_the_first(places: dict[int, int], expected: float) -> None:
    assert metrics.reciprocal_rank(places) == expected


@pytest.mark.parametrize(
    ("places", "grades", "cut", "expected"),
    [
        ({1: 1}, [1], 10, 1.0),
        ({2: 1}, [1], 10, 1 / LOG3),
        ({3: 1}, [1], 10, 1 / 2),
        ({11: 1}, [1], 10, 0.0),
        ({}, [3, 1], 10, 0.0),
        # 1/log2(2) + 3/log2(3), over the best order 3/log2(2) + 1/log2(3)
        ({1: 1, 2: 3}, [3, 1], 10, (1 + 3 / LOG3) / (3 + 1 / LOG3)),
        # What is wanted and was not found is in the best order as well.
        ({1: 2}, [2, 2], 10, 2 / (2 + 2 / LOG3)),
        ({1: 1, 2: 1}, [1, 1, 1], 1, 1.0),
    ],
)
def test_gain_is_discounted_by_the_logarithm_of_the_rank(
    places: dict[int, int], grades: list[int], cut: int, expected: float
) -> None:
    assert metrics.ndcg(places, grades, cut) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("part", "expected"), [(0.5, 3), (0.95, 5), (0.99, 5), (0.2, 1), (0.21, 2), (0.0, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(part: float, expected: float) -> None:
    assert metrics.percentile([5, 1, 4, 2, 3], part) == expected


def test_nothing_has_no_mean_no_share_and_no_percentile() -> None:
    assert (metrics.mean([]), metrics.share([]), metrics.percentile([], 0.5)) == (None, None, None)
    assert metrics.share([True, False, False, True]) == 0.5
    assert metrics.mean([1, 2, 6]) == 3
