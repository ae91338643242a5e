"""What a listing finds at its path, when it takes it, and what it leaves behind for the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.attention import GivenUpError
from connectors.confluence.cursor import Cursor
from connectors.confluence.exports import find
from connectors.confluence.listing import Listing, staged
from connectors.confluence.settings import read_settings
from indexer.errors import SourceError
from indexer.ports import Event, ListingEnd, Observed, Remark, Survey, Unknown, Working
from tests.support.confluence_entities import xml_files
from tests.support.confluence_exports import age, pack, write_csv, write_html, write_xml
from tests.support.confluence_wiki import Wiki
from tests.support.fake_clock import START, FakeClock

NOW = START / 1_000_000


def listed(
    path: Path, cursor: str | None = None, sleep: Callable[[float], None] = lambda _: None, **settings: object
) -> list[Event]:
    """All events of one listing. Its clock stands still; `sleep` is what passes while it waits."""
    read = read_settings("wiki", {"path": str(path), **settings})
    return list(Listing(read, None, cursor, FakeClock(), sleep).events())


def of(events: list[Event], kind: type) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def end(events: list[Event]) -> str:
    """The cursor of a listing."""
    assert isinstance(events[-1], ListingEnd)
    assert events[-1].cursor is not None
    assert not events[-1].complete
    return events[-1].cursor


def test_an_export_that_was_written_long_ago_is_taken_at_once(tmp_path: Path) -> None:
    slept: list[float] = []
    write_xml(Wiki(), tmp_path / "one.zip")
    age(tmp_path / "one.zip", NOW - 3)
    assert of(listed(tmp_path, sleep=slept.append), Observed)
    assert slept == []


@pytest.mark.parametrize("name", ["one.zip", "one"])
def test_an_export_that_was_written_just_now_is_looked_at_twice(tmp_path: Path, name: str) -> None:
    slept: list[float] = []
    export = write_xml(Wiki(), tmp_path / name)
    age(export, NOW - 0.5)
    assert of(listed(tmp_path, sleep=slept.append), Observed)
    assert slept == [pytest.approx(1.5, abs=0.01)]


@pytest.mark.parametrize("where", ["entities.xml", "attachments/103/104/1"])
def test_an_unpacked_export_that_grows_is_left_alone_until_it_is_whole(tmp_path: Path, where: str) -> None:
    wiki = Wiki()
    wiki.attach(wiki.page("Leave"), "form.txt", b"Name:")
    export = write_xml(wiki, tmp_path / "one")
    (export / where).write_bytes(b"<hibernate-generic>")
    age(export, NOW - 0.5)

    def grow(_: float) -> None:
        with (export / where).open("ab") as file:
            file.write(b"<object>")
        age(export, NOW + 1)

    events = listed(tmp_path, sleep=grow)
    (unknown,) = of(events, Unknown)
    assert isinstance(unknown, Unknown)
    assert (unknown.scope, unknown.reason) == ("one", "incomplete")
    assert of(events, Observed) == []
    write_xml(wiki, export)
    assert of(listed(tmp_path, end(events)), Observed)


def test_a_zip_that_grows_is_left_alone_until_it_is_whole(tmp_path: Path) -> None:
    export = write_xml(Wiki(), tmp_path / "one.zip")
    whole = export.read_bytes()
    export.write_bytes(whole[:500])
    age(export, NOW - 0.5)

    def grow(_: float) -> None:
        export.write_bytes(whole[:1000])
        age(export, NOW + 1)

    events = listed(tmp_path, sleep=grow)
    assert [event.reason for event in of(events, Unknown) if isinstance(event, Unknown)] == ["incomplete"]
    export.write_bytes(whole)
    age(export, NOW - 3)
    assert of(listed(tmp_path, end(events)), Observed)


def test_an_export_that_is_taken_away_while_it_settles_is_no_error(tmp_path: Path) -> None:
    export = write_xml(Wiki(), tmp_path / "one.zip")
    age(export, NOW - 0.5)
    events = listed(tmp_path, sleep=lambda _: export.unlink())
    assert len(of(events, Unknown)) == 1
    assert of(listed(tmp_path, end(events)), Unknown) == []


def test_what_was_told_is_not_told_again_unless_it_or_the_settings_change(tmp_path: Path) -> None:
    wiki = Wiki()
    write_xml(wiki, tmp_path / "one.zip")
    cursor = end(listed(tmp_path))
    assert listed(tmp_path, cursor) == [ListingEnd(complete=False, cursor=cursor)]
    assert of(listed(tmp_path, cursor, comments=True), Survey)
    assert of(listed(tmp_path, cursor, zone="Europe/Berlin"), Survey)
    wiki.page("Leave")
    write_xml(wiki, tmp_path / "one.zip")
    assert of(listed(tmp_path, cursor), Survey)


def test_a_file_of_an_unpacked_export_that_changes_is_a_change_of_it(tmp_path: Path) -> None:
    wiki = Wiki()
    wiki.attach(wiki.page("Leave"), "form.txt", b"Name:")
    write_xml(wiki, tmp_path / "one")
    cursor = end(listed(tmp_path))
    (tmp_path / "one" / "attachments" / "103" / "104" / "1").write_bytes(b"Name, place:")
    age(tmp_path / "one")
    assert of(listed(tmp_path, cursor), Survey)


@pytest.mark.parametrize("text", [None, "", "rubbish", "[]", "{}", '{"v": 1}', '{"v": 99, "choice": ""}'])
def test_a_cursor_that_cannot_be_read_is_a_new_one(text: str | None) -> None:
    assert Cursor.read(text) == Cursor()


def test_a_cursor_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_xml(Wiki(), tmp_path / "one.zip")
    (tmp_path / "two.zip").write_bytes(b"no zip")
    age(tmp_path / "two.zip")
    cursor = end(listed(tmp_path))
    assert Cursor.read(cursor).write() == cursor
    assert set(Cursor.read(cursor).exports) == {"one.zip", "two.zip"}
    assert Cursor.read(cursor).exports["two.zip"].problem is not None


def test_what_was_looked_at_is_remembered_when_the_export_is_gone(tmp_path: Path) -> None:
    wiki = Wiki()
    older = write_xml(wiki, tmp_path / "older.zip")
    older.rename(tmp_path / "older")
    newer = write_csv(wiki, tmp_path / "newer.zip")
    cursor = end(listed(tmp_path))
    newer.unlink()
    (tmp_path / "older").rename(older)
    for survey in of(listed(tmp_path, cursor), Survey):
        assert isinstance(survey, Survey)
        assert survey.superseded is not None
        assert survey.superseded.instant > survey.time.instant


def test_exports_are_found_at_any_depth_and_under_any_name(tmp_path: Path) -> None:
    wiki = Wiki()
    write_xml(wiki, tmp_path / "2025" / "HR.ZIP.zip")
    write_xml(wiki, tmp_path / "2026" / "spring" / "HR")
    write_csv(wiki, tmp_path / "2026" / "table")
    write_html(wiki, tmp_path / "site")
    (tmp_path / "2025" / "HR.ZIP.zip").replace(tmp_path / "2025" / "HR.ZIP")
    names = [found.name for found in find(tmp_path)]
    assert names == ["2025/HR.ZIP", "2026/spring/HR", "2026/table", "site"]


def test_what_lies_in_an_export_is_no_export(tmp_path: Path) -> None:
    wiki = Wiki()
    wiki.attach(wiki.page("Leave"), "old.zip", b"PK")
    write_xml(wiki, tmp_path / "one")
    pack(tmp_path / "one" / "attachments" / "inner", xml_files(wiki))
    assert [found.name for found in find(tmp_path)] == ["one"]


def test_a_page_beside_exports_is_none_and_one_alone_is_told(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<html><body>a listing</body></html>")
    assert [found.name for found in find(tmp_path)] == [tmp_path.name]
    (unknown,) = of(listed(tmp_path), Unknown)
    assert isinstance(unknown, Unknown)
    assert unknown.reason == "not-an-export"
    write_xml(Wiki(), tmp_path / "one.zip")
    assert [found.name for found in find(tmp_path)] == ["one.zip"]


def test_a_path_with_nothing_there_is_an_error_of_the_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is nothing at"):
        listed(tmp_path / "nowhere")


def test_a_zone_that_is_set_is_not_asked_for(tmp_path: Path) -> None:
    files = xml_files(Wiki())
    del files["exportDescriptor.properties"]
    pack(tmp_path / "one.zip", files)
    said = [event.detail for event in of(listed(tmp_path), Remark) if isinstance(event, Remark)]
    assert any("time zone" in detail for detail in said)
    assert of(listed(tmp_path, zone="Asia/Tokyo"), Remark) == []


def test_while_an_export_is_waited_for_there_are_signs_of_it_and_who_stops_listening_waits_no_longer(
    tmp_path: Path,
) -> None:
    stopped = threading.Event()

    def sleep(_: float) -> None:
        assert stopped.wait(30)

    age(write_xml(Wiki(), tmp_path / "one.zip"), NOW - 0.5)
    read = read_settings("wiki", {"path": str(tmp_path)})
    events = Listing(read, None, None, FakeClock(), sleep).events()
    assert next(events) == Working()
    stopped.set()
    events.close()  # type: ignore[attr-defined]
    assert "at the source" not in {thread.name for thread in threading.enumerate()}


def test_an_export_that_nobody_waits_for_is_not_read_to_its_end(tmp_path: Path) -> None:
    wiki, folder = Wiki(), tmp_path / "staging"
    [found] = find(write_xml(wiki, tmp_path / "one.zip"))
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(GivenUpError), staged(found, folder, given_up):
        raise AssertionError
    assert list(folder.iterdir()) == []
