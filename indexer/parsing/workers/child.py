"""The inside of a worker process: reads one document after another, says what it found."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from io import FileIO
from typing import Any, BinaryIO, Final

from indexer.errors import ParseError
from indexer.model import Block
from indexer.parsing.canonical import Reading, canonical_blocks, one_line
from indexer.parsing.workers import frames, sandbox
from indexer.processes.frames import SMALL, decode, encode, receive, send
from indexer.processes.lifeline import die_with_owner

_SPARE_SECONDS: Final = 10.0
"""How long after its time a document is ended by the kernel, should the owner not have done so."""
_LONGEST_MESSAGE: Final = 500


class TooMuchError(Exception):
    """The document gives more than it may."""


def main(given: Any) -> None:
    """Serve until the owner closes the channel. `given`: see `OwnedProcess`."""
    limits = given["limits"]
    die_with_owner(given["lifeline"])
    sandbox.limit_resources(limits["data"], limits["file_bytes"], limits["niceness"])
    sandbox.refuse_network(programs=given["programs"])
    if given["warm"]:
        with contextlib.suppress(Exception):  # what is wrong with it is told when it is asked for
            import_module(given["warm"])
    channel = given["channel"]
    with open(channel, "rb", closefd=False) as source, FileIO(channel, "w", closefd=False) as sink:
        while (asked := receive(source)) is not None:
            _serve(source, sink, decode(asked[1]), limits)


def _serve(source: BinaryIO, sink: FileIO, asked: Any, limits: Any) -> None:
    """Answer one question."""
    try:
        function = getattr(import_module(asked["module"]), asked["function"])
    except Exception as error:  # noqa: BLE001 - whatever an import raises is told to the owner
        send(sink, frames.ERROR, encode({"kind": "import", **_described(error)}))
        return
    send(sink, frames.READY, b"")
    data = receive(source)
    if data is None:
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, asked["seconds"] + _SPARE_SECONDS)
    for kind, body in _answer(function, data[1], limits):
        send(sink, kind, body)
    signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(function: Callable[[bytes], Reading], data: bytes, limits: Any) -> list[tuple[bytes, bytes]]:
    """The frames that say what `function` makes of `data`, complete before the first is sent."""
    try:
        reading = function(data)
        body = frames.encode_reading(*_canonical(reading, limits["text_characters"]))
        size = sum(len(attachment.data) for attachment in reading.attachments)
        if size > limits["attachment_bytes"] or len(reading.attachments) > limits["attachments"]:
            raise TooMuchError("attachments")
        return [(frames.TEXT, body), *((frames.FILE, bytes(a.data)) for a in reading.attachments)]
    except ParseError as error:
        said = {"kind": "parse", "reason": error.reason, "message": error.message, "remedy": error.remedy}
    except MemoryError:
        said = {"kind": "memory"}
    except RecursionError:
        said = {"kind": "depth"}
    except TooMuchError as error:
        said = {"kind": "much", "message": str(error)}
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - a defect costs its document
        said = {"kind": "defect", **_described(error)}
    body = encode(said)
    if len(body) > SMALL:
        body = encode({"kind": "defect", "type": "ParseError", "message": "its message is too long"})
    return [(frames.ERROR, body)]


def _canonical(reading: Reading, most: int) -> tuple[Reading, tuple[Block, ...]]:
    """The reading, its words on one line each, and its blocks in canonical form."""
    blocks = canonical_blocks(_counted(reading.blocks, most))
    metadata = {one_line(name): one_line(value) for name, value in reading.metadata.items()}
    labels = tuple(map(one_line, reading.labels))
    if sum(map(len, (*metadata, *metadata.values(), *labels, reading.title or ""))) > most:
        raise TooMuchError("properties")
    return replace(reading, blocks=(), metadata=metadata, labels=labels), blocks


def _counted(blocks: Any, most: int) -> Iterator[Block]:
    """The blocks, until their characters are too many."""
    characters = 0
    for block in blocks:
        characters += sum(map(len, block.parts)) + len(block.parts)
        if characters > most:
            raise TooMuchError("text")
        yield block


def _described(error: BaseException) -> dict[str, str]:
    words = " ".join(str(error).split())
    return {"type": type(error).__name__, "message": words[:_LONGEST_MESSAGE]}
