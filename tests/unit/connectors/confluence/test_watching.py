"""What tells that there are new exports is watched; everything else is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.confluence.watching import DEEPEST, exports_watch
from tests.support.watched_folder import Scene, watching


@pytest.mark.inotify
def test_a_zip_and_an_unpacked_export_that_fall_into_the_folder_are_noticed(tmp_path: Path) -> None:
    scene = Scene(tmp_path, exports_watch(tmp_path))
    scene.watcher.start()
    try:
        scene.write("HR.zip")
        scene.write("new/space/entities.xml")
        scene.recorder.hears(("HR.zip", False), ("new", True))
    finally:
        scene.watcher.stop()


@pytest.mark.inotify
def test_of_one_zip_its_name_is_watched_and_nothing_beside_it(tmp_path: Path) -> None:
    watched = exports_watch(tmp_path / "HR.zip")
    assert watched.root == str(tmp_path)
    (tmp_path / "other").mkdir()
    with watching(tmp_path, wants_folder=watched.wants_folder, wants_file=watched.wants_file) as scene:
        scene.write("IT.zip")
        scene.write("other/HR.zip")
        (tmp_path / "HR.zip.part").write_text("x")
        (tmp_path / "HR.zip.part").rename(tmp_path / "HR.zip")
        scene.recorder.hears(("HR.zip", False))
        assert {one[0] for one in scene.recorder.forget()} == {"HR.zip"}


def test_a_folder_of_exports_is_watched_down_to_where_exports_are_looked_for(tmp_path: Path) -> None:
    watched = exports_watch(tmp_path)
    assert watched.wants_folder("/".join("a" * DEEPEST))
    assert not watched.wants_folder("/".join("a" * (DEEPEST + 1)))
    assert exports_watch(tmp_path / "not-there-yet").root == str(tmp_path / "not-there-yet")
