"""Looked at by another process, a source of whatever kind gives the index that it gives otherwise."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from indexer.ingest.index import ConfiguredSource
from indexer.outside.connector import OutsideConnector, look_from_outside
from indexer.outside.recipe import Recipe
from indexer.ports import Connector, Event
from tests.support.confluence_exports import write_xml
from tests.support.confluence_wiki import Wiki
from tests.support.git_repository import GitRepository
from tests.support.indexes import Home


def folder(tmp_path: Path) -> Recipe:
    """With a mail that carries something."""
    share = tmp_path / "share"
    share.mkdir()
    for number in range(40):
        (share / f"{number}.md").write_text(f"# Rule {number}\n\nIt is so.\n")
    (share / "offer.eml").write_bytes(
        b"Subject: an offer\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=X\n\n--X\nContent-Type: text/plain\n\n"
        b"See the terms.\n--X\nContent-Type: text/plain\nContent-Disposition: attachment; filename=terms.txt\n\nThe terms.\n--X--\n"
    )
    return Recipe("connectors.files:create", "source", {"root": str(share)})


def repository(tmp_path: Path) -> Recipe:
    """With a tag beside the branch."""
    made = GitRepository(tmp_path / "repository")
    for number in range(30):
        made.write(f"{number % 7}.md", f"Version {number}.\n").commit(f"commit {number}")
    made.switch("side")
    made.write("0.md", "Beside.\n").commit("beside")
    made.tag("v1", annotated=True)
    made.switch("main")
    made.move("1.md", "one.md").commit("rename")
    return Recipe("connectors.git:create", "source", {"path": str(made.folder)}, tmp_path / "copies")


def exports(tmp_path: Path) -> Recipe:
    """Two, one after the other."""
    wiki, place = Wiki(), tmp_path / "exports"
    place.mkdir()
    page = wiki.page("Leave", "<p>Ten days.</p>")
    wiki.attach(page, "form.txt", b"A form.")
    write_xml(wiki, place / "one.zip")
    wiki.edit(page, "<p>Twenty days.</p>")
    wiki.page("Travel", "<p>Book early.</p>")
    write_xml(wiki, place / "two.zip")
    return Recipe("connectors.confluence:create", "source", {"path": str(place)}, tmp_path / "copies")


KINDS = [folder, repository, exports]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def recipe(request: pytest.FixtureRequest, tmp_path: Path) -> Recipe:
    made: Recipe = request.param(tmp_path)
    return made


class Mortal:
    """A connector whose process dies when it has told everything: what is read then, another one has to read."""

    def __init__(self, outside: OutsideConnector) -> None:
        self.outside = outside
        self.deaths = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.outside, name)

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        events = list(self.outside.changes(cursor, scopes))
        if self.outside.pid is not None:
            os.kill(self.outside.pid, signal.SIGKILL)
            self.deaths += 1
        yield from events


def state(folder: Path, connector: Connector) -> object:
    with Home(folder) as home:
        report = home.backfill(ConfiguredSource("source", connector))
        assert report.sources[0].problems == []
        again = home.backfill(ConfiguredSource("source", connector))
        assert again.sources[0].versions_added == 0
        assert home.check().ok
        return home.state()


def test_the_index_is_the_same(recipe: Recipe, tmp_path: Path) -> None:
    outside = look_from_outside(recipe)
    try:
        seen = state(tmp_path / "outside", outside)
        assert outside.pid is not None
    finally:
        outside.close()

    assert seen == state(tmp_path / "inside", recipe.make())


def test_the_index_is_the_same_though_the_process_dies_between_listing_and_reading(
    tmp_path: Path, recipe: Recipe
) -> None:
    if "git" in recipe.factory:
        pytest.skip("tags are looked at before the listing goes on")
    mortal = Mortal(look_from_outside(recipe))
    try:
        seen = state(tmp_path / "outside", mortal)  # type: ignore[arg-type]
        assert mortal.deaths == 2
    finally:
        mortal.outside.close()

    assert seen == state(tmp_path / "inside", recipe.make())
