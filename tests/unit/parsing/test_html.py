from __future__ import annotations

import pytest

from indexer.parsing.canonical import canonical_text
from tests.unit.parsing.reading import outline, parsed, shapes

PAGE = """<!DOCTYPE html>
<html><head><title> A   page </title><meta name="Version" content="2.10"><meta name="author" content="A. Person">
<style>p {color: red}</style></head>
<body><nav>Menu</nav><script>var x = "<p>no</p>";</script>
<h1>Head <em>line</em></h1>
<p>First&nbsp;<b>bold</b> <a href="/x">link</a>,<br>second line. <img src="x.png" alt="A diagram"></p>
<div>Loose <custom-tag>words</custom-tag><p hidden>unseen</p><p style="display: none">unseen</p>tail</div>
<ul><li>one<ul><li>nested</li></ul></li><li><p>two</p><p>more</p></li></ul>
<ol><li>first<li>second</ol>
<table><caption>Prices</caption><tr><th>Item<th>Price<th></th></tr><tr><td>Tea<td>3<td></tr><tr><td colspan=2>Cake</td></tr></table>
<pre>def f():
    return 1
</pre>
<blockquote>Quoted</blockquote>
<dl><dt>Term<dd>Meaning</dl>
one<br><br>two
</body></html>"""


def test_blocks_are_what_a_reader_sees() -> None:
    assert shapes(PAGE, "page.html") == [
        ("heading", "Head line"),
        ("paragraph", "First bold link,\nsecond line. A diagram"),
        ("paragraph", "Loose words tail"),
        ("list", "- one\n  - nested", "- two\n  more"),
        ("list", "1. first", "2. second"),
        ("table", "Prices", "Item | Price", "Tea | 3", "Cake"),
        ("code", "def f():", "    return 1"),
        ("paragraph", "Quoted"),
        ("list", "Term\n  Meaning"),
        ("paragraph", "one"),
        ("paragraph", "two"),
    ]


def test_title_metadata_and_labels_come_from_the_head() -> None:
    document = parsed(PAGE, "page.html")
    assert document.title == "A page"
    assert document.metadata == {"author": "A. Person", "version": "2.10"}
    assert document.labels == ("2.10",)
    assert outline(document) == [(1, "Head line")]


def test_a_header_row_is_known_by_its_cells_or_its_section() -> None:
    tables = [
        parsed(f"<table>{rows}</table>", "a.html").blocks[0].header_parts
        for rows in (
            "<tr><th>a<th>b<tr><td>1<td>2",
            "<thead><tr><td>a<td>b</thead><tr><td>1<td>2",
            "<tr><td>a<td>b<tr><td>1<td>2",
            "<tr><th>a<td>b<tr><th>1<td>2",
        )
    ]
    assert tables == [1, 1, 0, 0]


def test_tables_that_only_arrange_a_page_are_looked_through() -> None:
    assert shapes("<table><tr><td><h2>A</h2><p>text</table>", "a.html") == [
        ("heading", "A"),
        ("paragraph", "text"),
    ]
    assert shapes("<table><tr><td><p>a<p>b</table>", "a.html") == [("paragraph", "a"), ("paragraph", "b")]
    nested = "<table><tr><td>left<td><table><tr><td>1<td>2</table></table>"
    assert shapes(nested, "a.html") == [("paragraph", "left"), ("table", "1 | 2")]


def test_text_that_stands_beside_the_cells_of_a_table_is_kept() -> None:
    assert shapes("<table>stray<tr><td>1<td>2</tr>late</table>", "a.html") == [
        ("table", "stray", "1 | 2", "late")
    ]


@pytest.mark.parametrize("depth", [300, 50_000])
def test_deep_nesting_loses_no_text(depth: int) -> None:
    text = canonical_text(parsed("<div>" * depth + "deep &amp; <b>down</b>", "a.html").blocks)
    assert text.split() == ["deep", "&", "down"]


def test_the_declared_charset_is_believed() -> None:
    page = '<html><head><meta charset="shift_jis"></head><body><p>日本語の文書</p></body></html>'
    assert shapes(page.encode("shift_jis"), "a.html") == [("paragraph", "日本語の文書")]
    assert shapes(page.encode(), "a.html") == [("paragraph", "日本語の文書")], "it is UTF-8, whatever it says"


def test_external_entities_are_not_read() -> None:
    page = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>a &x; b</p></body></html>'
    assert "root:" not in canonical_text(parsed(page, "a.html").blocks)
