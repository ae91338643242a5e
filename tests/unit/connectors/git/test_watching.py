"""What tells that a repository has new commits is watched; everything else is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git.watching import repository_watches
from indexer.daemon.inotify import NativeWatcher
from tests.support.git_remotes import run_git
from tests.support.watched_folder import Recorder


def git(folder: Path, *arguments: str) -> None:
    run_git(folder, *arguments)


def commit(folder: Path, message: str = "more") -> None:
    git(folder, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--allow-empty", "-q", "-m", message)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder


def roots(path: Path) -> list[str]:
    return [watched.root for watched in repository_watches(path)]


def test_of_a_work_tree_its_git_folder_is_watched(work: Path) -> None:
    assert roots(work) == [str(work / ".git")]


def test_a_bare_repository_is_watched_itself(work: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(work), "bare.git")
    assert roots(tmp_path / "bare.git") == [str(tmp_path / "bare.git")]


def test_of_a_linked_work_tree_its_head_and_the_shared_references_are_watched(work: Path) -> None:
    git(work, "worktree", "add", "-q", "../linked")
    assert roots(work.parent / "linked") == [str(work / ".git" / "worktrees" / "linked"), str(work / ".git")]


def test_a_git_file_may_point_by_a_relative_path(work: Path) -> None:
    (work.parent / "there").mkdir()
    (work / ".git").rename(work.parent / "there" / "repository")
    (work / ".git").write_text("gitdir: ../there/repository\n")
    assert roots(work) == [str(work.parent / "there" / "repository")]


@pytest.mark.parametrize("content", ["", "gitdir:", "gitdir: \n", "something else"])
def test_where_there_is_no_repository_nothing_is_watched(tmp_path: Path, content: str) -> None:
    assert repository_watches(tmp_path / "none") == ()
    assert repository_watches(tmp_path) == ()
    (tmp_path / ".git").write_text(content)
    assert repository_watches(tmp_path) == ()


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("HEAD", True),
        ("packed-refs", True),
        ("shallow", True),
        ("refs/heads/feature/x", True),
        ("reftable/tables.list", True),
        ("HEAD.lock", False),
        ("refs/heads/main.lock", False),
        ("index", False),
        ("FETCH_HEAD", False),
        ("logs/HEAD", False),
        ("objects/00/1234", False),
    ],
)
def test_only_where_references_stand_is_hinted(work: Path, key: str, wanted: bool) -> None:
    [watched] = repository_watches(work)
    folder = key.rpartition("/")[0]
    assert (watched.wants_file(key) and (not folder or watched.wants_folder(folder))) == wanted


@pytest.mark.inotify
def test_a_commit_a_tag_a_fetch_and_a_packing_are_noticed_and_an_edit_is_not(work: Path) -> None:
    [watched] = repository_watches(work)
    recorder = Recorder()
    watcher = NativeWatcher(watched, recorder)
    watcher.start()
    try:
        (work / "a.md").write_text("x")
        git(work, "add", "a.md")
        commit(work)
        recorder.hears(("refs/heads/main", False))
        assert {one[0] for one in recorder.forget()} == {"refs/heads/main"}
        git(work, "tag", "v1")
        recorder.hears(("refs/tags/v1", False))
        git(work, "switch", "-q", "-c", "feature/x")
        recorder.hears(("HEAD", False), ("refs/heads/feature", True))
        git(work, "pack-refs", "--all")
        recorder.hears(("packed-refs", False))
        git(work, "fetch", "-q", ".", "main:refs/remotes/origin/main")
        recorder.hears(("refs/remotes", True))
    finally:
        watcher.stop()
