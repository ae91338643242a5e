"""Purged states of a repository stay away: when its history is told again, at tags, and when their bytes land again."""

from __future__ import annotations

import pytest

from indexer.errors import PurgedError
from indexer.model import VersionKind
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository
from tests.support.purging import purged


def states(scene: GitScene, reference: str) -> list[str]:
    versions = scene.home.queries().history(reference).versions
    told = []
    line = [entry.version for entry in versions if entry.version.number is not None]
    beside = [entry.version for entry in versions if entry.version.number is None]
    for version in (*reversed(line), *beside):
        what = "deleted" if version.kind is VersionKind.TOMBSTONE else "purged" if version.purged else "text"
        told.append(what if version.number is not None else f"({what})")
    return told


@pytest.fixture
def commits(repository: GitRepository, scene: GitScene) -> list[str]:
    """Four states of a document that was renamed in between, and another document."""
    made = [
        repository.write("secret plans.md", "One days.").write("b.md", "Other days.").commit("Al's plans")
    ]
    made.append(repository.write("secret plans.md", "Two days.").commit("More plans"))
    made.append(repository.move("secret plans.md", "a.md").commit("Renamed"))
    made.append(repository.write("a.md", "Four days.").commit("Fourth"))
    scene.learn_all()
    return made


def test_a_version_keeps_its_commit_and_nothing_else(scene: GitScene, commits: list[str]) -> None:
    purged(scene.home, "a.md@2")
    assert states(scene, "a.md") == ["text", "purged", "text", "text"]
    with pytest.raises(PurgedError, match=r"version 2 of a\.md was purged"):
        scene.home.queries().show(f"a.md@commit:{commits[1][:8]}")
    rows = scene.home.sql("SELECT message, author, origin FROM version WHERE origin LIKE ?", f"{commits[1]}%")
    assert rows[0][:2] == (None, None)
    assert rows[0][2].startswith(f"{commits[1]}:purged_")
    # The text also stands in version 3, which was not purged.
    assert scene.home.queries().show("a.md@3").text == "Two days."


def test_a_rewritten_branch_that_tells_everything_again_brings_nothing_back(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    for number in (2, 3):
        purged(scene.home, f"a.md@{number}")
    repository.write("a.md", "Five days.").commit("Fourth, again", amend=True)
    report = scene.learn_all()
    assert states(scene, "a.md") == ["text", "purged", "purged", "text", "(text)"]
    assert [source.remarks for source in report.sources] == [[]]
    assert "Two days." not in scene.texts() + scene.withdrawn()


def test_a_state_whose_commit_was_rewritten_has_its_bytes_and_stays_away(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    purged(scene.home, "a.md@4")
    repository.commit("the same files under another message", amend=True)
    report = scene.learn_all()
    assert states(scene, "a.md") == ["text", "text", "text", "purged", "(purged)"]
    assert len(report.sources[0].remarks) == 1
    assert "Fourth" not in str(scene.home.sql("SELECT message FROM version"))


def test_a_whole_document_goes_with_its_paths_and_an_edit_goes_on_with_it(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    document = scene.home.document_id("a.md")
    purged(scene.home, "a.md")
    assert not {key for (key,) in scene.home.sql("SELECT key FROM placement")} & {"a.md", "secret plans.md"}
    repository.write("a.md", "Edited days.").commit("An edit")
    scene.learn_all()
    assert states(scene, document) == ["purged"] * 4 + ["text"]
    repository.commit("amended, so that everything is told again", amend=True)
    scene.learn_all()
    assert states(scene, document) == ["purged"] * 4 + ["text", "(text)"]
    assert scene.home.document_id("a.md") == document


def test_a_tag_beside_the_line_does_not_bring_back_what_it_had(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.switch("side", commits[2]).write("a.md", "Tagged days.").commit("On the side")
    repository.tag("side-1")
    repository.switch("main")
    scene.learn_all()
    assert scene.home.queries().show("a.md@side-1").text == "Tagged days."
    document = scene.home.document_id("a.md")
    version = scene.home.queries().show("a.md@side-1").version.version
    purged(scene.home, f"{document}@{version.id}")
    with pytest.raises(PurgedError):
        scene.home.queries().show("a.md@side-1")
    repository.write("b.md", "Again days.").commit("goes on", amend=True)
    scene.learn_all()
    with pytest.raises(PurgedError):
        scene.home.queries().show("a.md@side-1")
    assert "Tagged" not in str(scene.texts())
