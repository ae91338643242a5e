"""One wiki through all formats: the same texts, one embedding; and nothing that a page names is ever fetched."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.confluence import create
from indexer.errors import IndexerError
from tests.e2e.confluence_workplace import WikiWorkplace
from tests.support.confluence_entities import CLOUD, DIALECTS, SERVER_4, Dialect, xml_files
from tests.support.confluence_exports import age, pack, write_csv, write_html, write_xml
from tests.support.confluence_wiki import Wiki
from tests.support.indexes import Home

RICH = """<h1>Leave &amp; pay</h1>\r\n<p>Caf&eacute;, 5&nbsp;&lt;&nbsp;6 &mdash; \N{GRINNING FACE}.</p>
<ac:structured-macro ac:name="code" ac:schema-version="1"><ac:parameter ac:name="language">py</ac:parameter>
<ac:plain-text-body><![CDATA[if a[0] > 1:\n    print("<x>")]]></ac:plain-text-body></ac:structured-macro>
<ac:structured-macro ac:name="info"><ac:rich-text-body><p>Ask <ac:link><ri:user ri:userkey="8a7f01"/></ac:link>
or <ac:link><ri:user ri:account-id="557058:ben"/></ac:link>.</p></ac:rich-text-body></ac:structured-macro>
<table><tbody><tr><th>Days</th><th>Who</th></tr><tr><td>20</td><td>all</td></tr></tbody></table>
<p>See <ac:link><ri:page ri:content-title="Travel"/></ac:link>, <a href="http://example.invalid/x">this</a>
<ac:image><ri:url ri:value="http://example.invalid/picture.png"/></ac:image>
<ac:image ac:alt="a plan"><ri:attachment ri:filename="plan.png"/></ac:image></p>
<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status>
<ac:task-body>sign</ac:task-body></ac:task></ac:task-list>
"""


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> WikiWorkplace:
    return WikiWorkplace(tmp_path, capsys)


def filled(wiki: Wiki) -> Wiki:
    """A wiki with a little of everything."""
    page = wiki.page("Leave", RICH, labels=["approved"])
    wiki.edit(page, RICH.replace("20", "30"), message="more")
    travel = wiki.page("Travel", "<p>By train.</p>", parent=page)
    wiki.edit(travel, "<p>By train or bus.</p>")
    wiki.blog("News", "<p>It rains.</p>")
    file = wiki.attach(page, "form.txt", b"Name:\nDate:\n")
    wiki.edit(file, data=b"Name:\nPlace:\n")
    comment = wiki.comment(page, "<p>Too few!</p>")
    wiki.comment(page, "<p>Enough.</p>", answers=comment)
    return wiki


def everything(work: WikiWorkplace, source: str) -> dict[str, list[tuple[Any, ...]]]:
    """Of each document of a source the versions: number, title, author, message, times, text."""
    found = {}
    for item in work.wiki.items:
        key = item.id
        if item.kind == "attachment" and item.container:
            key = f"{item.container.id}/{item.title}"
        elif item.kind == "comment" and item.container:
            key = f"{item.container.id}/comments/{item.id}"
        document = f"{source}:{key}"
        found[key] = [
            (
                v["labels"], v["title"], v["author"], v["message"], v["valid_from"], v["text_hash"],
                work.text(f"{document}@{v['id']}"),
            )
            for v in work.versions(document)
        ]  # fmt: skip
    return found


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d is not SERVER_4], ids=lambda d: d.name)
def test_xml_and_csv_give_the_same_versions_and_one_embedding(work: WikiWorkplace, dialect: Dialect) -> None:
    other = work.folder / "other"
    other.mkdir()
    second = f'[[source]]\nname = "second"\nkind = "confluence"\npath = "{other}"\ncomments = true\n'
    work.configure(comments=True, more=second)
    filled(work.wiki)
    write_xml(work.wiki, work.exports / "one.zip", dialect)
    write_csv(work.wiki, other / "one.zip")
    assert work.backfill("wiki")["passages_embedded"] > 0
    report = work.backfill("second")
    assert report["versions_added"] == 10
    assert report["passages_embedded"] == 0
    assert report["remarks"] == []
    first = everything(work, "wiki")
    assert first == everything(work, "second")
    text = first[work.wiki.items[1].id][0][-1]
    assert "\ufffd" not in text
    for words in ("Café, 5", "if a[0] > 1:", "anna", "ben", "Travel", "a plan", "sign"):
        assert words in text, words
    work.sound()


@pytest.mark.parametrize("order", ["xml first", "csv first"])
def test_the_other_format_of_what_is_known_adds_nothing(work: WikiWorkplace, order: str) -> None:
    work.configure(comments=True)
    filled(work.wiki)
    writers = [write_xml, write_csv] if order == "xml first" else [write_csv, write_xml]
    writers[0](work.wiki, work.exports / "one.zip")
    assert work.backfill()["versions_added"] == 10
    writers[1](work.wiki, work.exports / "two.zip")
    report = work.backfill()
    assert (report["versions_added"], report["passages_embedded"], report["failed"]) == (0, 0, 0)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["zip", "folder"])
def test_the_kind_is_told_by_content_whatever_the_export_is_called(
    work: WikiWorkplace, form: str, packed: bool
) -> None:
    name = "export.xml.zip" if form == "zip" else "export-of-html"
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    work.configure(write_csv(work.wiki, work.folder / name, packed=packed))
    assert work.backfill()["failed"] == 0
    assert "Ten days." in work.text(page.id)


@pytest.mark.parametrize("write", [write_xml, write_csv, write_html])
def test_an_export_in_a_folder_of_its_zip_is_found(work: WikiWorkplace, write: Any) -> None:
    page = work.wiki.page("Leave", "<p>Ten days.</p>")
    folder = write(work.wiki, work.folder / "unpacked" / "HR-export")
    shutil.make_archive(str(work.folder / "packed"), "zip", folder.parent)
    (work.folder / "packed.zip").rename(work.exports / "one.zip")
    age(work.exports)
    assert work.backfill()["failed"] == 0
    assert "Ten days." in work.text(page.id)


def test_html_has_the_present_texts_of_the_same_pages(work: WikiWorkplace) -> None:
    second = f'[[source]]\nname = "second"\nkind = "confluence"\npath = "{work.folder / "site"}"\n'
    work.configure(more=second)
    parent = work.wiki.page("Leave", "<h2>Days</h2><p>Twenty days.</p><ul><li>one</li><li>two</li></ul>")
    page = work.wiki.page("Pay: how?", "<p>On the <strong>last</strong> day.</p>", parent=parent)
    work.wiki.edit(page, "<p>On the <em>first</em> day.</p>")
    write_xml(work.wiki, work.exports / "one.zip")
    write_html(work.wiki, work.folder / "site")
    work.backfill("wiki")
    assert work.backfill("second")["passages_embedded"] == 0
    for one in (parent, page):
        shown, seen = work.json("show", f"wiki:{one.id}"), work.json("show", f"second:{one.id}")
        assert seen["text"] == shown["text"]
        assert seen["version"]["title"] == shown["version"]["title"]
        assert seen["version"]["author"] == shown["version"]["author"]
        assert seen["document"]["path"] == shown["document"]["path"]
        assert seen["version"]["valid_from"][:10] == shown["version"]["valid_from"][:10]


def test_code_that_looks_like_an_end_of_cdata_is_the_same_in_xml_and_csv(work: WikiWorkplace) -> None:
    """XML exports write such an end with a blank in it; people write that as well."""
    code = "if a[b[0]] > 1:\n    return c[d[0]] >= 2"
    body = (
        '<ac:structured-macro ac:name="code"><ac:plain-text-body>'
        f"<![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro><p>Behind.</p>"
    )
    page = work.wiki.page("Code", body)
    write_xml(work.wiki, work.exports / "one.zip")
    work.backfill()
    assert code in work.text(page.id)
    assert "Behind." in work.text(page.id)
    write_csv(work.wiki, work.exports / "two.zip")
    assert work.backfill()["versions_added"] == 0


@pytest.mark.parametrize("order", ["xml first", "csv first"])
def test_line_ends_of_any_kind_are_the_same_in_xml_and_csv(work: WikiWorkplace, order: str) -> None:
    """A parser of XML folds them, and CSV has them as they were typed or pasted."""
    code = "one\rtwo\r\nthree\nfour\ufffe"
    page = work.wiki.page(
        "Code",
        '<ac:structured-macro ac:name="code"><ac:plain-text-body>'
        f"<![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro><p>Be\rhind.</p>",
    )
    work.wiki.edit(page, "<p>Other.</p>", message="because\rof\r\nthat")
    writers = [write_xml, write_csv] if order == "xml first" else [write_csv, write_xml]
    writers[0](work.wiki, work.exports / "one.zip")
    work.backfill()
    assert "one\ntwo\nthree\nfour\n" in work.text(f"{page.id}@1")
    assert work.versions(page.id)[1]["message"] == "because\nof\nthat"
    writers[1](work.wiki, work.exports / "two.zip")
    assert work.backfill()["versions_added"] == 0


# --- no network -----------------------------------------------------------------------------------


@contextmanager
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Whoever asks for the network is refused, and noted."""
    asked: list[object] = []

    class Refusing(socket.socket):
        def __init__(self, family: int = -1, *rest: Any, **named: Any) -> None:
            if family != socket.AF_UNIX:
                asked.append(family)
                raise OSError("no network here")
            super().__init__(family, *rest, **named)

    def refuse(*where: object, **_: object) -> Any:
        asked.append(where)
        raise OSError("no network here")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", Refusing)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(socket, "create_connection", refuse)
        yield asked


