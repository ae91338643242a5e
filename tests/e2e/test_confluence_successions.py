"""One export after another, in whatever order: what is new is added, what is known stands, what is missing is gone."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_exports import age, write_csv, write_xml
from tests.support.confluence_wiki import Item


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


def pages(work: WikiWorkplace, count: int) -> list[Item]:
    """So many pages with three paragraphs each."""
    return [
        work.wiki.page(f"Page {n}", f"<h2>One {n}</h2><p>First {n}.</p><h2>Two {n}</h2><p>Second {n}.</p>")
        for n in range(count)
    ]


def test_a_second_export_changes_exactly_what_changed(work: WikiWorkplace) -> None:
    """Three pages edited, one renamed, one deleted, one new: embedded is only what nobody had said before."""
    found = pages(work, 10)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    for page in found[:3]:
        assert page.present.body is not None
        work.wiki.edit(page, page.present.body.replace("Second", "Other"))
    work.wiki.edit(found[3], title="Another name")
    work.wiki.remove(found[4])
    new = work.wiki.page("Page new", "<h2>One new</h2><p>First new.</p>")
    write_xml(work.wiki, work.exports / "two.zip")
    gone_at = work.wiki.now
    report = work.backfill()
    assert report["versions_added"] == 6
    assert report["passages_embedded"] == 4
    assert report["failed"] == 0
    assert [work.kinds(page.id) for page in found[:4]] == [["1", "2"]] * 4
    assert work.kinds(found[4].id) == ["1", "tombstone"]
    assert work.versions(found[4].id)[-1]["valid_from"] == f"{gone_at:%Y-%m-%dT%H:%M:%S}Z"
    assert [work.kinds(page.id) for page in found[5:]] == [["1"]] * 5
    assert work.kinds(new.id) == ["1"]
    assert [v["title"] for v in work.versions(found[3].id)] == ["Page 3", "Another name"]
    work.sound()
    assert work.backfill()["versions_added"] == 0


def test_a_run_that_finds_nothing_new_does_nothing(work: WikiWorkplace) -> None:
    pages(work, 3)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    before = sorted((p, p.stat().st_mtime_ns) for p in (work.folder / "data" / "passages").rglob("*"))
    report = work.backfill()
    assert (report["versions_added"], report["passages_embedded"], report["documents_seen"]) == (0, 0, 0)
    assert before == sorted((p, p.stat().st_mtime_ns) for p in (work.folder / "data" / "passages").rglob("*"))


def test_an_export_fed_twice_under_two_names_is_one(work: WikiWorkplace) -> None:
    page = pages(work, 2)[0]
    work.wiki.edit(page, "<p>Other.</p>")
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    shutil.copy2(work.exports / "one.zip", work.exports / "again.zip")
    shutil.copy2(work.exports / "one.zip", work.exports / "deeper.zip")
    report = work.backfill()
    assert (report["versions_added"], report["passages_embedded"]) == (0, 0)
    assert work.kinds(page.id) == ["1", "2"]


def test_the_same_export_as_a_zip_and_unpacked_is_one(work: WikiWorkplace) -> None:
    pages(work, 2)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    shutil.unpack_archive(work.exports / "one.zip", work.exports / "unpacked")
    age(work.exports / "unpacked")
    report = work.backfill()
    assert (report["versions_added"], report["passages_embedded"]) == (0, 0)


@pytest.mark.parametrize("folder", [False, True])
def test_an_export_replaced_under_its_name_is_a_new_one(work: WikiWorkplace, folder: bool) -> None:
    page, other = pages(work, 2)
    export = work.exports / ("one" if folder else "one.zip")
    write_xml(work.wiki, export)
    work.backfill()
    work.wiki.edit(page, "<p>Other.</p>")
    work.wiki.remove(other)
    write_xml(work.wiki, export)
    work.backfill()
    assert work.kinds(page.id) == ["1", "2"]
    assert work.kinds(other.id) == ["1", "tombstone"]


@pytest.mark.parametrize("folder", [False, True])
def test_a_path_that_is_one_export_can_be_replaced(work: WikiWorkplace, folder: bool) -> None:
    page = pages(work, 2)[0]
    export = work.folder / ("HR" if folder else "HR.zip")
    work.configure(export)
    write_xml(work.wiki, export)
    work.backfill()
    work.wiki.edit(page, "<p>Other.</p>")
    write_xml(work.wiki, export)
    work.backfill()
    assert work.kinds(page.id) == ["1", "2"]
    work.sound()


def test_an_export_that_is_thrown_away_takes_nothing_with_it(work: WikiWorkplace) -> None:
    page = pages(work, 2)[0]
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    (work.exports / "one.zip").unlink()
    assert work.backfill()["versions_added"] == 0
    assert "First 0." in work.text(page.id)
    assert work.failures() == []


def test_an_older_export_fills_in_what_later_ones_had_lost(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>1 days.</p>")
    gone = work.wiki.page("Gone", "<p>Long gone.</p>")
    for number in (2, 3):
        work.wiki.edit(page, f"<p>{number} days.</p>")
    write_xml(work.wiki, work.folder / "old.zip")
    work.wiki.remove(gone)
    for number in (4, 5):
        work.wiki.edit(page, f"<p>{number} days.</p>")
    work.wiki.forget(page, 1, 2)
    write_xml(work.wiki, work.exports / "new.zip")
    work.backfill()
    newer = work.wiki.now
    assert work.kinds(page.id) == ["3", "4", "5"]
    (work.folder / "old.zip").rename(work.exports / "old.zip")
    report = work.backfill()
    assert report["passages_embedded"] == 3
    assert work.kinds(page.id) == ["1", "2", "3", "4", "5"]
    assert "5 days." in work.text(page.id)
    assert work.kinds(gone.id) == ["1", "tombstone"]
    assert work.versions(gone.id)[-1]["valid_from"] == f"{newer:%Y-%m-%dT%H:%M:%S}Z"
    assert work.json("search", "gone", "--mode", "text")["hits"] == []
    work.sound()


def test_the_order_in_which_exports_come_does_not_matter(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>1 days.</p>")
    passing = work.wiki.page("Passing", "<p>Passing.</p>")
    write_xml(work.wiki, work.folder / "a.zip")
    work.wiki.edit(page, "<p>2 days.</p>")
    work.wiki.trash(passing)
    write_csv(work.wiki, work.folder / "b.zip")
    work.wiki.restore(passing)
    work.wiki.edit(passing, "<p>Back.</p>")
    work.wiki.edit(page, "<p>3 days.</p>")
    write_xml(work.wiki, work.folder / "c.zip")
    for name in ("b", "c", "a"):
        shutil.copy2(work.folder / f"{name}.zip", work.exports / f"{name}.zip")
        work.backfill()
    one_by_one = [work.kinds(one.id) for one in (page, passing)]
    shutil.rmtree(work.folder / "data")
    work.backfill()
    assert [work.kinds(one.id) for one in (page, passing)] == one_by_one == [
        ["1", "2", "3"],
        ["1", "tombstone", "2"],
    ]  # fmt: skip
    work.sound()


def test_exports_that_come_together_are_told_in_the_order_of_their_times(work: WikiWorkplace) -> None:
    """Not in that of their names, nor of the files' times."""
    page = work.wiki.page("Leave", "<p>1 days.</p>")
    gone = work.wiki.page("Gone", "<p>Gone.</p>")
    write_xml(work.wiki, work.exports / "z.zip")
    work.wiki.edit(page, "<p>2 days.</p>")
    work.wiki.remove(gone)
    write_csv(work.wiki, work.exports / "m")
    back = work.wiki.now
    work.wiki.items.append(gone)
    work.wiki.edit(gone, "<p>Back.</p>")
    write_xml(work.wiki, work.exports / "a.zip")
    for name in ("z.zip", "a.zip", "m"):
        age(work.exports / name)
    work.backfill()
    assert work.kinds(page.id) == ["1", "2"]
    assert work.kinds(gone.id) == ["1", "tombstone", "2"]
    assert work.versions(gone.id)[1]["valid_from"] == f"{back:%Y-%m-%dT%H:%M:%S}Z"


