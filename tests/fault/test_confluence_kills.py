"""A process that dies while it reads exports: the next one goes on, embeds nothing twice, and nothing shows of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.confluence import create
from connectors.confluence.connector import ConfluenceConnector
from indexer.ingest.index import IngestLimits
from tests.support.confluence_exports import write_csv, write_html, write_xml
from tests.support.confluence_wiki import Wiki
from tests.support.indexes import Crash, Home, fast_folder

PAGES = 6


@pytest.fixture
def place() -> Iterator[Path]:
    folder = fast_folder("wiki-")
    yield folder
    shutil.rmtree(folder)


def written(place: Path) -> Path:
    """Three exports of one wiki, in which something of everything happens."""
    wiki, exports = Wiki(), place / "exports"
    pages = [wiki.page(f"Page {n}", f"<h2>One</h2><p>First {n}.</p>") for n in range(PAGES)]
    for page in pages[:3]:
        wiki.edit(page, f"<p>Second of {page.title}.</p>")
    file = wiki.attach(pages[0], "form.txt", b"Name:")
    wiki.comment(pages[0], "<p>Too few!</p>")
    write_xml(wiki, exports / "c.zip")
    wiki.edit(pages[1], "<p>Third.</p>")
    wiki.edit(file, data=b"Name, place:")
    wiki.remove(pages[4])
    wiki.trash(pages[5])
    write_csv(wiki, exports / "b.zip")
    wiki.restore(pages[5])
    wiki.page("New", "<p>New.</p>")
    wiki.forget(pages[1], 1)
    write_xml(wiki, exports / "a.zip")
    return exports


def connector(place: Path, exports: Path) -> ConfluenceConnector:
    return create("wiki", {"path": str(exports), "comments": True}, place / "copies")


def opened(place: Path) -> Home:
    return Home(place / "home", limits=IngestLimits(batch_passages=3, batch_documents=2))


def test_a_crash_at_any_step_leaves_nothing_behind(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One commit for every document, so that there are many places to die at.
    monkeypatch.setattr("connectors.confluence.listing._TOGETHER", 1)
    exports = written(place)
    with opened(place / "undisturbed") as undisturbed:
        undisturbed.backfill(connector(place, exports))
        steps = len(undisturbed.steps.passed)
        assert steps > 20
        expected = undisturbed.state()
    for count in range(1, steps + 1, 3):
        home = opened(place / f"crash-{count}")
        home.crash_at("", count)
        assert home.crashed(lambda home=home: home.backfill(connector(place, exports))), count  # type: ignore[misc]
        home.backfill(connector(place, exports))
        assert home.state() == expected, count
        assert home.check().problems == []
        before = home.sizes()
        home.backfill(connector(place, exports))
        assert home.sizes() == before | {"run": home.sizes()["run"]}
        home.close()


def test_two_crashes_in_a_row_leave_nothing_behind(place: Path) -> None:
    exports = written(place)
    with opened(place / "undisturbed") as undisturbed:
        undisturbed.backfill(connector(place, exports))
        expected = undisturbed.state()
    home = opened(place / "crashing")
    for step in ("passages written", "catalog committed", "passages written"):
        home.crash_at(step)
        assert home.crashed(lambda: home.backfill(connector(place, exports)))
    home.backfill(connector(place, exports))
    assert home.state() == expected
    assert home.check().problems == []
    home.close()


def test_staging_databases_of_killed_runs_are_removed(place: Path) -> None:
    exports, copies = written(place), place / "copies"
    home = opened(place)
    home.backfill(connector(place, exports))
    (own,) = copies.iterdir()
    assert list(own.iterdir()) == []
    (own / "staging-of-a-killed-run").mkdir()
    (own / "staging-of-a-killed-run" / "rows").write_bytes(b"x" * 1000)
    home.backfill(connector(place, exports))
    assert list(own.iterdir()) == []
    home.close()


@pytest.mark.parametrize("write", [write_xml, write_csv, write_html])
def test_a_run_that_is_stopped_while_it_reads_ahead_ends_in_peace(
    place: Path, write: Callable[..., Path]
) -> None:
    """Bodies are read in other threads; whoever stops must not take their database away under them."""
    wiki = Wiki()
    for number in range(150):
        wiki.page(f"Page {number}", f"<p>Words {number}.</p>" * 20)
    write(wiki, place / "exports" / "one.zip")
    home = opened(place)
    for count in (1, 4, 9):
        home.crash_at("", count)
        with pytest.raises(Crash):
            home.backfill(connector(place, place / "exports"))
        home.reopen()
    home.backfill(connector(place, place / "exports"))
    assert len(home.keys()) == 151
    assert home.check().problems == []
    home.close()
