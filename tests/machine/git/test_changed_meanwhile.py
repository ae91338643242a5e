"""A commit that lands while a long history is imported comes before the rest of it, and the end is as without that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random  # noqa: TID251 - seeded: the same steps in every run

import pytest

from indexer.errors import NotFoundError
from indexer.ingest import history_source
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import IngestLimits
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository
from tests.support.indexes import Home
from tests.support.source_loop import Followed

SMALL = IngestLimits(batch_passages=3, batch_documents=2)
FILES = 60
LONG = round(history_source.SHORTEST_FOLDING * 1e6)
"""Microseconds after which an import may be told again."""


@pytest.fixture
def importing(make_home: Callable[..., Home], repository: GitRepository) -> Followed:
    """A loop that is about to import a history, each commit of which takes so long that there is time for more."""
    for number in range(FILES):
        repository.write(f"{number:02}.md", f"Old text {number}.").commit()
    home = make_home(limits=SMALL)
    return Followed(home, GitScene(home, repository).source)


def commits_of(importing: Followed, at_each: Callable[[int], None]) -> None:
    """Let the import go on, with a call after each of its commits."""
    count = 0

    def step(name: str) -> None:
        nonlocal count
        if name == "catalog committed":
            count += 1
            at_each(count)

    importing.at_step = step
    importing.pass_time(0)


def text_of(home: Home, key: str) -> str:
    try:
        return home.queries().show(key).text
    except NotFoundError:
        return ""


def test_todays_commit_is_searchable_long_before_a_long_import_ends(
    importing: Followed, repository: GitRepository, fresh: Callable[[GitScene], GitScene]
) -> None:
    home, there = importing.home, []

    def at_each(count: int) -> None:
        home.clock.advance(LONG)
        if count == 3:
            repository.write("05.md", "Text of today.").write("new.md", "New today.").commit()
            importing.hint("refs/heads/main")
        if count > 3 and text_of(home, "05.md") == "Text of today." and text_of(home, "new.md"):
            there.append((count, len(home.keys())))

    commits_of(importing, at_each)
    count, documents = there[0]
    assert count <= 8
    assert documents < FILES / 2
    assert importing.looks == ["start"], "it is one look"
    again = GitScene(home, repository)
    assert again.told() == fresh(again).told()
    assert home.check().problems == []


def test_commits_that_never_cease_do_not_keep_an_import_from_its_end(
    importing: Followed, repository: GitRepository
) -> None:
    home = importing.home

    def at_each(count: int) -> None:
        assert count < 10 * FILES, "it never ends"
        home.clock.advance(LONG // 3)
        repository.write("busy.md", f"Text {count}.").commit()
        importing.hint("refs/heads/main")

    commits_of(importing, at_each)
    assert {f"{number:02}.md" for number in range(FILES)} < home.keys().keys()


def test_an_import_is_not_told_again_before_it_was_worth_its_telling(
    importing: Followed, repository: GitRepository
) -> None:
    def at_each(count: int) -> None:
        importing.home.clock.advance(LONG // 1000)
        if count == 3:
            repository.write("05.md", "Text of today.").commit()
            importing.hint("refs/heads/main")
        assert "Text of today." not in text_of(importing.home, "05.md") or importing.looks[1:]

    commits_of(importing, at_each)
    importing.pass_time(2)
    assert importing.looks == ["start", "changes"]
    assert text_of(importing.home, "05.md") == "Text of today."


@pytest.mark.parametrize("seed", range(8))
def test_wherever_an_import_is_begun_anew_the_end_is_as_if_it_had_not_been(
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
    make_home: Callable[..., Home],
    repository: GitRepository,
    fresh: Callable[[GitScene], GitScene],
) -> None:
    monkeypatch.setattr(history_source, "SHORTEST_FOLDING", 0.0)
    chance = Random(seed)
    names = [f"{number}.md" for number in range(12)]
    for count in range(40):
        match chance.randrange(4):
            case 0 if f"{count}.md" in repository.files:
                repository.remove(f"{count}.md")
            case 1 if (name := chance.choice(names)).encode() in repository.files:
                repository.move(name, f"{name}.{count}.md")
            case _:
                repository.write(chance.choice(names), f"Text {count}.\n\nAnd {chance.random()}.")
        repository.commit()
    home = make_home(limits=SMALL)
    scene = GitScene(home, repository)
    index, source, anew = home.index, scene.source, 0

    def between() -> None:
        nonlocal anew
        if importing.renewable(source) and anew < 6 and chance.random() < 0.3:
            anew += 1
            repository.write(chance.choice(names), f"New text {anew}.").commit()
            importing.begin_anew(source)

    importing = Backfill(replace(index, between=between))
    importing.run([source])
    assert anew
    scene.learn_all()
    assert scene.told() == fresh(scene).told()
