"""What happened while nobody watched is found out before anything that happens since is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indexer.daemon.agenda import FINDING_OUT
from indexer.daemon.requests import Request
from indexer.ingest.progress import Silence
from indexer.model import VersionKind
from tests.support.indexes import Home
from tests.support.source_loop import Followed
from tests.support.walked_folder import WalkedFolder

PLACES = ("p.md", "q.md")


@pytest.fixture
def folder(home: Home) -> WalkedFolder:
    """Two files in a folder that moves, and others beside it; all of them indexed by a service that is dead now."""
    folder = WalkedFolder(home.clock)
    for name in "abcdefghijklmnop":
        folder.write(f"m/{name}.md", f"Text of {name}.".encode())
    for name in PLACES:
        folder.write(f"w/{name}", f"Text of {name}.".encode())
    home.clock.advance()
    Followed(home, folder).pass_time(1)
    return folder


def restarted(
    home: Home, folder: WalkedFolder, happens: Callable[[Followed], None], when: str, *, each: int = 100_000
) -> Followed:
    """The service, begun anew; `happens` once its first scan has listed `when`. It lists a file in `each` µs."""
    scene = Followed(home, folder)
    left = [happens]

    def at_key(key: str) -> None:
        home.clock.advance(each)
        if key == when and left:
            left.pop()(scene)

    folder.at_key = at_key
    return scene


def stories(scene: Followed, folder: str) -> set[tuple[str, ...]]:
    """The places of each document in `folder`, the last of them first, and no other versions than these."""
    found = set()
    for name in PLACES:
        history = scene.home.queries().history(f"{folder}/{name}")
        assert {entry.version.kind for entry in history.versions} == {VersionKind.CONTENT}
        found.add(tuple(entry.version.key.rpartition("/")[0] for entry in history.versions))
    return found


def rename(folder: WalkedFolder, old: str, new: str, *, each: bool = False) -> Callable[[Followed], None]:
    """Rename a folder, or `each` of its files."""

    def happens(scene: Followed) -> None:
        folder.move_folder(old, new)
        for inside in (f"/{name}" for name in PLACES) if each else ("",):
            scene.watch.on_move(old + inside, new + inside, not each)

    return happens


def save(folder: WalkedFolder, key: str) -> Callable[[Followed], None]:
    """Somebody saves a file."""

    def happens(scene: Followed) -> None:
        folder.write(key, b"Saved.")
        scene.hint(key)

    return happens


@pytest.mark.parametrize("each", [False, True], ids=["the folder", "file by file"])
@pytest.mark.parametrize(
    ("between", "last", "when"),
    [
        ("x", "z", "m/a.md"),
        ("x", "z", "m/p.md"),
        ("x", "a", "m/a.md"),
        ("x", "a", "m/p.md"),
        ("a", "x", "m/a.md"),
        ("a", "x", "m/p.md"),
        ("b", "a", "m/a.md"),
        ("b", "a", "m/p.md"),
        ("x", "z", "x/q.md"),
        ("x", "z", "x/p.md"),
    ],
)
def test_a_folder_renamed_while_the_service_was_dead_and_again_in_its_first_scan_keeps_its_documents(
    home: Home, folder: WalkedFolder, between: str, last: str, when: str, each: bool
) -> None:
    folder.move_folder("w", between)
    embedded = len(home.embedder.texts)
    scene = restarted(home, folder, rename(folder, between, last, each=each), when)
    scene.pass_time(15)
    assert stories(scene, last) <= {(last, "w"), (last, between, "w")}
    assert len(scene.texts()) == 18
    assert len(home.embedder.texts) == embedded
    assert home.check().problems == []


def test_a_folder_that_is_renamed_again_in_the_look_after_the_first_scan_keeps_its_documents(
    home: Home, folder: WalkedFolder
) -> None:
    folder.move_folder("w", "x")

    def behind_the_scan(scene: Followed) -> None:
        rename(folder, "x", "a", each=True)(scene)
        folder.at_key = lambda key: ahead_of_the_look(scene) if key == "a/p.md" else None

    def ahead_of_the_look(scene: Followed) -> None:
        folder.at_key = lambda key: None
        rename(folder, "a", "z", each=True)(scene)

    scene = restarted(home, folder, behind_the_scan, "m/p.md", each=1_000)
    scene.pass_time(15)
    assert stories(scene, "z") == {("z", "w")}
    assert home.check().problems == []


def test_a_folder_renamed_unseen_keeps_its_documents_though_they_are_saved_before_the_scan_has_come_there(
    home: Home, folder: WalkedFolder
) -> None:
    folder.move_folder("w", "x")

    def save_both(scene: Followed) -> None:
        for name in PLACES:
            folder.write(f"x/{name}", f"Text of {name}. Saved.".encode())
            scene.hint(f"x/{name}")

    scene = restarted(home, folder, save_both, "m/a.md")
    scene.pass_time(15)
    assert stories(scene, "x") == {("x", "w")}
    assert home.check().problems == []


def test_events_that_were_lost_are_made_up_for_before_what_was_told_since_is_looked_at(
    home: Home, folder: WalkedFolder
) -> None:
    scene = restarted(home, folder, rename(folder, "n", "o"), "")
    scene.pass_time(0)
    folder.move_folder("w", "x")
    scene.lose()
    scene.pass_time(0.4)
    assert scene.looks == ["start"], "the next scan comes after as long as the last one took"
    rename(folder, "x", "z")(scene)
    scene.pass_time(15)
    assert stories(scene, "z") <= {("z", "w"), ("z", "x", "w")}
    assert home.check().problems == []


def test_what_is_deleted_while_the_service_was_dead_is_gone_though_something_is_saved_meanwhile(
    home: Home, folder: WalkedFolder
) -> None:
    folder.delete("w/p.md")

    scene = restarted(home, folder, save(folder, "m/new.md"), "m/p.md")
    scene.pass_time(15)
    assert "w/p.md" not in scene.texts()
    assert scene.texts()["m/new.md"] == "Saved."


def test_a_scan_that_finds_out_for_long_is_overtaken_after_a_while(home: Home, folder: WalkedFolder) -> None:
    texts = []

    scene = restarted(home, folder, save(folder, "m/a.md"), "m/b.md")
    inner = folder.at_key

    def at_key(key: str) -> None:
        inner(key)
        home.clock.advance(round(FINDING_OUT / 10 * 1e6))
        texts.append(home.queries().show("m/a.md").text)

    folder.at_key = at_key
    scene.pass_time(0)
    assert texts.index("Saved.") in (9, 10, 11)


def test_a_source_that_is_new_is_overtaken_at_once(home: Home) -> None:
    folder = WalkedFolder(home.clock)
    for name in "abcdefghijklmnop":
        folder.write(f"m/{name}.md", f"Text of {name}.".encode())
    home.clock.advance()
    there = []

    scene = restarted(home, folder, save(folder, "m/a.md"), "m/b.md")
    inner = folder.at_key

    def at_key(key: str) -> None:
        inner(key)
        if key == "m/p.md":
            there.append(home.keys().keys() == {"m/a.md"})

    folder.at_key = at_key
    scene.pass_time(0)
    assert there == [True], "long before the scan has listed all"


@pytest.mark.parametrize("each", [1_000, 100_000], ids=["before that is due", "once that is due"])
def test_what_was_renamed_unseen_stays_where_it_is_though_its_old_place_is_taken_during_the_scan(
    home: Home, folder: WalkedFolder, each: int
) -> None:
    documents = home.keys()
    folder.move("w/p.md", "w/p-old.md")

    def replace(scene: Followed) -> None:
        folder.write("w/p.tmp", b"Quite another text.")
        scene.hint("w/p.tmp")
        folder.move("w/p.tmp", "w/p.md")
        scene.watch.on_move("w/p.tmp", "w/p.md", False)

    scene = restarted(home, folder, replace, "m/a.md", each=each)
    scene.pass_time(15)
    assert home.keys().keys() == folder.files.keys()
    assert home.keys()["w/p-old.md"] == documents["w/p.md"]
    assert scene.texts()["w/p.md"] == "Quite another text."
    assert home.check().problems == []


def test_deletions_that_are_accepted_are_carried_out_though_something_is_saved_meanwhile(
    home: Home, folder: WalkedFolder
) -> None:
    for key in [key for key in folder.files if key not in ("m/a.md", "m/p.md")]:
        folder.delete(key)

    scene = restarted(home, folder, lambda scene: None, "m/a.md")
    scene.pass_time(1)
    assert len(scene.texts()) == 18, "so many deletions are not believed"
    folder.at_key = lambda key: save(folder, "m/a.md")(scene) if key == "m/a.md" else None
    scene.loop.ask(Request(Silence(), accept_deletions=True))
    scene.pass_time(5)
    assert set(scene.texts()) == {"m/a.md", "m/p.md"}


def test_what_was_deleted_unseen_is_gone_in_the_end_though_something_is_saved_in_every_long_scan(
    home: Home,
) -> None:
    folder, many = WalkedFolder(home.clock), 250
    for number in range(2 * many):
        folder.write(f"{number:03}.md", f"Text of {number}.".encode())
    home.clock.advance()
    Followed(home, folder).pass_time(1)
    for number in range(many - 10):
        folder.delete(f"{number:03}.md")
    scene = Followed(home, folder)

    def at_key(key: str) -> None:
        if key == "498.md" and " " not in scene.looks[-1]:
            home.clock.advance(20_000_000)
            folder.write("400.md", f"Saved at {home.clock.now()}.".encode())
            scene.hint("400.md")

    folder.at_key = at_key
    scene.pass_time(100)
    assert scene.texts().keys() == folder.files.keys()


def test_events_that_are_lost_again_and_again_make_one_scan(home: Home, folder: WalkedFolder) -> None:
    scene = restarted(home, folder, lambda scene: None, "")
    scene.pass_time(0)
    for _ in range(3):
        scene.lose()
        scene.pass_time(0.4)
    scene.pass_time(60)
    assert scene.looks == ["start", "changes"]


def test_more_than_is_looked_at_place_by_place_is_not_taken_for_lost(
    home: Home, folder: WalkedFolder
) -> None:
    scene = restarted(home, folder, lambda scene: None, "")
    scene.pass_time(0)
    for number in range(501):
        scene.hint(f"{number}/new.md")
    scene.pass_time(0.5)
    assert scene.looks == ["start"], "all of it is to be listed, some time after the last time"
    folder.write("m/a.md", b"Saved.")
    scene.hint("m/a.md")
    scene.pass_time(0.5)
    assert scene.looks == ["start", "changes m/a.md"]


def test_what_is_saved_during_the_first_scan_is_there_before_all_that_is_new_was_indexed(
    home: Home, folder: WalkedFolder
) -> None:
    for number in range(20):
        folder.write(f"new/{number:02}.md", f"New text {number}.".encode())

    scene = restarted(home, folder, save(folder, "m/a.md"), "m/b.md")
    there: list[tuple[int, str]] = []
    scene.at_step = lambda name: there.append((len(home.keys()), scene.texts()["m/a.md"]))
    scene.pass_time(0)
    assert min(count for count, text in there if text == "Saved.") < 25
    assert len(home.keys()) == 38
