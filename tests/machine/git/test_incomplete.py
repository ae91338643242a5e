"""Clones that lack something: older commits, large files, what pointers of LFS point to. Nothing is deleted for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from indexer.model import VersionKind
from tests.machine.git.scene import GitScene
from tests.support.git_remotes import run_git
from tests.support.git_repository import GitRepository

DAY = 86_400_000_000


def _fetch(clone: Path, *options: str) -> None:
    run_git(clone, "fetch", "--quiet", *options, "origin", "+refs/heads/*:refs/heads/*")


# --- shallow clones -------------------------------------------------------------------------------


@pytest.fixture
def shallow(scene: GitScene, repository: GitRepository, place: Path) -> Path:
    """A clone with the last two of five commits, indexed."""
    for number in range(5):
        repository.write("a.md", f"{number} days.")
        if number < 3:
            repository.write("old.md", f"Old {number} days.")
        repository.commit()
    scene.path = repository.clone(place / "shallow", "--depth=2")
    return scene.path


def test_a_shallow_clone_is_indexed_and_said_to_be_one(scene: GitScene, shallow: Path) -> None:
    report = scene.learn()
    (problem,) = report.sources[0].problems
    assert "shallow" in problem
    assert "--unshallow" in problem
    assert [text for _, text in scene.line("a.md")] == ["3 days.", "4 days."]
    assert [text for _, text in scene.line("old.md")] == ["Old 2 days."]
    assert all(v.provisional for v in scene.versions("a.md"))
    before = scene.home.sizes()
    scene.learn()
    assert scene.home.sizes() == before


def test_history_that_arrives_later_is_told_and_states_that_stay_keep_their_ids(
    scene: GitScene, shallow: Path, fresh
) -> None:
    scene.learn()
    version = scene.versions("a.md")[-1]
    citation = scene.hits()[0].citation
    documents = {key: scene.home.document_id(key) for key in scene.present()}
    _fetch(shallow, "--unshallow")
    scene.learn_all()
    assert [text for _, text in scene.line("a.md")] == [f"{n} days." for n in range(5)]
    assert [text for _, text in scene.line("old.md")] == [f"Old {n} days." for n in range(3)]
    now = scene.versions("a.md")
    assert (now[4].id, now[4].number, version.number) == (version.id, 5, 2)
    assert not any(v.provisional for v in now)
    assert {key: scene.home.document_id(key) for key in scene.present()} == documents
    assert scene.home.queries().cite(citation).text
    assert scene.told() == fresh(scene).told()
    assert scene.home.embedder.repeated == []
    assert scene.texts(known_at=scene.when(0)) == ["4 days.", "Old 2 days."]


def test_a_clone_that_is_deepened_step_by_step(scene: GitScene, shallow: Path, fresh) -> None:
    scene.learn()
    _fetch(shallow, "--deepen=1")
    scene.learn()
    assert [text for _, text in scene.line("a.md")] == ["2 days.", "3 days.", "4 days."]
    _fetch(shallow, "--unshallow")
    scene.learn_all()
    assert scene.told() == fresh(scene).told()


def test_a_clone_that_gains_commits_at_both_ends_at_once(
    scene: GitScene, repository: GitRepository, shallow: Path, fresh
) -> None:
    scene.learn()
    repository.write("a.md", "5 days.").move("old.md", "kept.md").commit()
    _fetch(shallow, "--unshallow")
    scene.learn_all()
    assert len(scene.line("a.md")) == 6
    assert scene.told() == fresh(scene).told()


def test_a_clone_that_was_deepened_and_is_rewritten_afterwards(
    scene: GitScene, repository: GitRepository, shallow: Path, fresh
) -> None:
    """Places before the first one that was told are no other places later."""
    scene.learn()
    _fetch(shallow, "--unshallow")
    scene.learn_all()
    commits = repository.git("rev-list", "--reverse", "main").split()
    repository.reset(commits[0]).write("a.md", "Other days.").commit()
    repository.write("a.md", "Yet other days.").commit()
    _fetch(shallow)
    scene.learn_all()
    assert [text for _, text in scene.line("a.md")] == ["0 days.", "Other days.", "Yet other days."]
    assert scene.told() == fresh(scene).told()
    repository.write("a.md", "More days.").commit()
    _fetch(shallow)
    scene.learn_all()
    assert scene.told() == fresh(scene).told()


def test_new_commits_of_a_shallow_clone_are_told_as_ever(
    scene: GitScene, repository: GitRepository, shallow: Path
) -> None:
    scene.learn()
    repository.write("a.md", "5 days.").commit()
    _fetch(shallow)
    scene.learn()
    assert [text for _, text in scene.line("a.md")] == ["3 days.", "4 days.", "5 days."]


def test_a_gap_in_a_shallow_clone_is_refused_and_nothing_is_lost(
    scene: GitScene, repository: GitRepository, shallow: Path, fresh
) -> None:
    scene.learn()
    told = scene.told()
    for number in range(5, 9):
        repository.write("a.md", f"{number} days.").commit()
    _fetch(shallow, "--depth=1")
    report = scene.learn()
    assert "shallow" in report.sources[0].problems[0]
    assert scene.told() == told
    _fetch(shallow, "--unshallow")
    scene.learn_all()
    assert len(scene.line("a.md")) == 9
    assert scene.told() == fresh(scene).told()


def test_a_clone_of_a_fixed_depth_goes_on_and_what_it_lost_again_stays_known(
    scene: GitScene, repository: GitRepository, shallow: Path
) -> None:
    scene.learn()
    for number in (5, 6):
        repository.write("a.md", f"{number} days.").commit()
    _fetch(shallow, "--depth=3")
    scene.learn()
    assert [text for _, text in scene.line("a.md")] == ["3 days.", "4 days.", "5 days.", "6 days."]
    told = scene.told()
    report = scene.learn(paths=["*.md", "*.txt"])
    assert "reaches back" in report.sources[0].problems[0]
    assert scene.told() == told


def test_a_shallow_clone_of_a_rewritten_branch_keeps_what_its_commits_mean(
    scene: GitScene, repository: GitRepository, shallow: Path, fresh
) -> None:
    scene.learn()
    told, base = scene.told(), repository.git("rev-parse", "main~1").strip()
    repository.reset(base)
    for text in ("Other days.", "Yet other days."):
        repository.write("a.md", text).commit()
    _fetch(shallow, "--depth=2")
    report = scene.learn()
    assert "lacks the commits since" in report.sources[0].problems[0]
    assert scene.told() == told
    assert scene.at(f"a.md@{base[:10]}") == "3 days."
    _fetch(shallow, "--unshallow")
    scene.learn_all()
    assert scene.at(f"a.md@{base[:10]}") == "3 days."
    assert scene.told() == fresh(scene).told()


# --- partial clones and missing objects -----------------------------------------------------------


def test_blobs_that_a_partial_clone_left_out_are_failures_and_are_read_when_they_come(
    scene: GitScene, repository: GitRepository, place: Path, fresh
) -> None:
    large = "Large days.\n\n" * 200
    repository.write("a.md", "Small days.").write("b.md", large).commit()
    repository.write("a.md", large + "A.").commit()
    repository.write("a.md", "Small days again.").commit()
    scene.path = repository.clone(place / "partial", "--filter=blob:limit=1k")
    scene.learn_all()
    assert scene.failures() == [("a.md", "missing-object"), ("b.md", "missing-object")]
    assert [v.kind for v in scene.versions("a.md")] == [
        VersionKind.CONTENT,
        VersionKind.UNREADABLE,
        VersionKind.CONTENT,
    ]
    assert [v.kind for v in scene.versions("b.md")] == [VersionKind.UNREADABLE]
    ids = scene.ids()
    for path, commit in (("b.md", "main"), ("a.md", "main~1")):
        run_git(scene.path, "cat-file", "-p", f"{commit}:{path}")
    scene.home.clock.advance(DAY)
    scene.learn_all()
    assert scene.failures() == []
    assert list(scene.ids().values()) == list(ids.values())
    assert scene.told() == fresh(scene).told()


def test_a_rename_of_a_file_whose_bytes_are_missing_keeps_its_document(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    repository.write("a.md", "Missing days.").commit()
    (blob,) = [blob for _, blob in repository.files.values()]
    repository.move("a.md", "b.md").commit()
    data = repository.delete_object(blob)
    scene.learn_all()
    assert [v.kind for v in scene.versions("b.md")] == [VersionKind.UNREADABLE] * 2
    repository.restore_object(blob, data)
    scene.home.clock.advance(DAY)
    scene.learn_all()
    assert scene.failures() == []
    assert [text for _, text in scene.line("b.md")] == ["Missing days."] * 2
    assert scene.told() == fresh(scene).told()


def test_a_file_that_is_edited_while_its_bytes_are_missing(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "Missing days.").commit()
    (blob,) = [blob for _, blob in repository.files.values()]
    repository.delete_object(blob)
    scene.learn_all()
    repository.write("a.md", "Present days.").commit()
    scene.learn_all()
    assert [v.kind for v in scene.versions("a.md")] == [VersionKind.UNREADABLE, VersionKind.CONTENT]
    assert scene.texts() == ["Present days."]


def test_what_is_missing_and_taken_back_is_no_failure_any_more(
    scene: GitScene, repository: GitRepository
) -> None:
    first = repository.write("a.md", "One days.").commit()
    repository.write("a.md", "Missing days.").commit()
    repository.delete_object(repository.files[b"a.md"][1])
    scene.learn_all()
    assert scene.failures() == [("a.md", "missing-object")]
    repository.reset(first)
    scene.learn_all()
    assert scene.failures() == []


# --- pointers of LFS ------------------------------------------------------------------------------


def _pointer(data: bytes) -> str:
    return (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(data).hexdigest()}\nsize {len(data)}\n"
    )


def _keep(store: Path, data: bytes, name: bytes | None = None) -> None:
    oid = hashlib.sha256(data if name is None else name).hexdigest()
    place = store / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    place.parent.mkdir(parents=True)
    place.write_bytes(data)


def test_a_pointer_of_lfs_is_a_failure_until_its_object_is_here(
    scene: GitScene, repository: GitRepository
) -> None:
    data = b"What the pointer points to."
    repository.write("a.md", _pointer(data)).write("b.md", "B days.").commit()
    scene.learn_all()
    assert scene.failures() == [("a.md", "needs-lfs")]
    assert [v.kind for v in scene.versions("a.md")] == [VersionKind.UNREADABLE]
    _keep(repository.store, data)
    scene.home.clock.advance(DAY)
    scene.learn_all()
    assert scene.failures() == []
    assert scene.line("a.md") == [("a.md", data.decode())]


def test_an_object_of_lfs_that_is_here_is_read_and_a_damaged_one_is_not(
    scene: GitScene, repository: GitRepository
) -> None:
    good, bad = b"Good days.", b"Bad days."
    _keep(repository.store, good)
    _keep(repository.store, b"something else", bad)
    repository.write("good.md", _pointer(good)).write("bad.md", _pointer(bad)).commit()
    scene.learn_all()
    assert scene.failures() == [("bad.md", "needs-lfs")]
    assert scene.texts() == ["Good days."]


def test_an_object_of_lfs_that_is_too_large_is_not_even_opened(
    scene: GitScene, repository: GitRepository
) -> None:
    data = b"Large days." * 100
    _keep(repository.store, data)
    repository.write("a.md", _pointer(data)).commit()
    scene.learn_all(max_file_size=1000)
    assert scene.failures() == [("a.md", "too-large")]
