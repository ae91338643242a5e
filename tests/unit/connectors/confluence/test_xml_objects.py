"""What becomes of spaces, people, labels and permissions of an XML export, and of objects that are odd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.connectors.confluence.xml_exports import Reader, many, of, reading, ref, value


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Reader]:
    with reading(tmp_path) as reader:
        yield reader


# --- spaces, people, labels ---


def test_a_space_has_its_key_its_home_and_its_status(read: Reader) -> None:
    status = '<property name="spaceStatus" enum-class="SpaceStatus" package="p">ARCHIVED</property>'
    found = read(
        of("Space", "9", value("name", "People") + value("key", "HR") + ref("description", "8", "SpaceDescription") + ref("homePage", "400") + status)
        + of("Space", "10", value("key", "~ann"))
        + of("SpaceDescription", "8", ref("space", "9", "Space") + many("bodyContents", "81"))
    )  # fmt: skip
    assert found.row("space", "9") == {
        "id": "9", "key": "HR", "name": "People", "description": "8", "home": "400", "status": "ARCHIVED",
    }  # fmt: skip
    assert (found.row("space", "10")["name"], found.row("space", "10")["status"]) == ("~ann", "CURRENT")
    assert (found.one("content")["kind"], found.one("content")["space"]) == ("description", "9")


def test_people_are_called_by_their_full_names_where_the_export_has_them(read: Reader) -> None:
    def user(key: str, inner: str) -> str:
        return f'<object class="ConfluenceUserImpl" package="com.atlassian.confluence.user"><id name="key"><![CDATA[{key}]]></id>{inner}</object>'

    found = read(
        user("u1", value("name", "ann") + value("lowerName", "ann") + value("email", "ann@example.org"))
        + user("u2", value("name", "bob@example.org") + value("atlassianAccountId", "557058:7f1f-4cf4"))
        + user("u3", value("name", "cy") + value("fullName", "Cy Young"))
        + user("u4", '<property name="name"/>' + value("lowerName", "dee"))
        + user("u5", "")
    )
    assert [(row["key"], row["name"], row["username"], row["account"]) for row in found.all("user")] == [
        ("u1", "ann", "ann", None),
        ("u2", "bob@example.org", "bob@example.org", "557058:7f1f-4cf4"),
        ("u3", "Cy Young", "cy", None),
        ("u4", "dee", "dee", None),
        ("u5", "u5", None, None),
    ]


def test_labels_hang_on_contents_in_every_way_of_writing_it(read: Reader) -> None:
    label = ref("label", "601", "Label")
    found = read(
        of("Label", "601", value("name", "hr") + value("namespace", "global"))
        + of("Label", "602", value("name", "mine") + value("namespace", "my"))
        + of("Label", "603", value("name", "old"))
        + of("Labelling", "1", label + ref("content", "501"))
        + of("Labelling", "2", label + value("labelableId", "502") + value("labelableType", "CONTENT"))
        + of(
            "Labelling",
            "3",
            label + ref("content", "503") + value("labelableId", "9") + value("labelableType", "X"),
        )
        + of("Labelling", "4", label + value("labelableId", "504") + value("labelableType", "TEMPLATE"))
        + of("Labelling", "5", label + ref("pageTemplate", "505") + '<property name="labelableId"/>')
        + of("Labelling", "6", ref("content", "506"))
    )
    assert [(row["label"], row["content"]) for row in found.all("labelling")] == [
        ("601", "501"),
        ("601", "502"),
        ("601", "503"),
    ]
    assert [(row["name"], row["namespace"]) for row in found.all("label")] == [
        ("hr", "global"),
        ("mine", "my"),
        ("old", ""),
    ]


# --- who may see what ---


def test_a_restriction_names_users_and_groups_in_every_way_of_writing_it(read: Reader) -> None:
    owner = ref("owningSet", "77", "ContentPermissionSet")
    found = read(
        of("ContentPermissionSet", "77", value("type", "View") + ref("owningContent", "501") + many("contentPermissions", "1", "2"))
        + of("ContentPermission", "1", owner + ref("userSubject", "u1", "ConfluenceUserImpl", "key") + '<property name="groupName"/>')
        + of("ContentPermission", "2", value("userName", "ann") + '<property name="groupName"/>')
        + of("ContentPermission", "3", owner + value("groupName", "staff"))
        + of("ContentPermission", "4", owner + ref("group", "65550", "InternalGroup"))
        + of("ContentPermission", "5", owner + many("groupIds", "a-1", "a-2"))
        + of("ContentPermission", "6", owner + value("groupIds", "b-1"))
        + of("ContentPermission", "7", owner + '<collection name="groupIds"><element class="java.lang.String">c-1</element></collection>')
        + of("ContentPermission", "8", owner)
    )  # fmt: skip
    assert found.one("restriction_set") == {"id": "77", "type": "View", "content": "501"}
    columns = ("id", "set_id", "user", "grp", "group_id", "everyone")
    assert [tuple(row[column] for column in columns) for row in found.all("restriction")] == [
        ("1", "77", "u1", None, None, None),
        ("2", "77", "ann", None, None, None),
        ("3", "77", None, "staff", None, None),
        ("4", "77", None, None, "65550", None),
        ("5", "77", None, None, "a-1", None),
        ("5/1", "77", None, None, "a-2", None),
        ("6", "77", None, None, "b-1", None),
        ("7", "77", None, None, "c-1", None),
        ("8", "77", None, None, None, None),
    ]


def test_a_restriction_set_without_id_or_type_still_restricts(read: Reader) -> None:
    found = read(
        '<object class="ContentPermissionSet" package="com.atlassian.confluence.security">'
        + ref("owningContent", "501") + "</object>"
    )  # fmt: skip
    row = found.one("restriction_set")
    assert (row["type"], row["content"]) == ("View", "501")
    assert found.oddities == ["missing-id"]


def permission(id_: str, inner: str, type_: str = "VIEWSPACE", space: str = "9") -> str:
    return of("SpacePermission", id_, value("type", type_) + ref("space", space, "Space") + inner)


@pytest.mark.parametrize(
    ("subject", "user", "group", "everyone"),
    [
        (value("userName", "ann") + '<property name="group"/>', "ann", None, None),
        (ref("userSubject", "u1", "ConfluenceUserImpl", "key"), "u1", None, None),
        (value("group", "staff") + '<property name="allUsersSubject"/>', None, "staff", None),
        (value("allUsersSubject", "anonymous-users"), None, None, "anonymous"),
        (value("allUsersSubject", "all-licensed-users"), None, None, "licensed"),
        (value("allUsersSubject", "authenticated-users"), None, None, "licensed"),
        ('<property name="group"/><property name="userName"/><property name="allUsersSubject"/>', None, None, "anonymous"),
        ("", None, None, "anonymous"),
    ],
)  # fmt: skip
def test_a_space_permission_names_its_subject(
    read: Reader, subject: str, user: str | None, group: str | None, everyone: str | None
) -> None:
    row = read(permission("1", subject)).one("space_permission")
    assert (row["space"], row["type"]) == ("9", "VIEWSPACE")
    assert (row["user"], row["grp"], row["everyone"]) == (user, group, everyone)


@pytest.mark.parametrize(
    "subject",
    [
        value("allUsersSubject", "guests-of-a-kind"),
        '<property name="userSubject" class="ConfluenceUserImpl" package="p"/>',
        '<property name="group" class="InternalGroup" package="p"><id name="id"/></property>',
        value("group", "x" * 300_000),
    ],
)
def test_a_subject_that_is_not_understood_is_not_taken_for_everybody(read: Reader, subject: str) -> None:
    row = read(permission("1", subject)).one("space_permission")
    assert (row["user"], row["grp"], row["group_id"], row["everyone"]) == (None, None, None, None)


def test_only_the_right_to_view_a_space_is_read(read: Reader) -> None:
    found = read(
        permission("1", "", "EDITSPACE")
        + of("SpacePermission", "2", value("type", "VIEWSPACE"))
        + permission("3", value("group", "staff") + value("active", "false"))
        + permission("4", value("group", "staff") + value("active", "true"))
    )
    assert [row["id"] for row in found.all("space_permission")] == ["4"]


# --- what is odd ---


def test_an_object_without_an_id_is_left_out_and_told(read: Reader) -> None:
    package = 'package="com.atlassian.confluence.pages"'
    found = read(
        f'<object class="Page" {package}>{value("title", "lost")}</object>'
        f'<object class="Page" {package}><id name="id"/></object>'
        f'<object class="Page" {package}><id name="id">1\n2</id></object>'
        f'<object class="Page" {package}><id name="id">{"9" * 300}</id></object>'
        f'<object class="Page" {package}><composite-id><property name="id">5</property></composite-id></object>'
        + of("Page", "1", "")
    )
    assert [row["id"] for row in found.all("content")] == ["1"]
    assert found.oddities == ["missing-id"] * 5
    assert not any("lost" in row["detail"] for row in found.all("oddity"))


@pytest.mark.parametrize("number", ["x", "1.5", "1e3", "٣", "9" * 30, "--1", "0x1"])
def test_what_is_no_number_is_left_out_and_told_without_quoting_it(read: Reader, number: str) -> None:
    found = read(of("Page", "1", value("version", number)))
    assert found.one("content")["version"] is None
    assert found.oddities == ["bad-number"]
    assert found.one("oddity")["detail"] == "entities.xml: Page 1: its version is no number; it is left out"


def test_of_two_objects_with_one_id_the_first_stands(read: Reader) -> None:
    found = read(of("Page", "1", value("title", "a")) + of("Page", "1", value("title", "b")))
    assert found.one("content")["title"] == "a"


def test_a_space_without_a_key_is_left_out_and_told(read: Reader) -> None:
    found = read(of("Space", "9", value("name", "People")))
    assert (found.all("space"), found.oddities) == ([], ["missing-key"])
