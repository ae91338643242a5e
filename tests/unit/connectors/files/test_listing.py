"""What a listing of a real folder shows, and what it says that it could not see."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from connectors.files import create
from indexer.errors import SourceError
from indexer.model import TimeBasis
from indexer.ports import Event, ListingEnd, Observed, SourceTime, Unknown
from tests.support.privileges import permissions_enforced


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "share"
    root.mkdir()
    yield root
    for path in [root, *(path for path in root.rglob("*") if path.is_dir() and not path.is_symlink())]:
        path.chmod(0o700)


def write(root: Path, *keys: str) -> None:
    for key in keys:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(key)


def listing(
    root: Path, cursor: str | None = None, scopes: Sequence[str] | None = None, **settings: object
) -> list[Event]:
    with permissions_enforced():
        return list(create("files", {"root": str(root), **settings}).changes(cursor, scopes))


def keys(events: Sequence[Event]) -> list[str]:
    return [event.key for event in events if isinstance(event, Observed)]


def unknown(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(event.scope, event.reason) for event in events if isinstance(event, Unknown)]


def cursor_of(events: Sequence[Event]) -> str:
    end = events[-1]
    assert isinstance(end, ListingEnd)
    assert end.cursor is not None
    return end.cursor


def with_devices(cursor: str, **devices: int) -> str:
    """The cursor of a scan that saw mount points at these folders, on devices so far from the true ones."""
    value = json.loads(cursor)
    here = value["devices"][""]
    trusted = {"": here} | {folder.strip("_"): here + offset for folder, offset in devices.items()}
    return json.dumps({"v": 1, "devices": trusted, "seen": trusted})


# --- what is observed ---


def test_a_document_is_observed_with_its_stat(root: Path) -> None:
    write(root, "guide/a.md")
    os.utime(root / "guide/a.md", ns=(0, 1_600_000_000_123_456_789))
    status = (root / "guide/a.md").stat()
    event = listing(root)[0]
    assert isinstance(event, Observed)
    assert (event.key, event.size, event.origin, event.lineage) == ("guide/a.md", 10, None, None)
    assert event.etag == f"10:1600000000123456789:{status.st_ino}:{status.st_ctime_ns}"
    assert event.file_id == f"{status.st_dev}:{status.st_ino}"
    assert event.times == (
        SourceTime(1_600_000_000_123_456, TimeBasis.MTIME),
        SourceTime(status.st_ctime_ns // 1000, TimeBasis.CTIME),
    )


def test_keys_come_in_the_order_of_whole_paths(root: Path) -> None:
    names = ["a/z.md", "a-b.md", "a.md", "a0", "b/c/d.md", "b/c.md", "ä.md", "Z.md"]
    write(root, *names)
    assert keys(listing(root)) == sorted(names)


def test_names_that_are_not_utf8_are_listed_and_read(root: Path) -> None:
    folder = os.fsencode(root) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102
    Path(os.fsdecode(folder + b"/\xff.md")).write_bytes(b"bytes")
    (event, _) = listing(root)
    assert isinstance(event, Observed)
    assert event.key == "caf\N{REPLACEMENT CHARACTER}e9/\N{REPLACEMENT CHARACTER}ff.md"
    assert event.read().data == b"bytes"
    assert keys(listing(root, None, [event.key])) == [event.key]


def test_a_deep_tree_is_listed_whole(root: Path) -> None:
    deep = "/".join(["d"] * 200) + "/a.md"
    write(root, deep)
    assert keys(listing(root)) == [deep]


def test_symlinks_are_not_followed_and_are_no_error(root: Path, tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.md")
    write(root, "a.md")
    (root / "inside.md").symlink_to("a.md")
    (root / "outside.md").symlink_to(tmp_path / "outside/secret.md")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(".")
    (root / "dangling").symlink_to("nowhere")
    assert (keys(listing(root)), unknown(listing(root))) == (["a.md"], [])
    assert keys(listing(root, None, ["folder/secret.md", "folder", "outside.md"])) == []


def test_the_root_may_be_a_symlink(root: Path, tmp_path: Path) -> None:
    write(root, "a.md")
    (tmp_path / "link").symlink_to(root)
    events = listing(tmp_path / "link")
    assert keys(events) == ["a.md"]
    assert isinstance(events[0], Observed)
    assert events[0].read().data == b"a.md"


def test_pipes_and_sockets_are_skipped(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, "a.md")
    os.mkfifo(root / "pipe.md")
    monkeypatch.chdir(root)  # a socket's path is limited to 108 bytes
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket.md")
        assert [type(event) for event in listing(root)] == [Observed, ListingEnd]


def test_excluded_folders_are_not_even_opened(root: Path) -> None:
    write(root, "a.md", "node_modules/b.md", "private/c.md")
    (root / "node_modules").chmod(0)
    (root / "private").chmod(0)
    events = listing(root, exclude=["private/"])
    assert (keys(events), unknown(events)) == (["a.md"], [])


def test_a_scope_that_is_excluded_yields_nothing(root: Path) -> None:
    write(root, "drafts/a.md", "b.tmp", "c.md")
    assert keys(listing(root, None, ["drafts/a.md", "drafts", "b.tmp", "c.md"], exclude=["drafts"])) == [
        "c.md"
    ]


def test_an_empty_root_is_a_complete_listing_of_nothing(root: Path) -> None:
    (end,) = listing(root)
    assert isinstance(end, ListingEnd)
    assert end.complete


# --- what cannot be seen ---


def test_a_folder_that_may_not_be_read_is_unknown(root: Path) -> None:
    write(root, "a.md", "closed/b.md", "closed/deep/c.md", "d.md")
    (root / "closed").chmod(0)
    events = listing(root)
    assert keys(events) == ["a.md", "d.md"]
    assert unknown(events) == [("closed", "permission")]
    assert cursor_of(events)


def test_a_folder_whose_files_may_not_be_looked_at_is_unknown_once(root: Path) -> None:
    write(root, "closed/a.md", "closed/b.md", "closed/deep/c.md")
    (root / "closed").chmod(0o400)
    assert unknown(listing(root)) == [("closed", "permission")]


def test_a_scope_behind_a_closed_folder_is_unknown(root: Path) -> None:
    write(root, "closed/deep/a.md")
    (root / "closed").chmod(0)
    assert unknown(listing(root, None, ["closed/deep/a.md"])) == [("closed", "permission")]


def test_a_scope_that_vanished_yields_nothing(root: Path) -> None:
    write(root, "a.md", "file")
    events = listing(root, None, ["gone.md", "gone/deep", "file/below"])
    assert [type(event) for event in events] == [ListingEnd]


def test_a_folder_that_vanishes_during_the_listing_is_not_unknown(root: Path) -> None:
    write(root, "a.md", "b/c.md", "d.md")
    events = create("files", {"root": str(root)}).changes(None)
    first = next(events)
    (root / "b/c.md").unlink()
    (root / "b").rmdir()
    rest = list(events)
    assert (keys([first, *rest]), unknown(rest)) == (["a.md", "d.md"], [])


def test_a_folder_that_becomes_a_symlink_during_the_listing_is_not_followed(
    root: Path, tmp_path: Path
) -> None:
    write(root, "a.md", "b/c.md")
    write(tmp_path, "outside/c.md")
    events = create("files", {"root": str(root)}).changes(None)
    next(events)
    (root / "b").rename(tmp_path / "moved")
    (root / "b").symlink_to(tmp_path / "outside")
    assert [type(event) for event in events] == [ListingEnd]


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda root: root.rmdir(), "source-missing"),
        (lambda root: (root.rmdir(), root.write_text("a file")), "source-not-a-folder"),
        (lambda root: root.chmod(0), "source-unreadable"),
    ],
)
def test_a_root_that_cannot_be_listed_is_an_error_and_not_an_empty_source(
    root: Path, prepare: Callable[[Path], object], code: str
) -> None:
    prepare(root)
    for scopes in (None, ["a.md"]):
        with pytest.raises(SourceError) as failure:
            listing(root, None, scopes)
        assert failure.value.code == code
        assert str(root) in failure.value.message
        assert failure.value.remedy
    if root.is_file():
        root.unlink()
        root.mkdir()
    root.mkdir(exist_ok=True)


def test_a_listing_leaves_no_descriptor_open(root: Path) -> None:
    write(root, "a/b/c.md", "a/b/d.md", "e.md")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    listing(root)
    events = create("files", {"root": str(root)}).changes(None)
    next(events)
    events.close()  # type: ignore[attr-defined]
    listing(root, None, ["a/b", "e.md", "a/x"])
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


# --- devices ---


def test_an_unchanged_device_is_not_mentioned(root: Path) -> None:
    write(root, "a.md")
    first = listing(root)
    assert unknown(first) == unknown(listing(root, cursor_of(first))) == []


def test_a_root_on_another_device_is_unknown_until_accepted(root: Path) -> None:
    write(root, "a.md")
    cursor = with_devices(cursor_of(listing(root)), _=1)
    for _ in range(3):
        events = listing(root, cursor)
        assert unknown(events) == [("", "other-device")]
        assert keys(events) == ["a.md"]
        cursor = cursor_of(events)
    accepted = create("files", {"root": str(root)}).accept(cursor)
    assert unknown(listing(root, accepted)) == []
    assert cursor_of(listing(root, accepted)) == accepted


def test_a_device_that_comes_back_is_trusted_as_before(root: Path) -> None:
    true = cursor_of(listing(root))
    assert cursor_of(listing(root, true)) == true
    away = json.loads(true)
    away["seen"] = {"": 1}  # what a scan saw while the share was away
    assert cursor_of(listing(root, json.dumps(away))) == true


def test_a_share_inside_that_is_not_mounted_makes_its_folder_unknown(root: Path) -> None:
    write(root, "a.md", "share/left-behind.md")
    cursor = with_devices(cursor_of(listing(root)), share=7)
    events = listing(root, cursor)
    assert unknown(events) == [("share", "other-device")]
    assert keys(events) == ["a.md", "share/left-behind.md"]
    assert unknown(listing(root, cursor, ["share/deep"])) == [("share", "other-device")]
    assert unknown(listing(root, cursor, ["a.md"])) == []


def test_a_share_inside_whose_folder_is_gone_is_unknown(root: Path) -> None:
    write(root, "a.md")
    cursor = with_devices(cursor_of(listing(root)), share=7)
    assert unknown(listing(root, cursor)) == [("share", "missing")]
    assert unknown(listing(root, cursor, ["share"])) == [("share", "missing")]
    again = cursor_of(listing(root, cursor))
    assert unknown(listing(root, again)) == [("share", "missing")]
    assert unknown(listing(root, create("files", {"root": str(root)}).accept(again))) == []


def test_a_share_beside_the_asked_scope_is_not_missed(root: Path) -> None:
    cursor = with_devices(cursor_of(listing(root)), share2=7)
    assert unknown(listing(root, cursor, ["share"])) == []


def test_a_share_inside_that_was_excluded_is_not_missed(root: Path) -> None:
    write(root, "a.md", "share/b.md")
    cursor = with_devices(cursor_of(listing(root)), share=7)
    assert unknown(listing(root, cursor, exclude=["share"])) == []


def test_a_share_in_a_closed_folder_is_still_remembered(root: Path) -> None:
    write(root, "closed/share/b.md")
    cursor = with_devices(cursor_of(listing(root)), **{"closed/share": 7})
    (root / "closed").chmod(0)
    events = listing(root, cursor)
    assert unknown(events) == [("closed", "permission")]
    assert json.loads(cursor_of(events))["seen"]["closed/share"]


MOUNTED = """
import subprocess, sys
from pathlib import Path
from connectors.files import create
from indexer.ports import Observed, Unknown

