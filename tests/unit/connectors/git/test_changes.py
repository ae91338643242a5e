"""What one commit did to the files of a tree."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pygit2
import pytest

from connectors.git.changes import Change, plain_changes, tree_changes
from tests.support.git_repository import FILE, LINK, PROGRAM, SUBMODULE, GitRepository
from tests.support.indexes import fast_folder

TEXT = "".join(f"Line {number} of the policy.\n" for number in range(20))
OTHER = "".join(f"Another sentence, {number}.\n" for number in range(20))
Told = tuple[str, str | None, bool | None]
"""(path, path before, whether it was edited); None for the last: it is gone."""


@pytest.fixture
def repository() -> Iterator[GitRepository]:
    folder = fast_folder("changes-")
    yield GitRepository(folder / "repository", bare=True)
    shutil.rmtree(folder)


def _changes(repository: GitRepository, before: str | None, after: str, *, but: bytes = b"-") -> list[Change]:
    trees = [None if c is None else repository.handle[c].peel(pygit2.Tree) for c in (before, after)]
    assert trees[1] is not None
    return tree_changes(repository.handle, trees[0], trees[1], lambda path: not path.startswith(but))


def _told(changes: list[Change]) -> list[Told]:
    return [
        (c.path.decode(), c.previous and c.previous.decode(), None if c.blob is None else c.edited)
        for c in changes
    ]


def _step(repository: GitRepository, after: GitRepository | None = None, *, but: bytes = b"-") -> list[Told]:
    """What the next commit is told as."""
    before = repository.tip
    return _told(_changes(repository, before, repository.commit(), but=but))


def test_everything_is_new_at_first(repository: GitRepository) -> None:
    commit = repository.write("b", TEXT).write("a/c", "").commit()
    assert _told(_changes(repository, None, commit)) == [("a/c", None, True), ("b", None, True)]


def test_edits_deletions_and_new_files(repository: GitRepository) -> None:
    repository.write("edited", TEXT).write("gone", OTHER).write("same", "same").commit()
    repository.write("edited", TEXT + "more").remove("gone").write("new", "new")
    assert _step(repository) == [("gone", None, None), ("edited", None, True), ("new", None, True)]


@pytest.mark.parametrize("text", [TEXT, "x", "Grüße\n"])
def test_a_rename_is_one_change(repository: GitRepository, text: str) -> None:
    repository.write("a", text).commit()
    repository.move("a", "in/b")
    assert _step(repository) == [("in/b", "a", False)]


def test_a_rename_with_an_edit_is_one_change(repository: GitRepository) -> None:
    repository.write("a", TEXT).commit()
    repository.move("a", "b").write("b", TEXT + "One more.\n")
    assert _step(repository) == [("b", "a", True)]


def test_a_rename_with_too_much_of_an_edit_is_none(repository: GitRepository) -> None:
    repository.write("a", TEXT).commit()
    repository.move("a", "b").write("b", OTHER + TEXT[:100])
    assert _step(repository) == [("a", None, None), ("b", None, True)]


def test_two_names_are_swapped(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", OTHER).commit()
    repository.rotate("a", "b")
    assert _step(repository) == [("a", "b", False), ("b", "a", False)]


def test_three_names_rotate(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", OTHER).write("c", "short").commit()
    repository.rotate("a", "b", "c")
    assert _step(repository) == [("a", "c", False), ("b", "a", False), ("c", "b", False)]


def test_names_that_are_swapped_while_one_is_edited_are_two_edits_as_git_has_it(
    repository: GitRepository,
) -> None:
    repository.write("a", TEXT).write("b", OTHER).commit()
    repository.rotate("a", "b").write("a", OTHER + "more")
    assert _step(repository) == [("a", None, True), ("b", None, True)]


def test_a_file_that_makes_room_for_another(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", OTHER).commit()
    repository.move("b", "c").move("a", "b")
    assert _step(repository) == [("b", "a", False), ("c", "b", False)]


def test_a_file_that_moves_over_another_is_an_edit_of_that(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", OTHER).commit()
    repository.move("a", "b")
    assert _step(repository) == [("a", None, None), ("b", None, True)]


def test_a_rename_onto_a_path_that_was_deleted_before(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", OTHER).commit()
    repository.remove("b").commit()
    repository.move("a", "b")
    assert _step(repository) == [("b", "a", False)]


def test_of_equal_files_each_keeps_its_name(repository: GitRepository) -> None:
    for folder in ("x", "y"):
        for name in ("one", "two"):
            repository.write(f"{folder}/{name}", TEXT)
    repository.commit()
    for folder in ("x", "y"):
        for name in ("one", "two"):
            repository.move(f"{folder}/{name}", f"moved/{folder}/{name}")
    told = _step(repository)
    assert [path for path, _, _ in told] == [f"moved/{f}/{n}" for f in ("x", "y") for n in ("one", "two")]
    assert all(before and path.endswith(before[2:]) for path, before, _ in told)
    assert len({before for _, before, _ in told}) == 4


def test_a_copy_is_new(repository: GitRepository) -> None:
    repository.write("a", TEXT).commit()
    repository.write("b", TEXT)
    assert _step(repository) == [("b", None, True)]


def test_one_of_two_equal_files_moves(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", TEXT).commit()
    repository.move("a", "c")
    assert _step(repository) == [("c", "a", False)]


def test_a_file_that_splits_is_renamed_once(repository: GitRepository) -> None:
    repository.write("a", TEXT).commit()
    repository.remove("a").write("b", TEXT).write("c", TEXT)
    assert _step(repository) == [("b", "a", False), ("c", None, True)]


def test_permissions_alone_are_no_change(repository: GitRepository) -> None:
    repository.write("a", TEXT).commit()
    repository.write("a", TEXT, PROGRAM)
    assert _step(repository) == []
    repository.write("a", TEXT + "more", FILE)
    assert _step(repository) == [("a", None, True)]


def test_a_rename_may_change_permissions(repository: GitRepository) -> None:
    repository.write("a", TEXT).commit()
    repository.remove("a").write("b", TEXT, PROGRAM)
    assert _step(repository) == [("b", "a", False)]


@pytest.mark.parametrize("mode", [LINK, SUBMODULE])
def test_links_and_submodules_are_no_files(repository: GitRepository, mode: int) -> None:
    blob = repository.write("x", "target").files[b"x"][1]
    repository.place("odd", mode, blob).write("a", TEXT).commit()
    repository.place("odd", mode, repository.files[b"a"][1])
    assert _step(repository) == []
    repository.write("odd", OTHER).place("a", mode, blob)
    assert _step(repository) == [("a", None, None), ("odd", None, True)]
    repository.place("odd", mode, blob).write("a", TEXT)
    assert _step(repository) == [("odd", None, None), ("a", None, True)]


def test_a_link_that_becomes_a_file_of_the_same_bytes_is_new(repository: GitRepository) -> None:
    repository.write("a", TEXT, LINK).commit()
    repository.write("a", TEXT)
    assert _step(repository) == [("a", None, True)]


def test_a_file_becomes_a_folder_and_a_folder_a_file(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b/c", OTHER).commit()
    repository.remove("a", "b/c").write("a/x", "new").write("b", "other")
    assert _step(repository) == [
        ("a", None, None),
        ("b/c", None, None),
        ("a/x", None, True),
        ("b", None, True),
    ]


def test_empty_files_that_come_and_go(repository: GitRepository) -> None:
    repository.write("a", "").write("b", "").commit()
    repository.remove("a").write("c", "")
    told = _step(repository)
    assert {path for path, _, _ in told} in ({"a", "c"}, {"c"})
    repository.remove("b", "c").write("d", TEXT)
    assert ("d", None, True) in _step(repository)


def test_what_is_not_selected_is_not_there(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("-b", OTHER).commit()
    repository.move("a", "-a").move("-b", "b")
    assert _step(repository) == [("a", None, None), ("b", None, True)]


def test_a_renamed_folder_of_many_edited_files(repository: GitRepository) -> None:
    for number in range(40):
        repository.write(f"x/{number}", f"{number}\n" + TEXT.replace("Line", f"Line {number}"))
    repository.commit()
    for number in range(40):
        repository.move(f"x/{number}", f"y/{number}").write(
            f"y/{number}", f"{number}\n" + TEXT.replace("Line", f"Line {number}") + "More.\n"
        )
    assert _step(repository) == [(f"y/{n}", f"x/{n}", True) for n in sorted(map(str, range(40)))]


def test_missing_blobs_are_renamed_where_they_are_equal_and_no_error(repository: GitRepository) -> None:
    repository.write("a", TEXT).write("b", OTHER).commit()
    blobs = [repository.files[path][1] for path in (b"a", b"b")]
    repository.move("a", "c").move("b", "d").write("d", OTHER + "more")
    before = repository.tip
    after = repository.commit()
    for blob in blobs:
        repository.delete_object(blob)
    fresh = GitRepository(repository.folder, bare=True)
    told = _told(_changes(fresh, before, after))
    assert told == [("b", None, None), ("c", "a", False), ("d", None, True)]


def test_plain_changes_know_no_renames(repository: GitRepository) -> None:
    first = repository.write("a", TEXT).write("b", OTHER).commit()
    second = repository.move("a", "c").write("b", "other").commit()
    trees = [repository.handle[commit].peel(pygit2.Tree) for commit in (first, second)]
    found = plain_changes(trees[0], trees[1], lambda path: True)
    assert {path: blob and str(blob) for path, blob in found.items()} == {
        b"a": None,
        b"b": repository.files[b"b"][1],
        b"c": repository.files[b"c"][1],
    }
