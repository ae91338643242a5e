"""A branch that is rewritten: what it held before is withdrawn and found by known-at, its new line goes on."""

from __future__ import annotations

import pytest

from indexer.model import VersionStatus
from indexer.ports import Observed, Retold
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository


@pytest.fixture
def commits(repository: GitRepository, scene: GitScene) -> list[str]:
    """Three states of a document, and a second document that stays; all learnt."""
    made = [repository.write("a.md", "One days.").write("b.md", "Other days.").commit()]
    made += [repository.write("a.md", text).commit() for text in ("Two days.", "Three days.")]
    scene.learn_all()
    return made


def test_an_amended_tip_replaces_the_last_version(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    before = scene.versions("a.md")
    repository.write("a.md", "Amended days.").commit(amend=True)
    scene.learn_all()
    now = scene.versions("a.md")
    assert [scene.text_of(v) for v in now] == ["One days.", "Two days.", "Amended days.", "Three days."]
    assert [v.id for v in now[:2]] == [v.id for v in before[:2]]
    assert (now[3].id, now[3].status, now[3].was_number) == (before[2].id, VersionStatus.WITHDRAWN, 3)
    assert scene.texts() == ["Amended days.", "Other days."]
    assert scene.texts(known_at=scene.when(0)) == ["Other days.", "Three days."]
    assert scene.home.queries().show("a.md@3", scene.when(0)).text == "Three days."
    assert len(scene.line("b.md")) == 1


def test_only_the_message_was_amended_and_nothing_is_embedded_again(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    embedded = len(scene.home.embedder.texts)
    repository.commit("said better", amend=True)
    scene.learn_all()
    assert len(scene.home.embedder.texts) == embedded
    assert [v.message for v in scene.versions("a.md") if v.number == 3] == ["said better"]
    assert scene.withdrawn() == ["Three days."]


def test_a_branch_reset_to_an_older_commit_withdraws_what_came_after(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.write("c.md", "New days.").remove("b.md").commit()
    scene.learn_all()
    repository.reset(commits[1])
    scene.learn_all()
    assert scene.texts() == ["Other days.", "Two days."]
    assert scene.present() == ["a.md", "b.md"]
    assert scene.withdrawn() == ["", "New days.", "Three days."]
    assert scene.texts(known_at=scene.when(1)) == ["New days.", "Three days."]
    assert scene.texts(known_at=scene.when(0)) == ["Other days.", "Three days."]


def test_a_branch_that_was_reset_and_comes_back_has_its_versions_again(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    ids, told = scene.ids(), scene.told()
    repository.reset(commits[0])
    scene.learn_all()
    repository.reset(commits[2])
    scene.learn_all()
    assert (scene.ids(), scene.told()) == (ids, told)
    assert scene.texts(known_at=scene.when(1)) == ["One days.", "Other days."]
    assert scene.home.embedder.repeated == []


def test_a_branch_rewritten_from_its_middle(
    scene: GitScene, repository: GitRepository, commits: list[str], fresh
) -> None:
    repository.reset(commits[0])
    repository.write("a.md", "Second days.").commit()
    repository.write("a.md", "Three days.").commit()
    scene.learn_all()
    assert [text for _, text in scene.line("a.md")] == ["One days.", "Second days.", "Three days."]
    assert scene.withdrawn() == ["Three days.", "Two days."]
    assert scene.told() == fresh(scene).told()
    assert scene.home.embedder.repeated == []


def test_a_document_that_only_the_old_line_had_is_withdrawn_whole_and_known_before(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.write("c.md", "Old days.").commit()
    scene.learn_all()
    repository.reset(commits[2])
    scene.learn_all()
    assert scene.present() == ["a.md", "b.md"]
    assert "Old days." in scene.texts(known_at=scene.when(1))
    assert "Old days." not in scene.texts(as_of="2025-01-01")


def test_a_path_of_a_document_that_was_withdrawn_whole_means_its_new_holder(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.write("c.md", "Old days.").commit()
    scene.learn_all()
    repository.reset(commits[2])
    scene.learn_all()
    repository.write("c.md", "New days.").commit()
    scene.learn_all()
    assert scene.home.queries().show("c.md").text == "New days."
    assert scene.home.queries().show("c.md", scene.when(1)).text == "Old days."


def test_a_document_that_was_withdrawn_whole_goes_on_when_its_path_is_created_again(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    """As it does where both are learnt at once."""
    repository.write("c.md", "Old days.").commit()
    scene.learn_all()
    held = scene.home.document_id("c.md")
    repository.reset(commits[2])
    scene.learn_all()
    repository.write("c.md", "New days.").commit()
    scene.learn_all()
    assert scene.home.document_id("c.md") == held


def test_a_path_that_both_lines_create_is_one_document(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.write("c.md", "Old days.").commit()
    scene.learn_all()
    held = scene.home.document_id("c.md")
    repository.reset(commits[2]).write("c.md", "New days.").commit()
    scene.learn_all()
    assert scene.home.document_id("c.md") == held
    assert [(v.status, scene.text_of(v)) for v in scene.versions("c.md")] == [
        (VersionStatus.CURRENT, "New days."),
        (VersionStatus.WITHDRAWN, "Old days."),
    ]


def test_unrelated_history_takes_the_old_one_back_and_keeps_the_documents(
    scene: GitScene, repository: GitRepository, commits: list[str], fresh
) -> None:
    ids = {key: scene.home.document_id(key) for key in scene.present()}
    repository.orphan("other")
    repository.write("a.md", "Another days.").write("b.md", "Other days.").commit()
    repository.write("a.md", "Yet another days.").commit()
    tip = repository.tip
    repository.switch("main").reset(tip)
    scene.learn_all()
    assert {key: scene.home.document_id(key) for key in scene.present()} == ids
    assert scene.withdrawn() == ["One days.", "Other days.", "Three days.", "Two days."]
    assert scene.texts(known_at=scene.when(0)) == ["Other days.", "Three days."]
    assert scene.told() == fresh(scene).told()
    assert scene.home.embedder.repeated == []


def test_a_rename_that_was_taken_back_leaves_the_document_at_its_path(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    a = scene.home.document_id("a.md")
    repository.move("a.md", "moved.md").commit()
    scene.learn_all()
    assert scene.home.document_id("moved.md") == a
    repository.reset(commits[2]).write("c.md", "C days.").commit()
    scene.learn_all()
    assert scene.home.document_id("a.md") == a
    assert scene.present() == ["a.md", "b.md", "c.md"]
    assert scene.line("a.md", scene.when(1)) == scene.line("moved.md", scene.when(1))


def test_a_deletion_that_was_taken_back_raises_the_document(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    a = scene.home.document_id("a.md")
    repository.remove("a.md").commit()
    scene.learn_all()
    repository.reset(commits[2])
    scene.learn_all()
    assert scene.home.document_id("a.md") == a
    assert scene.texts(known_at=scene.when(1)) == ["Other days."]


def test_the_first_commit_was_rewritten(
    scene: GitScene, repository: GitRepository, commits: list[str], fresh
) -> None:
    files = [repository.read(commit) for commit in commits]
    parents: list[str] = []
    for held in files:
        repository.files = held
        parents = [repository.commit("rewritten", parents=parents)]
    scene.learn_all()
    assert scene.told() == fresh(scene).told()
    assert len(scene.withdrawn()) == 4
    assert scene.home.embedder.repeated == []


def test_what_was_withdrawn_stays_what_it_was_after_more_commits(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    citations = {hit.text: hit.citation for hit in scene.hits(history=True)}
    repository.reset(commits[1]).write("a.md", "Third days.").commit()
    scene.learn_all()
    repository.write("a.md", "Fourth days.").commit()
    scene.learn_all()
    assert scene.home.queries().cite(citations["Three days."]).text == "Three days."
    assert [scene.texts(known_at=scene.when(n))[-1] for n in range(3)] == [
        "Three days.",
        "Third days.",
        "Other days.",
    ]


def test_many_deletions_by_a_rewritten_branch_are_said_outright_or_asked_about(
    scene: GitScene, repository: GitRepository
) -> None:
    """Withdrawn by a force push is not deleted by omission: the repository says so itself."""
    first = repository.write("a.md", "A days.").commit()
    for number in range(20):
        repository.write(f"{number}.md", f"{number} days.")
    repository.commit()
    scene.learn_all()
    repository.reset(first)
    scene.learn_all()
    assert scene.present() == ["a.md"]
    assert len(scene.texts(known_at=scene.when(0))) == 21


def test_after_a_force_push_the_next_commits_cost_only_themselves(
    scene: GitScene, repository: GitRepository, commits: list[str]
) -> None:
    repository.reset(commits[1]).write("a.md", "Third days.").commit()
    scene.learn_all()
    repository.write("a.md", "Fourth days.").commit()
    cursor = scene.home.sql("SELECT cursor FROM source")[0][0]
    events = scene.events(cursor)
    assert not any(isinstance(event, Retold) for event in events)
    assert len([event for event in events if isinstance(event, Observed)]) == 1


def test_a_forecast_of_a_line_that_begins_anew_counts_all_of_it_and_writes_nothing(
    scene: GitScene, repository: GitRepository
) -> None:
    for number in range(20):
        repository.write(f"{number}.md", f"{number} days.")
    repository.commit()
    scene.learn_all()
    repository.orphan("other").write("only.md", "Only days.").commit()
    tip = repository.tip
    repository.switch("main").reset(tip)
    before, sizes = scene.told(), scene.home.sizes()
    for _ in range(2):
        (source,) = scene.home.backfill(scene.source, dry_run=True).sources
        assert (source.problems, source.forecast.documents, source.forecast.versions) == ([], 21, 1)
        assert (scene.told(), scene.home.sizes()) == (before, sizes)
    scene.learn_all()
    assert scene.present() == ["only.md"]


def test_another_branch_that_is_checked_out_changes_nothing(
    scene: GitScene, repository: GitRepository
) -> None:
    """A work tree is where people work: what is told is the branch that it stood at first."""
    first = repository.write("a.md", "One days.").commit()
    repository.write("a.md", "Two days.").commit()
    repository.switch("feature", first).write("f.md", "F days.").commit()
    scene.learn_all()
    told = scene.told()
    repository.git("symbolic-ref", "HEAD", "refs/heads/feature")
    scene.learn_all()
    assert scene.told() == told
    repository.switch("main").write("a.md", "Three days.").commit()
    scene.learn_all()
    assert scene.texts() == ["Three days."]


def test_a_head_whose_branch_is_gone_is_followed_to_its_new_one(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    scene.learn_all()
    told = scene.told()
    repository.git("branch", "-m", "main", "trunk")
    scene.learn_all()
    assert scene.told() == told
    repository.branch = "trunk"
    repository.write("a.md", "Two days.").commit()
    scene.learn_all()
    assert scene.texts() == ["Two days."]
