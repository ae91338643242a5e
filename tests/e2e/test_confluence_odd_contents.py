"""Exports that are broken or odd inside: what can be read is indexed, what cannot is told, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.confluence_workplace import BrokenWorkplace
from tests.support.confluence_entities import xml_files
from tests.support.confluence_exports import pack, write_csv, write_xml
from tests.support.confluence_tables import csv_files
from tests.support.confluence_wiki import Item


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> BrokenWorkplace:
    return BrokenWorkplace(tmp_path, capsys)


# --- XML ----------------------------------------------------------------------------------------


def moved_behind_a_break(files: dict[str, bytes], *marks: str) -> dict[str, bytes]:
    """The export, as if it broke off before the objects that begin so."""
    text = files["entities.xml"].decode()
    for mark in marks:
        start = text.index(mark)
        text = text[:start] + text[text.index("</object>", start) + len("</object>\n") :]
    text = text.replace("</hibernate-generic>", '<object class="Page" pack')
    return {**files, "entities.xml": text.encode()}


def begins(class_: str, id_: str, package: str = "pages") -> str:
    return f'<object class="{class_}" package="com.atlassian.confluence.{package}">\n<id name="id">{id_}</id>'


def test_xml_that_stops_in_the_middle_is_indexed_up_to_there_and_buries_nothing(
    work: BrokenWorkplace,
) -> None:
    new = work.wiki.page("New", "<p>New days.</p>")
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    other = work.wiki.page("Other", "<p>Other days.</p>")
    files = xml_files(work.wiki)
    pack(work.exports / "new.zip", moved_behind_a_break(files, begins("Page", other.id)))
    said = work.run("backfill").out
    assert "entities.xml in new.zip is not whole" in " ".join(said.split())
    assert work.kinds(work.page.id) == ["1", "2"]
    assert work.kinds(new.id) == ["1"]
    assert work.run("show", other.id).code == 3
    (failure,) = work.failures()
    assert (failure["key"], failure["reason"]) == ("new.zip", "damaged")
    work.mended("new.zip")
    assert work.kinds(other.id) == ["1"]


def test_a_page_whose_present_body_stands_behind_the_break_does_not_fall_back(work: BrokenWorkplace) -> None:
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "two.zip")
    work.backfill()
    work.wiki.tick()
    body = begins("BodyContent", f"9{work.page.id}", "core")
    pack(work.exports / "new.zip", moved_behind_a_break(xml_files(work.wiki), body))
    work.run("backfill")
    assert work.kinds(work.page.id) == ["1", "2"]
    assert "Twenty days." in work.text(work.page.id)
    work.mended("new.zip")
    assert work.kinds(work.page.id) == ["1", "2"]


def test_a_page_whose_space_stands_behind_the_break_is_no_second_one(work: BrokenWorkplace) -> None:
    work.wiki.attach(work.page, "form.txt", b"Name:")
    write_xml(work.wiki, work.exports / "two.zip")
    work.backfill()
    before = work.json("status")["totals"]["documents"]
    work.wiki.tick()
    space = begins("Space", work.wiki.space.id, "spaces")
    pack(work.exports / "new.zip", moved_behind_a_break(xml_files(work.wiki), space))
    work.run("backfill")
    assert work.json("status")["totals"]["documents"] == before
    assert "Ten days." in work.text(work.page.id)
    pack(work.exports / "new.zip", moved_behind_a_break(xml_files(work.wiki), begins("Page", work.page.id)))
    work.run("backfill")
    assert work.json("status")["totals"]["documents"] == before


def test_labels_and_places_that_stand_behind_the_break_stay(work: BrokenWorkplace) -> None:
    below = work.wiki.page("Below", "<p>Below.</p>", parent=work.page, labels=["approved"])
    write_xml(work.wiki, work.exports / "two.zip")
    work.backfill()
    before = work.json("show", below.id)["document"]
    work.wiki.tick()
    files = xml_files(work.wiki)
    mark = begins("Labelling", f"710{below.id}", "labels")
    pack(work.exports / "new.zip", moved_behind_a_break(files, mark, begins("Page", work.page.id)))
    work.run("backfill")
    assert work.json("show", below.id)["document"] == before
    assert before["labels"] == ["approved"]


def test_an_older_whole_export_after_a_newer_broken_one_takes_nothing_back(work: BrokenWorkplace) -> None:
    """Somebody feeds yesterday's, since today's was broken."""
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    yesterday = write_xml(work.wiki, work.folder / "yesterday.zip")
    work.wiki.edit(work.page, "<p>Thirty days.</p>")
    new = work.wiki.page("New", "<p>New days.</p>")
    work.wiki.tick()
    pack(work.exports / "new.zip", moved_behind_a_break(xml_files(work.wiki)))
    work.run("backfill")
    assert work.kinds(work.page.id) == ["1", "2", "3"]
    yesterday.rename(work.exports / "yesterday.zip")
    work.run("backfill")
    assert work.kinds(work.page.id) == ["1", "2", "3"]
    assert "Thirty days." in work.text(work.page.id)
    assert work.kinds(new.id) == ["1"]


def test_control_characters_in_titles_and_bodies_are_left_out(work: BrokenWorkplace) -> None:
    page = work.wiki.page("Odd\x02 title", "<p>One\x08 two\x1c three.</p>")
    for write in (write_xml, write_csv):
        write(work.wiki, work.exports / "new.zip")
        assert work.backfill()["failed"] == 0
        assert work.versions(page.id)[-1]["title"] == "Odd title"
        assert "One two three." in work.text(page.id)
    assert work.kinds(page.id) == ["1"]


# --- CSV ----------------------------------------------------------------------------------------


def with_table(files: dict[str, bytes], name: str, change: Any) -> dict[str, bytes]:
    """The export with one of its tables changed, or without it."""
    table = f"{name}.csv.gz"
    changed = change(files[table])
    return {**{k: v for k, v in files.items() if k != table}, **({} if changed is None else {table: changed})}


@pytest.mark.parametrize("table", ["content", "bodycontent", "spaces"])
def test_a_csv_export_that_lacks_a_table_or_a_column_of_its_own_is_not_read(
    work: BrokenWorkplace, table: str
) -> None:
    files = csv_files(work.wiki)
    pack(work.exports / "new.zip", with_table(files, table, lambda _: None))
    reason = "not-an-export" if table == "content" else "damaged"
    said = work.fails("new.zip", reason)
    if table != "content":
        assert table in said
    key = {"content": b"contentid", "bodycontent": b"contentid", "spaces": b"spaceid"}[table]
    new = with_table(files, table, lambda data: data.replace(key, b"column", 1).replace(key, b"x", 1))
    pack(work.exports / "new.zip", new, 1_700_000_100)
    assert key.decode() in work.fails("new.zip", "damaged")


def test_a_broken_quote_costs_what_stands_behind_it_and_buries_nothing(work: BrokenWorkplace) -> None:
    new = work.wiki.page("New", '<p class="x">New days.</p>')
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    files = csv_files(work.wiki)
    broken = with_table(files, "bodycontent", lambda data: data.replace(b'""x"">New', b'"x"">New'))
    pack(work.exports / "new.zip", broken)
    outcome = work.run("backfill")
    assert outcome.code == 5
    assert "bodycontent.csv.gz" in outcome.out
    assert "line" in outcome.out
    assert "Traceback" not in outcome.err
    assert work.run("show", new.id).code == 3
    assert work.run("show", work.page.id).code == 0
    work.mended("new.zip")
    assert work.kinds(work.page.id) == ["1", "2"]
    assert work.kinds(new.id) == ["1"]


def test_csv_tables_about_access_that_are_missing_let_nobody_in(work: BrokenWorkplace) -> None:
    pack(work.exports / "new.zip", with_table(csv_files(work.wiki), "content_perm", lambda _: None))
    outcome = work.run("backfill")
    assert "content_perm" in " ".join(outcome.out.split())
    assert work.json("show", work.page.id)["document"]["access"]["restricted"]


# --- what is odd about single objects ---------------------------------------------------------------


@pytest.mark.parametrize("write", [write_xml, write_csv])
def test_a_body_of_20_megabytes_costs_only_itself(work: BrokenWorkplace, write: Any) -> None:
    new = work.wiki.page("Large", "<p>" + "words " * 3_400_000 + "</p>")
    work.wiki.edit(new, "<p>Small again.</p>")
    write(work.wiki, work.exports / "new.zip")
    assert work.backfill(code=5)["failed"] == 1
    (failure,) = work.failures()
    assert failure["reason"] == "too-large"
    assert new.states[0].id in failure["detail"]
    assert "new.zip" in failure["detail"]
    assert work.kinds(new.id) == ["unreadable 1", "2"]
    assert "Small again." in work.text(new.id)


@pytest.mark.parametrize("write", [write_xml, write_csv])
def test_an_unknown_kind_of_body_costs_only_itself(work: BrokenWorkplace, write: Any) -> None:
    new = work.wiki.page("New", "<p>New days.</p>")
    work.wiki.edit(new, '{"some": "data"}')
    new.present.body_type = 7
    write(work.wiki, work.exports / "new.zip")
    assert work.backfill(code=5)["failed"] == 1
    (failure,) = work.failures()
    assert failure["reason"] == "unknown-body-type"
    assert new.id in failure["detail"]
    assert "new.zip" in failure["detail"]
    assert "New days." in work.text(f"{new.id}@1")


@pytest.mark.parametrize("write", [write_xml, write_csv])
def test_a_user_whom_the_export_does_not_have_is_told_once(work: BrokenWorkplace, write: Any) -> None:
    new = work.wiki.page("New", '<p>Ask <ac:link><ri:user ri:userkey="8a7fff"/></ac:link>.</p>')
    new.present.author = "8a7ffe"
    write(work.wiki, work.exports / "new.zip")
    report = work.backfill()
    assert report["failed"] == 0
    (remark,) = [remark for remark in report["remarks"] if "8a7ffe" in remark]
    assert "new.zip" in remark
    assert new.id in remark
    assert work.versions(new.id)[-1]["author"] == "8a7ffe"
    assert work.backfill()["remarks"] == []


@pytest.mark.parametrize("kind", ["xml", "csv"])
def test_two_objects_of_one_id_are_told_and_the_first_is_taken(work: BrokenWorkplace, kind: str) -> None:
    first, second = work.wiki.page("First", "<p>One.</p>"), work.wiki.page("Second", "<p>Two.</p>")
    second.present.id = second.id = first.id
    files = xml_files(work.wiki, order="present-first") if kind == "xml" else csv_files(work.wiki)
    pack(work.exports / "new.zip", files)
    outcome = work.run("backfill", "--json")
    (report,) = outcome.json["sources"]
    said = [line for line in (*report["remarks"], *report["problems"]) if first.id in line]
    assert said
    assert all("new.zip" in line for line in said)
    assert work.json("show", first.id)["document"]["title"] == "First"
    assert "Ten days." in work.text(work.page.id)


@pytest.mark.parametrize("write", [write_xml, write_csv])
def test_two_spaces_in_one_export_are_both_indexed_and_buried_apart(
    work: BrokenWorkplace, write: Any
) -> None:
    other = work.wiki.add_space("~anna", "Anna's corner")
    mine: Item = work.wiki.page("Mine", "<p>My days.</p>", space=other)
    write(work.wiki, work.exports / "both.zip")
    assert work.backfill()["failed"] == 0
    assert work.json("show", mine.id)["document"]["path"] == "~anna/Mine"
    work.wiki.items = [item for item in work.wiki.items if item.space is work.wiki.space]
    work.wiki.spaces.remove(other)
    write(work.wiki, work.exports / "one.zip")
    assert work.backfill()["versions_added"] == 0
    assert "My days." in work.text(mine.id)
    work.sound()


def test_a_history_whose_present_version_is_missing_keeps_what_is_known(work: BrokenWorkplace) -> None:
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    work.wiki.edit(work.page, "<p>Thirty days.</p>")
    files = xml_files(work.wiki)
    text = files["entities.xml"].decode()
    start = text.index(begins("Page", work.page.id))
    text = text[:start] + text[text.index("</object>", start) + len("</object>\n") :]
    pack(work.exports / "new.zip", {**files, "entities.xml": text.encode()})
    assert work.backfill(code=5)["failed"] == 1
    (failure,) = work.failures()
    assert failure["reason"] == "no-present-version"
    assert work.kinds(work.page.id) == ["1", "2", "unreadable"]
    assert "Twenty days." in work.text(f"{work.page.id}@2")
    work.mended("new.zip")
    assert work.kinds(work.page.id) == ["1", "2", "3"]


def test_who_may_edit_a_page_says_nothing_of_who_may_see_it(work: BrokenWorkplace) -> None:
    work.page.viewers = ["group:board"]
    files = xml_files(work.wiki)
    only = files["entities.xml"].replace(b"<![CDATA[View]]>", b"<![CDATA[Edit]]>")
    pack(work.exports / "new.zip", {**files, "entities.xml": only})
    work.backfill()
    assert not work.json("show", work.page.id)["document"]["access"]["restricted"]
