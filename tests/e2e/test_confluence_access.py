"""Labels, places in the tree, and who may see a page, as people and services ask for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_entities import DIALECTS, SERVER_4, Dialect, xml_files
from tests.support.confluence_exports import pack, write_csv, write_html, write_xml

STAFF = {"users": [], "groups": ["staff"]}


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


def export(work: WikiWorkplace, dialect: Dialect | None, name: str = "one.zip") -> None:
    """Export and index; without a dialect as CSV."""
    if dialect is None:
        write_csv(work.wiki, work.exports / name)
    else:
        write_xml(work.wiki, work.exports / name, dialect)
    work.backfill()


def access(work: WikiWorkplace, document: str) -> dict[str, Any]:
    """Who may see a document."""
    return dict(work.json("show", document)["document"]["access"])


def found(work: WikiWorkplace, *options: str) -> set[str]:
    """The keys of what holds the word that is in everything."""
    return {hit["document"]["key"] for hit in work.json("search", "word", "--mode", "text", *options)["hits"]}


EVERY = pytest.mark.parametrize("dialect", [*DIALECTS, None], ids=lambda d: d.name if d else "csv")


@EVERY
def test_labels_narrow_a_search_and_belong_to_the_page(work: WikiWorkplace, dialect: Dialect | None) -> None:
    one = work.wiki.page("One", "<p>word</p>", labels=["approved", "policy"])
    two = work.wiki.page("Two", "<p>word</p>", labels=["approved", "my:favourite"])
    work.wiki.edit(one, "<p>word again</p>")
    export(work, dialect)
    assert work.json("show", one.id)["document"]["labels"] == ["approved", "policy"]
    assert work.json("show", f"{one.id}@1")["document"]["labels"] == ["approved", "policy"]
    assert work.json("show", two.id)["document"]["labels"] == ["approved"]
    assert found(work, "--label", "approved") == {one.id, two.id}
    assert found(work, "--label", "approved", "--label", "policy") == {one.id}
    assert found(work, "--label", "favourite") == set()


def test_labels_that_were_taken_away_are_gone_and_known_at_finds_them(work: WikiWorkplace) -> None:
    page = work.wiki.page("One", "<p>word</p>", labels=["approved"])
    export(work, None)
    known = work.versions(page.id)[0]["recorded_from"]
    page.labels = ["obsolete"]
    export(work, None, "two.zip")
    assert work.json("show", page.id)["document"]["labels"] == ["obsolete"]
    assert found(work, "--label", "approved") == set()
    assert found(work, "--label", "approved", "--known-at", known) == {page.id}
    page.labels = []
    export(work, None, "three.zip")
    assert work.json("show", page.id)["document"]["labels"] == []


@EVERY
def test_a_search_under_a_place_takes_all_that_is_below(work: WikiWorkplace, dialect: Dialect | None) -> None:
    work.configure(comments=True)
    policies = work.wiki.page("Policies", "<p>word</p>")
    leave = work.wiki.page("Leave", "<p>word</p>", parent=policies)
    deep = work.wiki.page("Parental", "<p>word</p>", parent=leave)
    other = work.wiki.page("Policies too", "<p>word</p>")
    file = work.wiki.attach(leave, "form.txt", b"word")
    comment = work.wiki.comment(leave, "<p>word</p>")
    export(work, dialect)
    below = {leave.id, deep.id, f"{leave.id}/{file.title}", f"{leave.id}/comments/{comment.id}"}
    assert found(work, "--under", "HR/Policies/Leave") == below
    assert found(work, "--under", "HR/Policies") == {policies.id, *below}
    assert found(work, "--under", "Human Resources/Policies") == {policies.id, *below}
    assert found(work, "--under", "HR/Human Resources Home/Policies") == {policies.id, *below}
    assert found(work, "--under", "HR") == {policies.id, other.id, *below}
    assert work.json("show", deep.id)["document"]["path"] == "HR/Policies/Leave/Parental"


def test_a_place_with_slashes_in_its_name(work: WikiWorkplace) -> None:
    parent = work.wiki.page("CI/CD", "<p>word</p>")
    below = work.wiki.page("Setup", "<p>word</p>", parent=parent)
    export(work, None)
    assert found(work, "--under", "HR/CI/CD") == {parent.id, below.id}
    assert found(work, "--under", "HR/CI/CD/Setup") == {below.id}


def test_a_tree_that_bites_its_tail_does_no_harm(work: WikiWorkplace) -> None:
    one = work.wiki.page("One", "<p>word</p>")
    two = work.wiki.page("Two", "<p>word</p>", parent=one)
    one.parent = two
    export(work, None)
    assert found(work) == {one.id, two.id}
    assert access(work, one.id)["restricted"]


@EVERY
def test_a_page_without_restrictions_is_for_whoever_sees_the_space(
    work: WikiWorkplace, dialect: Dialect | None
) -> None:
    page = work.wiki.page("One")
    file = work.wiki.attach(page, "form.txt", b"word")
    export(work, dialect)
    assert access(work, page.id) == {"restricted": False, "space": STAFF}
    assert access(work, f"{page.id}/{file.title}") == {"restricted": False, "space": STAFF}


@EVERY
def test_restrictions_hold_for_all_below_and_add_up(work: WikiWorkplace, dialect: Dialect | None) -> None:
    work.configure(comments=True)
    top = work.wiki.page("Board")
    middle = work.wiki.page("Minutes", parent=top)
    page = work.wiki.page("May", parent=middle)
    top.viewers = ["group:board", "user:8a7f01"]
    page.viewers = ["user:8a7f02"]
    file = work.wiki.attach(page, "minutes.txt", b"word")
    comment = work.wiki.comment(page, "<p>word</p>")
    export(work, dialect)
    names = {"8a7f01": "557058:anna", "8a7f02": "557058:ben"}
    if dialect is SERVER_4:
        names = {"8a7f01": "anna", "8a7f02": "ben"}
    outer = {"page": top.id, "users": [names["8a7f01"]], "groups": ["board"]}
    inner = {"page": page.id, "users": [names["8a7f02"]], "groups": []}
    for document in (page.id, f"{page.id}/{file.title}", f"{page.id}/comments/{comment.id}"):
        assert access(work, document) == {"restricted": True, "space": STAFF, "pages": [outer, inner]}
    assert access(work, middle.id) == {"restricted": True, "space": STAFF, "pages": [outer]}


def test_restrictions_that_are_taken_away_are_gone(work: WikiWorkplace) -> None:
    page = work.wiki.page("One")
    page.viewers = ["group:board"]
    export(work, None)
    assert access(work, page.id)["restricted"]
    page.viewers = []
    export(work, None, "two.zip")
    assert not access(work, page.id)["restricted"]


def test_an_older_export_does_not_change_who_may_see_a_page(work: WikiWorkplace) -> None:
    page = work.wiki.page("One", labels=["old"])
    write_xml(work.wiki, work.folder / "old.zip")
    page.viewers, page.labels = ["group:board"], ["new"]
    export(work, None)
    (work.folder / "old.zip").rename(work.exports / "old.zip")
    work.backfill()
    assert access(work, page.id)["restricted"]
    assert work.json("show", page.id)["document"]["labels"] == ["new"]


@pytest.mark.parametrize(
    ("viewer", "said"),
    [("group-id:4711", "4711"), ("user:8a7fff", "8a7fff")],
)
def test_whom_nobody_can_name_is_let_in_nowhere(work: WikiWorkplace, viewer: str, said: str) -> None:
    page = work.wiki.page("One")
    page.viewers = [viewer]
    export(work, None)
    found = access(work, page.id)
    assert found["restricted"]
    assert found["pages"] == [{"page": page.id, "users": [], "groups": []}]
    assert said in " ".join(found["unresolved"])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.name)
def test_a_restriction_that_names_no_page_may_be_of_any(work: WikiWorkplace, dialect: Dialect) -> None:
    page = work.wiki.page("One", "<p>word</p>")
    other = work.wiki.page("Two", "<p>word</p>")
    other.viewers = ["user:8a7f01"]
    files = xml_files(work.wiki, dialect)
    entities = re.sub(
        rb'<(property) name="owningContent".*?</property>|<collection name="contentPermissionSets".*?</collection>',
        b"",
        files["entities.xml"],
        flags=re.DOTALL,
    )
    assert entities != files["entities.xml"]
    pack(work.exports / "one.zip", {**files, "entities.xml": entities})
    work.backfill()
    for one in (page, other):
        assert access(work, one.id)["restricted"]
        assert (
            "the export has a restriction, and does not say of which page"
            in access(work, one.id)["unresolved"]
        )


def test_a_page_above_that_is_missing_restricts(work: WikiWorkplace) -> None:
    above = work.wiki.page("Above")
    page = work.wiki.page("One", parent=above)
    work.wiki.items.remove(above)
    export(work, None)
    assert access(work, page.id)["restricted"]
    assert access(work, page.id)["unresolved"] == ["a page above it is not in the export"]


def test_a_space_without_permissions_restricts(work: WikiWorkplace) -> None:
    page = work.wiki.page("One")
    work.wiki.space.viewers = []
    export(work, None)
    assert access(work, page.id)["restricted"]
    assert access(work, page.id)["unresolved"]


@EVERY
def test_a_space_for_everybody(work: WikiWorkplace, dialect: Dialect | None) -> None:
    page = work.wiki.page("One")
    work.wiki.space.viewers = ["everyone:licensed", "group:guests"]
    export(work, dialect)
    space = {"users": [], "groups": ["guests"], "everyone": "licensed"}
    assert access(work, page.id) == {"restricted": False, "space": space}


def test_an_html_export_does_not_say_who_may_see_what(work: WikiWorkplace) -> None:
    page = work.wiki.page("One", labels=["approved"])
    write_html(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert access(work, page.id)["restricted"]
    assert access(work, page.id)["unresolved"]
    export(work, None, "two.zip")
    assert access(work, page.id) == {"restricted": False, "space": STAFF}


def test_an_html_export_which_knows_no_labels_takes_none_away(work: WikiWorkplace) -> None:
    page = work.wiki.page("One", "<p>word</p>", labels=["approved"])
    export(work, None)
    page.parent = work.wiki.page("Elsewhere")
    write_html(work.wiki, work.exports / "two.zip")
    work.backfill()
    assert work.json("show", page.id)["document"]["path"] == "HR/Elsewhere/One"
    assert work.json("show", page.id)["document"]["labels"] == ["approved"]
    assert found(work, "--label", "approved") == {page.id}


@pytest.mark.parametrize("write", [write_html, write_xml])
def test_an_export_without_any_comments_buries_none(work: WikiWorkplace, write: Any) -> None:
    """Whether they are in it is up to whoever exports, as with attachments."""
    work.configure(comments=True)
    page = work.wiki.page("One", "<p>word</p>")
    comment = work.wiki.comment(page, "<p>word</p>")
    export(work, None)
    work.wiki.items.remove(comment)
    write(work.wiki, work.exports / "two.zip")
    work.backfill()
    assert found(work) == {page.id, f"{page.id}/comments/{comment.id}"}
