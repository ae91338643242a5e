"""Frames of plain data, which a process and its owner exchange.

A frame is one byte that names it, its length in eight bytes, and its body. Values are JSON, never
pickles: such a process reads what strangers made, and a pickle of its making would run in the owner.
"""

from __future__ import annotations

import json
import struct
from io import FileIO
from typing import Any, BinaryIO, Final

HEAD: Final = struct.Struct("<cQ")
"""A frame's name and the length of its body."""
SMALL: Final = 1 << 16
"""The longest body of a frame that only asks for something, or says that something failed. [bytes]"""


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


def receive(source: BinaryIO | FileIO) -> tuple[bytes, bytes] | None:
    """The name and the body of the owner's next frame; None when it closed the channel."""
    head = _exactly(source, HEAD.size)
    if head is None:
        return None
    kind, size = HEAD.unpack(head)
    body = _exactly(source, size)
    return None if body is None else (kind, body)


def _exactly(source: BinaryIO | FileIO, size: int) -> bytes | None:
    """So many bytes, copied once where `source` has a buffer; None when it ends before."""
    body = source.read(size)
    while len(body) < size:
        more = source.read(size - len(body))
        if not more:
            return None
        body += more
    return body


def send(sink: FileIO, kind: bytes, body: bytes) -> None:
    """Send the owner a frame; waits until all of it is on its way."""
    for piece in (HEAD.pack(kind, len(body)), body):
        view = memoryview(piece)
        while view:
            view = view[sink.write(view) :]
