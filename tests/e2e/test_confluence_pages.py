"""What becomes of a page between two exports: thrown away and restored, moved, rewritten in place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_exports import write_xml


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


def test_a_body_that_changed_without_a_new_number_is_a_further_version(work: WikiWorkplace) -> None:
    """Confluence writes links anew when the page that they lead to is renamed."""
    page = work.wiki.page("Leave", "<p>1 days.</p>")
    work.wiki.edit(page, "<p>2 days, see Pay.</p>")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    page.present.body = "<p>2 days, see Wages.</p>"
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    work.wiki.edit(page, "<p>3 days.</p>")
    write_xml(work.wiki, work.exports / "3.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "2", "2", "3"]
    assert "see Pay" in work.text(f"{page.id}@number:2")
    assert "see Wages" in work.text(f"{page.id}@number:3")
    # What is known is known, however often and as whatever it comes.
    shutil.copy2(work.exports / "1.zip", work.exports / "4.zip")
    assert work.backfill()["versions_added"] == 0
    work.configure(comments=True)
    assert work.backfill()["versions_added"] == 0
    assert work.kinds(page.id) == ["1", "2", "2", "3"]
    work.sound()


def test_a_page_restored_from_the_trash_goes_on(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    work.wiki.trash(page)
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    trashed = work.wiki.now
    assert work.json("history", page.id)["document"]["deleted"]
    work.wiki.restore(page)
    write_xml(work.wiki, work.exports / "3.zip")
    report = work.backfill()
    assert report["passages_embedded"] == 0
    assert not work.json("history", page.id)["document"]["deleted"]
    assert "Ten days." in work.text(page.id)
    versions = work.versions(page.id)
    assert [v["kind"] for v in versions] == ["content", "tombstone", "content"]
    assert versions[1]["valid_from"] == f"{trashed:%Y-%m-%dT%H:%M:%S}Z"
    assert "Ten days." in work.text(f"{page.id}@label:1")
    assert work.backfill()["versions_added"] == 0
    work.sound()


def test_a_page_that_was_deleted_for_good_and_comes_back_goes_on(work: WikiWorkplace) -> None:
    """As when a page moves to another space and back."""
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    work.wiki.items.remove(page)
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    work.wiki.items.append(page)
    work.wiki.edit(page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "3.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "tombstone", "2"]
    work.sound()


def test_a_page_moved_to_another_parent_keeps_its_history(work: WikiWorkplace) -> None:
    here, there = work.wiki.page("Here"), work.wiki.page("There")
    page = work.wiki.page("Leave", "<p>Ten days.</p>", parent=here)
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    page.parent = there
    write_xml(work.wiki, work.exports / "2.zip")
    assert work.backfill()["versions_added"] == 0
    assert work.json("show", page.id)["document"]["path"] == "HR/There/Leave"
    found = work.json("search", "days", "--mode", "text", "--under", "HR/There")["hits"]
    assert [hit["document"]["key"] for hit in found] == [page.id]
    assert work.json("search", "days", "--mode", "text", "--under", "HR/Here")["hits"] == []


def test_a_page_moved_to_another_space_is_another_document(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    other = work.wiki.add_space("IT", "Computers")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    page.space, page.parent = other, other.home
    write_xml(work.wiki, work.exports / "2.zip")
    assert work.backfill()["passages_embedded"] == 0
    assert work.json("show", page.id)["document"]["path"] == "IT/Leave"
    outcome = work.json("search", "days", "--mode", "text")
    assert len(outcome["hits"]) == 1
    work.sound()
