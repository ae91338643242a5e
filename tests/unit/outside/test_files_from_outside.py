"""Folders that another process looks at: odd names, large documents, many of them, and what is kept in memory."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.files import create
from connectors.git import create as create_git
from indexer.outside.connector import OutsideConnector, look_from_outside
from indexer.outside.recipe import Recipe
from indexer.ports import KeepsCopies, ListingEnd, Observed

ODD = [
    b"caf\xe9.md",
    b"line\nfeed.md",
    b"tab\t.md",
    b"\xff\xfe",
    b"\xef\xbf\xbd.md",
    "Grüße 🙂.md".encode(),
    b"a\\u0000.md",
]


@pytest.fixture
def share(tmp_path: Path) -> Iterator[OutsideConnector]:
    (tmp_path / "share").mkdir()
    connector = look_from_outside(
        Recipe("connectors.files:create", "share", {"root": str(tmp_path / "share")})
    )
    yield connector
    connector.close()


def observed(connector: OutsideConnector) -> list[Observed]:
    return [event for event in connector.changes(None) if isinstance(event, Observed)]


def test_names_of_whatever_bytes_are_listed_and_read(tmp_path: Path, share: OutsideConnector) -> None:
    for name in ODD:
        with open(os.path.join(os.fsencode(tmp_path / "share"), name), "wb") as file:  # noqa: PTH118 - bytes
            file.write(name * 3)

    states = observed(share)

    inside = create("share", {"root": str(tmp_path / "share")})
    assert [state.key for state in states] == [e.key for e in inside.changes(None) if isinstance(e, Observed)]
    assert sorted(state.read().data for state in states) == sorted(name * 3 for name in ODD)
    (again,) = [state for state in states if state.read().data == b"caf\xe9.md" * 3]
    os.kill(share.pid or 0, 9)
    assert again.read().data == b"caf\xe9.md" * 3


def test_a_document_of_50_mb_arrives_whole(tmp_path: Path, share: OutsideConnector) -> None:
    data = bytes(range(256)) * (50_000_000 // 256)
    (tmp_path / "share" / "large.bin").write_bytes(data)

    (state,) = observed(share)

    assert state.read().data == data


def test_functions_that_nobody_will_call_are_not_kept(tmp_path: Path, share: OutsideConnector) -> None:
    for number in range(20):
        (tmp_path / "share" / f"{number}.md").write_text("text")
    states = observed(share)
    process = share._conversation._processes[0]
    first = states[0]
    del states
    gc.collect()
    assert len(process.forgotten) == 19

    assert first.read().data == b"text"

    assert not process.forgotten


def test_what_a_connector_says_of_itself_is_said_from_outside(tmp_path: Path) -> None:
    settings = {"url": "https://git.example.com/handbook.git"}
    outside = look_from_outside(Recipe("connectors.git:create", "docs", settings, tmp_path))
    inside = create_git("docs", settings, tmp_path)

    assert isinstance(outside, KeepsCopies)
    assert outside.copies == inside.copies
    assert (outside.kind, outside.uid, outside.snapshot, outside.lasting) == ("git", inside.uid, False, True)
    assert outside.watched() == ()
    assert outside.pid is None


def test_what_to_watch_is_told_without_looking_where_that_is_not_safe(tmp_path: Path) -> None:
    recipe = Recipe("connectors.files:create", "share", {"root": str(tmp_path), "exclude": ["*.log"]})
    (safe,) = look_from_outside(recipe).watched()
    (unsafe,) = look_from_outside(recipe, unsafe=lambda: [str(tmp_path)]).watched()

    assert (safe.root, safe.wants_file("a.log")) == (str(tmp_path), False)
    assert (unsafe.root, unsafe.wants_file("a.log")) == (str(tmp_path), True)


def test_what_the_settings_decide_starts_no_process(tmp_path: Path, share: OutsideConnector) -> None:
    listed = list(create("share", {"root": str(tmp_path / "share")}).changes(None))
    end = listed[-1]
    assert isinstance(end, ListingEnd)
    assert share.wants("offer.eml//terms.pdf")
    assert share.accept(end.cursor or "") == end.cursor
    assert share.pid is None
