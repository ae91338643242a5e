"""A purge reaches what a running process remembers of names, and of the last commit."""

from __future__ import annotations

import gc
from types import FunctionType, ModuleType

from indexer.query.asking import names
from indexer.query.queries import Queries
from indexer.query.results import Question
from indexer.stewardship.forget import forget, look_at
from tests.support.fake_connector import FakeConnector
from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home
from tests.support.purging import purged

NAME = "xylopyrograph"
QUESTION = f"Which versions of the {NAME} policy are there?"


def remembered(queries: Queries) -> bool:
    """Whether the name stands in anything that is kept from one question to the next."""
    seen: set[int] = set()
    waiting: list[object] = [vars(queries)["_kept"], vars(names)]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str) and NAME in one.casefold():
            return True
        waiting += gc.get_referents(one)
    return False


def asked(queries: Queries) -> str:
    answer = queries.search(Question(QUESTION)).answer
    assert answer is not None
    return answer.text


def with_policy(home: Home, wiki: FakeConnector) -> Queries:
    for n in range(3):
        wiki.observe(f"page-{n}.md", b"# Page\n\nSomething else.", at=10 + n, lineage=f"o{n}")
    wiki.observe(f"{NAME}-policy.md", b"# Policy\n\nLeave is 20 days.", at=20, lineage="p")
    home.backfill(wiki)
    queries = home.queries()
    assert f"{NAME}-policy.md has 1 version" in asked(queries)
    queries.search(Question("what did version 1 say about leave"))
    assert remembered(queries)
    return queries


def test_a_name_that_was_purged_is_remembered_no_more_after_the_next_question(
    home: Home, wiki: FakeConnector
) -> None:
    queries = with_policy(home, wiki)
    purged(home, f"{NAME}-policy.md")
    assert NAME not in asked(queries)
    assert not remembered(queries)


def test_the_names_of_a_source_that_was_forgotten_are_remembered_no_more(
    home: Home, wiki: FakeConnector, folder: FakeFolder
) -> None:
    queries = with_policy(home, wiki)
    folder.write("other.md", b"# Other\n\nStill there.")
    home.backfill(folder)
    forget(home.index, look_at(home.index, "history", {}), "alice")
    assert NAME not in asked(queries)
    assert not remembered(queries)
    there = queries.search(Question("Which versions of other.md are there?")).answer
    assert there is not None
    assert "other.md has 1 version" in there.text
