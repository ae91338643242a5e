"""What is kept of an answer, and whether it can be verified later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.errors import UsageError
from indexer.ports.query_log import LoggedCitation, LoggedQuery
from indexer.query.logged import answered, refused, verify
from indexer.query.results import Mode, Question
from tests.support.library import DAY, Library, V


def asked(library: Library, text: str = "days of leave", **options: object) -> LoggedQuery:
    question = Question(text, **options)  # type: ignore[arg-type]
    result = library.queries().search(question)
    return answered(question, result, asked=100 * DAY, recorded=0, seconds=0.0415)


def problems(library: Library, query: LoggedQuery) -> tuple[str, ...]:
    with library.catalog.snapshot() as snapshot:
        return verify(snapshot, query).problems


def test_an_answer_is_kept_with_what_it_cites_and_the_times_at_which_that_was_visible(
    library: Library,
) -> None:
    query = asked(library, document="hr/leave.md", version="v3", mode=Mode.TEXT, k=1)
    assert (query.question, query.microseconds) == ("days of leave", 41_500)
    assert query.options == {"k": 1, "document": "hr/leave.md", "version": "v3", "mode": "text"}
    assert query.interpretation.startswith('label "v3"')
    assert query.interpretation.endswith(" · policies:hr/leave.md · version 1")
    assert query.recorded == query.known_at == library.recorded
    assert [citation.valid_at for citation in query.citations] == [DAY]


def test_what_was_known_earlier_is_verified_as_known_then(library: Library) -> None:
    query = asked(library, known_at="1970-01-11T00:00:00.000000Z")
    assert (query.known_at, query.recorded) == (10 * DAY, library.recorded)
    assert problems(library, query) == ()


@pytest.mark.parametrize("options", [{}, {"as_of": "1970-01-03"}, {"history": True}, {"version": "1"}])
def test_answers_stand_whatever_is_learnt_later(library: Library, options: dict[str, object]) -> None:
    query = asked(library, **options)
    assert query.citations
    library.write("hr/leave.md", [V(20 * DAY, ["Nothing is as it was."])])  # all of it withdrawn
    library.write("it/keys.md", [V(DAY, ["Keys are kept in the safe, for days."]), V(2 * DAY, "gone")])
    assert problems(library, query) == ()


def test_an_answer_that_was_none_is_told(library: Library) -> None:
    query = asked(library, k=1)
    (given,) = query.citations
    document, _, rest = given.citation.partition("@")
    version, _, passage = rest.partition("#")
    other = asked(library, "pay day", document="hr/pay.md", k=1).citations[0].citation
    other_passage = other.partition("#")[2]
    told = {
        f"{document}@v_{'0' * 20}#{passage}": "refers to no version that was known then",
        f"{other.partition('@')[0]}@{version}#{passage}": "refers to a version of another document",
        f"{document}@{version}#p_{'0' * 20}": "refers to a passage that is not there",
        f"{document}@{version}#{other_passage}": "did not hold then",
        "nothing": "refers to no version",
    }
    for citation, expected in told.items():
        (problem,) = problems(library, replace(query, citations=(given._replace(citation=citation),)))
        assert expected in problem
    (problem,) = problems(library, replace(query, citations=(LoggedCitation(given.citation, 2 * DAY),)))
    assert "stood at another time" in problem
    (problem,) = problems(library, replace(query, known_at=5 * DAY))
    assert "no version that was known then" in problem


def test_a_question_that_was_refused_is_kept_with_the_reason() -> None:
    query = refused(
        Question("x" * 5_000), UsageError("it makes no sense"), asked=DAY, recorded=3, seconds=0.001
    )
    assert (query.refused, query.answer, query.known_at) == ("usage", "it makes no sense", 3)
    assert len(query.question) == 4_002
