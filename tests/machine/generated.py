"""Small generated documents: sections out of a few, so that texts share passages, repeat and return."""

from __future__ import annotations

from hypothesis import strategies as st

from indexer.chunking.chunker import chunk
from indexer.embedding.hashing import HashingEmbedder
from indexer.errors import ParseError
from indexer.parsing import Parsers
from tests.machine.beliefs import WORD, Cut

HEADINGS = ("Leave", "Carry-over", "")
PARAGRAPHS = (
    f"Twenty days are granted, {WORD}.",
    f"Five days carry over, {WORD}.",
    f"Nothing carries over without a {WORD}.",
    f"Ask the office for a {WORD}.",
)
BINARY = b"\x00\x01\x02\xff" * 8
"""Has no text: a version of unknown content."""

_sections = st.tuples(st.sampled_from(HEADINGS), st.sampled_from(PARAGRAPHS))


def assembled(sections: list[tuple[str, str]]) -> bytes:
    """A Markdown document of these (heading, paragraph)."""
    return "".join(f"## {h}\n\n{p}\n\n" if h else f"{p}\n\n" for h, p in sections).encode()


bodies: st.SearchStrategy[bytes] = st.one_of(
    st.lists(_sections, min_size=1, max_size=4).map(assembled),
    st.lists(_sections, min_size=1, max_size=4).map(assembled),
    st.lists(_sections, min_size=1, max_size=4).map(assembled),
    st.sampled_from([b"", BINARY]),
)


def cut(data: bytes, key: str) -> tuple[str, frozenset[Cut]] | None:
    """(canonical text, its passages) by the parser and the chunker alone; None where there is no text."""
    try:
        parsed = Parsers().parse(data, key)
    except ParseError:
        return None
    chunked = chunk(parsed.blocks, HashingEmbedder().counter)
    return chunked.text, frozenset((c.heading, c.text) for c in chunked.chunks)
