"""Reads the tables of a CSV export, row by row: RFC 4180 taken strictly, in bounded memory.

The standard library's reader is not used: its limit for a field holds for the whole process, it takes a
quote inside an unquoted field for text, and it holds whatever follows an unclosed quote in memory. Here a
record ends where a line ends and its quotes are even; then its fields must be exactly those of the header.

Nothing is guessed. A row that is broken within one line is left out, and the rest is read. Where a broken
row spans lines nobody can tell where the next one begins, since any line of a page's text may look like a
row: the table is read no further. Both are told in `Table.missing`, for rows that were not read are not gone.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from connectors.confluence.archive import Archive, ExportError
from connectors.confluence.reading import LARGEST_BODY
from connectors.confluence.staging import Staging
from connectors.confluence.tables import Oddity

LARGEST_RECORD: Final = 2 * LARGEST_BODY + 1_000_000
"""Bytes of a record that are kept: a body of the largest size all of quotes, which are doubled, and its other fields."""
LARGEST_SHARE: Final = 200
"""A table that is packed may have this many times its packed bytes; real ones have 5 to 20."""
_ALWAYS_ALLOWED: Final = 100_000_000
"""Bytes that any packed table may have."""
_CHUNK: Final = 1 << 18
_ENDS_KEPT: Final = 4 * _CHUNK
"""Bytes that are kept of the beginning, and of the end, of a record that is larger."""
_MOST_NOTED: Final = 20
"""Rows of one table that are noted singly where many have the same wrong with them."""
_GZIP: Final = b"\x1f\x8b"
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FIELD: Final = re.compile(r'(?:"((?:[^"]++|"")*+)"|([^",\r\n]*+))(?=,|\Z)')
_QUOTED: Final = re.compile(rb'(?:[^"]++|"")*+')
"""The rest of a quoted field, or what a chunk has of it."""
_AGAIN: Final = "export the space again"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is read of a table."""

    name: str
    """Without its ending."""
    keys: tuple[str, ...]
    """Columns without which a row says nothing."""
    others: tuple[str, ...] = ()
    """Columns that have a default; where one is missing, that is noted."""
    essential: bool = False
    """Without this table, or a key of it, there is no export to speak of."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    line: int
    """Where it begins in its file, counted from 1."""
    values: Mapping[str, str]
    """Of the columns of the `Shape`; line ends are ``\\n``, and characters that XML does not have are left out."""
    whole: bool = True
    """False: it was larger than `LARGEST_RECORD`, and its largest field lacks the middle."""

    def __getitem__(self, column: str) -> str:
        """A field without blanks around it; empty where there is none."""
        return self.values.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    lines: int
    data: bytes
    whole: bool
    ended: bool
    """Whether a line end stood behind it."""
    open: bool
    """Whether the file ended inside its quotes."""


class Table:
    """One table of an export. Iterating reads it, once.

    Raises ExportError (``damaged``) where an essential table or one of its keys is not there; everything else
    that is wrong is noted in the staging.
    """

    def __init__(self, archive: Archive, staging: Staging, shape: Shape) -> None:
        self._archive = archive
        self._staging = staging
        self._shape = shape
        self._file = next((name for name in names(shape.name) if name in archive.names()), None)
        self._noted: Counter[str] = Counter()
        self.missing: str | None = None
        """One line: why some of its rows were not read, if so."""

    def place(self, line: int) -> str:
        """Where something stands, for people."""
        return f"{self._file} in {self._archive.path.name}, line {line}"

    def note(self, reason: str, line: int, detail: str) -> None:
        """Something odd about the row at `line`. Of many that are alike only the first few are noted singly."""
        self._noted[reason] += 1
        if self._noted[reason] <= _MOST_NOTED:
            self._staging.note(Oddity(reason, f"{self.place(line)}: {detail}"))

    def skip(self, line: int, detail: str) -> None:
        """A row that cannot be used."""
        self.note("broken-row", line, f"{detail}; the row is left out")
        self._miss(f"{self.place(line)}: {detail}; {_AGAIN}")

    def __iter__(self) -> Iterator[Row]:
        if self._file is None:
            self._lack("missing-table", f"{self._archive.path.name} has no table {self._shape.name}.csv")
            return
        try:
            yield from self._read(self._file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._stop(f"{self._file} in {self._archive.path.name} breaks off ({error})")
        for reason, count in sorted(self._noted.items()):
            if count > _MOST_NOTED:
                more = (
                    f"{self._file} in {self._archive.path.name}: the same of {count - _MOST_NOTED} more rows"
                )
                self._staging.note(Oddity(reason, more))

    def _read(self, file: str) -> Iterator[Row]:
        records = _records(_chunks(self._archive, file))
        first = next(records, None)
        if first is None:
            self._lack("empty-table", f"{self._file} in {self._archive.path.name} is empty")
            return
        header = self._header(first)
        if header is None:
            return
        ends_with_return = first.data.endswith(b"\r\n")
        for record in records:
            if record.open:
                self._stop(f"{self.place(record.line)}: a quote opens and is never closed")
                return
            if not record.ended and ends_with_return:
                self._stop(f"{self.place(record.line)}: the file breaks off in the middle of a row")
                return
            if not record.data.strip(b"\r\n"):
                continue
            fields = _fields(self._text(record), len(header))
            if fields is None and record.lines > 1:
                # Its lines may be any number of rows, and the next record may begin inside a text.
                self._stop(f"{self.place(record.line)}: a quote is missing or one too many")
                return
            if fields is None:
                self.skip(record.line, f"it has not the {len(header)} fields of the header, or a stray quote")
                continue
            values = {name: fields[at] for at, name in enumerate(header) if name is not None}
            yield Row(record.line, values, record.whole)

    def _header(self, record: _Record) -> list[str | None] | None:
        """Of each column its name, or None where it is not wanted; None if the table cannot be read."""
        text = self._text(record).removeprefix("\ufeff")
        fields = _fields(text, None) or []
        columns = [field.strip().lower() for field in fields]
        found = dict.fromkeys(columns)
        for key in self._shape.keys:
            if key not in found:
                self._lack("missing-column", f"{self.place(1)}: the table has no column {key}")
                return None
        for other in self._shape.others:
            if other not in found:
                self.note("missing-column", 1, f"the table has no column {other}; it is read without")
        wanted = {*self._shape.keys, *self._shape.others}
        return [
            name if name in wanted and columns.index(name) == at else None for at, name in enumerate(columns)
        ]

    def _text(self, record: _Record) -> str:
        data = record.data.rstrip(b"\r\n")
        if b"\0" in data:
            self.note("bad-encoding", record.line, "it holds NUL bytes; they are left out")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("utf-8", "replace")
            if record.whole:
                self.note("bad-encoding", record.line, "it is not UTF-8 throughout; what is not is replaced")
        # As a parser of XML does, so that whatever else an export has is the same in either format.
        return _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))

    def _lack(self, reason: str, detail: str) -> None:
        """A table, or a key of one, is not there."""
        if self._shape.essential:
            raise ExportError("damaged", f"{detail}; {_AGAIN}")
        self._staging.note(Oddity(reason, f"{detail}; the export is read without"))
        self._miss(f"{detail}; {_AGAIN}")

    def _stop(self, detail: str) -> None:
        self._staging.note(Oddity("broken-row", f"{detail}; the table is read no further"))
        self._miss(f"{detail}; what follows there is not known: {_AGAIN}")

    def _miss(self, detail: str) -> None:
        if self.missing is None:
            self.missing = detail


def names(table: str) -> tuple[str, str]:
    """What the file of a table may be called. Neither ending says whether it is packed."""
    return f"{table}.csv.gz", f"{table}.csv"


def _chunks(archive: Archive, file: str) -> Iterator[bytes]:
    """A file's bytes, unpacked."""
    with closing(archive.open(file)) as stream:
        packed = stream.read(len(_GZIP)) == _GZIP
    with closing(archive.open(file)) as stream:
        # read1 gives what could be unpacked before a cut; read would raise and keep it.
        read = gzip.GzipFile(fileobj=stream).read1 if packed else stream.read
        most = max(_ALWAYS_ALLOWED, LARGEST_SHARE * archive.size(file))
        total = 0
        while chunk := read(_CHUNK):
            total += len(chunk)
            if packed and total > most:
                raise EOFError(f"unpacked it has over {LARGEST_SHARE} times its bytes: it is no table")
            yield chunk


