"""Real XML exports of many versions of Confluence, where they are at hand, against a count by other means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connectors.confluence.archive import open_archive
from connectors.confluence.staging import Staging
from connectors.confluence.times import parse_time
from connectors.confluence.xml_export import read_xml
from tests.support.corpora import corpus, needs_corpus
from tests.unit.connectors.confluence.xml_exports import Read, unpacked

CORPUS = corpus("confluence") / "xml"
EXPORTS = sorted(path.parent for path in CORPUS.rglob("entities.xml"))
KINDS = {"Page": "page", "BlogPost": "blog", "Comment": "comment", "Attachment": "attachment"}

pytestmark = needs_corpus("confluence/xml")


@pytest.fixture(params=EXPORTS, ids=[str(path.relative_to(CORPUS)) for path in EXPORTS])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Read]]:
    path = tmp_path / "rows"
    with Staging(path) as staging:
        facts = read_xml(open_archive(request.param), staging)
        staging.finish()
    found = Read(facts, path)
    yield request.param, found
    found.close()


class Tree:
    """The same file, held whole and read with XPath."""

    def __init__(self, path: Path) -> None:
        data = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", (path / "entities.xml").read_bytes())
        self.root: Any = etree.fromstring(data, etree.XMLParser(huge_tree=True))

    def objects(self, *classes: str) -> dict[str, Any]:
        """The objects of some classes, by id; of several with one id the first."""
        found: dict[str, Any] = {}
        for node in self.root.xpath("object[id]"):
            if node.get("class") in classes and node.get("package").startswith("com.atlassian.confluence."):
                found.setdefault(text(node, "id"), node)
        return found


def text(node: Any, path: str) -> str:
    return str(node.xpath(f"string({path})")).strip()


def referred(node: Any, name: str) -> str:
    return text(node, f"property[@name='{name}']/id")


def plain(node: Any, name: str) -> str:
    return text(node, f"property[@name='{name}']")


def test_nothing_breaks_off_and_nothing_is_odd_but_ids_that_stand_twice(export: tuple[Path, Read]) -> None:
    _, found = export
    assert found.facts.stopped is None
    assert set(found.oddities) <= {"duplicate-id"}


def test_every_content_is_there_with_its_kind_status_and_original(export: tuple[Path, Read]) -> None:
    path, found = export
    objects = Tree(path).objects(*KINDS)
    older = {
        str(id_): owner
        for owner, node in objects.items()
        for id_ in node.xpath("collection[@name='historicalVersions']/element/id/text()")
    }
    expected = {}
    for id_, node in objects.items():
        original = referred(node, "originalVersion") or plain(node, "originalVersionId") or older.get(id_)
        status = (plain(node, "contentStatus") or "current").lower()
        title = plain(node, "title") or plain(node, "fileName")
        expected[id_] = (KINDS[node.get("class")], status, original or None, title)
    rows = [row for row in found.all("content") if row["kind"] != "description"]
    assert {
        row["id"]: (row["kind"], row["status"], row["original"], row["title"]) for row in rows
    } == expected

    def counted(status: str, original: bool) -> Counter[str]:
        return Counter(
            kind
            for kind, its, of, _ in expected.values()
            if (its == "draft") == (status == "draft") and bool(of) == original
        )

    for status in ("draft", "other"):
        for original in (True, False):
            assert counted(status, original) == Counter(
                row["kind"]
                for row in rows
                if (row["status"] == "draft") == (status == "draft") and bool(row["original"]) == original
            )


def test_what_belongs_to_a_page_names_it(export: tuple[Path, Read]) -> None:
    path, found = export
    for id_, node in Tree(path).objects("Comment", "Attachment").items():
        owners = {referred(node, name) for name in ("containerContent", "owner", "content")} - {""}
        assert {found.row("content", id_)["container"]} == (owners or {None})


def test_every_body_is_there_with_its_text(export: tuple[Path, Read]) -> None:
    path, found = export
    expected = set()
    for node in Tree(path).root.xpath("object[@class='BodyContent']"):
        body = str(node.xpath("string(property[@name='body'])")).replace("]] >", "]]>")
        expected.add(
            (text(node, "id"), int(plain(node, "bodyType") or 0), body, referred(node, "content") or None)
        )
    rows = found.all("body")
    got = {(row["id"], row["type"], unpacked(row["text"]), row["content"]) for row in rows}
    # Owners that the body does not name are found from their side.
    known = {id_ for id_, _, _, owner in expected if owner}
    assert {(*row[:3], row[3] if row[0] in known else None) for row in got} == expected
    assert len(rows) == len(expected)


def test_people_spaces_and_labels_are_counted_right(export: tuple[Path, Read]) -> None:
    path, found = export
    tree = Tree(path)
    assert len(found.all("user")) == len(tree.objects("ConfluenceUserImpl"))
    spaces = {plain(node, "key") for node in tree.objects("Space").values()}
    assert {row["key"] for row in found.all("space")} == spaces
    shown = {id_ for id_, node in tree.objects("Label").items() if plain(node, "namespace") == "global"}
    assert {row["id"] for row in found.all("label") if row["namespace"] == "global"} == shown
    labelled = {
        (referred(node, "label"), referred(node, "content") or plain(node, "labelableId"))
        for node in tree.objects("Labelling").values()
        if referred(node, "content") or plain(node, "labelableType") == "CONTENT"
    }
    assert {(row["label"], row["content"]) for row in found.all("labelling")} == labelled


def test_restrictions_and_viewers_are_counted_right(export: tuple[Path, Read]) -> None:
    path, found = export
    tree = Tree(path)
    assert len(found.all("restriction_set")) == len(tree.objects("ContentPermissionSet"))
    restrictions = tree.objects("ContentPermission")
    assert len(found.all("restriction")) == len(restrictions)
    assert all(row["user"] or row["grp"] for row in found.all("restriction"))
    viewers = {
        id_
        for id_, node in tree.objects("SpacePermission").items()
        if plain(node, "type") == "VIEWSPACE" and referred(node, "space")
    }
    assert {row["id"] for row in found.all("space_permission")} == viewers


def test_every_time_can_be_read(export: tuple[Path, Read]) -> None:
    _, found = export
    times = [row["modified"] for row in found.all("content") if row["modified"]]
    assert all(parse_time(time, found.facts.zone) is not None for time in times)


def test_the_corpus_as_a_whole_has_what_was_counted_when_it_was_collected() -> None:
    assert len(EXPORTS) >= 80
