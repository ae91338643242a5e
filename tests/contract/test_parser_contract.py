"""What `ports.Parser` promises, for every implementation."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import ports
from indexer.errors import ParseError
from indexer.model import BlockKind, ParsedDocument
from indexer.parsing import Parsers

ENDINGS = (
    "", ".md", ".rst", ".txt", ".html", ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".py", ".xml", ".pdf", ".docx",
    ".eml", ".1", ".no such", ".svg",
)  # fmt: skip
SNIPPETS = (
    "# A\n", "A\n===\n", "- item\n", "* \n", "1. one\n", "   indented\n", "\t", "\n\n", "```\n", "| a | b |\n", "|---|---|\n",
    "> quote\n", "<p>", "</p>", "<table><tr><td>x", "<pre>", "<!-- c -->", "<!--", "---\n", "version: 1.10\n", "key: [a, b\n",
    "{", "}", '"k": 1.10', ",", "[", "]", ":", "::\n", ".. note:: x\n", ".. _t: u\n", "+---+---+\n", "=== ===\n", "|a|\n", ":f: v\n",
    "a;b;c\n", "a\tb\n", '"quoted\n', "&amp;", "&#0;", "&#xD800;", "e\u0301", "\u0338", "\ufeff", "\u2028", "\x85", "\x0c", "\r", "\r\n", "\x1b[0m",
    "日本", "word ", "Title: T\n", "`x`_ ", ":role:`x` ", "*", "**", "\\", "%YAML 1.1\n", "&a *a\n", "!!python/object:x y\n",
)  # fmt: skip

texts = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=8), max_size=25).map("".join)
contents = st.one_of(
    st.binary(max_size=200),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.tuples(texts, st.sampled_from(("utf-16", "utf-16-le", "latin-1", "shift-jis"))).map(
        lambda pair: pair[0].encode(pair[1], "replace")
    ),
)
keys = st.sampled_from(ENDINGS).map(lambda ending: f"folder/name{ending}") | st.text(max_size=12)


@pytest.fixture(params=[Parsers], scope="module")
def parser(request: pytest.FixtureRequest) -> ports.Parser:
    made: ports.Parser = request.param()
    return made


def outcome(parser: ports.Parser, data: bytes, key: str) -> ParsedDocument | str:
    try:
        return parser.parse(data, key)
    except ParseError as error:
        return f"{error.permanent} {error.reason}: {error}"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=contents, key=keys)
def test_any_bytes_under_any_name_give_a_document_or_a_parse_error(
    parser: ports.Parser, data: bytes, key: str
) -> None:
    first = outcome(parser, data, key)
    assert outcome(parser, data, key) == first
    if isinstance(first, str):
        assert first.startswith("True ")
        return
    assert parser.identify(data, key) == first.parser
    assert_canonical(first)


def assert_canonical(document: ParsedDocument) -> None:
    for block in document.blocks:
        assert block.text.strip(), "an empty block"
        assert unicodedata.is_normalized("NFC", block.text)
        assert "\r" not in block.text
        assert "\x00" not in block.text
        block.text.encode("utf-8")
        assert block.parts[0].strip()
        assert block.parts[-1].strip()
        assert 0 <= block.header_parts <= len(block.parts)
        lines = block.text.split("\n")
        assert lines[0].strip()
        assert lines[-1].strip()
        if block.kind is not BlockKind.CODE:
            assert all(line == line.rstrip() for line in lines)
        if block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH):
            assert len(block.parts) == 1
        assert (block.kind is BlockKind.HEADING) == (block.level > 0)
        assert block.kind is BlockKind.TABLE or not block.header_parts
    assert list(document.metadata) == sorted(name.lower() for name in document.metadata)
    for said in (*document.metadata.values(), *document.labels, document.title or "x"):
        assert said == " ".join(said.split())
        assert said


@pytest.mark.parametrize("ending", [".pdf", ".docx", ".eml"])
def test_no_bytes_at_all_where_a_format_needs_some_are_a_failure(parser: ports.Parser, ending: str) -> None:
    with pytest.raises(ParseError, match="no content") as caught:
        parser.parse(b"", f"name{ending}")
    assert caught.value.reason == "empty"
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("data", "ending"),
    [(b"", ending) for ending in ENDINGS if ending not in (".pdf", ".docx", ".eml")]
    + [(data, ending) for data in (b" \n\t\r\n", b"\xef\xbb\xbf") for ending in ENDINGS],
)
def test_what_holds_no_text_is_an_empty_document_and_no_failure(
    parser: ports.Parser, data: bytes, ending: str
) -> None:
    document = parser.parse(data, f"name{ending}")
    assert document.blocks == ()
    assert document.title is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_binary_content_fails_for_good_under_every_name(parser: ports.Parser, ending: str) -> None:
    data = bytes(range(256)) * 20
    assert parser.identify(data, f"name{ending}") == "none/0"
    with pytest.raises(ParseError) as caught:
        parser.parse(data, f"name{ending}")
    assert caught.value.permanent
