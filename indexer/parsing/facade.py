"""One parser in front of all: detects the format, decodes, parses, brings into canonical form."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from indexer.errors import ParseError
from indexer.model import ParsedDocument
from indexer.parsing.canonical import Reading, canonical_blocks, one_line
from indexer.parsing.detect import Unparsable, detect
from indexer.parsing.formats import Format

NO_PARSER: Final = "none/0"
_REMEDIES: Final = {
    "Git LFS pointers": "fetch the document itself with: git lfs pull",
    "encrypted Office documents": "save it without a password",
}


class Parsers:
    """Every format that can be parsed, behind the `ports.Parser` protocol. Has no state."""

    versions: Final = frozenset(format_.parser for format_ in Format)

    def identify(self, data: bytes, key: str) -> str:
        found = detect(data, key)
        return NO_PARSER if isinstance(found, Unparsable) else found.format.parser

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        found = detect(data, key)
        if isinstance(found, Unparsable):
            reason = "binary" if found.kind == "binary data" else "no-parser"
            raise ParseError(reason, f"no parser yet for {found.kind}", remedy=_REMEDIES.get(found.kind, ""))
        reading = _reader(found.format)(found.decoded.text)
        metadata = {one_line(name).lower(): one_line(value) for name, value in reading.metadata.items()}
        if found.decoded.remark is not None:
            metadata["encoding"] = found.decoded.remark
        return ParsedDocument(
            blocks=canonical_blocks(reading.blocks),
            parser=found.format.parser,
            media_type=found.format.media_type,
            title=one_line(reading.title or "") or None,
            metadata={name: metadata[name] for name in sorted(metadata) if metadata[name]},
            labels=tuple(dict.fromkeys(filter(None, map(one_line, reading.labels)))),
            attachments=reading.attachments,
        )


def _reader(format_: Format) -> Callable[[str], Reading]:
    # Imported when needed: lxml, markdown-it-py and PyYAML would cost every start of the program.
    return cast("Callable[[str], Reading]", getattr(import_module(format_.module), format_.function))
