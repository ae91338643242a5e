"""XML exports that are broken, cut off, or made to do harm; and the secrets of whole-site exports."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.confluence.archive import ExportError
from connectors.confluence.xml_bytes import PIECE
from connectors.confluence.xml_objects import WANTED
from connectors.confluence.xml_stream import XmlStream
from tests.unit.connectors.confluence.xml_exports import PRESENT, Read, Reader, of, reading, ref, value

TABLES = (
    "space", "content", "body", "user", "label", "labelling", "property", "restriction_set", "restriction",
    "space_permission", "reference",
)  # fmt: skip
SECRET = "hunter2-correct-horse"


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Reader]:
    with reading(tmp_path) as reader:
        yield reader


def rows(found: Read) -> set[str]:
    return {f"{table} {json.dumps(row, default=repr)}" for table in TABLES for row in found.all(table)}


def page(number: int, title: str = "Title") -> str:
    return of("Page", str(number), value("title", f"{title} {number}")) + of(
        "BodyContent",
        str(10_000 + number),
        value("body", f"<p>Text {number} – ü</p>") + ref("content", str(number)),
    )


def whole(objects: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<hibernate-generic>\n{objects}</hibernate-generic>\n'.encode()


# --- files that break off ---


def test_a_file_that_was_cut_off_anywhere_is_read_up_to_there(read: Reader) -> None:
    data = whole(PRESENT + "".join(map(page, range(1, 20))))
    everything = rows(read(data))
    before: set[str] = set()
    for part in range(50):
        found = read(data[: len(data) * part // 50])
        assert found.facts.stopped is not None
        assert "\n" not in found.facts.stopped
        assert not found.facts.access_known
        assert before <= rows(found) <= everything
        before = rows(found)
    assert len(before) > len(everything) / 2


@given(st.data())
def test_a_file_cut_off_at_any_byte_never_fails(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = whole("".join(map(page, range(1, 4))))
    at = data.draw(st.integers(0, len(file) - len("</hibernate-generic>\n") - 1))
    with reading(tmp_path_factory.mktemp("cut")) as read:
        found = read(file[:at])
        assert found.facts.stopped is not None
        titles = [row["title"] for row in found.all("content")]
        assert titles == [f"Title {number}" for number in range(1, len(titles) + 1)]


def test_where_a_file_breaks_off_is_told_with_the_last_object_that_was_whole(read: Reader) -> None:
    data = whole(page(1) + page(2))
    at = data.index(b"Text 2")
    assert read(data[:at]).facts.stopped == (
        f"entities.xml in export-0 is not whole: it breaks off near byte {at:,} (unclosed CDATA section), after Page 2;"
        " what stands before that was read. Export the space again"
    )


@pytest.mark.parametrize(
    "broken",
    ["<property name='x'></object>", "<", "&nbsp;", "]]>", "&#1;", '<a b="1" b="2"/>', "<a b=c/>", "</hibernate-generic><more/>"],
)  # fmt: skip
def test_what_is_not_well_formed_ends_the_reading_and_is_not_quoted(read: Reader, broken: str) -> None:
    at = len(whole(page(1) + SECRET)) - len("</hibernate-generic>\n")
    found = read(whole(page(1) + SECRET + broken + page(2)))
    assert [row["id"] for row in found.all("content")] == ["1"]
    assert found.facts.stopped is not None
    assert SECRET not in found.facts.stopped
    assert "after BodyContent 10001" in found.facts.stopped
    (place,) = re.findall(r"near byte ([0-9,]+) ", found.facts.stopped)
    assert abs(int(place.replace(",", "")) - at) < 40


def test_the_place_is_right_far_into_a_file_with_control_characters(read: Reader) -> None:
    data = whole("".join(page(number, "\x02" * 50 + "x" * 3000) for number in range(500)))
    at = data.index(b"Text 480")
    found = read(data[:at])
    assert found.facts.stopped is not None
    (place,) = re.findall(r"near byte ([0-9,]+) ", found.facts.stopped)
    assert abs(int(place.replace(",", "")) - at) < 8000


# --- characters and encodings ---


def test_control_characters_are_left_out(read: Reader) -> None:
    forbidden = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
    found = read(
        of("Page", "1", value("title", f"a{forbidden}b"))
        + of("BodyContent", "2", value("body", f"x\t{forbidden}\ny"))
    )
    assert found.one("content")["title"] == "ab"
    assert found.text("2") == "x\t\ny"
    assert found.facts.stopped is None


@pytest.mark.parametrize("offset", [-3, -2, -1, 0, 1])
@pytest.mark.parametrize("character", ["ü", "€", "😀", "\uffff"])
def test_characters_across_the_pieces_of_reading_are_whole(read: Reader, offset: int, character: str) -> None:
    title = "x" * 40 + character + "y" * 40
    data = f"<hibernate-generic><!---->{of('Page', '1', value('title', title))}</hibernate-generic>"
    filler = "." * (PIECE + offset - data.index(character))
    data = data.replace("<!--", f"<!--{filler}")
    found = read(data.encode())
    assert found.one("content")["title"] == title.replace("\uffff", "")
    assert found.oddities == []


def test_bytes_that_are_no_text_are_replaced_and_told_once(read: Reader) -> None:
    data = whole(page(1) + of("Page", "2", value("title", "a@b@c")) + page(3)).replace(b"@", b"\xe9\xff")
    found = read(data)
    assert found.row("content", "2")["title"] == "a\ufffd\ufffdb\ufffd\ufffdc"
    assert found.facts.stopped is None
    assert found.oddities == ["bad-encoding"]
    assert f"near byte {data.index(bytes([0xE9])):,}" in found.one("oddity")["detail"]


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("ISO-8859-1", "latin-1"), ("windows-1252", "cp1252"), ("US-ASCII", "ascii"), ("GB18030", "gb18030"),
        ("UTF-16", "utf-16"), ("UTF-16", "utf-16-be"), ("UTF-16LE", "utf-16-le"), ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-8"), ("no-such-encoding", "utf-8"), ("rot13", "utf-8"), ("unicode_escape", "utf-8"),
    ],
)  # fmt: skip
def test_other_encodings_are_read_where_they_can_be_meant(read: Reader, declared: str, encoding: str) -> None:
    title = "Title" if encoding == "ascii" else "Übung"
    text = f'<?xml version="1.0" encoding="{declared}"?><hibernate-generic>{of("Page", "1", value("title", title))}</hibernate-generic>'
    found = read(text.encode(encoding))
    assert found.one("content")["title"] == title
    assert found.facts.stopped is None


def test_a_file_without_declaration_is_utf8(read: Reader) -> None:
    found = read(
        f"\n<hibernate-generic>{of('Page', '1', value('title', 'Übung'))}</hibernate-generic>".encode()
    )
    assert found.one("content")["title"] == "Übung"


# --- made to do harm ---


def test_entities_cannot_be_declared(read: Reader) -> None:
    lines = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lines}]><hibernate-generic>{of("Page", "1", value("title", "x"))}&l11;</hibernate-generic>'
    with pytest.raises(ExportError) as caught:
        read(bomb.encode())
    assert caught.value.reason == "not-an-export"
    assert "lol" not in caught.value.detail


@pytest.mark.parametrize("where", ["subset", "system", "parameter"])
def test_nothing_outside_the_file_is_ever_read(read: Reader, tmp_path: Path, where: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        asked = threading.Event()

        def serve() -> None:
            try:
                server.accept()[0].close()
                asked.set()
            except TimeoutError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        doctype = {
            "subset": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}"><!ENTITY n SYSTEM "{url}">]>',
            "system": f'<!DOCTYPE hibernate-generic SYSTEM "{url}">',
            "parameter": f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{url}"> %e;]>',
        }[where]
        title = "<property name='title'>&e;&n;</property>"
        with pytest.raises(ExportError):
            read(f"{doctype}<hibernate-generic>{of('Page', '1', title)}</hibernate-generic>".encode())
        thread.join()
    assert not asked.is_set()


@pytest.mark.parametrize("depth", [150, 500_000])
def test_deep_nesting_ends_the_reading(read: Reader, depth: int) -> None:
    found = read(whole(page(1) + "<object>" * depth))
    assert found.facts.stopped is not None
    assert "nested too deeply" in found.facts.stopped
    assert [row["id"] for row in found.all("content")] == ["1"]


@pytest.mark.parametrize("opening", ["<!-- ", '<object class="', "<?x ", "<" + "n"])
def test_a_tag_or_comment_without_an_end_is_not_collected(read: Reader, opening: str) -> None:
    found = read(whole(page(1) + opening + "x" * 3_000_000))
    assert found.facts.stopped is not None
    assert "without an end" in found.facts.stopped


def test_ever_new_names_end_the_reading(read: Reader) -> None:
    found = read(whole(page(1) + "".join(f"<n{number}/>" for number in range(5000)) + page(2)))
    assert found.facts.stopped is not None
    assert [row["id"] for row in found.all("content")] == ["1"]
    attributes = read(whole(page(1) + "".join(f'<object a{number}=""/>' for number in range(5000)) + page(2)))
    assert attributes.facts.stopped is not None


def test_a_few_names_that_are_not_known_are_no_harm(read: Reader) -> None:
    odd = "<settings a='1'><b>text</b></settings>"
    found = read(
        whole(odd + page(1) + of("Page", "2", odd + value("title", "x") + "<property><id>9</id></property>"))
    )
    assert [row["id"] for row in found.all("content")] == ["1", "2"]
    assert found.facts.stopped is None


def test_a_body_that_is_skipped_is_not_held(read: Reader) -> None:
    data = whole(of("BodyContent", "1", value("body", "line of text\n" * 3_000_000)) + page(2))
    tracemalloc.start()
    try:
        found = read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(data) > 39_000_000
    assert peak < 15_000_000
    assert [row["type"] for row in found.all("body")] == [-2, 0]


def test_a_collection_or_an_object_within_an_object_does_not_leak_into_it(read: Reader) -> None:
    inner = '<object class="Page" package="com.atlassian.confluence.pages"><id name="id">9</id></object>'
    nested = '<property name="title"><property name="version">7</property>x</property><collection name="bodyContents"><collection name="historicalVersions"><element><id>8</id></element></collection></collection>'
    found = read(of("Page", "1", inner + nested))
    assert (found.one("content")["id"], found.one("content")["version"]) == ("1", None)
    assert found.all("reference") == []


# --- secrets ---


SECRETS = (
    f'<object class="InternalUser" package="com.atlassian.crowd.model.user"><id name="id">1</id>'
    f'<property name="credential"><![CDATA[{SECRET}]]></property><property name="version">{SECRET}</property></object>'
    f'<object class="ConfluenceRememberMeToken" package="com.atlassian.confluence.user.persistence.dao">'
    f'<id name="id">{SECRET}</id><property name="token">{SECRET}</property></object>'
    f'<object class="DefaultHibernateUser" package="com.atlassian.user.impl.hibernate"><id name="id">2</id>'
    f'<property name="password">{SECRET}</property></object>'
    f'<object class="Page" package="com.acme.secrets"><id name="id">{SECRET}</id><property name="title">{SECRET}</property></object>'
    f'<object class="BucketPropertySetItem" package="bucket.user.propertyset"><composite-id>'
    f'<property name="entityName">{SECRET}</property></composite-id></object>'
    f'<object class="ConfluenceUserImpl" package="com.atlassian.confluence.user"><id name="key">u1</id>'
    f'{value("name", "ann")}{value("email", SECRET)}{value("password", SECRET)}</object>'
)  # fmt: skip


def kept(found: Read, place: Path) -> bool:
    """Whether the secret is anywhere in what reading left behind."""
    told = f"{found.facts} {found.all('oddity')} {found.all('user')} {found.all('content')}"
    files = [path for path in place.iterdir() if path.is_file()]
    assert files
    return SECRET in told or any(SECRET.encode() in path.read_bytes() for path in files)


def test_no_secret_of_a_whole_site_reaches_the_staging_file(read: Reader, tmp_path: Path) -> None:
    found = read(whole(page(1) + SECRETS + page(2)))
    assert [row["id"] for row in found.all("content")] == ["1", "2"]
    assert [row["key"] for row in found.all("user")] == ["u1"]
    assert not kept(found, tmp_path)


def test_of_what_is_not_wanted_not_even_a_string_is_made() -> None:
    made = []

    class Watched(XmlStream):
        def _text(self, text: str) -> None:
            made.append(text)
            super()._text(text)

    found = list(Watched("x", WANTED).objects(io.BytesIO(whole(page(1) + SECRETS + page(2)))))
    assert [one.id for one in found] == ["1", "10001", "u1", "2", "10002"]
    assert not any(SECRET in text for text in made)


@pytest.mark.parametrize("breaking", ["cut", "malformed", "entity", "attribute"])
def test_no_secret_of_a_broken_file_reaches_the_staging_file_or_a_message(
    read: Reader, tmp_path: Path, breaking: str
) -> None:
    data = whole(page(1) + SECRETS + page(2)).decode()
    at = data.index("</property>", data.index(SECRET))
    broken = {
        "cut": data[:at],
        "malformed": data[:at] + f"</{SECRET}>" + data[at:],
        "entity": data[:at] + f"]]>&{SECRET};" + data[at:],
        "attribute": data[:at] + f']]><{SECRET} {SECRET}="{SECRET}" {SECRET}="{SECRET}"/>' + data[at:],
    }[breaking]
    found = read(broken.encode())
    assert found.facts.stopped is not None
    assert [row["id"] for row in found.all("content")] == ["1"]
    assert not kept(found, tmp_path)
