"""Mirrors of remote repositories: what they hold, their HEAD, and what lay there before them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from connectors.git.mirror import Mirror
from tests.support.git_remotes import Remote, run_git
from tests.unit.connectors.git.mirrors import failing, head, mirror_of, names

# --- what a mirror holds ---


def test_a_mirror_has_the_branches_and_tags_of_the_remote(remote: Remote, mirror: Mirror) -> None:
    first = remote.git("rev-parse", "HEAD")
    remote.git("tag", "v1")
    remote.git("checkout", "--quiet", "-b", "drafts/spring")
    draft = remote.commit("a draft")
    mirror.update()
    assert names(mirror) == {
        "refs/heads/main": first,
        "refs/heads/drafts/spring": draft,
        "refs/tags/v1": first,
    }
    assert run_git(mirror.path, "show", "main:page.md") == "one"


def test_a_mirror_is_a_bare_repository_that_only_its_owner_may_read(mirror: Mirror) -> None:
    mirror.update()
    assert run_git(mirror.path, "rev-parse", "--is-bare-repository") == "true"
    assert stat.S_IMODE(mirror.path.stat().st_mode) == 0o700


def test_an_update_fetches_new_commits(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    second = remote.commit("two")
    mirror.update()
    assert names(mirror) == {"refs/heads/main": second}
    assert list(mirror.path.parent.iterdir()) == [mirror.path]


def test_a_file_url_is_as_good_as_a_path(remote: Remote, tmp_path: Path, environment: dict[str, str]) -> None:
    mirror = mirror_of(f"file://{remote.folder}", tmp_path, environment)
    mirror.update()
    assert names(mirror) == {"refs/heads/main": remote.git("rev-parse", "HEAD")}


def test_a_deleted_tag_and_a_deleted_branch_disappear(remote: Remote, mirror: Mirror) -> None:
    remote.git("tag", "-a", "v1", "-m", "the first")
    remote.git("branch", "drafts")
    mirror.update()
    remote.git("tag", "-d", "v1")
    remote.git("branch", "-D", "drafts")
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}


def test_a_branch_may_take_the_place_of_a_folder_of_branches(remote: Remote, mirror: Mirror) -> None:
    remote.git("branch", "drafts/spring")
    mirror.update()
    remote.git("branch", "-m", "drafts/spring", "drafts")
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main", "refs/heads/drafts"}


def test_a_moved_tag_moves(remote: Remote, mirror: Mirror) -> None:
    remote.git("tag", "stable")
    mirror.update()
    second = remote.commit("two")
    remote.git("tag", "--force", "stable")
    mirror.update()
    assert names(mirror)["refs/tags/stable"] == second


def test_what_a_force_push_left_behind_stays_readable(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    lost = remote.git("rev-parse", "HEAD")
    remote.commit("one, rewritten", "--amend")
    remote.git("reflog", "expire", "--expire=now", "--all")
    remote.git("gc", "--quiet", "--prune=now")
    mirror.update()
    assert lost not in names(mirror).values()
    assert run_git(mirror.path, "show", f"{lost}:page.md") == "one"


def test_it_stays_even_if_somebody_runs_gc_in_the_mirror(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    lost = remote.git("rev-parse", "HEAD")
    remote.commit("one, rewritten", "--amend")
    mirror.update()
    for folder, _, files in os.walk(mirror.path / "objects"):
        for file in files:
            os.utime(Path(folder, file), (10**9, 10**9))  # gc spares what is young
    run_git(mirror.path, "gc", "--quiet")
    run_git(mirror.path, "cat-file", "-e", f"{lost}:page.md")


# --- its HEAD ---


def test_head_names_the_default_branch_of_the_remote(remote: Remote, mirror: Mirror) -> None:
    remote.git("branch", "-m", "main", "trunk")
    mirror.update()
    assert head(mirror) == "refs/heads/trunk"


def test_a_change_of_the_default_branch_is_followed(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    assert head(mirror) == "refs/heads/main"
    remote.git("checkout", "--quiet", "-b", "lebendig-ü")
    mirror.update()
    assert head(mirror) == "refs/heads/lebendig-ü"


def test_a_detached_head_is_followed_there_and_back(remote: Remote, mirror: Mirror) -> None:
    first = remote.git("rev-parse", "HEAD")
    remote.commit("two")
    remote.git("checkout", "--quiet", first)
    mirror.update()
    assert run_git(mirror.path, "rev-parse", "HEAD", "--abbrev-ref", "HEAD").split() == [first, "HEAD"]
    remote.git("checkout", "--quiet", "main")
    mirror.update()
    assert head(mirror) == "refs/heads/main"


def test_an_empty_repository_has_an_empty_mirror(tmp_path: Path, environment: dict[str, str]) -> None:
    mirror = mirror_of(Remote(tmp_path / "empty").url, tmp_path, environment)
    mirror.update()
    mirror.update()
    assert names(mirror) == {}


# --- what lies where the mirror should be ---


def test_what_a_killed_process_left_is_made_anew(remote: Remote, mirror: Mirror) -> None:
    partial = mirror.path.with_name("mirror.partial")
    partial.mkdir(parents=True)
    run_git(partial, "init", "--quiet", "--bare")
    (partial / "HEAD.lock").touch()
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}
    assert not partial.exists()


def test_locks_and_pieces_of_a_killed_fetch_are_removed(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    locks = ("HEAD.lock", "packed-refs.lock", "packed-refs.new", "refs/heads/main.lock")
    pieces = ("objects/pack/tmp_pack_Ab12Cd",)
    for name in (*locks, *pieces):
        (mirror.path / name).touch()
    second = remote.commit("two")
    remote.git("checkout", "--quiet", "-b", "next")
    mirror.update()
    assert names(mirror) == {"refs/heads/main": second, "refs/heads/next": second}
    assert head(mirror) == "refs/heads/next"
    assert [name for name in (*locks, *pieces) if (mirror.path / name).exists()] == []


def test_a_failed_first_fetch_leaves_nothing(tmp_path: Path, environment: dict[str, str]) -> None:
    mirror = mirror_of(str(tmp_path / "nowhere"), tmp_path, environment)
    failing(mirror)
    assert list(mirror.path.parent.iterdir()) == []


def test_a_failed_fetch_leaves_the_mirror_as_it_was(remote: Remote, mirror: Mirror) -> None:
    mirror.update()
    before = names(mirror)
    remote.folder.rename(remote.folder.with_name("away"))
    assert failing(mirror).code == "not-found"
    assert names(mirror) == before


def test_an_empty_folder_becomes_the_mirror(mirror: Mirror) -> None:
    mirror.path.mkdir(parents=True)
    mirror.update()
    assert set(names(mirror)) == {"refs/heads/main"}


def test_a_folder_that_is_no_repository_is_left_alone(mirror: Mirror) -> None:
    mirror.path.mkdir(parents=True)
    (mirror.path / "letter.txt").write_text("dear")
    error = failing(mirror)
    assert (error.code, "move it away" in str(error)) == ("not-a-mirror", True)
    assert [entry.name for entry in mirror.path.iterdir()] == ["letter.txt"]


def test_another_url_makes_the_mirror_that_ones_and_keeps_the_old_objects(
    remote: Remote, mirror: Mirror, tmp_path: Path, environment: dict[str, str]
) -> None:
    mirror.update()
    old = remote.git("rev-parse", "HEAD")
    other = Remote(tmp_path / "other")
    new = other.commit("elsewhere")
    mirror_of(other.url, tmp_path, environment).update()
    assert names(mirror) == {"refs/heads/main": new}
    run_git(mirror.path, "cat-file", "-e", old)