root = Path(sys.argv[1])
connector = create("files", {"root": str(root)})
def show(cursor):
    *events, end = connector.changes(cursor)
    print([(e.scope, e.reason) for e in events if isinstance(e, Unknown)], [e.key for e in events if isinstance(e, Observed)])
    return end.cursor
unmounted = show(None)
subprocess.run(["mount", "-t", "tmpfs", "none", root / "sub"], check=True)
(root / "sub/new.md").write_text("new")
show(unmounted)
mounted = show(None)
show(mounted)
subprocess.run(["umount", root / "sub"], check=True)
show(connector.accept(show(mounted)))
"""


def test_real_mounts_are_noticed_when_they_appear_and_disappear(root: Path) -> None:
    write(root, "sub/old.md")
    unshare = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run(
        [*unshare, "mount", "-t", "tmpfs", "none", root], capture_output=True, check=False
    ).returncode:
        pytest.skip("this system lets no test mount a file system")
    command = [*unshare, sys.executable, "-c", MOUNTED, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "[] ['sub/old.md']",
        "[('sub', 'other-device')] ['sub/new.md']",
        "[] ['sub/new.md']",
        "[] ['sub/new.md']",
        "[('sub', 'other-device')] ['sub/old.md']",
        "[] ['sub/old.md']",
    ]


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", "5", '{"v":2,"devices":{},"seen":{}}', '{"v":1,"devices":[],"seen":1}']
)
def test_a_cursor_that_another_release_wrote_is_refused(root: Path, cursor: str) -> None:
    with pytest.raises(SourceError, match="scan state") as failure:
        listing(root, cursor)
    assert failure.value.remedy
