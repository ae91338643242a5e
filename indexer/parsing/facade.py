"""One parser in front of all: detects the format, reads it here or in a worker, brings it into canonical form."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, cast

from indexer.errors import ParseError
from indexer.model import ParsedDocument
from indexer.parsing.canonical import Reading, canonical_blocks, one_line
from indexer.parsing.detect import Unparsable, detect
from indexer.parsing.formats import Format

if TYPE_CHECKING:
    from indexer.parsing.workers import WorkerLimits, Workers

NO_PARSER: Final = "none/0"
_CONVERTED: Final = frozenset({Format.DOC, Format.PPT})
"""Formats that only another program can read: their parser may start one."""


class Parsers:
    """Every format that can be parsed, behind the `ports.Parser` protocol. Thread-safe.

    Formats that are `isolated` are read in worker processes, the first of which starts with the first
    such document; `close` ends them, as does the end of a `with`.
    """

    versions: Final = frozenset(format_.parser for format_ in Format)

    def __init__(self, limits: WorkerLimits | None = None) -> None:
        self._limits = limits
        self._workers: Workers | None = None
        self._starting = threading.Lock()
        self._closed = False

    def identify(self, data: bytes, key: str) -> str:
        found = detect(data, key)
        return NO_PARSER if isinstance(found, Unparsable) else found.format.parser

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        found = detect(data, key)
        if isinstance(found, Unparsable):
            raise ParseError(found.reason, found.message, remedy=found.remedy)
        format_ = found.format
        if found.decoded is None:
            reading = self._isolated().read(
                format_.module, format_.function, data, programs=format_ in _CONVERTED
            )
            blocks = tuple(reading.blocks)
        else:
            reading = _reader(format_)(found.decoded.text)
            blocks = canonical_blocks(reading.blocks)
        metadata = {one_line(name).lower(): one_line(value) for name, value in reading.metadata.items()}
        if found.decoded is not None and found.decoded.remark is not None:
            metadata["encoding"] = found.decoded.remark
        return ParsedDocument(
            blocks=blocks,
            parser=format_.parser,
            media_type=format_.media_type,
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

    def _isolated(self) -> Workers:
        # Imported when needed, like the formats: most commands parse nothing.
        from indexer.parsing.workers import Workers

        with self._starting:
            if self._workers is None:
                self._workers = Workers(self._limits)
                if self._closed:
                    self._workers.close()
            return self._workers


def _reader(format_: Format) -> Callable[[str], Reading]:
    # Imported when needed: lxml, markdown-it-py and PyYAML would cost every start of the program.
    return cast("Callable[[str], Reading]", getattr(import_module(format_.module), format_.function))
