"""From bytes to passages: parse, then chunk; the pipeline that did it has a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indexer.chunking.chunker import CHUNKER, chunk
from indexer.errors import DamagedStoreError, ParseError
from indexer.hashing import content_hash as hash_of
from indexer.ingest.index import Index
from indexer.model import Attachment, ChunkedText


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text that one pipeline made of some bytes."""

    chunked: ChunkedText
    pipeline: str
    title: str | None
    labels: tuple[str, ...]
    metadata: Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()


def render(index: Index, data: bytes, key: str) -> Rendered:
    """Parse and chunk. Raises `ParseError`."""
    try:
        parsed = index.parser.parse(data, key)
    except ParseError:
        raise
    except Exception as error:
        # Whatever a defect of a parser raises: it costs its document, not the run.
        raise ParseError(
            "malformed",
            f"the parser failed on it ({type(error).__name__}: {error})",
            remedy="report this with the document; it is tried again by a release with another parser",
        ) from error
    chunked = chunk(parsed.blocks, index.embedder.counter, index.chunking)
    pipeline = f"{parsed.parser}+{_chunking(index)}"
    return Rendered(chunked, pipeline, parsed.title, parsed.labels, dict(parsed.metadata), parsed.attachments)


def is_current(index: Index, pipeline: str) -> bool:
    """Whether the configured parsers, chunker and tokenizer would name themselves like `pipeline`."""
    parser, _, rest = pipeline.partition("+")
    return parser in index.parser.versions and rest == _chunking(index)


def render_again(
    index: Index, content_hash: str, key: str, source: Callable[[], bytes | None] = lambda: None
) -> Rendered | None:
    """Render the bytes by the present pipeline: those that were kept, else what `source` still has of them.

    None where they are gone or no longer parse.
    """
    try:
        data = index.originals.get(content_hash)
    except DamagedStoreError:
        return None  # `check --deep` reports the damaged original; the text made of it before stands
    if data is None:
        data = source()
        if data is None or hash_of(data) != content_hash:
            return None
    try:
        return render(index, data, key)
    except ParseError:
        return None


def _chunking(index: Index) -> str:
    return f"{CHUNKER}+{index.embedder.counter.name}"
