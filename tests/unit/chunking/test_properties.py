"""What holds for every document, whatever is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.chunking.chunker import ChunkSettings, chunk
from indexer.chunking.embedded import embedded_text
from indexer.embedding.tokens import WordCounter
from indexer.model import Block, BlockKind, ChunkedText

WORDS = st.text(
    alphabet=st.sampled_from("abcdefg  .!?\n\t,;|-漢字。ß\N{COMBINING ACUTE ACCENT}"),
    min_size=0,
    max_size=120,
)
SOLID = st.builds(lambda body: f"x{body}y", WORDS)
PARTS = st.lists(WORDS, max_size=12).map(lambda middle: ("first", *middle, "last"))


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(list(BlockKind)))
    if kind is BlockKind.HEADING:
        title = draw(st.one_of(SOLID, st.text(max_size=400)))
        return Block(kind, (f"# {title}",), draw(st.integers(1, 6)), str(title))
    if kind is BlockKind.PARAGRAPH:
        return Block(kind, (str(draw(SOLID)),), page=draw(st.none() | st.integers(1, 9)))
    parts = draw(PARTS)
    header = draw(st.integers(0, 3)) if kind is BlockKind.TABLE else 0
    return Block(kind, parts, header_parts=header)


DOCUMENTS = st.lists(blocks(), max_size=12)
LIMITS = st.integers(16, 80)


class ByteCounter(WordCounter):
    """A tokenizer of the other extreme: every byte is a token, blanks too."""

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.encode()) for text in texts]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return [(place, place + 1) for place in range(len(text))]


def joined(chunked: ChunkedText) -> str:
    return "".join(passage.separator + passage.text for passage in chunked.chunks)


@given(DOCUMENTS, LIMITS)
def test_separators_and_texts_joined_are_the_canonical_text(document: list[Block], limit: int) -> None:
    chunked = chunk(document, WordCounter(limit))
    assert chunked.text == "\n\n".join(block.text for block in document)
    assert joined(chunked) == chunked.text


@given(DOCUMENTS, LIMITS)
def test_nothing_exceeds_the_limit_and_tokens_are_those_of_what_is_embedded(
    document: list[Block], limit: int
) -> None:
    counter = WordCounter(limit)
    for passage in chunk(document, counter).chunks:
        assert passage.tokens == counter.count([passage.embedded])[0] <= limit


@settings(max_examples=40)
@given(DOCUMENTS, LIMITS)
def test_a_tokenizer_that_counts_bytes_is_obeyed_too(document: list[Block], limit: int) -> None:
    chunked = chunk(document, ByteCounter(limit))
    assert joined(chunked) == chunked.text
    assert all(len(passage.embedded.encode()) <= limit for passage in chunked.chunks)


@given(DOCUMENTS, LIMITS)
def test_what_is_embedded_can_be_made_again_from_what_is_stored(document: list[Block], limit: int) -> None:
    for passage in chunk(document, WordCounter(limit)).chunks:
        assert passage.embedded == embedded_text(passage.heading, passage.table_header, passage.text)


@given(DOCUMENTS, LIMITS)
def test_the_same_blocks_give_the_same_passages(document: list[Block], limit: int) -> None:
    assert chunk(document, WordCounter(limit)) == chunk(tuple(document), WordCounter(limit), ChunkSettings())


@given(DOCUMENTS, LIMITS)
def test_no_passage_is_empty(document: list[Block], limit: int) -> None:
    assert all(passage.text for passage in chunk(document, WordCounter(limit)).chunks)


@given(DOCUMENTS)
def test_no_passage_crosses_a_heading_and_no_heading_stands_alone_above_a_text(document: list[Block]) -> None:
    numbered = [
        replace(block, parts=(f"# h{number}",), title=f"h{number}")
        if block.kind is BlockKind.HEADING
        else block
        for number, block in enumerate(document)
    ]
    expected = [
        number
        for number, block in enumerate(numbered)
        if block.kind is BlockKind.HEADING
        and (not number or numbered[number - 1].kind is not BlockKind.HEADING)
    ]
    passages = chunk(numbered, WordCounter(120)).chunks
    assert [int(p.text.split()[1][1:]) for p in passages if p.text.startswith("# h")] == expected
    for passage in passages:
        lines = passage.text.split("\n\n")
        after = [not line.startswith("# h") for line in lines]
        assert after == sorted(after), "headings stand only at the beginning"


@pytest.mark.parametrize("limit", [0, 15])
def test_a_limit_that_leaves_no_room_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="too small"):
        chunk([], WordCounter(limit))
