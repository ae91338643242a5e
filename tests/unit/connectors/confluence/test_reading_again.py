"""States that are read a second time: an export is opened once for all that lies in it, and let go of."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import pytest

from connectors.confluence import create
from indexer.errors import ReadError
from indexer.ports import Observed
from tests.support.confluence_exports import write_csv, write_xml
from tests.support.confluence_wiki import Wiki


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def exports(folder: Path) -> Path:
    """Two of one wiki, with five versions, one of which the later export lacks."""
    folder.mkdir()
    wiki = Wiki()
    page = wiki.page("Leave", "<p>One.</p>")
    for number in ("Two", "Three", "Four", "Five"):
        wiki.edit(page, f"<p>{number}.</p>")
    write_csv(wiki, folder / "1.zip")
    wiki.forget(page, 1)
    write_xml(wiki, folder / "2.zip")
    return folder


def test_one_export_is_opened_once_for_all_that_is_read_from_it(tmp_path: Path, temporary: Path) -> None:
    wiki = create("wiki", {"path": str(exports(tmp_path / "exports"))}, tmp_path / "copies")
    states = {e.origin: e for e in wiki.changes(None) if isinstance(e, Observed) and e.title == "Leave"}
    assert len(states) == 5
    places = set()
    for origin, state in sorted(states.items(), reverse=True):
        assert origin is not None
        assert wiki.read_state(state.key, origin).data
        places.add(tuple(left_in(temporary)))
    # The first version lies in the older export alone, and is asked for last.
    assert len(places) == 2
    assert {len(place) for place in places} == {1}


def test_nothing_is_held_once_a_listing_begins_or_ends_or_the_connector_is_dropped(
    tmp_path: Path, temporary: Path
) -> None:
    wiki = create("wiki", {"path": str(exports(tmp_path / "exports"))}, tmp_path / "copies")
    listing = wiki.changes(None)
    state = next(e for e in listing if isinstance(e, Observed))
    assert state.origin is not None
    wiki.read_state(state.key, state.origin)
    assert left_in(temporary)
    for _ in listing:
        pass
    assert left_in(temporary) == []
    wiki.read_state(state.key, state.origin)
    next(iter(wiki.changes(None)))
    assert left_in(temporary) == []
    wiki.read_state(state.key, state.origin)
    del wiki, listing, state
    gc.collect()
    assert left_in(temporary) == []


def test_what_no_export_has_any_more_is_told_and_what_is_broken_is_passed_over(
    tmp_path: Path, temporary: Path
) -> None:
    folder = exports(tmp_path / "exports")
    wiki = create("wiki", {"path": str(folder)}, tmp_path / "copies")
    states = [e for e in wiki.changes(None) if isinstance(e, Observed) and e.title == "Leave"]
    (folder / "2.zip").write_bytes(b"PK no more")
    for state in states:
        assert state.origin is not None
        assert wiki.read_state(state.key, state.origin).data
    (folder / "1.zip").unlink()
    with pytest.raises(ReadError) as caught:
        wiki.read_state(states[0].key, states[0].origin or "")
    assert caught.value.reason == "vanished"
