"""Attachments and comments: documents of their own, with the versions that the export holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_entities import DIALECTS, Dialect
from tests.support.confluence_exports import write_csv, write_html, write_xml


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


def keys(work: WikiWorkplace, words: str) -> set[str]:
    """The keys of what is found by words at present."""
    return {hit["document"]["key"] for hit in work.json("search", words, "--mode", "text")["hits"]}


@pytest.mark.parametrize("dialect", [*DIALECTS, None], ids=lambda d: d.name if d else "csv")
def test_an_attachment_has_the_versions_whose_files_lie_in_the_export(
    work: WikiWorkplace, dialect: Dialect | None
) -> None:
    page = work.wiki.page("Leave")
    file = work.wiki.attach(page, "form.txt", b"Name:")
    work.wiki.edit(file, data=b"Name and date:", message="date")
    work.wiki.edit(file, data=b"Name, date, place:", author="8a7f01")
    if dialect is None:
        write_csv(work.wiki, work.exports / "one.zip")
    else:
        write_xml(work.wiki, work.exports / "one.zip", dialect)
    assert work.backfill()["failed"] == 0
    key = f"{page.id}/form.txt"
    versions = work.versions(key)
    assert [v["labels"] for v in versions] == [["1"], ["2"], ["3"]]
    assert [v["author"] for v in versions] == ["anna", "ben", "anna"]
    assert [v["message"] for v in versions] == [None, "date", None]
    texts = [work.text(f"{key}@{n}") for n in (1, 2, 3)]
    assert texts == ["Name:", "Name and date:", "Name, date, place:"]
    assert work.json("show", key)["document"]["path"] == "HR/Leave/form.txt"


def test_an_attachment_that_was_renamed_is_the_same_document(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave")
    file = work.wiki.attach(page, "form.txt", b"Name:")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    work.wiki.edit(file, title="sheet.txt")
    write_xml(work.wiki, work.exports / "2.zip")
    assert work.backfill()["passages_embedded"] == 0
    assert work.kinds(f"{page.id}/sheet.txt") == ["1", "2"]
    assert work.text("form.txt@1") == "Name:"
    work.sound()


def test_an_attachment_that_was_deleted_is_gone_and_one_of_its_name_is_another(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave")
    file = work.wiki.attach(page, "form.txt", b"Old elephant")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    old = work.json("show", f"{page.id}/form.txt")["document"]["id"]
    work.wiki.remove(file)
    work.wiki.attach(page, "form.txt", b"New elephant")
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    shown = work.json("show", f"{page.id}/form.txt")
    assert shown["text"] == "New elephant"
    assert shown["document"]["id"] != old
    assert work.kinds(old) == ["1", "tombstone"]
    assert keys(work, "elephant") == {f"{page.id}/form.txt"}
    work.sound()


@pytest.mark.parametrize("how", ["trash", "remove"])
def test_what_hangs_on_a_page_goes_with_it_and_comes_back_with_it(work: WikiWorkplace, how: str) -> None:
    """In the trash only the page itself says that it is deleted."""
    work.configure(comments=True)
    page = work.wiki.page("Leave", "<p>Elephant.</p>")
    work.wiki.attach(page, "form.txt", b"Elephant form")
    work.wiki.comment(page, "<p>Elephant indeed.</p>")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    assert len(keys(work, "elephant")) == 3
    before = list(work.wiki.items)
    if how == "trash":
        work.wiki.trash(page)
    else:
        work.wiki.remove(page)
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    assert keys(work, "elephant") == set()
    work.wiki.items[:] = before
    work.wiki.restore(page)
    write_xml(work.wiki, work.exports / "3.zip")
    assert work.backfill()["passages_embedded"] == 0
    assert len(keys(work, "elephant")) == 3
    work.sound()


def test_a_page_that_is_in_the_trash_from_the_beginning_takes_what_hangs_on_it(work: WikiWorkplace) -> None:
    work.configure(comments=True)
    page = work.wiki.page("Leave", "<p>Elephant.</p>")
    work.wiki.attach(page, "form.txt", b"Elephant form")
    work.wiki.comment(page, "<p>Elephant indeed.</p>")
    work.wiki.trash(page)
    write_csv(work.wiki, work.exports / "1.zip")
    work.backfill()
    assert keys(work, "elephant") == set()


def test_files_that_are_missing_are_told_and_a_later_export_that_has_them_mends_it(
    work: WikiWorkplace,
) -> None:
    page = work.wiki.page("Leave")
    file = work.wiki.attach(page, "form.txt", b"Name:")
    other = work.wiki.attach(page, "other.txt", b"Other")
    work.wiki.edit(file, data=b"Name and date:")
    lost, file.states[0].data = file.states[0].data, None
    write_xml(work.wiki, work.exports / "1.zip")
    assert work.backfill(code=5)["failed"] == 1
    (failure,) = work.failures()
    assert failure["reason"] == "missing-file"
    assert "form.txt" in failure["detail"]
    assert "1.zip" in failure["detail"]
    # The same export will not have it, and looking for it costs reading all of that.
    assert failure["next_retry"] is None
    assert work.text(f"{page.id}/form.txt") == "Name and date:"
    assert work.text(f"{page.id}/{other.title}") == "Other"
    file.states[0].data = lost
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    assert work.kinds(f"{page.id}/form.txt") == ["1", "2"]
    assert work.text(f"{page.id}/form.txt@1") == "Name:"
    assert work.failures() == []
    work.sound()


def test_an_export_without_attachments_buries_none(work: WikiWorkplace) -> None:
    """It was made without them; that says nothing of them."""
    page = work.wiki.page("Leave")
    file = work.wiki.attach(page, "form.txt", b"Name:")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    file.present.data = None
    work.wiki.edit(page, "<p>Other.</p>")
    write_xml(work.wiki, work.exports / "2.zip")
    report = work.backfill()
    assert any("has the files of none" in remark for remark in report["remarks"])
    assert work.text(f"{page.id}/form.txt") == "Name:"
    assert work.failures() == []


def test_an_export_with_attachments_after_one_without_fills_them_in(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave")
    file = work.wiki.attach(page, "form.txt", None)
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill()
    file.present.data = b"Name:"
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    assert work.text(f"{page.id}/form.txt") == "Name:"


def test_an_attachment_that_is_too_large_costs_only_itself(work: WikiWorkplace) -> None:
    work.configure(max_file_size="1 KB")
    page = work.wiki.page("Leave")
    work.wiki.attach(page, "large.txt", b"elephant " * 1000)
    work.wiki.attach(page, "small.txt", b"elephant")
    work.wiki.attach(page, "empty.txt", b"")
    write_xml(work.wiki, work.exports / "1.zip")
    work.backfill(code=5)
    (failure,) = work.failures()
    assert failure["reason"] == "too-large"
    assert "large.txt" in failure["detail"]
    assert keys(work, "elephant") == {f"{page.id}/small.txt"}
    work.configure(max_file_size="1 MB")
    assert work.run("retry").code == 0
    assert f"{page.id}/large.txt" in keys(work, "elephant")
    assert work.failures() == []


@pytest.mark.parametrize(
    ("attachments", "expected"),
    [
        (True, {"A.TXT", "draft.txt", "b.md"}),
        ("all", {"A.TXT", "draft.txt", "b.md", "c.png"}),
        (False, set()),
        (["*.txt", "!draft*"], {"A.TXT"}),
        (["!*.txt"], {"b.md"}),
    ],
)
def test_the_settings_say_which_attachments_become_documents(
    work: WikiWorkplace, attachments: object, expected: set[str]
) -> None:
    work.configure(attachments=attachments)
    page = work.wiki.page("Leave", "<p>No words.</p>")
    for name in ("A.TXT", "draft.txt", "b.md", "c.png"):
        work.wiki.attach(page, name, b"Elephant words")
    write_xml(work.wiki, work.exports / "1.zip")
    work.run("backfill")
    status = work.json("status")["totals"]
    assert status["documents"] == 2 + len(expected)
    assert {key.partition("/")[2] for key in keys(work, "elephant")} == expected


def test_attachments_can_be_switched_off_and_on_again(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave")
    work.wiki.attach(page, "form.txt", b"Elephant form")
    write_xml(work.wiki, work.exports / "1.zip")
    for wanted in (True, False, True, False, True):
        work.configure(attachments=wanted)
        work.backfill()
        assert keys(work, "elephant") == ({f"{page.id}/form.txt"} if wanted else set()), wanted
    work.sound()


def test_comments_are_documents_under_their_pages_title_if_they_are_wanted(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    comment = work.wiki.comment(page, "<p>Too few!</p>")
    answer = work.wiki.comment(page, "<p>Quite enough.</p>", answers=comment)
    work.wiki.edit(comment, "<p>Far too few!</p>")
    work.wiki.edit(page, title="Holidays")
    write_xml(work.wiki, work.exports / "1.zip")
    assert work.backfill()["documents_seen"] == 2
    work.configure(comments=True)
    assert work.backfill()["documents_seen"] == 4
    key = f"{page.id}/comments/{comment.id}"
    assert work.kinds(key) == ["1", "2"]
    assert "Too few!" in work.text(f"{key}@1")
    assert "Far too few!" in work.text(key)
    (hit,) = work.json("search", "quite enough", "--mode", "text")["hits"]
    assert hit["document"]["key"] == f"{page.id}/comments/{answer.id}"
    assert hit["heading"] == ["Leave"]
    assert hit["document"]["title"] == "Comment on Holidays"
    found = work.json("search", "quite", "--under", "HR/Holidays", "--mode", "text")["hits"]
    assert [one["document"]["key"] for one in found] == [hit["document"]["key"]]


def test_comments_can_be_switched_on_and_off_again_and_again(work: WikiWorkplace) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    comment = work.wiki.comment(page, "<p>Elephant!</p>")
    write_xml(work.wiki, work.exports / "1.zip")
    for wanted in (False, True, False, True, False, True):
        work.configure(comments=wanted)
        work.backfill()
        expected = {f"{page.id}/comments/{comment.id}"} if wanted else set()
        assert keys(work, "elephant") == expected, wanted
    work.sound()


def test_html_exports_have_attachments_and_comments(work: WikiWorkplace) -> None:
    work.configure(comments=True)
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    work.wiki.attach(page, "form.txt", b"Elephant form")
    work.wiki.comment(page, "Elephant indeed.")
    write_html(work.wiki, work.exports / "1.zip")
    assert work.backfill()["failed"] == 0
    assert len(keys(work, "elephant")) == 2
    assert work.text(f"{page.id}/form.txt") == "Elephant form"
    work.wiki.edit(page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "2.zip")
    work.backfill()
    assert len(keys(work, "elephant")) == 2
    work.sound()
