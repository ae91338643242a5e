"""Interrupted anywhere, and gone on with: the same is believed as without the interruption."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.git import create, listing
from connectors.git.tags import Beside
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import ConfiguredSource, IngestLimits
from indexer.ports import Checkpoint, Event
from tests.fault.process import open_index
from tests.machine.git.scene import GitScene
from tests.support.git_repository import GitRepository
from tests.support.indexes import Crash, Home

SMALL = IngestLimits(batch_passages=3, batch_documents=2)
LEAVE = "Twenty days of leave.\n\nThey are asked for in writing.\n\nThey end with the year.\n"


def _fill(repository: GitRepository) -> list[str]:
    """Renames, a swap, a deletion and a return, in eight commits."""
    made = [repository.write("a.md", LEAVE).write("b.md", "B days.").write("c.md", "C days.").commit()]
    made.append(repository.write("a.md", LEAVE + "\nMore days.\n").commit())
    made.append(repository.move("a.md", "in/a.md").commit())
    made.append(repository.rotate("b.md", "c.md").commit())
    made.append(repository.remove("b.md").write("a.md", "Another a.").commit())
    made.append(repository.write("d.md", "D days.").write("c.md", "More C days.").commit())
    made.append(repository.write("b.md", "B is back.").commit())
    made.append(repository.move("in/a.md", "a2.md").write("a2.md", LEAVE + "\nLast days.\n").commit())
    return made


def _crash_everywhere(make: Callable[[], GitScene], wanted: list, most: int = 200) -> int:
    """Crash at each step in turn, each time in another index; how many steps there were."""
    for step in range(1, most):
        tried = make()
        tried.home.crash_at("", step)
        if not tried.home.crashed(lambda tried=tried: tried.home.backfill(tried.source)):
            return step
        tried.learn_all()
        assert tried.told() == wanted, step
        tried.home.close()
    raise AssertionError("it never ended")


def test_a_first_import_that_crashes_at_any_step_ends_as_if_it_had_not(
    repository: GitRepository, make_home: Callable[..., Home], fresh
) -> None:
    _fill(repository)
    wanted = fresh(GitScene(make_home(), repository)).told()

    def make() -> GitScene:
        return GitScene(make_home(limits=SMALL), repository)

    assert _crash_everywhere(make, wanted) > 10


def test_it_may_crash_again_and_again(
    repository: GitRepository, make_home: Callable[..., Home], fresh
) -> None:
    _fill(repository)
    scene = GitScene(make_home(limits=SMALL), repository)
    for _ in range(12):
        scene.home.crash_at("catalog committed", 2)
        scene.home.crashed(lambda: scene.home.backfill(scene.source))
    scene.learn_all()
    assert scene.told() == fresh(scene).told()


def test_a_branch_that_is_rewritten_after_the_crash(
    repository: GitRepository, make_home: Callable[..., Home], fresh
) -> None:
    commits = _fill(repository)
    for step in range(1, 40, 3):
        scene = GitScene(make_home(limits=SMALL), repository)
        repository.reset(commits[-1])
        scene.home.crash_at("", step)
        scene.home.crashed(lambda scene=scene: scene.home.backfill(scene.source))
        repository.reset(commits[3]).write("c.md", "Rewritten days.").commit()
        scene.learn_all()
        assert scene.told() == fresh(scene).told(), step


@pytest.mark.parametrize("history", ["head", "tags"])
def test_more_history_interrupted_anywhere(
    repository: GitRepository, make_home: Callable[..., Home], fresh, history: str
) -> None:
    commits = _fill(repository)
    repository.tag("v1", commits[2])

    def make() -> GitScene:
        scene = GitScene(make_home(limits=SMALL), repository)
        scene.learn_all(history=history)
        scene.settings["history"] = "all"
        return scene

    wanted = fresh(GitScene(make_home(), repository)).told()
    assert _crash_everywhere(make, wanted) > 3


def test_a_rewritten_branch_interrupted_anywhere(
    repository: GitRepository, make_home: Callable[..., Home], fresh
) -> None:
    commits = _fill(repository)

    def make() -> GitScene:
        repository.reset(commits[-1])
        scene = GitScene(make_home(limits=SMALL), repository)
        scene.learn_all()
        repository.reset(commits[1]).move("a.md", "in/a.md").commit("rewritten", at="2024-02-01")
        repository.write("in/a.md", LEAVE + "\nOther days.\n").commit("rewritten")
        return scene

    make()
    wanted = fresh(GitScene(make_home(), repository)).told()
    assert _crash_everywhere(make, wanted) > 3


def test_while_a_rewritten_branch_is_told_again_its_old_commits_never_mean_the_new_line(
    repository: GitRepository, make_home: Callable[..., Home]
) -> None:
    """Whatever was committed of it before it was stopped."""
    keys = ("a.md", "b.md", "c.md")
    for key in keys:
        repository.write(key, f"First {key} days.")
    base = repository.commit()
    for key in keys:
        repository.write(key, f"Old {key} days.")
    repository.commit()
    old = repository.write("n.md", "N days.").commit()
    repository.tag("t")
    for step in range(1, 50):
        repository.reset(old)
        scene = GitScene(make_home(limits=SMALL), repository)
        scene.learn_all()
        repository.reset(base)
        for key in keys:
            repository.write(key, f"New {key} days.")
        repository.commit()
        repository.write("m.md", "M days.").commit()
        scene.home.crash_at("catalog committed", step)
        crashed = scene.home.crashed(lambda scene=scene: scene.home.backfill(scene.source))
        for key in keys:
            for selector in (old[:10], "t"):
                assert scene.at(f"{key}@{selector}") in (None, f"Old {key} days."), (step, key)
        if not crashed:
            break
    assert step > 3
    assert [scene.at(f"{key}@t") for key in keys] == [f"Old {key} days." for key in keys]


def test_new_commits_stand_when_the_look_at_their_tags_is_cut_short(
    scene: GitScene, repository: GitRepository, fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not told a second time, when their paths have other holders."""
    repository.write("a.md", "Old days of a.").commit()
    scene.learn_all()
    held = scene.home.document_id("a.md")
    repository.move("a.md", "b.md").commit()
    repository.write("a.md", "A wholly new document.").commit()
    repository.switch("release").write("z.md", "Released days.").commit()
    repository.tag("v1").switch("main")

    def stop(_: Beside, revision: str) -> None:
        raise Crash(revision)

    with monkeypatch.context() as patched:
        patched.setattr(Beside, "look", stop)
        assert scene.home.crashed(lambda: scene.home.backfill(scene.source))
    assert scene.present() == ["a.md", "b.md"]
    scene.learn_all()
    assert scene.home.document_id("b.md") == held
    assert scene.line("b.md") == [("a.md", "Old days of a."), ("b.md", "Old days of a.")]
    assert scene.line("a.md") == [("a.md", "A wholly new document.")]
    assert scene.at("z.md@v1") == "Released days."
    assert scene.told() == fresh(scene).told()


