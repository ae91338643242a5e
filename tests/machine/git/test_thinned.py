"""Versions of a repository that were thinned out stay so, however often its history is told, and keep their names."""

from __future__ import annotations

from datetime import UTC

import pytest

from indexer.errors import PurgedError
from indexer.plan.retention import RetentionRule
from indexer.stewardship.retention import Governed, through
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository


@pytest.fixture
def commits(repository: GitRepository, scene: GitScene) -> list[str]:
    """Five states of a document, one of them tagged, thinned out to what is protected."""
    made = []
    for n, word in enumerate(("One", "Two", "Three", "Four", "Five")):
        made.append(repository.write("a.md", f"{word} days.\n\n# Rest\n\nThe same.").commit(f"State {n + 1}"))
        if word == "Three":
            repository.tag("v3")
    scene.learn_all()
    with scene.home.index.catalog.snapshot() as snapshot:
        (source,) = snapshot.sources()
    through(scene.home.index, Governed(source, RetentionRule(monthly_after=0.0), UTC))
    return made


def thinned(scene: GitScene) -> list[tuple[int | None, str]]:
    versions = [entry.version for entry in scene.home.queries().history("a.md").versions]
    return sorted((v.number, v.message or "") for v in versions if v.purged is not None and v.purged.thinned)  # type: ignore[type-var]


def test_tagged_first_and_last_states_are_kept_and_the_others_answer(
    scene: GitScene, commits: list[str]
) -> None:
    assert thinned(scene) == [(2, "State 2"), (4, "State 4")]
    with pytest.raises(PurgedError, match=r"version 2 of a\.md was thinned out"):
        scene.home.queries().show(f"a.md@commit:{commits[1][:8]}")
    assert scene.home.queries().show("a.md@v3").text.startswith("Three")
    assert scene.home.check().problems == []


def test_a_rewritten_branch_that_tells_everything_again_brings_nothing_back(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.write("a.md", "Six days.").commit("State 5, again", amend=True)
    scene.learn_all()
    assert thinned(scene) == [(2, "State 2"), (4, "State 4")]
    assert not any(word in text for text in scene.texts() for word in ("Two", "Four"))
    assert scene.home.check().problems == []


def test_an_edit_that_goes_on_is_a_version_like_any_other(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.write("a.md", "Two days.\n\n# Rest\n\nThe same.").commit("State 6")
    scene.learn_all()
    assert scene.home.queries().show("a.md").text.startswith("Two")
    assert thinned(scene) == [(2, "State 2"), (4, "State 4")]
    assert scene.home.check().problems == []