def _records(chunks: Iterator[bytes]) -> Iterator[_Record]:
    """A table's records: they end where a line does and the quotes are even."""
    line, lines, odd = 1, 0, False
    kept = _Kept()
    for chunk in chunks:
        start = 0
        while start < len(chunk):
            # Inside quotes no line can end the record before the one with the quote that closes them.
            quoted = _QUOTED.match(chunk, start) if odd else None
            end = chunk.find(b"\n", start if quoted is None else quoted.end()) + 1
            piece = chunk[start : end or len(chunk)]
            start += len(piece)
            kept.add(piece)
            odd ^= bool(piece.count(b'"') & 1)
            lines += piece.count(b"\n")
            if end and not odd:
                yield _Record(line, lines, kept.joined(), not kept.cut, True, False)
                line, lines, kept = line + lines, 0, _Kept()
    if kept.size:
        yield _Record(line, lines + 1, kept.joined(), not kept.cut, False, odd)


class _Kept:
    """The bytes of one record. Of more than `LARGEST_RECORD` only both ends are kept."""

    def __init__(self) -> None:
        self.size = 0
        self.cut = False
        self._head = bytearray()
        self._tail = bytearray()
        self._odd = False

    def add(self, piece: bytes) -> None:
        """What follows."""
        self.size += len(piece)
        if self.size <= LARGEST_RECORD:
            self._head += piece
            return
        if not self.cut:
            self.cut = True
            self._tail = self._head[_ENDS_KEPT:]
            del self._head[_ENDS_KEPT:]
        self._tail += piece
        if len(self._tail) > 2 * _ENDS_KEPT:
            self._odd ^= bool(self._tail.count(b'"', 0, -_ENDS_KEPT) & 1)
            del self._tail[:-_ENDS_KEPT]

    def joined(self) -> bytes:
        """The record. If an odd number of quotes is left out, one stands for them: so every field ends where it did."""
        return bytes(self._head) + (b'"' if self._odd else b"") + bytes(self._tail)


def _fields(text: str, count: int | None) -> list[str] | None:
    """The fields of a record; None if it is not well-formed, or they are not `count`."""
    fields: list[str] = []
    at = 0
    while count is None or len(fields) < count:
        found = _FIELD.match(text, at)
        if found is None:
            return None
        quoted, plain = found.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if at == len(text):
            return fields if count in (None, len(fields)) else None
        at += 1
    return None