def test_two_exports_of_one_moment_are_looks_at_the_same_state(work: WikiWorkplace) -> None:
    page, other = pages(work, 2)
    write_xml(work.wiki, work.exports / "one.zip")
    work.wiki.now -= timedelta(hours=1)
    write_csv(work.wiki, work.exports / "two.zip")
    assert work.backfill()["versions_added"] == 3
    assert work.kinds(page.id) == work.kinds(other.id) == ["1"]
    work.sound()


def test_many_pages_missing_at_once_wait_to_be_accepted(work: WikiWorkplace) -> None:
    found = pages(work, 30)
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    for page in found[:25]:
        work.wiki.remove(page)
    work.wiki.edit(found[29], "<p>Other.</p>")
    write_xml(work.wiki, work.exports / "2.zip")
    outcome = work.run("backfill")
    assert outcome.code == 5
    assert "--accept-deletions" in outcome.err + outcome.out
    assert "First 0." in work.text(found[0].id)
    assert work.run("backfill").code == 5
    assert work.run("backfill", "--accept-deletions").code == 0
    assert work.kinds(found[0].id) == ["1", "tombstone"]
    assert work.kinds(found[29].id) == ["1", "2"]
    work.sound()


def test_a_dry_run_foretells_and_changes_nothing(work: WikiWorkplace) -> None:
    found = pages(work, 3)
    write_xml(work.wiki, work.exports / "1.zip")
    assert work.run("backfill", "--dry-run").code == 0
    assert work.run("history", found[0].id).code == 3
    work.backfill()
    work.wiki.edit(found[0], "<p>Other.</p>")
    work.wiki.remove(found[1])
    write_xml(work.wiki, work.exports / "2.zip")
    (foretold,) = work.json("backfill", "--dry-run")["sources"]
    assert work.kinds(found[0].id) == ["1"]
    assert work.kinds(found[1].id) == ["1"]
    done = work.backfill()
    assert foretold["forecast"]["versions"] == done["versions_added"] == 2
    assert foretold["forecast"]["passages"] == done["passages_embedded"] == 1


def test_a_dry_run_over_several_exports_foretells_all_but_what_goes_again(work: WikiWorkplace) -> None:
    """It knows what is recorded: a page that one of them brings and the next one lacks stays in it."""
    page, gone = work.wiki.page("Leave", "<p>1 days.</p>"), work.wiki.page("Gone", "<p>Gone.</p>")
    write_xml(work.wiki, work.exports / "1.zip")
    work.wiki.edit(page, "<p>2 days.</p>")
    work.wiki.remove(gone)
    write_csv(work.wiki, work.exports / "2.zip")
    work.wiki.page("New", "<p>New.</p>")
    write_xml(work.wiki, work.exports / "3.zip")
    (foretold,) = work.json("backfill", "--dry-run")["sources"]
    assert work.json("status")["totals"]["documents"] == 0
    done = work.backfill()
    assert done["versions_added"] == 6
    assert foretold["forecast"]["versions"] == 5
    assert foretold["forecast"]["documents"] == 4
