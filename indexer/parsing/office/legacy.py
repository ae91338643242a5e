"""Office 97 documents: workbooks (XLS) are read here, texts and presentations (DOC, PPT) through LibreOffice.

Nothing that is small, free and safe reads those two, so that they need the program to be installed.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import olefile

from indexer.errors import ParseError
from indexer.parsing import programs
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.office import compound
from indexer.parsing.office.calamine import read_workbook
from indexer.parsing.office.docx import read_docx
from indexer.parsing.office.package import damaged, encrypted
from indexer.parsing.office.pptx import read_pptx
from indexer.parsing.office.properties import Properties, properties

SECONDS: Final = 50
"""What a conversion may take: less than a worker process may, so that the program ends with its worker."""
_WORD_ENCRYPTED: Final = 0x0100
_SUMMARY: Final = {
    "title": "title",
    "author": "author",
    "last_saved_by": "last-modified-by",
    "create_time": "created",
    "last_saved_time": "modified",
    "revision_number": "revision",
    "subject": "subject",
    "keywords": "keywords",
    "comments": "description",
    "company": "company",
    "category": "category",
}
_ENCODINGS: Final = {1200: "utf-16-le", 65001: "utf-8", 10000: "mac-roman"}


def read_xls(data: bytes) -> Reading:
    """Blocks of a workbook. Raises `ParseError`."""
    _refuse_cut_short(data)
    found = _properties(data)
    return read_workbook(data, found.metadata, found.title(None), found.labels)


def read_doc(data: bytes) -> Reading:
    """Blocks of a text document. Raises `ParseError`."""
    _refuse_cut_short(data)
    flags = _stream_start(data, "WordDocument", 12)
    if len(flags) == 12 and struct.unpack_from("<H", flags, 10)[0] & _WORD_ENCRYPTED:
        raise encrypted()
    return _converted(data, "doc", "docx", "a Word 97 document", read_docx)


def read_ppt(data: bytes) -> Reading:
    """Blocks of a presentation. Raises `ParseError`."""
    _refuse_cut_short(data)
    if "EncryptedSummary" in (compound.root_names(data) or ()):
        raise encrypted()
    return _converted(data, "ppt", "pptx", "a PowerPoint 97 presentation", read_pptx)


def _refuse_cut_short(data: bytes) -> None:
    if compound.is_cut_short(data):
        raise damaged("it ends before its last sector")


def _converted(data: bytes, old: str, new: str, what: str, reader: Callable[[bytes], Reading]) -> Reading:
    program = programs.converter()
    if program is None:
        raise ParseError(
            "needs-converter",
            f"{what} is read through LibreOffice, which is not installed",
            remedy=f"install LibreOffice, or save the document as {new.upper()}",
        )
    with tempfile.TemporaryDirectory(prefix="indexer-") as folder:
        source = Path(folder, f"document.{old}")
        source.write_bytes(data)
        _run(program, source, new)
        made = source.with_suffix(f".{new}")
        if not made.is_file():
            raise damaged("LibreOffice cannot open it")
        return reader(made.read_bytes())


def _run(program: str, source: Path, new: str) -> None:
    """Convert `source` beside itself, with a profile of its own: a person's may be in use or hold macros."""
    profile = (source.parent / "profile").as_uri()
    command = [
        program,
        f"-env:UserInstallation={profile}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--convert-to",
        new,
        "--outdir",
        str(source.parent),
        str(source),
    ]
    environment = {**os.environ, "HOME": str(source.parent), "SAL_DISABLE_OPENCL": "1"}
    with subprocess.Popen(  # noqa: S603 (the program is LibreOffice, the arguments are ours)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            # What it started goes with the group of this worker process, which reads one such document only.
            process.kill()
            raise ParseError(
                "too-slow",
                f"LibreOffice did not read it within {SECONDS} s",
                remedy=f"save the document as {new.upper()}",
            ) from error


def _stream_start(data: bytes, name: str, size: int) -> bytes:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            return bytes(file.openstream(name).read(size))
    except (OSError, ValueError, IndexError, struct.error):
        return b""  # the converter says what is wrong


def _properties(data: bytes) -> Properties:
    """What the summary says. A summary that cannot be read says nothing."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            about: Any = file.get_metadata()
    except (OSError, ValueError, IndexError, TypeError, struct.error):
        return properties({}, {})
    encoding = _ENCODINGS.get(about.codepage or 0, f"cp{about.codepage or 1252}")
    return properties(
        {key: _said(getattr(about, name, None), encoding) for name, key in _SUMMARY.items()}, {}
    )


def _said(value: object, encoding: str) -> str:
    if isinstance(value, bytes):
        try:
            return one_line(value.decode(encoding, "replace"))
        except LookupError:
            return one_line(value.decode("cp1252", "replace"))
    if isinstance(value, datetime):
        return value.isoformat() + "Z" if value.year > 1601 else ""
    return "" if value is None else one_line(str(value))
