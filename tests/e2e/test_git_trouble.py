"""Repositories that are away, broken, no repositories at all, or too much: one clear line, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.cli_workplace import Workplace
from tests.support.git_remotes import run_git
from tests.support.git_repository import SUBMODULE, GitRepository


class GitWorkplace(Workplace):
    """One repository as a source, and a folder of files as another."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder, capsys)
        self.repository = GitRepository(folder / "repository")
        self.configure()
        self.write("other.md", "Other days.")

    def configure(self, **settings: object) -> None:
        """The source of the repository, with these settings beside its path."""
        settings = {"path": str(self.repository.folder), **settings}
        lines = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
        self.config.write_text(
            'data_dir = "data"\n[embedding]\nmodel = "hashing"\n'
            f'[[source]]\nname = "docs"\nkind = "git"\n{lines}'
            '[[source]]\nname = "files"\nkind = "files"\nroot = "docs"\n'
        )

    def fails(self, *words: str) -> str:
        """A run in which only this source fails; what is said of it, in one line."""
        outcome = self.run("backfill", *words)
        assert outcome.code == 5, outcome
        assert "Traceback" not in outcome.err
        assert self.run("show", "other.md").out.strip() == "Other days."
        (line,) = self.json("failures")
        assert "\n" not in line["detail"]
        return str(line["detail"])


@pytest.fixture
def workplace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> GitWorkplace:
    return GitWorkplace(tmp_path, capsys)


@pytest.fixture
def repository(workplace: GitWorkplace) -> GitRepository:
    return workplace.repository


