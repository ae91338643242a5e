"""What lands on a branch: merges, commits that change nothing, odd clocks and encodings; and what that costs."""

from __future__ import annotations

import pytest

from connectors.git import changes
from indexer.model import VersionKind
from indexer.ports import Landed, ListingEnd, Observed
from tests.machine.git.scene import GitScene
from tests.support.git_repository import BEGIN, HOUR, GitRepository, seconds
from tests.support.indexes import written

# --- merges ---------------------------------------------------------------------------------------


def test_a_merge_is_one_version_of_each_document_that_it_changes(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").write("b.md", "B days.").commit()
    repository.switch("topic").write("a.md", "Draft days.").commit()
    repository.write("a.md", "Two days.").commit(author="Author of the draft")
    repository.switch("main").write("b.md", "New B days.").commit()
    merge = repository.merge("topic", message="Merge the topic")
    scene.learn_all()
    assert [text for _, text in scene.line("a.md")] == ["One days.", "Two days."]
    assert [text for _, text in scene.line("b.md")] == ["B days.", "New B days."]
    last = scene.versions("a.md")[-1]
    assert last.origin == f"{merge}:a.md"
    assert last.message == "Merge the topic"


def test_a_merge_of_many_branches_lands_them_all_at_once(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", "A days.").write("b.md", "B days.").commit()
    for key in ("a.md", "b.md", "c.md"):
        repository.switch("main").switch(f"topic-{key}").write(key, f"New {key} days.").commit()
    repository.switch("main").merge("topic-a.md", "topic-b.md", "topic-c.md")
    scene.learn_all()
    assert scene.texts() == ["New a.md days.", "New b.md days.", "New c.md days."]
    assert [len(scene.line(key)) for key in ("a.md", "b.md", "c.md")] == [2, 2, 1]
    assert len({scene.versions(key)[-1].valid_from for key in scene.present()}) == 1


def test_what_only_the_merge_itself_changed_lands_with_it(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic").write("t.md", "T days.").commit()
    repository.switch("main").write("a.md", "Resolved days.").merge("topic")
    scene.learn_all()
    assert scene.texts() == ["Resolved days.", "T days."]


def test_a_rename_on_a_side_branch_is_a_rename_where_it_lands(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic").move("a.md", "b.md").commit()
    repository.switch("main").write("c.md", "C days.").commit()
    repository.merge("topic")
    scene.learn_all()
    assert [key for key, _ in scene.line("b.md")] == ["a.md", "b.md"]


def test_a_merge_that_takes_nothing_over_makes_no_version(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic").write("a.md", "Refused days.").commit()
    refused = repository.tip
    repository.switch("main").commit("ours", parents=[repository.tip, refused])
    scene.learn_all()
    assert scene.line("a.md") == [("a.md", "One days.")]


def test_a_fast_forward_tells_each_commit_of_the_branch_that_was_merged(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    scene.learn_all()
    repository.switch("topic").write("a.md", "Two days.").commit()
    tip = repository.write("a.md", "Three days.").commit()
    repository.switch("main").reset(tip)
    scene.learn_all()
    assert len(scene.line("a.md")) == 3


# --- commits that change nothing ------------------------------------------------------------------


def test_commits_that_change_no_document_make_no_version(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    scene.learn_all()
    before = scene.home.sizes()
    repository.commit("nothing at all")
    repository.write("picture.png", b"\x89PNG").commit()
    scene.learn_all()
    assert scene.home.sizes() == before


def test_a_repository_that_never_held_a_document(scene: GitScene, repository: GitRepository) -> None:
    repository.commit("an empty tree")
    scene.learn_all()
    assert scene.present() == []
    repository.write("a.md", "One days.").commit()
    scene.learn_all()
    assert scene.texts() == ["One days."]


def test_a_branch_that_drops_everything_says_so_outright(scene: GitScene, repository: GitRepository) -> None:
    for number in range(12):
        repository.write(f"{number}.md", f"{number} days.")
    repository.commit()
    scene.learn_all()
    repository.remove(*list(repository.files)).commit("all gone")
    scene.learn_all()
    assert scene.present() == []
    assert len(scene.texts(known_at=scene.when(0))) == 12


# --- clocks ---------------------------------------------------------------------------------------


def test_times_increase_along_the_branch_whatever_the_clocks_said(
    scene: GitScene, repository: GitRepository
) -> None:
    times = ["2024-01-10", "2024-01-05", "2024-01-05", "2023-06-01", "2024-01-20"]
    for number, time in enumerate(times):
        repository.write("a.md", f"{number} days.").write(f"{number}.md", f"{number} days too.").commit(
            at=time
        )
    scene.learn_all()
    line = scene.versions("a.md")
    starts = [v.valid_from for v in line]
    first = seconds("2024-01-10") * 1_000_000
    assert starts == [first, first + 1, first + 2, first + 3, seconds("2024-01-20") * 1_000_000]
    # One commit is one instant, in all documents.
    assert [scene.versions(f"{n}.md")[0].valid_from for n in range(5)] == starts
    assert "3 days." in scene.texts(as_of="2024-01-10")
    assert scene.texts(as_of="2024-01-09") == []
    assert "0 days." in scene.texts(as_of=written(first))


def test_equal_seconds_are_told_apart(scene: GitScene, repository: GitRepository, fresh) -> None:
    for number in range(3):
        repository.write("a.md", f"{number} days.").commit(at=BEGIN)
        scene.learn_all()
    assert [v.valid_from for v in scene.versions("a.md")] == [BEGIN * 1_000_000 + n for n in range(3)]
    assert scene.told() == fresh(scene).told()


def test_a_clock_that_ran_backwards_between_two_looks_is_mended_as_at_once(
    scene: GitScene, repository: GitRepository, fresh
) -> None:
    """Also where the document itself was last touched long before the commit that was too late."""
    repository.write("a.md", "One days.").commit(at="2024-01-01")
    repository.write("b.md", "B days.").commit(at="2024-02-01")
    scene.learn_all()
    repository.write("a.md", "Two days.").commit(at="2024-01-15")
    scene.learn_all()
    assert scene.texts(as_of="2024-01-20") == ["One days."]
    assert scene.texts(as_of="2024-02-02") == ["B days.", "Two days."]
    assert scene.told() == fresh(scene).told()


@pytest.mark.parametrize("at", [0, 4_102_444_800, 253_402_300_799])
def test_times_at_the_ends_of_the_calendar(scene: GitScene, repository: GitRepository, at: int) -> None:
    repository.write("a.md", "One days.").commit(at=at)
    repository.write("a.md", "Two days.").commit(at=at + HOUR)
    scene.learn_all()
    assert [text for _, text in scene.line("a.md")] == ["One days.", "Two days."]
    assert scene.home.queries().history("a.md").versions


# --- names and messages ---------------------------------------------------------------------------


def test_paths_and_messages_that_are_not_utf_8(scene: GitScene, repository: GitRepository) -> None:
    said = "Änderung für Müller"
    repository.write(b"caf\xe9/men\xfc.md", "One days.").commit(said.encode("latin-1"))
    repository.write(b"caf\xe9/men\xfc.md", "Two days.").commit(
        said.encode("latin-1"), encoding="ISO-8859-1", author="Müller".encode("latin-1")
    )
    repository.write(b"caf\xe9/men\xfc.md", "Three days.").commit(said, author="Müller")
    repository.write(b"caf\xe9/men\xfc.md", "Four days.").commit(said, encoding="no-such-encoding")
    repository.move(b"caf\xe9/men\xfc.md", "café/menü.md").commit("caf\0é")
    scene.learn_all()
    line = scene.versions("café/menü.md")
    assert [v.key for v in line] == ["caf�e9/men�fc.md"] * 4 + ["café/menü.md"]
    assert [v.message for v in line[:4]] == [said] * 4
    assert [v.author for v in line[1:3]] == ["Müller"] * 2
    assert scene.home.queries().show("café/menü.md@1").text == "One days."


def test_states_at_odd_paths_are_read_again_by_their_origin(
    scene: GitScene, repository: GitRepository
) -> None:
    for path in (b"caf\xe9.md", "a:b.md", "tree: x.md", " blanks .md", "new\nline.md"):
        repository.write(
            path, b"Days of " + (path if isinstance(path, bytes) else path.encode()).hex().encode()
        )
    repository.commit()
    connector = scene.source.connector
    states = [event for event in scene.events() if isinstance(event, Observed)]
    assert len(states) == 5
    for state in states:
        assert connector.read_state(state.key, state.origin or "").data == state.read().data


# --- costs ----------------------------------------------------------------------------------------


def test_nothing_new_is_nothing_told_and_nothing_written(scene: GitScene, repository: GitRepository) -> None:
    repository.write("a.md", "One days.").commit()
    repository.tag("v1")
    scene.learn_all()
    before = scene.home.sizes()
    recorded = scene.home.sql("SELECT count(*) FROM revision")
    scene.learn_all()
    assert scene.home.sizes() == before
    assert scene.home.sql("SELECT count(*) FROM revision") == recorded
    cursor = scene.home.sql("SELECT cursor FROM source")[0][0]
    (end,) = scene.events(cursor)
    assert end == ListingEnd(False, cursor)


def test_new_commits_cost_what_they_changed(scene: GitScene, repository: GitRepository) -> None:
    for number in range(50):
        repository.write(f"{number}.md", f"{number} days.").commit()
    scene.learn_all()
    cursor = scene.home.sql("SELECT cursor FROM source")[0][0]
    for number in range(3):
        repository.write(f"{number}.md", f"New {number} days.").commit()
    events = scene.events(cursor)
    assert len([event for event in events if isinstance(event, Observed)]) == 3
    assert [len(event.revisions) for event in events if isinstance(event, Landed)] == [3]
    embedded = len(scene.home.embedder.texts)
    scene.learn_all()
    assert len(scene.home.embedder.texts) == embedded + 3


@pytest.mark.parametrize("releases", [0, 5])
def test_a_commit_and_a_tag_beside_the_line_cost_the_same_however_long_the_line_is(
    repository: GitRepository, make_home, monkeypatch: pytest.MonkeyPatch, releases: int
) -> None:
    calls: list[object] = []
    compared, compare = [], changes._diff
    monkeypatch.setattr(changes, "_diff", lambda *trees: calls.append(trees) or compare(*trees))
    for length in (10, 60):
        line = f"line-{length}"
        repository.orphan(line)
        for number in range(length):
            repository.write(f"{number % 5}.md", f"{number} days.").commit()
            if number < releases:
                repository.switch(f"{line}-{number}").write("r.md", f"Release {number}.").commit()
                repository.tag(f"v0.{number}").switch(line)
        scene = GitScene(make_home(), repository, ref=line)
        scene.learn_all()
        repository.switch(f"{line}-release").write("r.md", "Released days.").commit()
        repository.tag("v1").switch(line).write("1.md", "New days.").commit()
        calls.clear()
        scene.learn_all()
        assert scene.at("r.md@v1") == "Released days."
        compared.append(len(calls))
    assert compared == [2, 2]


def test_two_branches_of_one_repository_are_two_sources_that_share_embeddings(
    scene: GitScene, repository: GitRepository
) -> None:
    repository.write("a.md", "One days.").commit()
    repository.switch("topic").write("b.md", "B days.").commit()
    scene.learn_all()
    other = GitScene(scene.home, repository, "topic", ref="topic")
    other.learn_all()
    assert scene.source.connector.uid != other.source.connector.uid
    assert scene.home.embedder.repeated == []
    assert len(scene.documents()) == 3
    assert sorted(hit.text for hit in scene.hits()) == ["B days.", "One days.", "One days."]
    repository.write("a.md", "Two days.").commit()
    other.learn_all()
    assert scene.texts() == ["B days.", "One days.", "Two days."]


def test_a_tag_or_a_detached_head_is_followed_as_well(scene: GitScene, repository: GitRepository) -> None:
    first = repository.write("a.md", "One days.").commit()
    repository.tag("v1", annotated=True)
    repository.write("a.md", "Two days.").commit()
    scene.learn_all(ref="v1")
    assert scene.texts() == ["One days."]
    (repository.store / "HEAD").write_text(first + "\n")
    other = GitScene(scene.home, repository, "head")
    other.learn_all()
    assert [v.kind for v in other.versions("head:a.md")] == [VersionKind.CONTENT]
