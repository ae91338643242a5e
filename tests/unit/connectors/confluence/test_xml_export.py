"""What an ``entities.xml`` puts into the staging tables, as the versions of Confluence write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.confluence.archive import ExportError, open_archive
from connectors.confluence.reading import Facts
from connectors.confluence.staging import Staging
from connectors.confluence.tables import BodyType
from connectors.confluence.xml_export import read_xml
from tests.unit.connectors.confluence.xml_exports import PRESENT, Reader, many, of, reading, ref, value

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Reader]:
    with reading(tmp_path) as reader:
        yield reader


# --- pages and their versions ---


def test_a_page_has_its_place_its_author_and_its_time(read: Reader) -> None:
    found = read(PRESENT)
    assert found.one("content") == {
        "id": "501", "kind": "page", "title": "Leave policy", "version": 3, "status": "current", "original": None,
        "space": "9", "parent": "400", "container": None, "author": "u2", "modified": "2024-03-05 09:30:00.000",
        "message": "third", "media_type": None, "size": None, "folder": 0, "file": None,
    }  # fmt: skip
    assert {(row["kind"], row["owner"], row["id"]) for row in found.all("reference")} == {
        ("history", "501", "620"),
        ("body", "501", "901"),
        ("restriction-set", "501", "77"),
    }
    assert found.facts == Facts(None, None)
    assert found.oddities == []


@pytest.mark.parametrize(
    "original",
    [
        ref("originalVersion", "501") + value("originalVersionId", "501"),
        ref("originalVersion", "501", "ContentEntityObject"),
        ref("originalVersion", "501") + '<property name="originalVersionId"/>',
        value("originalVersionId", "501"),
        '<property name="originalVersionId">\n 501 </property>',
    ],
)
def test_a_historical_object_names_the_present_one(read: Reader, original: str) -> None:
    assert read(of("Page", "620", original)).one("content")["original"] == "501"


@pytest.mark.parametrize(
    "original",
    [
        "",
        '<property name="originalVersionId"/>',
        '<property name="originalVersionId"><![CDATA[]]></property>',
    ],
)
def test_an_object_without_an_original_is_a_present_one(read: Reader, original: str) -> None:
    assert read(of("Page", "620", original)).one("content")["original"] is None


def test_an_object_that_names_itself_is_a_present_one_and_odd(read: Reader) -> None:
    found = read(of("Page", "620", ref("originalVersion", "620")))
    assert found.one("content")["original"] is None
    assert found.oddities == ["own-version"]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("", "current"),
        ('<property name="contentStatus"/>', "current"),
        (value("contentStatus", "draft"), "draft"),
        (value("contentStatus", "DELETED"), "deleted"),
        ('<property name="contentStatus" enum-class="S" package="p">archived</property>', "archived"),
    ],
)
def test_the_status_is_as_written_and_without_one_current(read: Reader, written: str, status: str) -> None:
    assert read(of("Page", "1", written)).one("content")["status"] == status


def test_of_the_first_version_alone_the_creator_stands_in_for_the_last_modifier(read: Reader) -> None:
    made = value("creatorName", "ann") + value("creationDate", "2012-01-01 00:00:00")
    found = read(
        of("Page", "1", made + value("version", "1")) + of("Page", "2", made + value("version", "2"))
    )
    first, second = found.all("content")
    assert (first["author"], first["modified"]) == ("ann", "2012-01-01 00:00:00")
    assert (second["author"], second["modified"]) == (None, None)


def test_a_blog_post_has_neither_parent_nor_container(read: Reader) -> None:
    row = read(of("BlogPost", "1", ref("parent", "2") + value("title", "News"))).one("content")
    assert (row["kind"], row["parent"], row["container"]) == ("blog", None, None)


def test_a_folder_of_the_page_tree_is_known_as_one(read: Reader) -> None:
    assert read(of("Page", "1", value("isFolder", "true"))).one("content")["folder"] == 1
    assert read(of("Page", "1", value("isFolder", "false"))).one("content")["folder"] == 0


@pytest.mark.parametrize("container", ["containerContent", "owner"])
def test_a_comment_belongs_to_its_page_and_answers_another_comment(read: Reader, container: str) -> None:
    row = read(of("Comment", "7", ref(container, "501") + ref("parent", "6", "Comment"))).one("content")
    assert (row["kind"], row["container"], row["parent"]) == ("comment", "501", "6")


def test_what_is_short_need_not_be_cdata_and_entities_of_xml_are_resolved(read: Reader) -> None:
    data = b"""<hibernate-generic>
      <object class="Page" package="com.atlassian.confluence.pages"><id name="id">1</id>
        <property name="title">R&amp;D &lt;2024&gt; &#228;</property></object>
    </hibernate-generic>"""
    found = read(data)
    assert found.one("content")["title"] == "R&D <2024> ä"
    assert found.facts.stopped is None


def test_text_may_be_written_in_several_pieces(read: Reader) -> None:
    written = '<property name="title">a<![CDATA[<b>]]><!-- note --><?pi x?>&amp;<![CDATA[c]]>\n</property>'
    assert read(of("Page", "1", written)).one("content")["title"] == "a<b>&c"


def test_classes_of_other_packages_with_the_same_name_are_something_else(read: Reader) -> None:
    assert read(of("Page", "1", "", package="com.acme.plugin")).all("content") == []
    assert len(read('<object class="Page"><id name="id">1</id></object>').all("content")) == 1


def test_what_refers_to_nothing_is_as_if_it_were_not_there(read: Reader) -> None:
    empty = '<property name="space" class="Space" package="p"/><property name="parent" class="Page" package="p"></property>'
    row = read(of("Page", "1", empty)).one("content")
    assert (row["space"], row["parent"]) == (None, None)


# --- attachments ---


def test_an_attachment_of_a_later_version_has_its_properties_beside_it(read: Reader) -> None:
    found = read(
        of(
            "Attachment", "700",
            value("title", "form.pdf") + value("version", "2") + ref("containerContent", "501", "ContentEntityObject")
            + value("versionComment", "new form") + many("contentProperties", "1", "2", "3") + ref("space", "9", "Space"),
        )
        + of("ContentProperty", "1", value("name", "MEDIA_TYPE") + value("stringValue", "application/pdf") + '<property name="longValue"/>')
        + of("ContentProperty", "2", value("name", "FILESIZE") + '<property name="stringValue"/>' + value("longValue", "201"))
        + of("ContentProperty", "3", value("name", "MINOR_EDIT") + value("stringValue", "true"))
        + of("ContentProperty", "4", value("name", "MEDIA_TYPE") + value("stringValue", "image/png") + ref("content", "701"))
        + of("ContentProperty", "5", value("name", "MEDIA_TYPE") + '<property name="stringValue"/>')
    )  # fmt: skip
    row = found.one("content")
    assert (row["kind"], row["title"], row["version"], row["container"], row["message"]) == (
        "attachment", "form.pdf", 2, "501", "new form",
    )  # fmt: skip
    assert [(row["id"], row["name"], row["value"], row["content"]) for row in found.all("property")] == [
        ("1", "MEDIA_TYPE", "application/pdf", "700"),
        ("2", "FILESIZE", "201", "700"),
        ("4", "MEDIA_TYPE", "image/png", "701"),
    ]


def test_an_attachment_of_an_early_version_says_all_itself(read: Reader) -> None:
    row = read(
        of(
            "Attachment", "702",
            value("fileName", "form.doc") + value("contentType", "application/msword") + value("fileSize", "111")
            + value("comment", "first") + value("attachmentVersion", "1") + ref("content", "501")
            + value("creatorName", "ann") + value("lastModifierName", "bob") + ref("originalVersion", "700", "Attachment")
            + value("lastModificationDate", "2012-02-01 10:00:00.5"),
        )
    ).one("content")  # fmt: skip
    assert row == {
        "id": "702", "kind": "attachment", "title": "form.doc", "version": 1, "status": "current", "original": "700",
        "space": None, "parent": None, "container": "501", "author": "bob", "modified": "2012-02-01 10:00:00.5",
        "message": "first", "media_type": "application/msword", "size": 111, "folder": 0, "file": None,
    }  # fmt: skip


# --- bodies ---


def test_a_body_has_its_text_its_type_and_its_owner(read: Reader) -> None:
    text = "<p>Ünï\n 😀</p>"
    found = read(
        of(
            "BodyContent",
            "901",
            value("body", text) + ref("content", "501", "ContentEntityObject") + value("bodyType", "2"),
        )
    )
    assert found.text("901") == text
    row = found.one("body")
    assert (row["type"], row["content"], row["length"]) == (BodyType.STORAGE, "501", len(text.encode()))


def test_a_body_without_a_type_is_wiki_markup_and_without_an_owner_found_from_its_side(read: Reader) -> None:
    found = read(PRESENT + of("BodyContent", "901", value("body", "h1. Old")))
    assert (found.one("body")["type"], found.one("body")["content"]) == (BodyType.WIKI, "501")


def test_an_end_of_cdata_in_a_body_and_only_there_is_mended(read: Reader) -> None:
    found = read(
        of("BodyContent", "901", value("body", "<![CDATA[a[0]]] > b ]] ></p>"))
        + of("Page", "501", value("title", "x ]] > y"))
    )
    assert found.text("901") == "<![CDATA[a[0]]]> b ]]></p>"
    assert found.one("content")["title"] == "x ]] > y"


def test_blanks_around_a_body_are_kept_and_around_a_title_not(read: Reader) -> None:
    found = read(of("BodyContent", "901", value("body", " a\n")) + of("Page", "501", value("title", " a\n")))
    assert found.text("901") == " a\n"
    assert found.one("content")["title"] == "a"


@pytest.mark.parametrize("size", [10_000_001, 20_000_000])
def test_a_body_that_is_too_large_leaves_only_that_it_was_there(read: Reader, size: int) -> None:
    found = read(
        of("BodyContent", "901", value("body", "x" * size) + ref("content", "501") + value("bodyType", "2"))
        + PRESENT
    )
    row = found.one("body")
    assert (row["type"], row["content"], row["length"]) == (BodyType.TOO_LARGE, "501", 0)
    assert found.oddities == ["too-large"]
    assert "BodyContent 901" in found.one("oddity")["detail"]
    assert len(found.all("content")) == 1


def test_the_largest_body_is_counted_in_bytes(read: Reader) -> None:
    assert read(of("BodyContent", "1", value("body", "x" * 10_000_000))).one("body")["length"] == 10_000_000
    assert read(of("BodyContent", "1", value("body", "ä" * 5_000_000))).one("body")["length"] == 10_000_000
    assert (
        read(of("BodyContent", "1", value("body", "ä" * 5_000_001))).one("body")["type"] == BodyType.TOO_LARGE
    )


def test_a_title_of_absurd_length_is_left_out(read: Reader) -> None:
    found = read(of("Page", "1", value("title", "x" * 300_000) + value("version", "2")))
    assert (found.one("content")["title"], found.one("content")["version"]) == ("", 2)
    assert found.oddities == ["too-large"]


# --- the export as a whole ---


def test_the_descriptor_says_when_the_export_was_made_and_in_which_zone(read: Reader) -> None:
    facts = read(
        descriptor="#Sun Jan 22 19:34:23 CET 2017\nexportType=space\n",
        root='<hibernate-generic datetime="2011-01-01 00:00:00">',
    ).facts
    assert facts == Facts(datetime(2017, 1, 22, 18, 34, 23, tzinfo=UTC), BERLIN)


def test_without_its_comment_the_root_says_when_as_utc_if_no_zone_is_known(read: Reader) -> None:
    root = "<hibernate-generic datetime=\"'2025-03-07 20:18:37.247'\">"
    berlin = read(descriptor="timezoneId=Europe/Berlin", root=root).facts
    assert berlin == Facts(datetime(2025, 3, 7, 20, 18, 37, 247_000, tzinfo=BERLIN), BERLIN)
    assert read(descriptor="source=cloud", root=root).facts == Facts(
        datetime(2025, 3, 7, 20, 18, 37, 247_000, tzinfo=UTC), UTC
    )
    unknown = Facts(datetime(2025, 3, 7, 20, 18, 37, 247_000, tzinfo=UTC), None)
    assert read(descriptor="exportType=space", root=root).facts == unknown
    assert read(root=root).facts == unknown


def test_a_descriptor_of_any_bytes_is_no_obstacle(read: Reader, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "entities.xml").write_text("<hibernate-generic/>")
    (folder / "exportDescriptor.properties").write_bytes(b"\xff\x00\\u12\xe9=\n#\n" + b"x" * 2_000_000)
    with Staging(tmp_path / "odd-rows") as staging:
        assert read_xml(open_archive(folder), staging) == Facts(None, None)


@pytest.mark.parametrize(
    "data",
    [b"<html><body/></html>", b"PK\x03\x04rest", b"not xml at all", b"\xff\xfe\x00\x01\x02", b"<?xml version='1.0'?><rss/>"],
)  # fmt: skip
def test_what_is_no_export_is_refused(read: Reader, data: bytes) -> None:
    with pytest.raises(ExportError) as caught:
        read(data)
    assert caught.value.reason == "not-an-export"


def test_a_folder_without_entities_is_no_xml_export(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    with Staging(tmp_path / "rows") as staging, pytest.raises(ExportError) as caught:
        read_xml(open_archive(tmp_path / "export"), staging)
    assert caught.value.reason == "not-an-export"