def test_a_repository_is_indexed_and_cited(workplace: GitWorkplace, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit("First", author="Anna")
    repository.write("a.md", "Two days.").commit("Second")
    assert workplace.run("backfill").code == 0
    assert workplace.run("show", "a.md@1").out.strip() == "One days."
    versions = workplace.json("history", "a.md")["versions"]
    assert sorted(version["message"] for version in versions) == ["First", "Second"]
    assert workplace.run("check").code == 0


def test_a_repository_that_is_away_loses_nothing(workplace: GitWorkplace, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    assert workplace.run("backfill").code == 0
    repository.take_away(workplace.folder / "elsewhere")
    assert str(repository.folder) in workplace.fails()
    assert workplace.run("show", "a.md").out.strip() == "One days."
    (workplace.folder / "elsewhere").rename(repository.folder)
    assert workplace.run("backfill").code == 0
    assert workplace.json("failures") == []


def test_a_folder_that_is_no_repository(workplace: GitWorkplace) -> None:
    workplace.configure(path=str(workplace.docs))
    assert "is not a Git repository" in workplace.fails()


def test_a_folder_inside_a_work_tree_names_the_top(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    (repository.folder / "sub" / "folder").mkdir(parents=True)
    workplace.configure(path=str(repository.folder / "sub" / "folder"))
    said = workplace.fails()
    assert f"{repository.folder}," in said
    assert "paths" in said


def test_an_unknown_ref_names_the_branches(workplace: GitWorkplace, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic")
    workplace.configure(ref="mian")
    said = workplace.fails()
    assert '"mian"' in said
    assert "main, topic" in said


def test_a_repository_without_commits(workplace: GitWorkplace, repository: GitRepository) -> None:
    assert "no commits" in workplace.fails()
    repository.write("a.md", "One days.").commit()
    assert workplace.run("backfill").code == 0
    assert workplace.run("show", "a.md").code == 0


def test_a_head_that_names_no_branch(workplace: GitWorkplace, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    (repository.store / "HEAD").write_text("ref: refs/heads/gone\n")
    said = workplace.fails()
    assert '"gone"' in said
    assert "main" in said


def test_a_branch_that_was_deleted_loses_nothing(workplace: GitWorkplace, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic").write("b.md", "B days.").commit()
    workplace.configure(ref="topic")
    assert workplace.run("backfill").code == 0
    repository.switch("main")
    repository.handle.references.delete("refs/heads/topic")
    assert '"topic"' in workplace.fails()
    assert workplace.run("show", "b.md").out.strip() == "B days."


def test_a_damaged_pack_is_said_and_loses_nothing(workplace: GitWorkplace, repository: GitRepository) -> None:
    for number in range(30):
        repository.write("a.md", f"{number} days.\n" * 50).commit()
    assert workplace.run("backfill").code == 0
    repository.write("a.md", "New days.").commit()
    repository.repack()
    repository.damage_packs()
    assert "damaged" in workplace.fails()
    assert workplace.run("show", "a.md").out.startswith("29 days.")
    assert workplace.run("check").code == 0


def test_a_damaged_pack_at_first_sight(workplace: GitWorkplace, repository: GitRepository) -> None:
    for number in range(30):
        repository.write("a.md", f"{number} days.\n" * 50).commit()
    repository.repack()
    repository.damage_packs()
    workplace.fails()


def test_a_missing_commit_in_the_middle_is_damage_and_not_an_end(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    middle = repository.write("a.md", "Two days.").commit()
    repository.write("a.md", "Three days.").commit()
    repository.delete_object(middle)
    assert "damaged" in workplace.fails()


def test_a_repository_that_is_packed_anew_between_two_runs(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    first = repository.write("a.md", "One days.").commit()
    repository.write("a.md", "Two days.").commit()
    assert workplace.run("backfill").code == 0
    repository.repack()
    assert workplace.run("backfill").code == 0
    repository.reset(first).write("a.md", "New days.").commit()
    repository.repack()
    assert workplace.run("backfill").code == 0
    assert len(workplace.json("history", "a.md")["versions"]) == 3
    assert workplace.run("check").code == 0


def test_a_file_that_is_too_large_costs_only_itself(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    repository.write("large.txt", b"large days\n" * 5_500_000).write("a.md", "One days.").commit()
    repository.write("large.txt", "Small days.").commit()
    workplace.run("backfill")
    (failure,) = workplace.json("failures")
    assert failure["reason"] == "too-large"
    assert workplace.run("show", "a.md").out.strip() == "One days."
    assert workplace.run("show", "large.txt").out.strip() == "Small days."


def test_a_linked_work_tree_is_the_same_repository(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic").write("a.md", "Topic days.").commit()
    linked = workplace.folder / "linked"
    repository.git("worktree", "add", "--quiet", str(linked), "topic")
    assert (linked / ".git").is_file()
    workplace.configure(path=str(linked))
    assert workplace.run("backfill").code == 0
    assert workplace.run("show", "a.md").out.strip() == "Topic days."
    workplace.configure(path=str(linked), ref="main")
    assert workplace.run("backfill").code == 0


def test_a_git_folder_that_lies_elsewhere_and_a_bare_repository(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").place("sub", SUBMODULE, "1" * 40).commit()
    apart = workplace.folder / "apart"
    apart.mkdir()
    (apart / ".git").write_text(f"gitdir: {repository.store}\n")
    bare = repository.clone(workplace.folder / "bare.git")
    for path in (apart, bare, repository.store):
        workplace.configure(path=str(path))
        outcome = workplace.run("backfill")
        assert outcome.code == 0, outcome


@pytest.mark.parametrize("at", [253_402_300_799, 2**40, 2**60])
def test_times_that_no_calendar_has(workplace: GitWorkplace, repository: GitRepository, at: int) -> None:
    """Broken importers write such commits; they cost nothing but their date."""
    repository.write("a.md", "One days.").commit()
    repository.write("a.md", "Two days.").commit(at=at)
    repository.write("a.md", "Three days.").commit(at=at)
    for command in (("backfill",), ("history", "a.md"), ("show", "a.md@2"), ("search", "days"), ("status",)):
        outcome = workplace.run(*command)
        assert outcome.code == 0, (command, outcome.err)
    assert workplace.run("check").code == 0


def test_the_lone_objects_of_a_fetch_that_was_cut_off_do_not_matter(
    workplace: GitWorkplace, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    (repository.store / "objects" / "pack" / "tmp_pack_x").write_bytes(b"half")
    (repository.store / "index.lock").write_text("")
    assert workplace.run("backfill").code == 0
    assert run_git(repository.folder, "rev-parse", "HEAD") == repository.tip
