"""What programs really do to save, move and copy files ends as one look that sees all of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.daemon.hints import Hints
from tests.support.fake_clock import FakeClock
from tests.support.watched_folder import FENCE, Scene, watching

pytestmark = pytest.mark.inotify


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "root" / "a.md").write_text("as it was")
    with watching(tmp_path / "root") as scene:
        yield scene


def looks(scene: Scene) -> list[tuple[str, ...]]:
    """All that becomes due of what was told up to now, as if it had come at once."""
    clock = FakeClock()
    hints = Hints(clock)
    for one in scene.all_told():
        if len(one) == 3:
            hints.moved(one[0], one[1], folder=one[2])
        else:
            hints.add(one[0], folder=one[1])
    due = []
    while (at := hints.next_due(clock.monotonic())) is not None:
        clock.advance(round((at - clock.monotonic()) * 1_000_000) + 1)
        if (scopes := hints.due(clock.monotonic())) is not None:
            due.append(tuple(scope for scope in scopes if not scope.startswith(FENCE)))
    return due


def truncate(path: Path) -> None:
    path.write_text("new")


def replace(path: Path) -> None:
    path.unlink()
    path.write_text("new")


def write_beside_and_rename(path: Path) -> None:
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text("new")
    beside.rename(path)


def rename_to_a_backup_and_write(path: Path) -> None:
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    path.write_text("new")
    backup.unlink()


@pytest.mark.parametrize("save", [truncate, replace, write_beside_and_rename, rename_to_a_backup_and_write])
def test_a_save_is_one_look(scene: Scene, save: Callable[[Path], None]) -> None:
    save(scene.root / "a.md")
    [scopes] = looks(scene)
    assert "a.md" in scopes


def test_a_move_is_one_look_at_both_places(scene: Scene) -> None:
    (scene.root / "a.md").rename(scene.root / "sub" / "b.md")
    assert looks(scene) == [("a.md", "sub/b.md")]


def test_a_move_of_a_folder_is_one_look_at_both_places(scene: Scene) -> None:
    scene.write("sub/b.md")
    (scene.root / "sub").rename(scene.root / "new")
    assert looks(scene) == [("new", "sub")]


def test_a_tree_that_is_copied_is_one_look_at_its_top(scene: Scene) -> None:
    for number in range(300):
        scene.write(f"sub/{number % 7}/{number}.md")
    looks(scene)
    shutil.copytree(scene.root / "sub", scene.root / "copy")
    assert looks(scene) == [("copy",)]
