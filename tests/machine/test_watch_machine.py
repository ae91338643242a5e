"""Anything that is done to a real folder, as fast as can be: every change is hinted, and every folder stays watched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.indexes import fast_folder
from tests.support.watched_folder import FENCE, Scene, Told, watches, watching

pytestmark = pytest.mark.inotify

names = st.sampled_from(["a", "b", "c"])
places = st.lists(names, min_size=1, max_size=3).map("/".join)
UNWANTED = "c"
"""No folder of this name is watched."""


def write(root: Path, place: str, _: str) -> None:
    (root / place).with_suffix(".md").write_text(place)


def make(root: Path, place: str, _: str) -> None:
    (root / place / "deep").mkdir(parents=True)
    (root / place / "deep" / "made-at-once.md").write_text("x")


def remove(root: Path, place: str, _: str) -> None:
    if (root / place).is_dir():
        shutil.rmtree(root / place)
    else:
        (root / place).with_suffix(".md").unlink()


def move(root: Path, place: str, other: str) -> None:
    (root / place).rename(root / other)


def move_file(root: Path, place: str, other: str) -> None:
    (root / place).with_suffix(".md").rename((root / other).with_suffix(".md"))


def move_out(root: Path, place: str, other: str) -> None:
    (root / place).rename(root.parent / "outside" / other.replace("/", "-"))


def move_in(root: Path, place: str, other: str) -> None:
    (root.parent / "outside" / other.replace("/", "-")).rename(root / place)


Action = Callable[[Path, str, str], None]
actions = st.sampled_from([write, make, make, remove, move, move, move_file, move_out, move_in])
steps = st.lists(st.tuples(actions, places, places), min_size=1, max_size=40)


def wanted(key: str) -> bool:
    return key.rpartition("/")[2] != UNWANTED


def states(root: Path) -> tuple[dict[str, tuple[int, ...]], set[str]]:
    """The files under a root that can be seen, with what tells their states apart; and the folders."""
    files, folders = {}, set()
    for place, inner, found in os.walk(root):
        folder = str(Path(place).relative_to(root))
        folders.add("" if folder == "." else folder)
        inner[:] = [name for name in inner if name != UNWANTED]
        for name in found:
            status = (Path(place) / name).stat()
            key = str((Path(place) / name).relative_to(root))
            files[key] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return files, folders


def covered(key: str, told: list[Told]) -> bool:
    for *scopes, folder in told:
        for scope in scopes:
            if key == scope or (folder and key.startswith(f"{scope}/")):
                return True
    return False


@given(before=steps, after=steps)
def test_every_change_is_hinted_and_every_folder_stays_watched(
    before: list[tuple[Action, str, str]], after: list[tuple[Action, str, str]]
) -> None:
    place = fast_folder("watch-machine-")
    try:
        root = place / "root"
        root.mkdir()
        (place / "outside").mkdir()
        run(root, before)
        others = watches()
        with watching(root, wants_folder=wanted) as scene:
            first, _ = states(root)
            run(root, after)
            told = scene.all_told()
            last, folders = states(root)
            changed = {key for key, _ in first.items() ^ last.items() if not key.startswith(FENCE)}
            missed = {key for key in changed if not covered(key, told)}
            assert not missed, told
            assert watches() - others == len(folders)
            hinted_in_each(scene, folders)
            assert scene.recorder.losses == []
    finally:
        shutil.rmtree(place)


def run(root: Path, steps: list[tuple[Action, str, str]]) -> None:
    for action, place, other in steps:
        try:
            action(root, place, other)
        except OSError:
            continue  # there is nothing of that name, or something


def hinted_in_each(scene: Scene, folders: set[str]) -> None:
    for folder in folders:
        (scene.root / folder / "proof.md").write_text("x")
    keys = {f"{folder}/proof.md" if folder else "proof.md" for folder in folders}
    assert {key for key, *_ in scene.all_told()} == keys
