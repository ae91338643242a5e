"""One parser in front of all: detects the format, reads it here or in a worker, brings it into canonical form."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, cast

from indexer.errors import ParseError
from indexer.model import ParsedDocument
from indexer.parsing import programs
from indexer.parsing.canonical import Reading, canonical_blocks, one_line
from indexer.parsing.detect import Unparsable, detect
from indexer.parsing.formats import Format

if TYPE_CHECKING:
    from indexer.parsing.workers import WorkerLimits, Workers

NO_PARSER: Final = "none/0"
_CONVERTED: Final = (Format.DOC, Format.PPT)
"""Formats that only another program can read: their parser may start one."""
_IMAGES_REMAIN: Final = ("needs-ocr", "pages needing ocr")
"""The reason and the remark by which a parser says that text recognition may find more."""
MOST_LINES: Final = 1_000_000
"""Of a text file. It is read in this process, where each line may become a block of a few hundred bytes."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a format is read."""

    parser: str
    module: str
    function: str
    programs: bool = False
    """Whether the parser may start other programs."""
    enough: _Way | None = None
    """A way without other programs that gives the same, unless it says that images remain."""


class Parsers:
    """Every format that can be parsed, behind the `ports.Parser` protocol. Thread-safe.

    Formats that are `isolated` are read in worker processes, the first of which starts with the first
    such document; `close` ends them, as does the end of a `with`. With `ocr`, pages of PDF documents
    that are images are recognised, where a program for that is installed. A parser that uses another
    program has another name than without it, so that what failed for want of it is tried again; which
    programs there are is looked up once, and none is started for it.
    """

    def __init__(self, limits: WorkerLimits | None = None, *, ocr: bool = False) -> None:
        self._limits = limits
        self._ways = {format_: _way(format_) for format_ in Format}
        self._ways |= _converting()
        if ocr:
            self._ways |= _recognising()
        self._workers: Workers | None = None
        self._starting = threading.Lock()
        self._closed = False

    @property
    def versions(self) -> frozenset[str]:
        return frozenset(way.parser for way in self._ways.values())

    def identify(self, data: bytes, key: str) -> str:
        found = detect(data, key)
        return NO_PARSER if isinstance(found, Unparsable) else self._ways[found.format].parser

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        found = detect(data, key)
        if isinstance(found, Unparsable):
            raise ParseError(found.reason, found.message, remedy=found.remedy)
        way = self._ways[found.format]
        if found.decoded is None:
            reading = self._read(way, data)
            blocks = tuple(reading.blocks)
        else:
            if found.decoded.text.count("\n") > MOST_LINES:
                raise ParseError(
                    "too-large",
                    f"it has more than {MOST_LINES:,} lines: data for a program, not text for a reader",
                    remedy="split it, or exclude it",
                )
            reading = _reader(way)(found.decoded.text)
            blocks = canonical_blocks(reading.blocks)
        metadata = {one_line(name).lower(): one_line(value) for name, value in reading.metadata.items()}
        if found.decoded is not None and found.decoded.remark is not None:
            metadata["encoding"] = found.decoded.remark
        return ParsedDocument(
            blocks=blocks,
            parser=way.parser,
            media_type=found.format.media_type,
            title=one_line(reading.title or "") or None,
            metadata={name: metadata[name] for name in sorted(metadata) if metadata[name]},
            labels=tuple(dict.fromkeys(filter(None, map(one_line, reading.labels)))),
            attachments=reading.attachments,
        )

    def close(self) -> None:
        """End the worker processes. Documents of isolated formats cannot be parsed any more."""
        with self._starting:
            self._closed = True
            workers = self._workers
        if workers is not None:
            workers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, way: _Way, data: bytes) -> Reading:
        reason, remark = _IMAGES_REMAIN
        if way.enough is not None:
            try:
                reading = self._read(way.enough, data)
                if remark not in reading.metadata:
                    return reading
            except ParseError as error:
                if error.reason != reason:
                    raise
        return self._isolated().read(way.module, way.function, data, programs=way.programs)

    def _isolated(self) -> Workers:
        # Imported when needed, like the formats: most commands parse nothing.
        from indexer.parsing.workers import Workers

        with self._starting:
            if self._workers is None:
                self._workers = Workers(self._limits)
                if self._closed:
                    self._workers.close()
            return self._workers


def _way(format_: Format) -> _Way:
    return _Way(format_.parser, format_.module, format_.function)


def _converting() -> dict[Format, _Way]:
    """How the formats are read that are converted first; without the program their parsers say what is missing."""
    mark = programs.converter_mark()
    return {
        format_: replace(
            _way(format_), parser=_marked(format_, mark) if mark else format_.parser, programs=True
        )
        for format_ in _CONVERTED
    }


def _recognising() -> dict[Format, _Way]:
    """How PDF is read where images of text are recognised; nothing where no program does that."""
    mark = programs.recogniser_mark()
    if mark is None:
        return {}
    name, plain = _marked(Format.PDF, mark), _way(Format.PDF)
    return {Format.PDF: _Way(name, "indexer.parsing.pdf.ocr", "read_pdf", programs=True, enough=plain)}


def _marked(format_: Format, mark: str) -> str:
    return f"{format_.parser}-{mark}"


def _reader(way: _Way) -> Callable[[str], Reading]:
    # Imported when needed: lxml, markdown-it-py and PyYAML would cost every start of the program.
    return cast("Callable[[str], Reading]", getattr(import_module(way.module), way.function))
