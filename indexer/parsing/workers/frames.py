"""What a worker process and its owner say to each other, in frames (see `indexer.processes`).

The owner asks with ``ASK`` (JSON: module, function, seconds). The worker imports the parser and says
``READY``, the owner sends ``DATA`` (the document), and the worker answers with ``ERROR`` (JSON), or with
``TEXT`` (JSON) and one ``FILE`` (bytes) for each attachment.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from indexer.model import Attachment, Block, BlockKind
from indexer.parsing.canonical import Reading
from indexer.processes.frames import GarbageError, decode, encode

ASK: Final = b"Q"
READY: Final = b"R"
DATA: Final = b"D"
TEXT: Final = b"T"
FILE: Final = b"F"
ERROR: Final = b"E"


def encode_reading(reading: Reading, blocks: Iterable[Block]) -> bytes:
    """The body of `TEXT`; `blocks` stand for those of the reading."""
    return encode(
        {
            "blocks": [[b.kind, b.parts, b.level, b.title, b.header_parts, b.page] for b in blocks],
            "title": reading.title,
            "metadata": dict(reading.metadata),
            "labels": reading.labels,
            "attachments": [attachment.name for attachment in reading.attachments],
        }
    )


def decode_reading(body: bytes | bytearray) -> tuple[Reading, tuple[str, ...]]:
    """A reading without its attachments, and their names. Raises `GarbageError` for anything else."""
    said = decode(body)
    try:
        title = said["title"]
        return Reading(
            blocks=tuple(_block(*values) for values in said["blocks"]),
            title=None if title is None else _text(title),
            metadata={_text(name): _text(value) for name, value in said["metadata"].items()},
            labels=tuple(map(_text, said["labels"])),
        ), tuple(map(_text, said["attachments"]))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise GarbageError("it is not a reading") from error


def with_files(reading: Reading, names: Iterable[str], files: Iterable[bytes]) -> Reading:
    """The reading with its attachments."""
    attachments = tuple(Attachment(name, data) for name, data in zip(names, files, strict=True))
    return Reading(reading.blocks, reading.title, reading.metadata, reading.labels, attachments)


def _block(kind: Any, parts: Any, level: Any, title: Any, header_parts: Any, page: Any) -> Block:
    return Block(
        BlockKind(kind),
        tuple(map(_text, parts)),
        _number(level),
        _text(title),
        _number(header_parts),
        None if page is None else _number(page),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value
