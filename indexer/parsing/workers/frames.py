"""What a worker process and its owner say to each other: frames of plain data.

A frame is one byte that names it, its length in eight bytes, and its body. Values are JSON, never
pickles: the worker reads what strangers made, and a pickle of its making would run in the owner.

The owner asks with ``ASK`` (JSON: module, function, seconds). The worker imports the parser and says
``READY``, the owner sends ``DATA`` (the document), and the worker answers with ``ERROR`` (JSON), or with
``TEXT`` (JSON) and one ``FILE`` (bytes) for each attachment.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import Any, Final

from indexer.model import Attachment, Block, BlockKind
from indexer.parsing.canonical import Reading

ASK: Final = b"Q"
READY: Final = b"R"
DATA: Final = b"D"
TEXT: Final = b"T"
FILE: Final = b"F"
ERROR: Final = b"E"

HEAD: Final = struct.Struct("<cQ")
"""A frame's name and the length of its body."""
SMALL: Final = 1 << 16
"""The longest body of `ASK`, `READY` and `ERROR`. [bytes]"""


class GarbageError(Exception):
    """What was received is no frame, or not one that was due."""


def encode(value: Any) -> bytes:
    """`value` as the body of a frame."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decode(body: bytes | bytearray) -> Any:
    """The value in a body. Raises `GarbageError`."""
    try:
        return json.loads(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise GarbageError("it is not JSON") from error


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
