from __future__ import annotations

from tests.unit.parsing.office_files import epub
from tests.unit.parsing.office_reading import failure, read, seen


def test_chapters_are_read_in_the_order_of_the_spine_without_the_table_of_contents() -> None:
    data = epub(
        {"b": "<h1>B</h1><p>two</p>", "a": "<h1>A</h1><p>one</p>"}, contents='<a href="b.xhtml">B</a>'
    )
    assert seen(data) == [("heading", "B"), ("paragraph", "two"), ("heading", "A"), ("paragraph", "one")]


def test_a_chapter_without_a_heading_has_its_title_from_the_table_of_contents() -> None:
    data = epub(
        {"c": "<p>text</p>"}, contents='<ol><li><a href="%63.xhtml#x">Chapter <i>One</i></a></li></ol>'
    )
    assert seen(data) == [("heading", "Chapter One"), ("paragraph", "text")]


def test_elements_closed_at_once_swallow_nothing() -> None:
    data = epub({"a": '<p>one<a id="x"/> two<br/>three</p><div class="y"/><script src="s.js"/><p>four</p>'})
    assert seen(data) == [("paragraph", "one two\nthree"), ("paragraph", "four")]


def test_what_the_book_says_of_itself_is_its_metadata() -> None:
    said = (
        "<dc:title>A book</dc:title><dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator>"
        '<dc:language>en</dc:language><meta property="schema:version">2.0</meta>'
    )
    reading = read(epub({"a": "<p>x</p>"}, metadata=said))
    assert (reading.title, reading.labels) == ("A book", ("2.0",))
    assert reading.metadata == {"title": "A book", "author": "Ann, Bob", "language": "en", "version": "2.0"}


def test_a_locked_book_is_encrypted_and_one_with_scrambled_fonts_is_not() -> None:
    def locked(method: str) -> bytes:
        inside = f'<EncryptedData><EncryptionMethod Algorithm="{method}"/></EncryptedData>'
        return epub(
            {"a": "<p>x</p>"}, parts={"META-INF/encryption.xml": f"<encryption>{inside}</encryption>"}
        )

    assert failure(locked("http://www.w3.org/2001/04/xmlenc#aes128-cbc")).reason == "encrypted"
    assert seen(locked("http://www.idpf.org/2008/embedding")) == [("paragraph", "x")]


def test_entities_of_a_chapter_stay_unresolved_and_its_own_ones_are_text() -> None:
    evil = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><html><body><p>a&nbsp;b &x;</p></body></html>'
    assert seen(epub({"a": ""}, parts={"OEBPS/a.xhtml": evil})) == [("paragraph", "a b &x;")]


def test_entities_in_what_the_book_says_of_itself_are_not_resolved() -> None:
    opf = (
        '<!DOCTYPE package [<!ENTITY e "boom">]><package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        '<dc:title>a &e;</dc:title></metadata><manifest><item id="a" href="a.xhtml"'
        ' media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    reading = read(epub({"a": "<p>x</p>"}, parts={"OEBPS/content.opf": opf}))
    assert "boom" not in str(reading.title)
    assert [block.text for block in reading.blocks] == ["x"]


def test_a_missing_chapter_is_damage_and_no_shorter_book() -> None:
    whole = epub({"a": "<p>x</p>"})
    lost = whole.replace(b"OEBPS/a.xhtml", b"OEBPS/b.xhtml")
    assert failure(lost).reason == "damaged"


def test_a_chapter_that_the_spine_names_again_and_again_is_read_once() -> None:
    items = "".join(f'<item id="i{n}" href="a.xhtml" media-type="text/html"/>' for n in range(3))
    order = "".join(f'<itemref idref="i{n % 3}"/>' for n in range(5000))
    opf = f"<package><metadata/><manifest>{items}</manifest><spine>{order}</spine></package>"

    assert seen(epub({"a": "<p>once</p>"}, parts={"OEBPS/content.opf": opf})) == [("paragraph", "once")]
