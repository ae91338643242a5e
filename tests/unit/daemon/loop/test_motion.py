"""What moves while it is listed keeps its identity, and what is gone is gone in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from indexer.daemon.hints import Hints
from indexer.daemon.motion import LONGEST, Motion
from indexer.ingest import listing
from indexer.ingest.backfill import Backfill
from indexer.ingest.writing import Writer
from indexer.model import VersionKind
from indexer.ports import Event
from tests.support.indexes import Home, configured
from tests.support.source_loop import Followed
from tests.support.walked_folder import WalkedFolder


@pytest.fixture
def folder(home: Home) -> WalkedFolder:
    folder = WalkedFolder(home.clock)
    for name in "bcdefxy":
        folder.write(f"{name}.md", f"Text of {name}.".encode())
    home.clock.advance()
    return folder


def move_at(scene: Followed, folder: WalkedFolder, when: str, old: str, new: str) -> None:
    """Have a file moved when the walk has listed `when`; the watcher tells of it."""

    def at_key(key: str) -> None:
        if key == when and old in folder.files:
            folder.move(old, new)
            scene.watch.on_move(old, new, False)

    folder.at_key = at_key


def story(scene: Followed, key: str) -> list[tuple[str, VersionKind]]:
    """The versions of the document that is at `key`, in order: where, and of what kind."""
    history = scene.home.queries().history(key)
    return [(entry.version.key, entry.version.kind) for entry in reversed(history.versions)]


@pytest.mark.parametrize(
    ("old", "new"), [("y.md", "a.md"), ("b.md", "z.md")], ids=["behind the walk", "before the walk"]
)
@pytest.mark.parametrize("whole", [True, False], ids=["in a scan", "in a look"])
def test_a_file_that_moves_while_it_is_listed_stays_one_document(
    home: Home, scene: Followed, folder: WalkedFolder, old: str, new: str, whole: bool
) -> None:
    move_at(scene, folder, "d.md", old, new)
    embedded = len(home.embedder.texts)
    if whole:
        scene.lose()
    else:
        scene.hint("a.md", "b.md", "c.md", "d.md", "y.md", "z.md")
    scene.pass_time(5)
    assert [place for place, _ in story(scene, new)] == [old, new]
    assert old not in scene.texts()
    assert len(home.embedder.texts) == embedded
    assert home.check().problems == []


def test_a_file_that_is_moved_over_another_while_they_are_listed_takes_its_place(
    scene: Followed, folder: WalkedFolder
) -> None:
    move_at(scene, folder, "c.md", "b.md", "x.md")
    scene.lose()
    scene.pass_time(5)
    assert [place for place, _ in story(scene, "x.md")] == ["b.md", "x.md"]
    assert scene.texts()["x.md"] == "Text of b."


def test_a_file_that_moves_twice_while_a_look_goes_on_stays_one_document(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    folder.write("old/p.md", b"Text of p.")
    scene.hint("old/p.md")
    scene.pass_time(2)
    folder.move_folder("old", "new")
    scene.watch.on_move("old", "new", True)
    # Listed at its second place, and no more there when it is to be read.
    move_at(scene, folder, "new/p.md", "new/p.md", "a.md")
    scene.pass_time(5)
    assert [place for place, _ in story(scene, "a.md")] == ["old/p.md", "a.md"]
    assert len(scene.texts()) == 8
    assert home.check().problems == []


def test_a_file_that_moves_back_a_while_later_stays_one_document(
    scene: Followed, folder: WalkedFolder
) -> None:
    move_at(scene, folder, "d.md", "y.md", "a.md")
    scene.lose()
    scene.pass_time(LONGEST + 2)
    move_at(scene, folder, "d.md", "a.md", "y.md")
    scene.lose()
    scene.pass_time(5)
    assert [place for place, _ in story(scene, "y.md")] == ["y.md", "a.md", "y.md"]
    assert "a.md" not in scene.texts()


def test_a_file_that_moves_into_a_folder_that_was_just_made_stays_one_document(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    folder.move("b.md", "new/b.md")
    # Nobody watches the new folder yet: of the file it is only told that it left.
    scene.hint("b.md")
    scene.home.clock.advance(250_000)
    scene.watch.on_hint("new", True)
    scene.pass_time(0.06)
    assert scene.looks == ["changes b.md"], "its old place is due, the new one waits"
    scene.pass_time(3)
    assert [place for place, _ in story(scene, "new/b.md")] == ["b.md", "new/b.md"]
    assert home.check().problems == []


def test_a_look_that_overtakes_does_not_bury_what_may_be_in_a_folder_that_waits(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    def at_key(key: str) -> None:
        if key == "c.md" and "b.md" in folder.files:
            folder.move("b.md", "new/b.md")
            scene.hint("b.md")
            home.clock.advance(250_000)
            scene.watch.on_hint("new", True)
        # From here on the file is due, in the middle of the scan; the folder is not.
        home.clock.advance(60_000)

    folder.at_key = at_key
    scene.loop.schedule()
    scene.pass_time(5)
    assert [place for place, _ in story(scene, "new/b.md")] == ["b.md", "new/b.md"]
    assert home.check().problems == []


def test_what_was_deleted_before_a_scan_began_is_gone_after_it(scene: Followed, folder: WalkedFolder) -> None:
    folder.delete("c.md")
    scene.hint("c.md")
    scene.home.clock.advance(10_000)
    scene.loop.schedule()
    scene.pass_time(0)
    assert scene.looks == ["schedule"]
    assert "c.md" not in scene.texts()


def test_what_is_gone_waits_for_an_end_of_the_hints_but_not_for_ever(
    scene: Followed, folder: WalkedFolder
) -> None:
    folder.delete("c.md")
    scene.watch.on_hint("", True)
    # At each look at it something happens in its folder once more.
    folder.at_key = lambda key: scene.watch.on_hint("", True) if key == "d.md" else None
    scene.pass_time(LONGEST / 2)
    assert "c.md" in scene.texts()
    scene.pass_time(LONGEST)
    assert "c.md" not in scene.texts()


def test_a_file_that_is_saved_during_the_look_at_its_renamed_folder_stays_its_document(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    for name in "pqr":
        folder.write(f"old/{name}.md", f"Text of {name}, at some length.".encode())
        scene.hint(f"old/{name}.md")
    scene.pass_time(2)
    folder.move_folder("old", "new")
    scene.watch.on_move("old", "new", True)

    def at_key(key: str) -> None:
        if key == "new/p.md" and b"Saved" not in folder.files["new/q.md"].data:
            folder.write("new/q.md", b"Text of q, at some length. Saved.")
            scene.hint("new/q.md")
        # The file is due in the middle of the look at its folder.
        home.clock.advance(500_000)

    folder.at_key = at_key
    scene.pass_time(5)
    assert {place for place, _ in story(scene, "new/q.md")} == {"old/q.md", "new/q.md"}
    assert home.check().problems == []


def test_what_comes_over_a_file_between_its_listing_and_its_reading_stays_its_document(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    folder.write("new.md", b"A new text.")
    scene.hint("new.md")

    def at_read(key: str) -> None:
        if "b.md" in folder.files:
            folder.move("b.md", "new.md")
            scene.watch.on_move("b.md", "new.md", False)

    folder.at_read = at_read
    scene.pass_time(5)
    assert [place for place, _ in story(scene, "new.md")] == ["b.md", "new.md"]
    assert home.check().problems == []


def test_a_file_that_was_replaced_between_its_listing_and_its_reading_is_known_by_the_new_one(
    scene: Followed, folder: WalkedFolder
) -> None:
    folder.write("b.md", b"Another text of b, at some length.")
    scene.hint("b.md")

    def at_read(key: str) -> None:
        folder.at_read = lambda key: None
        folder.replace("b.md", b"Yet another text of b, at some length.")

    folder.at_read = at_read
    scene.pass_time(5)
    folder.move("b.md", "z.md")
    folder.write("z.md", b"Yet another text of b, at some length. Saved.")
    scene.watch.on_move("b.md", "z.md", False)
    scene.pass_time(5)
    assert [place for place, _ in story(scene, "z.md")] == ["b.md", "b.md", "z.md"]


def test_what_moved_unseen_is_found_by_a_look_at_where_it_came(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    folder.move("b.md", "z.md")
    folder.write("z.md", b"Text of b. Saved.")
    scene.hint("z.md")
    scene.pass_time(2)
    assert [place for place, _ in story(scene, "z.md")] == ["b.md", "z.md"]
    assert "b.md" not in scene.texts()
    scene.lose()
    scene.pass_time(2)
    assert home.check().problems == []


def test_new_files_with_the_numbers_of_deleted_ones_do_not_wait_until_the_deletions_are_believed(
    home: Home, scene: Followed, folder: WalkedFolder
) -> None:
    gone = ("b.md", "c.md", "d.md", "e.md", "f.md", "x.md")
    for key in gone:
        folder.delete(key)
        scene.hint(key)
    folder.delete("y.md")
    scene.hint("y.md")
    scene.pass_time(3)
    assert len(scene.texts()) == 7, "nothing would be left, which is not believed"
    folder.use_inodes_again()
    for key in gone:
        folder.write(f"new/{key}", f"Quite another thing than {key}.".encode())
        scene.hint(f"new/{key}")
    scene.pass_time(3)
    assert sum(key.startswith("new/") for key in scene.texts()) == len(gone)
    folder.write("y.md", b"Text of y.")
    scene.lose()
    scene.pass_time(10)
    assert scene.texts().keys() == folder.files.keys()
    assert home.check().problems == []


@pytest.mark.parametrize("saved", ["not", "in place", "by replacing"])
def test_what_comes_over_a_file_during_a_backfill_stays_its_document(
    home: Home, folder: WalkedFolder, saved: str
) -> None:
    home.backfill(folder)
    documents = home.keys()
    if saved == "in place":
        folder.write("b.md", b"Text of b. Saved.")
    elif saved == "by replacing":
        folder.replace("b.md", b"Text of b. Saved.")
    folder.write("new.md", b"A new text.")
    home.clock.advance()

    def at_read(key: str) -> None:
        if key == "new.md" and "b.md" in folder.files:
            folder.move("b.md", "new.md")

    folder.at_read = at_read
    home.backfill(folder)
    home.backfill(folder)
    assert home.keys()["new.md"] == documents["b.md"]
    assert home.check().problems == []


def test_a_file_that_cannot_be_read_where_it_came_leaves_its_old_place_once_it_is_looked_at_again(
    scene: Followed, folder: WalkedFolder
) -> None:
    folder.make_unreadable("y.md")
    move_at(scene, folder, "d.md", "y.md", "e-y.md")
    scene.lose()
    scene.pass_time(5)
    folder.make_readable("e-y.md")
    scene.hint("e-y.md")
    scene.pass_time(5)
    assert scene.texts().keys() == folder.files.keys()
    assert {place for place, _ in story(scene, "e-y.md")} == {"y.md", "e-y.md"}


def test_what_is_wrong_with_all_of_a_source_is_said_once_by_a_look_that_widens(
    home: Home, folder: WalkedFolder
) -> None:
    home.backfill(folder)
    folder.device = 2
    folder.link("b.md", "z.md")
    look = Backfill(home.index).update(configured(folder), Writer(home.index), scopes=("z.md",))
    assert len(look.problems) == 1


def test_a_look_widens_to_folders_where_it_would_to_very_many_files(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_PLACES", 3)
    folder = WalkedFolder(home.clock)
    for number in range(5):
        folder.write(f"old/in/{number}.md", f"Text of {number}.".encode())
        folder.write(f"other/{number}.md", f"Another text of {number}.".encode())
    home.clock.advance()
    scene = Followed(home, folder)
    scene.pass_time(1)
    folder.move_folder("old/in", "new")
    scene.hint("new/3.md")
    scene.watch.on_hint("new", True)
    listed: list[object] = []
    inner = folder.changes

    def changes(cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        listed.append(scopes)
        return inner(cursor, scopes)

    monkeypatch.setattr(folder, "changes", changes)
    scene.pass_time(5)
    assert ["old/in"] in listed
    assert {place for place, _ in story(scene, "new/3.md")} == {"old/in/3.md", "new/3.md"}
    assert home.check().problems == []


def test_what_comes_over_a_file_that_was_listed_and_is_saved_there_stays_its_document(
    home: Home, folder: WalkedFolder
) -> None:
    folder.write("y.md", b"Text of y, at some length.")
    home.backfill(folder)
    documents = home.keys()
    folder.write("c.md", b"Another text of c.")

    def at_key(key: str) -> None:
        if key == "d.md" and "y.md" in folder.files:
            folder.move("y.md", "c.md")
            folder.write("c.md", b"Text of y, at some length. Saved.")

    folder.at_key = at_key
    home.backfill(folder)
    assert home.keys()["c.md"] == documents["y.md"]
    assert home.check().problems == []


def test_a_deletion_is_found_by_the_scan_though_a_look_meanwhile_saw_its_inode_used_again(
    scene: Followed, folder: WalkedFolder
) -> None:
    folder.use_inodes_again()
    folder.delete("c.md")

    def at_key(key: str) -> None:
        if key == "d.md" and "new.md" not in folder.files:
            folder.write("new.md", b"Quite another text.")
            scene.hint("new.md")
        scene.home.clock.advance(400_000)

    folder.at_key = at_key
    scene.loop.schedule()
    scene.pass_time(0)
    assert scene.looks == ["schedule"]
    assert scene.texts().keys() == folder.files.keys()


def test_what_is_gone_is_looked_at_again_with_all_the_folders_where_it_may_have_come(home: Home) -> None:
    hints = Hints(home.clock)
    motion = Motion(hints, lambda timeout: True, home.clock)
    for folder in ("one", "two", "three"):
        hints.add(folder, folder=True)
        home.clock.advance(100_000)
    assert motion.waiting({"gone.md"}, (), None) == ["gone.md"]
    home.clock.advance(250_000)
    assert hints.due(home.clock.monotonic()) is None, "those that were hinted first wait for the others"
    home.clock.advance(100_000)
    assert hints.due(home.clock.monotonic()) == ("gone.md", "one", "three", "two")
