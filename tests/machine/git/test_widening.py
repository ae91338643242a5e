"""How much of the past becomes versions, and what happens when more, or less, is wanted later."""

from __future__ import annotations

import pytest

from indexer.model import VersionKind
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository

LEAVE = "Twenty days of leave.\n\nThey are asked for in writing.\n\nThey end with the year.\n"


@pytest.fixture(autouse=True)
def past(repository: GitRepository) -> None:
    """A year of one document that moves, is edited and has companions that come and go."""
    repository.write("a.md", LEAVE).write("gone.md", "Gone days.").commit(at="2023-01-10")
    repository.tag("v1").write("a.md", LEAVE + "\nFebruary days.\n").commit(at="2023-02-10")
    repository.move("a.md", "b.md").write("late.md", "Late days.").commit(at="2023-03-10")
    repository.write("b.md", LEAVE + "\nApril days.\n").remove("gone.md").commit(at="2023-04-10")
    repository.tag("v2", annotated=True).write("a.md", "Another document.").commit(at="2023-05-10")
    repository.write("b.md", LEAVE + "\nJune days.\n").commit(at="2023-06-10")


def _texts(scene: GitScene, key: str) -> list[str | None]:
    return [text and text.rpartition("\n\n")[2] for _, text in scene.line(key)]


def test_all_of_it(scene: GitScene) -> None:
    scene.learn_all(history="all")
    last = ["They end with the year.", "February days.", "February days.", "April days.", "June days."]
    assert _texts(scene, "b.md") == last
    assert not any(v.provisional for v in scene.versions("b.md"))
    assert scene.line("gone.md") == [("gone.md", "Gone days."), ("gone.md", None)]


def test_the_present_alone(scene: GitScene) -> None:
    scene.learn_all(history="head")
    assert scene.present() == ["a.md", "b.md", "late.md"]
    assert _texts(scene, "b.md") == ["June days."]
    assert scene.versions("b.md")[0].provisional
    assert len(scene.documents()) == 3


def test_from_a_date_on_and_what_stood_then(scene: GitScene) -> None:
    scene.learn_all(history="since:2023-04-01")
    assert _texts(scene, "b.md") == ["February days.", "April days.", "June days."]
    assert [v.key for v in scene.versions("b.md")] == ["b.md", "b.md", "b.md"]
    assert scene.line("gone.md") == [("gone.md", "Gone days."), ("gone.md", None)]
    assert len(scene.line("late.md")) == 1


def test_what_tags_and_the_tip_show(scene: GitScene) -> None:
    scene.learn_all(history="tags")
    assert _texts(scene, "b.md") == ["They end with the year.", "April days.", "June days."]
    assert [v.key for v in scene.versions("b.md")] == ["a.md", "b.md", "b.md"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("head", "all"),
        ("tags", "all"),
        ("since:2023-04-01", "all"),
        ("since:2023-04-01", "since:2023-02-01"),
        ("head", "since:2023-03-01"),
        ("head", "tags"),
        ("tags", "since:2023-03-01"),
    ],
)
def test_more_history_keeps_every_version_and_shifts_numbers(
    scene: GitScene, repository: GitRepository, fresh, first: str, then: str
) -> None:
    scene.learn_all(history=first)
    repository.write("b.md", LEAVE + "\nJuly days.\n").commit(at="2023-07-10")
    scene.learn_all()
    ids, numbers = scene.ids(), [v.number for v in scene.versions("b.md")]
    documents = {key: scene.home.document_id(key) for key in scene.present()}
    scene.learn_all(history=then)
    scene.learn_all(history="all")
    assert ids.items() <= scene.ids().items()
    assert {key: scene.home.document_id(key) for key in scene.present()} == documents
    assert len(scene.versions("b.md")) > len(numbers)
    assert scene.told() == fresh(scene).told()
    assert scene.withdrawn() == []
    assert scene.home.embedder.repeated == []


def test_more_history_in_two_steps_is_the_same_at_each(scene: GitScene, make_home) -> None:
    scene.learn_all(history="head")
    for wanted in ("since:2023-04-01", "since:2023-02-01", "all"):
        scene.learn_all(history=wanted)
        other = GitScene(make_home(), scene.repository, history=wanted)
        other.learn_all()
        assert scene.told() == other.told(), wanted


