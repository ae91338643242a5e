"""What is kept of a rendered body: the page's own, the same in every export; and files that are hostile."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.connectors.confluence.html_exports import body_of, page, read_html

TWICE = [
    (
        '<img class="x" src="attachments/thumbnails/1/2?version=1&amp;modificationDate=1622000000000&amp;api=v2" alt="a">',
        '<img src="attachments/thumbnails/1/2?api=v2&amp;version=1&amp;modificationDate=1690000000000" alt="a" class="x">',
    ),
    (
        '<img src="https://w.example/wiki/download/attachments/1/a.png?version=1&amp;api=v2" alt="">',
        '<img src="https://w.example/wiki/download/attachments/1/a.png?version=1&amp;cacheVersion=1&amp;api=v2" alt="">',
    ),
    (
        '<img src="a.png" data-base-url="http://10.0.0.1:8090" data-unresolved-comment-count="0" loading="lazy">',
        '<img src="a.png" data-base-url="https://wiki.example" data-unresolved-comment-count="3" srcset="b.png 2x">',
    ),
    ('<div class="toc-macro rbtoc1633422434234"><ul><li>1</li></ul></div>', '<div class="toc-macro rbtoc1633429999999"></div>'),
    ("<style type='text/css'>div.rbtoc1633422434234 {}</style>x", "<script>var t = 1633429999999</script>x"),
    (
        '<div id="expander-1386470" class="expand-container"><span style="vertical-align:middle;">More</span></div>',
        '<div id="expander-2099315" class="expand-container"><span>More</span></div>',
    ),
    ('<a href="Leave-policy_502.html#Leave-Days">days</a>', '<a href="Leave-rules_502.html">days</a>'),
    ('<a href="502.html">days</a>', '<a href="Leave-rules_502.html">days</a>'),
    (
        '<p><ul class="childpages-macro"><li><a href="1.html">One</a></li></ul></p>',
        '<p><ul class="childpages-macro"><li><a href="1.html">One</a></li><li>Two</li></ul></p>',
    ),
    (
        '<span class="jira-issue" data-jira-key="AB-1"><a href="#"><img src="x?id=1"></a> Fix it <b>OPEN</b></span>',
        '<span class="jira-issue resolved" data-jira-key="AB-1" data-client-key="9"><b>CLOSED</b></span>'.replace(" resolved", ""),
    ),
    ("<p>a<!-- 17:00 --></p>", "<p>a<!-- 18:00 --></p>"),
    ("  <p>a</p>\r\n", "<p>a</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), TWICE)
def test_what_differs_between_two_exports_of_the_same_page_is_not_kept(
    tmp_path: Path, one: str, other: str
) -> None:
    assert body_of(tmp_path, one) == body_of(tmp_path, other)


KEPT = [
    "<h2>Days &amp; hours &lt;1&gt;</h2>",
    'Loose &amp; words <b>bold</b> and <a href="https://other.example/x?version=2#part">a link</a>',
    '<table class="confluenceTable"><tr><th colspan="2">a</th></tr><tr><td>b</td><td rowspan="2">c</td></tr></table>',
    '<pre class="syntaxhighlighter-pre" data-syntaxhighlighter-params="brush: text">a  &lt;b&gt;\n  c</pre>',
    '<ul class="inline-task-list"><li class="checked" data-inline-task-id="1">done</li></ul>',
    '<p style="display: none">unseen</p>',
    '<ol start="3"><li>three</li></ol>',
    '<span class="jira-issue" data-jira-key="AB-1">AB-1</span>',
    '<a class="confluence-userlink" data-username="anna" href="">Anna</a>',
    '<time datetime="2024-01-01">1 Jan</time>',
    "<p>e\u0301 \U0001f600 \xa0</p>",
]


@pytest.mark.parametrize("body", KEPT)
def test_what_says_something_is_kept_as_it_stands(tmp_path: Path, body: str) -> None:
    assert body_of(tmp_path, body) == body


def test_what_is_kept_reads_the_same_once_more(tmp_path: Path) -> None:
    for body, _ in TWICE:
        once = body_of(tmp_path, body)
        assert body_of(tmp_path, once) == once


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b a=1>",
                "</b>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "&",
                "&#0;",
                "&#xD800;",
                "<",
                ">",
                '"',
                "x",
                "\n",
                "<table>",
                "<td>",
                "<style>",
                "</style>",
                "\0",
                "é",
            ]
        ),
        max_size=30,
    )
)
def test_any_markup_gives_a_body_that_is_the_same_each_time(tmp_path: Path, pieces: list[str]) -> None:
    # As in a file, where what follows the body is swallowed by whatever is left open in it.
    body = "".join(pieces)
    assert body_of(tmp_path, body) == body_of(tmp_path, body)


# --- encodings ---------------------------------------------------------------------------------

GERMAN = page("Pay", "<p>Grüße – „so“</p>")


@pytest.mark.parametrize(
    ("data", "clean"),
    [
        (GERMAN.encode(), True),
        (b"\xef\xbb\xbf" + GERMAN.encode(), True),
        (GERMAN.encode("utf-16"), True),
        (GERMAN.replace("charset=UTF-8", "charset=ISO-8859-1").encode("cp1252"), True),
        (GERMAN.replace("charset=UTF-8", "charset=windows-1252").encode("cp1252"), True),
        (GERMAN.replace("charset=UTF-8", "charset=punycode").encode(), True),
        (GERMAN.replace("charset=UTF-8", "charset=no-such").encode(), True),
        (GERMAN.replace("charset=UTF-8", "").encode(), True),
        (GERMAN.encode("cp1252"), False),
    ],
)  # fmt: skip
def test_a_page_is_read_in_the_encoding_that_it_states_else_utf_8(
    tmp_path: Path, data: bytes, clean: bool
) -> None:
    found = read_html(tmp_path, {"Pay_504.html": data})
    assert (found.bodies()["504"] == "<p>Grüße – „so“</p>") is clean
    assert [line.split(":")[0] for line in found.oddities()] == ([] if clean else ["bad-encoding"])
    assert found.facts.stopped is None


def test_chinese_and_cyrillic_encodings_are_known(tmp_path: Path) -> None:
    for charset, text in (
        ("GB2312", "空间"),
        ("Shift_JIS", "空間"),
        ("KOI8-R", "Отпуск"),
        ("euc-kr", "휴가"),
    ):
        data = page("Pay", f"<p>{text}</p>").replace("UTF-8", charset).encode(charset)
        assert read_html(tmp_path, {"Pay_504.html": data}).bodies()["504"] == f"<p>{text}</p>"


# --- hostile -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<" * 1_000_000,
        "&" * 1_000_000,
        "<!--" * 250_000,
        "<p>" * 300_000,
        "<a " + "x=1 " * 250_000 + ">",
        '<a name="comment-1"></a>' * 50_000,
        "<script>x</script>y" * 50_000,
        '<p class="' + "12345 " * 100_000 + '">x',
        '<img data-linked-resource-container-id="504" data-linked-resource-container-version="9">' * 20_000,
        '<table><tr><td><a name="comment-1"></a>' * 600,
        "<div class='greybox'>" * 2000 + "<a href='attachments/1/2.png'>x</a>",
    ],
    ids=lambda body: str(body)[:20],
)
def test_a_hostile_page_is_read_or_refused_in_a_few_seconds(tmp_path: Path, body: str) -> None:
    began = time.process_time()
    found = read_html(tmp_path, {"Pay_504.html": page("Pay", body), "505.html": page("x", "", after=body)})
    assert time.process_time() - began < 20
    assert found.bodies()["503"] == "<p>Forms</p>"
    assert len(found.all("SELECT 1 FROM content WHERE id = '504'")) == 1


def test_a_page_nested_too_deep_is_refused_and_not_cut(tmp_path: Path) -> None:
    fine = read_html(tmp_path, {"Pay_504.html": page("Pay", "<div>" * 1000 + "end" + "</div>" * 1000)})
    assert "end" in fine.bodies()["504"]
    deep = read_html(tmp_path, {"Pay_504.html": page("Pay", "<div>" * 100_000 + "end")})
    assert "504" not in deep.bodies()
    assert deep.facts.stopped is not None
    assert "nested deeper than any page" in deep.facts.stopped


def test_nothing_outside_the_export_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    data = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]>' + page("Pay", "<p>&x;</p>").removeprefix(
        "<!DOCTYPE html>"
    )
    assert "SECRET" not in str(read_html(tmp_path, {"Pay_504.html": data}).bodies())
