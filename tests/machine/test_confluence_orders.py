"""Exports of one wiki, told in every order: the index comes to believe the same of every document."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.confluence import create
from tests.support.confluence_exports import write_csv, write_html, write_xml
from tests.support.confluence_wiki import Wiki
from tests.support.indexes import Home, fast_folder

Write = Callable[[Wiki, Path], Path]
Line = list[tuple[str, tuple[str, ...], str | None, str]]


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("orders-")
    yield folder
    shutil.rmtree(folder)


def life(place: Path, writers: tuple[Write, ...]) -> list[Path]:
    """Exports between which pages are edited, renamed, trashed, restored, deleted and made."""
    wiki, exports = Wiki(), []

    def export() -> None:
        write = writers[len(exports) % len(writers)]
        exports.append(write(wiki, place / f"{len(exports)}.zip"))

    edited = wiki.page("Edited", "<p>One.</p>")
    coming = wiki.page("Coming and going", "<p>Here.</p>")
    gone = wiki.page("Gone", "<p>Gone.</p>")
    wiki.page("Quiet", "<p>Quiet.</p>", labels=["quiet"])
    file = wiki.attach(edited, "form.txt", b"Name:")
    export()
    wiki.edit(edited, "<p>Two.</p>")
    wiki.trash(coming)
    wiki.remove(gone)
    export()
    wiki.restore(coming)
    wiki.edit(edited, "<p>Three.</p>", title="Edited and renamed")
    wiki.edit(file, data=b"Name, place:")
    wiki.page("New", "<p>New.</p>", labels=["new"])
    export()
    wiki.edit(edited, "<p>One.</p>")
    wiki.edit(coming, "<p>Elsewhere.</p>")
    wiki.forget(edited, 2)
    export()
    return exports


def believed(home: Home) -> dict[str, Line]:
    """Of each document that the index has, by its first key, what is on its line, oldest first."""
    found = {}
    with home.index.catalog.snapshot() as snapshot:
        for (no,) in home.sql("SELECT no FROM document"):
            versions = [v for v in snapshot.versions(no) if v.number is not None]
            found[versions[-1].key] = [
                (v.kind.value, tuple(v.labels), v.title, v.text_hash or "") for v in versions
            ]
    return found


def told(place: Path, exports: tuple[Path, ...]) -> dict[str, Line]:
    """What is believed when the exports come one after another."""
    folder = place / "exports"
    folder.mkdir(parents=True)
    with Home(place / "home") as home:
        connector = create("wiki", {"path": str(folder)}, place / "copies")
        for export in exports:
            shutil.copy2(export, folder / export.name)
            home.backfill(connector, accept_deletions=True)
        assert home.check().problems == []
        return believed(home)


@pytest.mark.parametrize(
    "writers",
    [(write_xml,), (write_csv,), (write_xml, write_csv)],
    ids=["xml", "csv", "xml and csv"],
)
def test_in_whatever_order_exports_come_the_same_is_believed(place: Path, writers: tuple[Write, ...]) -> None:
    exports = life(place, writers)
    expected = None
    for number, order in enumerate(itertools.permutations(exports)):
        found = told(place / f"order-{number}", order)
        expected = expected or found
        assert found == expected, [export.stem for export in order]


def test_with_html_among_them_the_present_is_the_same(place: Path) -> None:
    """HTML exports know no numbers, so that what they add depends on what is known already."""
    exports = life(place, (write_html, write_xml))
    expected = None
    for number, order in enumerate(itertools.permutations(exports)):
        found = {key: line[-1][0::3] for key, line in told(place / f"order-{number}", order).items()}
        expected = expected or found
        assert found == expected, [export.stem for export in order]
