"""What the write side reads of a source for a look at a few places: exactly what lies there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fake_folder import FakeFolder
from tests.support.indexes import Home

KEYS = ("a", "a.md", "a/b.md", "a/c/d.md", "a-z.md", "a0", "ab/c.md", "b/é.md", "b/%.md", "b/_.md", "c/a")
SCOPES = ("a", "a/c", "a/b.md", "ab", "b", "b/é.md", "c/a", "c", "d", "%", "A")


def within(key: str, scopes: tuple[str, ...]) -> bool:
    return any(key == scope or key.startswith(f"{scope}/") for scope in scopes)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Documents at all keys; others were at the same keys with ``x`` before and are deleted."""
    home = Home(tmp_path / "home")
    folder = FakeFolder(home.clock)
    for key in KEYS:
        folder.write(key, key.encode())
        folder.write(f"{key}x", f"{key} for a while".encode())
    home.backfill(folder)
    for key in KEYS:
        folder.delete(f"{key}x")
    home.backfill(folder, accept_deletions=True)
    yield home
    home.close()


@pytest.mark.parametrize("scopes", [*((scope,) for scope in SCOPES), ("a/c", "b"), (), ("d", "c/a", "a0")])
def test_what_was_seen_at_or_under_some_keys_is_read_and_nothing_else(
    home: Home, scopes: tuple[str, ...]
) -> None:
    with home.index.catalog.recorded() as state:
        assert set(state.seen(1, scopes)) == {key for key in KEYS if within(key, scopes)}
        assert state.seen(1, scopes).items() <= state.seen(1).items()


@pytest.mark.parametrize("scopes", [*((f"{scope}x",) for scope in SCOPES), ("a/c", "b"), ()])
def test_what_was_deleted_at_or_under_some_keys_is_read_and_nothing_else(
    home: Home, scopes: tuple[str, ...]
) -> None:
    with home.index.catalog.recorded() as state:
        assert set(state.buried(1, scopes)) == {f"{key}x" for key in KEYS if within(f"{key}x", scopes)}
        assert state.buried(1, scopes).items() <= state.buried(1).items()


def test_no_scopes_and_the_empty_one_are_everything(home: Home) -> None:
    with home.index.catalog.recorded() as state:
        assert set(state.seen(1)) == set(state.seen(1, ("",))) == set(KEYS)
        assert set(state.buried(1)) == set(state.buried(1, ("",))) == {f"{key}x" for key in KEYS}
        assert state.live(1) == len(KEYS)


def test_another_source_has_none_of_it(home: Home) -> None:
    with home.index.catalog.recorded() as state:
        assert (state.seen(2, ("a",)), state.buried(2, ("a",)), state.live(2)) == ({}, {}, 0)
