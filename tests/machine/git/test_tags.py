"""What a document said at a tag or a commit: the state that the commit holds, or nothing; never another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model import VersionStatus
from tests.machine.git.scene import GitScene
from tests.support.git_remotes import run_git
from tests.support.git_repository import GitRepository

# --- how much of the past is told -----------------------------------------------------------------


def test_a_tag_beside_a_line_of_which_tags_alone_are_told_shows_what_it_holds(
    scene: GitScene, repository: GitRepository
) -> None:
    """Its branch left the line at a commit that was not told."""
    repository.write("a.md", "One days.").commit()
    repository.tag("v1").write("a.md", "Two days.").commit()
    repository.switch("release").write("version.md", "1.1").commit()
    repository.tag("v1.1").switch("main").write("a.md", "Three days.").commit()
    scene.learn_all(history="tags")
    assert scene.at("a.md@v1.1") == "Two days."
    assert scene.at("version.md@v1.1") == "1.1"
    assert scene.at("a.md@v1") == "One days."


def test_a_commit_that_was_not_told_means_nothing_until_a_tag_stands_at_it(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    untold = repository.tag("v1").write("a.md", "Two days.").commit()
    repository.write("a.md", "Three days.").commit()
    scene.learn_all(history="tags")
    assert scene.at(f"a.md@{untold[:10]}") is None
    repository.tag("v1.0.5", untold)
    scene.learn_all()
    assert scene.at("a.md@v1.0.5") == "Two days."
    assert scene.at(f"a.md@{untold[:10]}") == "Two days."


@pytest.mark.parametrize("history", ["head", "since:2023-02-15"])
def test_a_tag_before_what_was_told_means_nothing_until_that_is_told(
    scene: GitScene, repository: GitRepository, history: str
) -> None:
    repository.write("a.md", "One days.").write("b.md", "B days.").commit(at="2023-01-01")
    repository.tag("v1").write("a.md", "Two days.").commit(at="2023-02-01")
    repository.tag("v2").write("a.md", "Three days.").commit(at="2023-03-01")
    scene.learn_all(history=history)
    assert scene.at("a.md@v1") is None
    repository.write("a.md", "Four days.").commit(at="2023-04-01")
    scene.learn_all()
    assert (scene.at("a.md@v1"), scene.at("b.md@v1")) == (None, None)
    scene.learn_all(history="all")
    assert [scene.at(f"a.md@{tag}") for tag in ("v1", "v2")] == ["One days.", "Two days."]
    assert scene.at("b.md@v1") == "B days."


def test_documents_that_are_wanted_later_are_shown_as_a_tag_beside_the_line_holds_them(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").write("docs/x.md", "Days on the line.").commit()
    repository.switch("release").write("docs/x.md", "Released days.").write("a.md", "Released A.").commit()
    repository.tag("v1").switch("main").write("a.md", "Two days.").commit()
    scene.learn_all(paths=["/a.md"])
    assert (scene.at("a.md@v1"), scene.at("docs/x.md@v1")) == ("Released A.", None)
    scene.learn_all(paths=["*.md"])
    assert scene.at("docs/x.md@v1") == "Released days."
    assert scene.at("a.md@v1") == "Released A."


# --- clones that lack something -------------------------------------------------------------------


def test_a_tag_whose_branch_seemed_to_share_nothing_is_looked_at_again_with_the_older_commits(
    scene: GitScene, repository: GitRepository, place: Path
) -> None:
    """What it left as it was is known from the line alone, and what it deleted is not there."""
    repository.write("a.md", "One days.").write("gone.md", "Gone days.").commit()
    repository.switch("release").remove("gone.md").write("r.md", "R days.").commit()
    repository.write("r.md", "Released days.").commit()
    repository.tag("v1").switch("main")
    for number in range(4):
        repository.write("a.md", f"{number} days.").commit()
    scene.path = repository.clone(place / "shallow", "--depth=2", "--no-single-branch")
    run_git(scene.path, "fetch", "--quiet", "--depth=1", "origin", "tag", "v1")
    scene.learn()
    assert scene.at("gone.md@v1") is None
    run_git(scene.path, "fetch", "--quiet", "--unshallow")
    scene.learn_all()
    assert scene.at("a.md@v1") == "One days."
    assert scene.at("r.md@v1") == "Released days."
    assert scene.at("gone.md@v1") is None
    assert scene.line("gone.md")[0][1] == "Gone days."


def test_a_tag_that_lacks_objects_means_nothing_and_is_looked_at_when_they_are_back(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("release").write("a.md", "Released days.").commit()
    tree = repository.tag("v1").tree(repository.files)
    repository.switch("main").write("a.md", "Two days.").commit()
    data = repository.delete_object(tree)
    report = scene.learn()
    assert "v1" in report.sources[0].problems[0]
    assert scene.at("a.md@v1") is None
    assert scene.failures() == [("", "missing-object")]
    assert scene.texts() == ["Two days."]
    repository.restore_object(tree, data)
    scene.learn_all()
    assert scene.at("a.md@v1") == "Released days."
    assert scene.failures() == []


# --- tags that move, lines that are rewritten -----------------------------------------------------


def test_a_tag_beside_the_line_that_moved_means_what_it_meant_when_it_was_known(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("release").write("a.md", "Released days.").commit()
    repository.tag("v1").switch("main").write("a.md", "Two days.").commit()
    scene.learn_all()
    repository.switch("release").write("a.md", "Released again.").commit()
    repository.tag("v1")
    scene.learn_all()
    assert scene.at("a.md@v1") == "Released again."
    assert scene.at("a.md@v1", scene.when(0)) == "Released days."
    labels = {scene.text_of(v): v.labels for v in scene.versions("a.md")}
    assert labels["Released again."] == ("v1",)
    assert labels["Released days."] == ()
    before = {scene.text_of(v): v.labels for v in scene.versions("a.md", scene.when(0))}
    assert before == {"One days.": (), "Two days.": (), "Released days.": ("v1",)}


def test_a_tag_whose_state_landed_on_a_line_that_is_rewritten_goes_to_the_version_that_takes_its_place(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").write("x.md", "X days.").commit()
    repository.switch("release").write("a.md", "Released days.").commit()
    base = repository.tag("v1").switch("main").write("x.md", "New X days.").commit()
    repository.write("a.md", "Released days.").commit()
    scene.learn_all()
    assert [(v.number, v.labels) for v in scene.versions("a.md")] == [(1, ()), (2, ("v1",))]
    repository.reset(base).write("y.md", "Y days.").commit()
    landed = repository.write("a.md", "Released days.").commit()
    scene.learn_all()
    now = scene.versions("a.md")
    assert [(v.number, v.status, v.labels) for v in now] == [
        (1, VersionStatus.PAST, ()),
        (2, VersionStatus.CURRENT, ("v1",)),
        (None, VersionStatus.WITHDRAWN, ()),
    ]
    assert now[1].origin == f"{landed}:a.md"
    assert scene.at("a.md@v1") == "Released days."
    assert scene.at("x.md@v1") == "X days."


# --- paths that pass on ---------------------------------------------------------------------------


def test_a_path_at_a_tag_or_commit_is_the_document_that_had_it_there(
    scene: GitScene, repository: GitRepository
) -> None:
    """One document is renamed onto the path of another; its old path is taken by a third later."""
    moves = "What moves onto the path of another. " * 5
    first = repository.write("a.md", "One two three.").write("b.md", moves).commit()
    replaced = repository.move("b.md", "a.md").commit()
    repository.tag("v1").write("b.md", "Wholly new.").commit()
    repository.tag("v2")
    scene.learn_all()
    assert scene.at(f"a.md@{first[:10]}") == "One two three."
    assert scene.at(f"b.md@{first[:10]}") == moves.strip()
    assert scene.at("a.md@v1") == scene.at(f"a.md@{replaced[:10]}") == moves.strip()
    assert scene.at("a.md@v2") == moves.strip()
    assert scene.at("b.md@v1") is None
    assert scene.at(f"b.md@{replaced[:10]}") is None
    assert scene.at("b.md@v2") == "Wholly new."