@pytest.mark.parametrize("write", [write_xml, write_csv, write_html])
def test_nothing_that_a_page_names_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    wiki = filled(Wiki())
    wiki.page(
        "Links",
        '<p><img src="http://example.invalid/a.png"/><link rel="stylesheet" href="http://example.invalid/s.css"/>'
        '<iframe src="http://example.invalid/">x</iframe><a href="http://example.invalid/">there</a>'
        '<ac:image><ri:url ri:value="http://example.invalid/b.png"/></ac:image></p>',
    )
    export = write(wiki, tmp_path / "one.zip")
    with Home(tmp_path / "home") as home, offline(monkeypatch) as asked:
        report = home.backfill(create("wiki", {"path": str(export), "comments": True}, tmp_path / "copies"))
        assert report.sources[0].failed == 0
        assert asked == []


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE hibernate-generic SYSTEM "http://example.invalid/hibernate.dtd">',
        '<!DOCTYPE h [<!ENTITY x SYSTEM "http://example.invalid/x"><!ENTITY y "yyy">]>',
    ],
)
def test_a_document_type_is_refused_and_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    files = xml_files(Wiki(), CLOUD)
    files["entities.xml"] = files["entities.xml"].replace(b"<hibernate", head.encode() + b"<hibernate", 1)
    export = pack(tmp_path / "one.zip", files)
    with Home(tmp_path / "home") as home, offline(monkeypatch) as asked:
        try:
            report = home.backfill(create("wiki", {"path": str(export)}, tmp_path / "copies"))
        except IndexerError as error:
            pytest.fail(str(error))
        assert any("document type declaration" in problem for problem in report.sources[0].problems)
        assert asked == []


def test_a_body_with_entities_of_its_own_is_read_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = Wiki()
    secret = tmp_path / "secret.txt"
    secret.write_text("sesame")
    page = wiki.page(
        "Trap",
        f'<!DOCTYPE p [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y SYSTEM "http://example.invalid/y">'
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><p>Before &x; &y; &b; after.</p>',
    )
    export = write_xml(wiki, tmp_path / "one.zip")
    with Home(tmp_path / "home") as home, offline(monkeypatch) as asked:
        home.backfill(create("wiki", {"path": str(export)}, tmp_path / "copies"))
        text = home.queries().show(page.id).text
        assert asked == []
    assert "sesame" not in text
    assert "aaaaaaaaaaaaaaaaaaaa" not in text
    assert "after." in text
