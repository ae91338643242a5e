"""Documents that the patterns leave out for a while, and patterns that would leave out too many."""

from __future__ import annotations

import pytest

from indexer.model import VersionKind
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository, seconds

# --- one is left out ------------------------------------------------------------------------------


@pytest.fixture
def notes(repository: GitRepository) -> None:
    """Twelve files that stay, so that one more or less is no mass deletion."""
    for number in range(12):
        repository.write(f"n{number}.md", f"N {number} days.")


@pytest.mark.usefixtures("notes")
def test_a_document_that_is_left_out_is_still_shown_at_tags_and_commits_before(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "A days.").commit()
    commits = [repository.write("n1.md", f"N 1 days, {n}.").commit() for n in range(4)]
    repository.tag("v1", commits[2])
    scene.learn_all()
    scene.learn_all(paths=["*.md", "!a.md"])
    assert "a.md" not in scene.present()
    assert scene.at("a.md@v1") == "A days."
    assert scene.at(f"a.md@{commits[2][:10]}") == "A days."
    assert scene.at("n1.md@v1") == "N 1 days, 2."


@pytest.mark.usefixtures("notes")
def test_a_document_that_comes_back_unchanged_is_as_if_it_had_never_been_left_out(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    repository.write("a.md", "A days.").commit()
    repository.tag("v1").write("n1.md", "New N days.").commit()
    scene.learn_all()
    ids, held = scene.ids(), scene.home.document_id("a.md")
    scene.learn_all(paths=["*.md", "!a.md"])
    scene.learn_all(paths=["*.md"])
    assert "a.md" in scene.present()
    assert scene.line("a.md") == [("a.md", "A days.")]
    assert scene.at("a.md@v1") == "A days."
    assert (scene.ids(), scene.home.document_id("a.md")) == (ids, held)
    assert scene.told() == fresh(scene).told()
    assert "A days." not in scene.texts(known_at=scene.when(1))


@pytest.mark.usefixtures("notes")
def test_a_document_that_was_edited_while_it_was_left_out_comes_back_with_each_edit(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    dates = ["2023-01-01", "2023-06-01", "2023-07-01"]
    repository.write("a.md", "One days.").commit(at=dates[0])
    scene.learn_all()
    scene.learn_all(paths=["*.md", "!a.md"])
    repository.write("a.md", "Two days.").commit(at=dates[1])
    repository.write("a.md", "Three days.").commit(at=dates[2])
    scene.learn_all()
    scene.learn_all(paths=["*.md"])
    assert [text for _, text in scene.line("a.md")] == ["One days.", "Two days.", "Three days."]
    line = [v for v in scene.versions("a.md") if v.number is not None]
    assert [v.valid_from for v in line] == [seconds(date) * 1_000_000 for date in dates]
    assert all(v.kind is VersionKind.CONTENT for v in line)
    assert "Two days." in scene.texts(as_of="2023-06-15")
    assert scene.told() == fresh(scene).told()


# --- too many would be ----------------------------------------------------------------------------


@pytest.fixture
def many(scene: GitScene, repository: GitRepository) -> None:
    """Forty files and one that is kept, learnt."""
    for number in range(40):
        repository.write(f"n{number}.md", f"N {number} days.")
    repository.write("keep.md", "Kept days.").commit()
    repository.tag("v1")
    scene.learn_all()


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("dry_run", [False, True])
def test_patterns_that_leave_nearly_everything_out_are_asked_about_and_write_nothing(
    scene: GitScene, dry_run: bool
) -> None:
    before, sizes = scene.told(), scene.home.sizes()
    scene.settings["paths"] = ["keep.md"]
    report = scene.home.backfill(scene.source, dry_run=dry_run)
    (problem,) = report.sources[0].problems
    assert "40 of 41 documents" in problem
    assert "--accept-deletions" in problem
    assert (scene.told(), scene.home.sizes()) == (before, sizes)


@pytest.mark.usefixtures("many")
def test_commits_that_land_while_it_is_asked_mean_nothing_and_no_older_state(
    scene: GitScene, repository: GitRepository
) -> None:
    scene.learn(paths=["keep.md"])
    later = repository.write("n1.md", "Edited days.").write("keep.md", "New kept days.").commit()
    repository.tag("v2")
    report = scene.learn()
    assert "40 of 41 documents" in report.sources[0].problems[0]
    for selector in (later[:10], "v2"):
        assert scene.at(f"n1.md@{selector}") is None
        assert scene.at(f"n2.md@{selector}") is None
        assert scene.at(f"keep.md@{selector}") is None
    assert scene.at("n1.md@v1") == "N 1 days."


@pytest.mark.usefixtures("many")
def test_patterns_that_are_taken_back_after_they_were_refused_lose_nothing(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    scene.learn(paths=["keep.md"])
    later = repository.write("n1.md", "Edited days.").commit()
    repository.tag("v2")
    scene.learn()
    scene.learn_all(paths=["*.md"])
    assert [scene.at(f"n1.md@{selector}") for selector in (later[:10], "v2")] == ["Edited days."] * 2
    assert scene.at("n1.md@v1") == "N 1 days."
    assert scene.told() == fresh(scene).told()
    assert scene.withdrawn() == []


@pytest.mark.usefixtures("many")
def test_deletions_that_are_accepted_after_they_were_refused_bury_what_is_left_out(
    scene: GitScene, repository: GitRepository
) -> None:
    scene.learn(paths=["keep.md"])
    later = repository.write("n1.md", "Edited days.").write("keep.md", "New kept days.").commit()
    repository.tag("v2")
    scene.learn()
    report = scene.learn(accept_deletions=True)
    assert report.sources[0].problems == []
    assert scene.present() == ["keep.md"]
    assert scene.at(f"keep.md@{later[:10]}") == scene.at("keep.md@v2") == "New kept days."
    assert scene.at("n1.md@v1") == "N 1 days."
    # What it said there was never read.
    assert [scene.at(f"n1.md@{selector}") for selector in (later[:10], "v2")] == [None, None]
