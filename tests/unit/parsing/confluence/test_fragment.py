from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.canonical import canonical_text, normal
from tests.unit.parsing.confluence.pages import blocks, macro, read

CODE = '<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[{}]]></ac:plain-text-body></ac:structured-macro>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("plain text & more", [("paragraph", "plain text & more")]),
        ("wrong <![CDATA[c < d]]>", [("paragraph", "wrong c < d")]),
        ("<p>a\x02b\x1c</p>", [("paragraph", "ab")]),
        ("<p>a&#2;b&#x1F600;&#xD800;</p>", [("paragraph", "ab😀")]),
        ("<p>x&nbsp;y &lt;b&gt; &amp;eacute; &eacute;</p>", [("paragraph", "x y <b> &eacute; é")]),
        ("<o:p>Word</o:p><p>b <x:y z:w='1'>c</x:y></p>", [("paragraph", "Word"), ("paragraph", "b c")]),
        (
            '<?xml version="1.0"?>\n<p xmlns="http://www.w3.org/1999/xhtml">a <B>c</B></p>',
            [("paragraph", "a c")],
        ),
        ("<p>a<!-- <p>&no -->b</p>", [("paragraph", "ab")]),
        ("<p>a <!-- b</p>", [("paragraph", "a <!-- b")]),
        ("<p>a ]]> b</p>", [("paragraph", "a ]]> b")]),
        (CODE.format("&nbsp; &lt; <b>"), [("code", "&nbsp; &lt; <b>")]),
        (CODE.format("a]]]]><![CDATA[>b"), [("code", "a]]>b")]),
        (CODE.format("a[b[0]]>c") + "<p>d</p>", [("code", "a[b[0]]>c"), ("paragraph", "d")]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_fragments_are_read_without_a_root_prefixes_or_entities(
    body: str, expected: list[tuple[str, ...]]
) -> None:
    assert blocks(body) == expected
    assert read(body).metadata == {}


def test_what_is_no_xml_is_read_as_html_and_says_where_it_breaks() -> None:
    body = (
        f"<p>first</p>\n<p>a<br>b <em>c</p>\n{macro('code', code='x < y', title='T')}{macro('toc', root='r')}"
        '<p><ac:link><ri:page ri:content-title="Leave" /></ac:link> <b>end'
    )
    assert blocks(body) == [
        ("paragraph", "first"),
        ("paragraph", "a\nb c"),
        ("paragraph", "T"),
        ("code", "x < y"),
        ("paragraph", "Leave end"),
    ]
    assert read(body).metadata == {"malformed": "Opening and ending tag mismatch: em line 2 and p, line 2"}


@pytest.mark.parametrize("depth", [300, 1500, 5000, 100_000])
def test_deep_nesting_loses_no_text(depth: int) -> None:
    document = read(
        "<p>top</p>" + "<div>" * depth + "deep &amp; <b>down</b>" + "</div>" * depth + "<p>end</p>"
    )
    assert canonical_text(document.blocks).split() == ["top", "deep", "&", "down", "end"]
    assert ("malformed" in document.metadata) == (depth > 2000)


def test_deep_macros_lose_no_code_and_say_no_parameters() -> None:
    opened = '<ac:structured-macro ac:name="info"><ac:parameter ac:name="icon">no</ac:parameter><ac:rich-text-body>'
    closed = "</ac:rich-text-body></ac:structured-macro>"
    for depth in (500, 5000):
        body = opened * depth + CODE.format("x < y") + closed * depth
        assert canonical_text(read(body).blocks).split() == ["x", "<", "y"]


def test_a_large_text_is_read_whole() -> None:
    body = f"<p>{'word ' * 2_200_000}</p><p>end</p>"
    assert canonical_text(read(body).blocks).count("word") == 2_200_000
    assert read(body).metadata == {}


@pytest.mark.parametrize(
    "body",
    [
        "<!--" * 250_000,
        "<![CDATA[" * 110_000,
        "<ac:plain-text-body><![CDATA[x]]>" * 30_000,
        "&" * 1_000_000,
        "<ac:link>" * 1900 + "<span/>" * 50_000 + "</ac:link>" * 1900,
        "<ac:adf-extension>" * 1900 + "<i/>" * 50_000 + "</ac:adf-extension>" * 1900,
        macro("x", **{f"p{number}": "v" for number in range(10_000)}),
    ],
    ids=["comments", "sections", "code", "references", "links", "extensions", "parameters"],
)
def test_marks_without_end_take_linear_time(body: str) -> None:
    start = time.process_time()
    read(body)
    assert time.process_time() - start < 12


def test_entities_are_never_declared_nor_files_read() -> None:
    body = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY b "boom">]><p>a &e; &b; z</p>'
    text = canonical_text(read(body).blocks)
    assert "root:" not in text
    assert "boom" not in text.split(">")[-1]
    assert "z" in text


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&[]\n-]"), max_size=60)


@given(TEXTS)
def test_code_comes_out_as_it_was_written(code: str) -> None:
    code = f"({code})".replace("\ufffe", "").replace("\uffff", "")
    read_ = read("<p>before</p>" + CODE.format(code.replace("]]>", "]]]]><![CDATA[>")) + "<p>after</p>")
    assert [block.text for block in read_.blocks] == ["before", normal(code), "after"]


@given(st.lists(st.sampled_from(["<p>", "</p>", "<ul>", "<li>", "<table>", "<tr>", "<td>", "</td>", "<ac:link>", "</ac:link>", "<ac:image>", "<br/>", "<ac:task>", "<![CDATA[", "]]>", "<!--", "-->", "&", "&amp;", "word", '<ac:structured-macro ac:name="code">', "<ac:plain-text-body>", "</ac:plain-text-body>", "</ac:structured-macro>", "<ac:parameter>", "<ac:adf-extension>", "<ac:adf-node>", "<ac:adf-fallback>", "<time/>", "<ri:user/>", " ", "<ac:rich-text-body>", "<h2>", "</h2>"]), max_size=30))  # fmt: skip
def test_no_mixture_of_tags_raises(parts: list[str]) -> None:
    read("".join(parts))