def test_new_commits_interrupted_at_any_step_and_gone_on_with_from_a_checkpoint(
    repository: GitRepository, make_home: Callable[..., Home], fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHECKPOINT", 2)
    repository.write("z.md", "Z days.").commit()
    first = repository.tip
    _fill(repository)
    last = repository.tip

    def make() -> GitScene:
        repository.reset(first)
        scene = GitScene(make_home(limits=SMALL), repository)
        scene.learn_all()
        repository.reset(last)
        return scene

    make()
    wanted = fresh(GitScene(make_home(), repository)).told()
    assert _crash_everywhere(make, wanted) > 10


def test_every_checkpoint_leads_to_the_same_end(
    scene: GitScene, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHECKPOINT", 1)
    repository.write("z.md", "Z days.").commit()
    scene.learn_all()
    cursor = scene.home.sql("SELECT cursor FROM source")[0][0]
    _fill(repository)
    whole = scene.events(cursor)
    checkpoints = [event for event in whole if isinstance(event, Checkpoint)]
    assert [(event.done, event.total) for event in checkpoints] == [(n, 8) for n in range(1, 9)]
    for checkpoint in checkpoints:
        rest = scene.events(checkpoint.cursor)
        assert rest[-1] == whole[-1]
        behind = whole[whole.index(checkpoint) + 1 :]
        assert [_comparable(e) for e in rest if not isinstance(e, Checkpoint)] == [
            _comparable(e) for e in behind if not isinstance(e, Checkpoint)
        ]


def _comparable(event: Event) -> object:
    return (
        type(event),
        getattr(event, "key", None),
        getattr(event, "origin", None),
        getattr(event, "sequence", 0),
    )


@pytest.mark.parametrize("limits", [(1, 1), (2, 3), (7, 2), (256, 500)])
def test_batches_of_any_size_give_the_same_index(
    repository: GitRepository, make_home: Callable[..., Home], limits: tuple[int, int]
) -> None:
    _fill(repository)
    repository.tag("v1").switch("side").write("a.md", "Aside days.").commit()
    repository.tag("side")
    repository.switch("main")
    one = GitScene(make_home(), repository)
    other = GitScene(
        make_home(limits=IngestLimits(batch_passages=limits[0], batch_documents=limits[1])), repository
    )
    one.learn_all()
    other.learn_all()
    assert one.home.state() == other.home.state()


def test_histories_longer_than_what_is_folded_at_once(
    repository: GitRepository, make_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        repository.write("a.md", f"{number} days.\n\nCommon days.").commit()
        if number == 10:
            repository.move("a.md", "b.md").commit()
            repository.move("b.md", "a.md").commit()
    whole = GitScene(make_home(), repository)
    whole.learn_all()
    monkeypatch.setattr("indexer.ingest.telling.MOST_STATES", 4)
    parts = GitScene(make_home(), repository)
    parts.learn_all()
    assert parts.told() == whole.told()
    assert parts.home.embedder.repeated == []


SCRIPT = """
import sys
from pathlib import Path
from connectors.git import create
from indexer.ingest.backfill import Backfill
from indexer.ingest.index import ConfiguredSource
from tests.fault.process import Killer, open_index
data, path, count = sys.argv[1:]
with open_index(Path(data)) as index:
    index.step = Killer("catalog committed", int(count))
    Backfill(index).run([ConfiguredSource("docs", create("docs", {"path": path}), False)])
"""


def test_a_process_that_is_killed_in_its_first_import_is_gone_on_with(
    repository: GitRepository, place: Path
) -> None:
    _fill(repository)
    data = place / "data"
    root = Path(__file__).parents[3]
    words = [sys.executable, "-c", SCRIPT, str(data), str(repository.folder), "2"]
    done = subprocess.run(words, cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    source = ConfiguredSource("docs", create("docs", {"path": str(repository.folder)}), False)
    with open_index(data) as index:
        assert Backfill(index).run([source]).complete
        versions = index.catalog.current().next_numbers()["version"] - 1
    with open_index(place / "other") as index:
        Backfill(index).run([source])
        assert index.catalog.current().next_numbers()["version"] - 1 == versions
