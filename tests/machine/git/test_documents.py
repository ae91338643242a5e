"""Which document a file of a repository is, through renames, swaps, deletions and copies."""

from __future__ import annotations

from indexer.model import VersionKind
from tests.machine.git.scene import GitScene
from tests.support.git_repository import LINK, PROGRAM, SUBMODULE, GitRepository

LEAVE = "Twenty days of leave.\n\nThey are asked for in writing.\n\nThey end with the year.\n"
TRAVEL = "Trains come first.\n\nFlights need a reason.\n\nHotels are booked by the office.\n"


def test_a_file_that_is_moved_twice_and_edited_is_one_document(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).commit()
    repository.move("a.md", "hr/b.md").commit()
    repository.move("hr/b.md", "hr/c.md").write("hr/c.md", LEAVE + "\nThirty.\n").commit()
    scene.learn_all()
    assert scene.present() == ["hr/c.md"]
    assert [key for key, _ in scene.line("hr/c.md")] == ["a.md", "hr/b.md", "hr/c.md"]
    assert scene.home.embedder.repeated == []
    assert len(scene.documents()) == 1


def test_a_rename_alone_embeds_and_reads_nothing(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", LEAVE).commit()
    scene.learn_all()
    embedded = len(scene.home.embedder.texts)
    repository.move("a.md", "b.md").commit()
    scene.learn_all()
    assert len(scene.home.embedder.texts) == embedded
    assert [key for key, _ in scene.line("b.md")] == ["a.md", "b.md"]


def test_two_names_that_are_swapped_keep_both_documents(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", LEAVE).write("b.md", TRAVEL).commit()
    scene.learn_all()
    ids = scene.home.document_id("a.md"), scene.home.document_id("b.md")
    embedded = len(scene.home.embedder.texts)
    repository.rotate("a.md", "b.md").commit()
    scene.learn_all()
    assert (scene.home.document_id("b.md"), scene.home.document_id("a.md")) == ids
    assert len(scene.home.embedder.texts) == embedded
    assert [key for key, _ in scene.line("a.md")] == ["b.md", "a.md"]


def test_three_names_that_rotate_keep_their_documents(scene: GitScene, repository: GitRepository) -> None:
    names = ("a.md", "b.md", "c.md")
    for name in names:
        repository.write(name, f"What {name} said.")
    repository.commit()
    scene.learn_all()
    ids = [scene.home.document_id(name) for name in names]
    repository.rotate(*names).commit()
    repository.rotate(*names).commit()
    scene.learn_all()
    assert [scene.home.document_id(name) for name in ("c.md", "a.md", "b.md")] == ids
    assert scene.line("a.md") == [(name, "What b.md said.") for name in ("b.md", "c.md", "a.md")]


def test_names_that_differ_only_in_their_case_are_different_names(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("Leave.md", LEAVE).commit()
    repository.move("Leave.md", "leave.md").commit()
    repository.write("LEAVE.md", TRAVEL).commit()
    scene.learn_all()
    assert scene.present() == ["LEAVE.md", "leave.md"]
    assert [key for key, _ in scene.line("leave.md")] == ["Leave.md", "leave.md"]


def test_a_path_that_turns_into_a_folder_and_back(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a", LEAVE).commit()
    repository.remove("a").write("a/b.md", TRAVEL).commit()
    repository.remove("a/b.md").write("a", LEAVE + "\nAgain.\n").commit()
    scene.learn_all()
    assert scene.present() == ["a"]
    assert [text and text[:6] for _, text in scene.line("a")] == ["Twenty", None, "Twenty"]
    assert scene.line("a/b.md")[-1] == ("a/b.md", None)


def test_a_file_that_moves_into_a_folder_of_its_own_name(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a", LEAVE).commit()
    repository.move("a", "a/a.md").commit()
    scene.learn_all()
    assert scene.present() == ["a/a.md"]
    assert [key for key, _ in scene.line("a/a.md")] == ["a", "a/a.md"]


def test_what_is_deleted_and_created_again_is_the_same_document(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).commit()
    repository.remove("a.md").commit()
    scene.learn_all()
    assert scene.present() == []
    repository.write("a.md", TRAVEL).commit()
    scene.learn_all()
    kinds = [v.kind for v in scene.versions("a.md")]
    assert kinds == [VersionKind.CONTENT, VersionKind.TOMBSTONE, VersionKind.CONTENT]
    assert len(scene.documents()) == 1


def test_a_path_whose_document_moved_away_begins_a_new_one(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).commit()
    repository.move("a.md", "b.md").commit()
    scene.learn_all()
    moved = scene.home.document_id("b.md")
    repository.write("a.md", TRAVEL).commit()
    scene.learn_all()
    assert scene.home.document_id("b.md") == moved != scene.home.document_id("a.md")
    assert [text and text[:6] for _, text in scene.line("a.md")] == ["Trains"]


def test_a_document_that_comes_back_to_its_path_by_a_rename_is_itself(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).commit()
    repository.move("a.md", "b.md").commit()
    repository.move("b.md", "a.md").commit()
    scene.learn_all()
    assert [key for key, _ in scene.line("a.md")] == ["a.md", "b.md", "a.md"]
    assert len(scene.documents()) == 1


def test_a_file_that_is_moved_over_another_is_an_edit_of_that_as_git_has_it(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).write("b.md", TRAVEL).commit()
    scene.learn_all()
    a, b = scene.home.keys()["a.md"], scene.home.keys()["b.md"]
    repository.move("a.md", "b.md").commit()
    scene.learn_all()
    assert scene.home.keys() == {"b.md": b}
    assert [v.kind for v in scene.documents()[a]] == [VersionKind.CONTENT, VersionKind.TOMBSTONE]
    assert scene.line("b.md") == [("b.md", TRAVEL.strip()), ("b.md", LEAVE.strip())]


def test_a_file_that_makes_room_for_another_moves_on(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", LEAVE).write("b.md", TRAVEL).commit()
    scene.learn_all()
    a, b = scene.home.keys()["a.md"], scene.home.keys()["b.md"]
    repository.move("b.md", "c.md").move("a.md", "b.md").commit()
    scene.learn_all()
    assert scene.home.keys() == {"b.md": a, "c.md": b}


def test_a_document_renamed_onto_a_path_that_was_deleted_long_ago(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).write("b.md", TRAVEL).commit()
    repository.remove("b.md").commit()
    scene.learn_all()
    a = scene.home.keys()["a.md"]
    repository.move("a.md", "b.md").commit()
    scene.learn_all()
    assert scene.home.keys() == {"b.md": a}
    repository.remove("b.md").commit()
    repository.write("b.md", TRAVEL).commit()
    scene.learn_all()
    assert scene.home.keys() == {"b.md": a}


def test_a_copy_is_a_new_document_with_no_new_embedding(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", LEAVE).commit()
    repository.write("b.md", LEAVE).commit()
    scene.learn_all()
    assert scene.present() == ["a.md", "b.md"]
    assert [key for key, _ in scene.line("b.md")] == ["b.md"]
    assert scene.home.embedder.repeated == []


def test_equal_files_of_one_commit_are_two_documents_with_one_embedding(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).write("b.md", LEAVE).commit()
    scene.learn_all()
    assert len(scene.documents()) == 2
    assert scene.home.embedder.repeated == []
    repository.remove("a.md").commit()
    scene.learn_all()
    assert scene.line("a.md")[-1] == ("a.md", None)
    assert len(scene.line("b.md")) == 1


def test_one_of_two_equal_files_that_moves_leaves_the_other_where_it_is(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("one/x.md", LEAVE).write("two/x.md", LEAVE).commit()
    scene.learn_all()
    one = scene.home.document_id("one/x.md")
    repository.move("one/x.md", "three/x.md").commit()
    scene.learn_all()
    assert scene.home.document_id("three/x.md") == one
    assert len(scene.line("two/x.md")) == 1


def test_permissions_make_no_version_and_a_link_or_submodule_no_document(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", LEAVE).write("link.md", "a.md", LINK).write("b.md", TRAVEL).commit()
    repository.write("a.md", LEAVE, PROGRAM).commit()
    repository.place("b.md", SUBMODULE, "1" * 40).commit()
    scene.learn_all()
    assert scene.present() == ["a.md"]
    assert len(scene.line("a.md")) == 1
    assert scene.line("b.md")[-1] == ("b.md", None)
    repository.write("b.md", TRAVEL).remove("link.md").commit()
    scene.learn_all()
    assert scene.line("b.md") == [("b.md", TRAVEL.strip()), ("b.md", None), ("b.md", TRAVEL.strip())]


def test_incremental_and_whole_listings_find_the_same_documents(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    repository.write("a.md", LEAVE).write("b.md", TRAVEL).commit()
    steps = [
        lambda: repository.rotate("a.md", "b.md"),
        lambda: repository.move("a.md", "c.md"),
        lambda: repository.write("a.md", "New."),
        lambda: repository.move("c.md", "a.md"),
        lambda: repository.remove("b.md"),
        lambda: repository.write("b.md", LEAVE),
        lambda: repository.move("a.md", "b.md").write("a.md", LEAVE),
    ]
    for step in steps:
        scene.learn_all()
        step()
        repository.commit()
    scene.learn_all()
    assert scene.told() == fresh(scene).told()