@pytest.mark.parametrize("less", ["head", "tags", "since:2023-05-01"])
def test_less_history_changes_nothing(scene: GitScene, repository: GitRepository, less: str) -> None:
    scene.learn_all(history="all")
    told, sizes = scene.told(), scene.home.sizes()
    scene.learn_all(history=less)
    assert (scene.told(), scene.home.sizes()) == (told, sizes)
    repository.write("b.md", "New days.").commit()
    scene.learn_all()
    repository.write("b.md", "Newer days.").commit(amend=True)
    scene.learn_all()
    assert _texts(scene, "b.md")[:5] == [text and text.rpartition("\n\n")[2] for text in _first_five(told)]


def _first_five(told: list) -> list[str | None]:
    (line,) = [line for line in told if line[-1].key == "b.md"]
    return [version.text for version in line[:5]]


def test_a_present_that_went_on_shows_each_later_commit(scene: GitScene, repository: GitRepository) -> None:
    scene.learn_all(history="head")
    for month in ("07", "08"):
        repository.write("b.md", f"Month {month}.").commit(at=f"2023-{month}-10")
    scene.learn_all()
    assert _texts(scene, "b.md") == ["June days.", "Month 07.", "Month 08."]
    repository.write("b.md", "Month 9.").commit(at="2023-09-10", amend=True)
    scene.learn_all()
    assert _texts(scene, "b.md") == ["June days.", "Month 07.", "Month 9."]


def test_citations_outlive_more_history(scene: GitScene) -> None:
    scene.learn_all(history="head")
    citations = {hit.citation: hit.text for hit in scene.hits()}
    scene.learn_all(history="all")
    for citation, text in citations.items():
        assert scene.home.queries().cite(citation).text == text
    assert scene.texts(as_of="2023-02-11", known_at=scene.when(0)) == []
    assert any("February days." in text for text in scene.texts(as_of="2023-02-11"))


def test_documents_that_are_wanted_later_come_with_all_their_past(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    repository.write("notes.txt", "Early notes.").commit(at="2023-07-10")
    repository.write("notes.txt", "Later notes.").commit(at="2023-08-10")
    scene.learn_all(paths=["*.md"])
    assert "notes.txt" not in scene.present()
    ids = scene.ids()
    scene.learn_all(paths=["*.md", "*.txt"])
    assert [text for _, text in scene.line("notes.txt")] == ["Early notes.", "Later notes."]
    assert ids.items() <= scene.ids().items()
    assert scene.told() == fresh(scene).told()


def test_documents_that_are_not_wanted_any_more_are_buried(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("notes.txt", "Early notes.").commit(at="2023-07-10")
    scene.learn_all()
    scene.learn_all(paths=["*.md"])
    assert "notes.txt" not in scene.present()
    assert [v.kind for v in scene.versions("notes.txt")] == [VersionKind.CONTENT, VersionKind.TOMBSTONE]
    assert scene.texts(known_at=scene.when(0)).count("Early notes.") == 1
    assert len(scene.line("b.md")) == 5


def test_documents_that_were_left_out_for_a_while_come_back(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("notes.txt", "Early notes.").commit(at="2023-07-10")
    scene.learn_all()
    held = scene.home.document_id("notes.txt")
    scene.learn_all(paths=["*.md"])
    repository.write("notes.txt", "Later notes.").commit(at="2023-08-10")
    scene.learn_all(paths=["*.md", "*.txt"])
    assert scene.home.document_id("notes.txt") == held
    assert scene.line("notes.txt")[-1] == ("notes.txt", "Later notes.")
    scene.learn_all(paths=["*.md"])
    scene.learn_all(paths=["*.md", "*.txt"])
    assert scene.home.document_id("notes.txt") == held
    assert scene.line("notes.txt")[-1] == ("notes.txt", "Later notes.")


def test_a_document_that_moves_out_of_what_is_wanted_is_gone(
    scene: GitScene, repository: GitRepository
) -> None:
    scene.learn_all(paths=["*.md", "!/archive/"])
    repository.move("b.md", "archive/b.md").commit()
    scene.learn_all()
    assert scene.line("b.md")[-1] == ("b.md", None)
    repository.move("archive/b.md", "b.md").commit()
    scene.learn_all()
    assert scene.line("b.md")[-1][1] is not None
