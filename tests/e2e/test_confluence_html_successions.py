"""HTML exports among others: they show the present alone, and mostly no numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_exports import write_html, write_xml


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


def test_html_after_xml_adds_only_what_changed(work: WikiWorkplace) -> None:
    page, other = (work.wiki.page(title, f"<p>{title} days.</p>") for title in ("Leave", "Pay"))
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    work.wiki.edit(page, "<p>Other days.</p>")
    write_html(work.wiki, work.exports / "2.zip", numbered=True)
    report = work.backfill()
    assert work.kinds(page.id) == ["1", "2"]
    assert work.kinds(other.id) == ["1"]
    assert report["versions_added"] == 1
    work.wiki.edit(page, "<p>More days.</p>")
    write_xml(work.wiki, work.exports / "3.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "2", "3"]
    work.sound()


def test_html_exports_alone_make_versions_of_what_changed(work: WikiWorkplace) -> None:
    page, other = (work.wiki.page(title, f"<p>{title} days.</p>") for title in ("Leave", "Pay"))
    write_html(work.wiki, work.exports / "1.zip")
    work.backfill()
    work.wiki.edit(page, "<p>Other days.</p>")
    write_html(work.wiki, work.exports / "2.zip")
    assert work.backfill()["versions_added"] == 1
    assert "Leave days." in work.text(f"{page.id}@1")
    assert "Other days." in work.text(f"{page.id}@2")
    assert len(work.versions(other.id)) == 1
    work.wiki.remove(other)
    write_html(work.wiki, work.exports / "3.zip")
    work.backfill()
    assert work.json("history", other.id)["document"]["deleted"]
    work.sound()


@pytest.mark.parametrize("trashed", [False, True])
def test_an_older_html_export_changes_nothing_about_the_present(work: WikiWorkplace, trashed: bool) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    write_html(work.wiki, work.folder / "old.zip")
    if trashed:
        work.wiki.trash(page)
        write_xml(work.wiki, work.exports / "1.zip")
        work.backfill()
        work.wiki.restore(page)
    work.wiki.edit(page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    (work.folder / "old.zip").rename(work.exports / "old.zip")
    work.backfill()
    assert not work.json("history", page.id)["document"]["deleted"]
    assert "Twenty days." in work.text(page.id)
    told = work.json("history", page.id)["versions"]
    assert [v["status"] for v in told if v["number"] is None] == ["aside"]
    work.sound()
