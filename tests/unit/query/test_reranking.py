"""A reranker puts the best of what was found into a better order, and nothing but that."""

from __future__ import annotations

from indexer.query.reranking import Reranking
from indexer.query.results import Question
from tests.support.fake_reranker import FakeReranker
from tests.support.library import DAY, Library, V


def test_what_it_scored_comes_first_and_the_rest_stays_behind() -> None:
    order = Reranking(FakeReranker(), top=3, seconds=9.0).order("red tea")
    assert order(["coffee", "tea", "red tea", "red red tea", "red"]) == [2, 1, 0, 3, 4]


def test_what_was_not_read_in_time_keeps_its_place_behind() -> None:
    order = Reranking(FakeReranker(), top=9, seconds=0.1).order("red tea")
    assert order(["coffee", "tea", "red tea", "red"]) == [1, 0, 2, 3]


def test_a_search_is_ordered_by_it(library: Library) -> None:
    fake = FakeReranker()
    queries = library.queries(reranking=Reranking(fake, top=50, seconds=9.0))
    library.write("tea.md", [V(DAY, ["the days of the team out there are days"])])
    plain = {hit.text for hit in library.queries().search(Question("days of the team", k=20)).hits}
    result = queries.search(Question("days of the team", k=20))
    assert {hit.text for hit in result.hits} == plain
    assert result.hits[0].text == "the days of the team out there are days"
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)
    assert [hit.rank for hit in result.hits] == list(range(1, len(result.hits) + 1))
    assert fake.asked[0][0] == "days of the team"
