"""What a worker process says: readings survive the way, and nothing else is taken for one."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.model import Attachment, Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.parsing.workers import frames

ROOT = Path(__file__).parents[3]

words = st.text(max_size=12)
blocks = st.builds(
    Block,
    kind=st.sampled_from(BlockKind),
    parts=st.lists(words, min_size=1, max_size=4).map(tuple),
    level=st.integers(0, 6),
    title=words,
    header_parts=st.integers(0, 2),
    page=st.none() | st.integers(1, 5000),
)
readings = st.builds(
    Reading,
    blocks=st.lists(blocks, max_size=5).map(tuple),
    title=st.none() | words,
    metadata=st.dictionaries(words, words, max_size=3),
    labels=st.lists(words, max_size=2).map(tuple),
    attachments=st.lists(st.builds(Attachment, name=words, data=st.binary(max_size=20)), max_size=3).map(
        tuple
    ),
)


@given(reading=readings)
def test_a_reading_survives_the_way(reading: Reading) -> None:
    body = frames.encode_reading(reading, reading.blocks)
    bare, names = frames.decode_reading(bytearray(body))
    assert bare == replace(reading, attachments=())
    assert frames.with_files(bare, names, [a.data for a in reading.attachments]) == reading


@given(body=st.binary(max_size=60))
def test_bytes_are_a_reading_or_garbage(body: bytes) -> None:
    with pytest.raises(frames.GarbageError):
        frames.decode_reading(body)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


@given(
    said=st.fixed_dictionaries(
        dict.fromkeys(("blocks", "title", "metadata", "labels", "attachments"), anything)
    )
)
def test_json_is_a_reading_or_garbage(said: object) -> None:
    try:
        reading, names = frames.decode_reading(json.dumps(said).encode())
    except frames.GarbageError:
        return
    assert all(isinstance(name, str) for name in (*names, *reading.labels, *reading.metadata))
    assert all(isinstance(part, str) for block in reading.blocks for part in block.parts)


def test_deeply_nested_json_is_garbage() -> None:
    with pytest.raises(frames.GarbageError):
        frames.decode(b"[" * 100_000)


def test_texts_are_parsed_without_loading_what_worker_processes_need() -> None:
    program = (
        "import sys\n"
        "from indexer.parsing import Parsers\n"
        "with Parsers() as parsers:\n"
        "    parsers.parse(b'# A\\n\\ntext', 'a.md')\n"
        "    parsers.identify(b'%PDF-1.7\\n', 'a.pdf')\n"
        "print(sorted({'multiprocessing', 'subprocess', 'socket', 'indexer.parsing.workers'} & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
