"""Confluence's versions in the index: their numbers, texts, times, authors, comments and titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_entities import DIALECTS, Dialect
from tests.support.confluence_exports import write_csv, write_xml


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


@pytest.mark.parametrize("order", ["present-first", "history-first", "mixed"])
@pytest.mark.parametrize("dialect", [*DIALECTS, None], ids=lambda d: d.name if d else "csv")
def test_a_page_has_the_versions_that_confluence_kept(
    work: WikiWorkplace, dialect: Dialect | None, order: str
) -> None:
    page = work.wiki.page("Leave rules", "<p>Ten days.</p>")
    work.wiki.edit(page, "<p>Twenty days.</p>", title="Leave policy", message="longer")
    work.wiki.draft(page, "<p>A hundred days.</p>")
    work.wiki.edit(page, "<p>Thirty days.</p>", author="8a7f01")
    if dialect is None:
        write_csv(work.wiki, work.exports / "one.zip", packed=order == "mixed")
    else:
        write_xml(work.wiki, work.exports / "one.zip", dialect, order=order)
    assert work.backfill()["failed"] == 0
    versions = work.versions(page.id)
    assert [v["labels"] for v in versions] == [["1"], ["2"], ["3"]]
    assert [v["title"] for v in versions] == ["Leave rules", "Leave policy", "Leave policy"]
    assert [v["author"] for v in versions] == ["anna", "ben", "anna"]
    assert [v["message"] for v in versions] == [None, "longer", None]
    assert [v["valid_from"] for v in versions] == [f"{s.at:%Y-%m-%dT%H:%M:%S}.250000Z" for s in page.states]
    assert {v["time_basis"] for v in versions} == {"page version"}
    for number, days in enumerate(["Ten", "Twenty", "Thirty"], start=1):
        assert f"{days} days." in work.text(f"{page.id}@{number}")
    assert work.json("search", "hundred", "--history", "--mode", "text")["hits"] == []
    assert work.failures() == []


def test_a_page_is_found_by_its_old_title_and_by_its_present_one(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave rules", "<p>Ten days.</p>")
    work.wiki.edit(page, title="Leave policy")
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert "Ten days." in work.text("Leave policy")
    assert "Ten days." in work.text("Leave policy@1")
    assert "Ten days." in work.text("Leave rules@1")


def test_a_draft_of_a_page_that_was_never_published_is_no_document(work: WikiWorkplace) -> None:
    page = work.wiki.page("Plans", "<p>Nobody knows.</p>")
    page.status = "draft"
    write_xml(work.wiki, work.exports / "one.zip")
    assert work.backfill()["documents_seen"] == 1
    assert work.run("show", "Plans").code == 3


def test_a_page_in_the_trash_is_gone_since_the_export_and_its_versions_stand(work: WikiWorkplace) -> None:
    page = work.wiki.page("Old", "<p>Ten days.</p>")
    work.wiki.edit(page, "<p>Twenty days.</p>")
    work.wiki.trash(page)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "2", "tombstone"]
    last = work.versions(page.id)[-1]
    assert last["valid_from"] == f"{work.wiki.now:%Y-%m-%dT%H:%M:%S}Z"
    assert "Twenty days." in work.text(f"{page.id}@2")
    assert work.json("search", "days", "--mode", "text")["hits"] == []
    before = f"{page.present.at:%Y-%m-%dT%H:%M:%S}Z"
    (hit,) = work.json("search", "days", "--mode", "text", "--as-of", before)["hits"]
    assert hit["text"] == "Twenty days."
    work.sound()


def test_a_deleted_version_is_one_without_a_text(work: WikiWorkplace) -> None:
    page = work.wiki.page("Secrets", "<p>Ten days.</p>")
    work.wiki.edit(page, "<p>The password is sesame.</p>")
    work.wiki.edit(page, "<p>Twenty days.</p>")
    work.wiki.discard(page, 2)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "tombstone 2", "3"]
    assert work.json("search", "sesame", "--history", "--mode", "text")["hits"] == []
    assert work.run("show", f"{page.id}@2").code == 3
    assert "Twenty days." in work.text(page.id)
    work.sound()


def test_gaps_in_the_numbers_stay_and_are_told(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>1 days.</p>")
    for number in range(2, 8):
        work.wiki.edit(page, f"<p>{number} days.</p>")
    work.wiki.forget(page, 2, 3, 5)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    versions = work.versions(page.id)
    assert [v["labels"] for v in versions] == [["1"], ["4"], ["6"], ["7"]]
    assert [v["missing_after"] for v in versions] == [["2", "3"], ["5"], None, None]
    assert "4 days." in work.text(f"{page.id}@4")
    said = work.run("history", page.id).out
    assert "versions 2 to 3 were not kept by the source" in said
    assert "version 5 was not kept by the source" in said


def test_two_versions_of_one_number_both_stand_and_asking_names_both(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    for days in ("Twenty", "Thirty", "Forty"):
        work.wiki.edit(page, f"<p>{days} days.</p>")
    page.states[2].number = 2
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "2", "2", "4"]
    outcome = work.run("show", f"{page.id}@2", "--json")
    assert outcome.code == 4
    assert len(outcome.json["error"]["candidates"]) == 2
    assert work.backfill()["versions_added"] == 0
    work.sound()


def test_two_versions_of_one_number_and_one_body_are_one(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    work.wiki.edit(page, "<p>Twenty days.</p>")
    work.wiki.edit(page, message="nothing")
    work.wiki.edit(page, "<p>Forty days.</p>")
    page.states[2].number = 2
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert work.kinds(page.id) == ["1", "2", "4"]
    assert "Twenty days." in work.text(f"{page.id}@2")


def test_versions_without_numbers_stand_in_the_order_of_their_times(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    work.wiki.edit(page, "<p>Twenty days.</p>")
    work.wiki.edit(page, "<p>Thirty days.</p>")
    for state in page.states[:-1]:
        state.number = None
    write_xml(work.wiki, work.exports / "one.zip")
    assert work.backfill()["failed"] == 0
    assert work.kinds(page.id) == ["-", "-", "3"]
    assert "Ten days." in work.text(f"{page.id}@number:1")
    assert work.backfill()["versions_added"] == 0


def test_a_version_without_a_body_is_told_and_costs_only_itself(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    work.wiki.edit(page, "<p>Twenty days.</p>")
    work.wiki.edit(page, "<p>Thirty days.</p>")
    lost, page.states[1].body = page.states[1].body, None
    write_xml(work.wiki, work.exports / "one.zip")
    assert work.backfill(code=5)["failed"] == 1
    assert work.kinds(page.id) == ["1", "unreadable 2", "3"]
    (failure,) = work.failures()
    assert failure["reason"] == "no-body"
    assert page.states[1].id in failure["detail"]
    before = work.versions(page.id)
    page.states[1].body = lost
    write_xml(work.wiki, work.exports / "two.zip")
    assert work.backfill()["failed"] == 0
    assert work.kinds(page.id) == ["1", "2", "3"]
    assert "Twenty days." in work.text(f"{page.id}@2")
    assert work.failures() == []
    after = work.versions(page.id)
    assert [v["id"] for v in after][::2] == [v["id"] for v in before][::2]
    work.sound()


def test_version_3_in_every_page(work: WikiWorkplace) -> None:
    pages = [work.wiki.page(title, f"<p>{title} one.</p>") for title in ("Leave", "Pay", "Travel")]
    for page in pages[:2]:
        work.wiki.edit(page, f"<p>{page.title} two.</p>")
        work.wiki.edit(page, f"<p>{page.title} three.</p>")
        work.wiki.edit(page, f"<p>{page.title} four.</p>")
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    answer = work.json("search", "two three four", "--version", "3", "--mode", "text")
    assert {hit["document"]["key"] for hit in answer["hits"]} == {page.id for page in pages[:2]}
    assert {hit["version"]["labels"][0] for hit in answer["hits"]} == {"3"}
    assert all("three" in hit["text"] for hit in answer["hits"])


def test_posts_are_documents_and_folders_are_only_places(work: WikiWorkplace) -> None:
    post = work.wiki.blog("News", "<p>It rains.</p>")
    folder = work.wiki.page("Drawer", None)
    folder.folder = True
    inside = work.wiki.page("Leave", "<p>Ten days.</p>", parent=folder)
    write_xml(work.wiki, work.exports / "one.zip")
    assert work.backfill()["documents_seen"] == 3
    assert "It rains." in work.text(post.id)
    assert work.run("show", "Drawer").code == 3
    assert work.json("show", inside.id)["document"]["path"] == "HR/Drawer/Leave"
    assert work.failures() == []


def test_a_cited_version_is_shown_as_it_was_when_the_page_goes_on(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    (hit,) = work.json("search", "ten days", "--doc", page.id)["hits"]
    work.wiki.edit(page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "two.zip")
    work.backfill()
    assert "Ten days." in work.run("cite", hit["citation"]).out


def test_the_original_of_a_version_is_its_body_and_of_an_attachment_its_file(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten&nbsp;days.</p>")
    file = work.wiki.attach(page, "form.txt", b"Name:\r\n")
    work.wiki.edit(page, "<p>Twenty days.</p>")
    work.wiki.edit(file, data=b"Name and date:\r\n")
    export = write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    export.unlink()
    target = work.folder / "out"
    assert work.run("show", f"{page.id}@1", "--original", "-o", str(target)).code == 0
    assert target.read_bytes().endswith(b"<p>Ten&nbsp;days.</p>")
    for number, data in ((1, b"Name:\r\n"), (2, b"Name and date:\r\n")):
        target.unlink()
        assert work.run("show", f"form.txt@{number}", "--original", "-o", str(target)).code == 0
        assert target.read_bytes() == data
