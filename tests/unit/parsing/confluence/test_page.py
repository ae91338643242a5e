from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing import Parsers
from indexer.parsing.canonical import canonical_text
from indexer.parsing.confluence.page import read_wiki_page
from indexer.parsing.detect import Detected, detect
from indexer.parsing.formats import Format
from indexer.ports.wiki_page import MAGIC, Markup, WikiPage
from tests.unit.parsing.confluence.pages import read
from tests.unit.parsing.reading import outline, parsed, shape

BODIES = [
    b"<p>a</p>",
    "<p>ärger</p>".encode(),
    b'<meta charset="latin-1"><p>a</p>',
    b"From: a\nReceived: b\n\nc",
    b"<p>\x93caf\xe9\x94</p>" * 50,
    b"a\x00b" * 20,
    b"%PDF-1.7",
    b"\x1b$B",
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("key", ["501", "501.md", "a.docx", "page.pdf", "x.eml", ".html"])
def test_a_wiki_page_is_known_by_its_first_bytes_and_is_always_utf_8(body: bytes, key: str) -> None:
    found = detect(MAGIC + b'{"markup":"storage"}\n' + body, key)
    assert isinstance(found, Detected)
    assert found.format is Format.WIKI_PAGE
    assert found.decoded is not None
    assert found.decoded.encoding == "utf-8"
    assert found.decoded.text.endswith(body.decode(errors="replace"))


def test_only_the_very_beginning_marks_a_wiki_page() -> None:
    assert Parsers().identify(b" " + MAGIC, "a.txt") == "text/1"
    assert Parsers().identify(MAGIC, "a.txt") == "wiki-page/1"


def test_the_document_says_what_read_it() -> None:
    document = read("<p>a</p>")
    assert document.parser == "wiki-page/1"
    assert document.media_type == "application/vnd.document-indexer.wiki-page"
    assert document.labels == ()


def test_undecodable_bytes_are_told_of() -> None:
    data = WikiPage(Markup.STORAGE, "<p>a</p>").write() + b"<p>\xff</p>"
    assert parsed(data, "501").metadata == {"encoding": "utf-8, 1 undecodable"}


@pytest.mark.parametrize("markup", list(Markup))
def test_the_context_stands_above_everything(markup: Markup) -> None:
    data = WikiPage(markup, "words", context=" Leave\npolicy ").write()
    document = parsed(data, "501")
    assert [shape(block) for block in document.blocks] == [
        ("heading", "Leave policy"),
        ("paragraph", "words"),
    ]
    assert outline(document) == [(1, "Leave policy")]
    assert document.title is None


@pytest.mark.parametrize(
    "head",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"markup":"odd"}',
        '{"markup":["storage"]}',
        '{"markup":"wiki","names":[]}',
        "[" * 99_999,
    ],
)
def test_what_only_begins_like_a_wiki_page_is_text(head: str) -> None:
    document = parsed(MAGIC + head.encode() + b"\nsome words\n", "note.txt")
    assert canonical_text(document.blocks).endswith("some words")
    assert document.metadata == {"malformed": "it does not begin like a wiki page"}


ANY = st.text(max_size=200)


@given(ANY, st.sampled_from(Markup), st.dictionaries(ANY, ANY, max_size=2), ANY)
def test_no_body_raises(body: str, markup: Markup, names: dict[str, str], context: str) -> None:
    data = WikiPage(markup, body, names, context).write()
    first, second = parsed(data, "501"), parsed(data, "501")
    assert first == second
    assert first.metadata.keys() <= {"malformed", "encoding"}


@given(ANY)
def test_no_text_raises(text: str) -> None:
    read_wiki_page(MAGIC.decode() + text)


WORDS = st.lists(st.from_regex(r"[^\W_]{1,8}", fullmatch=True), min_size=1, max_size=6)


@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(Markup))
def test_the_words_of_paragraphs_come_out_in_order(paragraphs: list[list[str]], markup: Markup) -> None:
    said = [" ".join(words) for words in paragraphs]
    marked = (
        "\n\n".join(said) if markup is Markup.WIKI else "".join(f"<p>{escape(text)}</p>" for text in said)
    )
    text = canonical_text(parsed(WikiPage(markup, marked).write(), "501").blocks)
    assert text.split() == [word for words in said for word in parsed_words(words)]


def parsed_words(text: str) -> list[str]:
    """Words in the canonical form of any text."""
    return canonical_text(parsed(text, "a.txt").blocks).split()
