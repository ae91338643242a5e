"""MSG: mail as Outlook saves it ([MS-OXMSG]), through python-oxmsg's storages and properties."""

from __future__ import annotations

import struct
from base64 import encodebytes
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Final

from olefile import OleFileIO
from oxmsg.domain.encodings import encoding_from_codepage
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from indexer.errors import ParseError
from indexer.model import Block
from indexer.parsing.attachments import Carried
from indexer.parsing.canonical import Reading, canonical_text
from indexer.parsing.decode import decode
from indexer.parsing.mail.eml import read_eml
from indexer.parsing.mail.letter import (
    ENCRYPTED_REMEDY,
    Letter,
    below_subject,
    html_body,
    plain_body,
    preferred,
    reading,
    utc_date,
)
from indexer.parsing.mail.parts import AS_WRITTEN, header
from indexer.parsing.mail.pictures import is_picture, is_shown, references
from indexer.parsing.mail.rtf import decompressed
from indexer.parsing.mail.signed import signed_content
from indexer.parsing.office.rtf import read_rtf

_MESSAGE_HEADER: Final = 32
_EMBEDDED_HEADER: Final = 24
_PART_HEADER: Final = 8
"""Bytes before the properties of a message, of a message inside another, of a recipient or an attachment."""
_EMBEDDED: Final = 5
"""The attachment method of a message inside another ([MS-OXCMSG] 2.2.2.9)."""
_DEEPEST: Final = 5
_RENDERED: Final = 4
"""The flag of an attachment that the body shows."""
_UNICODE, _BYTES, _BINARY = 0x001F, 0x001E, 0x0102

_CLASS, _SUBJECT, _SUBMITTED, _HEADERS = 0x001A, 0x0037, 0x0039, 0x007D
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP, _ON_BEHALF = 0x0C1A, 0x0C1F, 0x5D01, 0x0042
_DELIVERED, _MESSAGE_ID = 0x0E06, 0x1035
_BODY, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_KIND, _NAME, _ADDRESS, _SMTP = 0x0C15, 0x3001, 0x3003, 0x39FE
_DATA, _SHORT_NAME, _METHOD, _LONG_NAME, _MIME, _FLAGS = 0x3701, 0x3704, 0x3705, 0x3707, 0x370E, 0x3714
_CONTENT_ID = 0x3712
_CODEPAGE, _BODY_CODEPAGE = 0x3FFD, 0x3FDE

_BROKEN: Final = (
    OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError,
    struct.error,
)  # fmt: skip
"""What the libraries raise for a damaged file: they are written for intact ones."""


def read_msg(data: bytes) -> Reading:
    """A mail with its body once and its attachments; messages inside it become EML.

    Raises `ParseError`: ``damaged``, ``encrypted`` or ``empty``.
    """
    if not data:
        raise ParseError("empty", "the file is empty")
    try:
        with OleFileIO(data) as file:
            storage = Storage.from_ole(file)
        return reading_of(storage)
    except _BROKEN as error:
        raise ParseError(
            "damaged",
            f"the Outlook message is truncated or damaged ({type(error).__name__})",
            remedy="save it again from the mail program",
        ) from error


def reading_of(storage: Storage) -> Reading:
    """The message that a file's root storage holds. Raises as `read_msg`, and whatever a damaged file brings about."""
    letter = _letter(_Folder(storage, _MESSAGE_HEADER), 0)
    return letter if isinstance(letter, Reading) else reading(letter)


class _Folder:
    """A storage with its properties: a message, a recipient or an attachment."""

    def __init__(self, storage: Storage, header_size: int) -> None:
        self.storage = storage
        self._fixed = Properties(storage, header_size)

    def number(self, prop: int) -> int:
        """An integer property; 0 if it is missing."""
        return self._fixed.int_prop_value(prop) or 0

    def time(self, prop: int) -> datetime | None:
        """A point in time, in UTC."""
        found: datetime | None = self._fixed.date_prop_value(prop)
        return found

    def data(self, prop: int, kind: int = _BINARY) -> bytes | None:
        """The bytes of a property of varying length."""
        name = f"__substg1.0_{prop:04X}{kind:04X}"
        return next((stream.bytes_ for stream in self.storage.streams if stream.name == name), None)

    def text(self, prop: int) -> str:
        """A string property, whichever way it is stored; empty if it is missing."""
        wide = self.data(prop, _UNICODE)
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        narrow = self.data(prop, _BYTES)
        page = self.number(_BODY_CODEPAGE) if prop in (_BODY, _HTML) else self.number(_CODEPAGE)
        return _decoded(narrow or b"", page or self.number(_CODEPAGE)).rstrip("\x00")

    def html(self) -> str:
        """The HTML body, bytes or text."""
        data = self.data(_HTML)
        return self.text(_HTML) if data is None else _decoded(data, self.number(_BODY_CODEPAGE))

    def parts(self, kind: str) -> Iterator[_Folder]:
        """The recipients (``recip``) or the attachments (``attach``)."""
        for storage in sorted(self.storage.storages, key=lambda storage: storage.name):
            if storage.name.startswith(f"__{kind}_version1.0_#"):
                yield _Folder(storage, _PART_HEADER)


def _decoded(data: bytes, page: int) -> str:
    if page:
        try:
            return data.decode(encoding_from_codepage(page))
        except (LookupError, UnicodeError, ValueError):
            pass  # the code page that is stated is not the one that was used
    found = decode(data)
    return found.text if found is not None else data.decode("latin-1")


def _letter(message: _Folder, depth: int) -> Letter | Reading:
    headers: Message[str, str] = message_from_string(message.text(_HEADERS), policy=AS_WRITTEN)
    kind = message.text(_CLASS).upper()
    html = message.html()
    files = list(_files(message, depth, references(html)))
    if kind == "IPM.NOTE.SMIME.MULTIPARTSIGNED" and len(files) == 1 and not depth:
        return _signed(files[0].data, message)
    opaque = signed_content(files[0].data) if kind.startswith("IPM.NOTE.SMIME") and len(files) == 1 else None
    if opaque is not None and not depth:
        return _signed(opaque, message)
    names = [file.name.lower() for file in files]
    if (
        kind.startswith("IPM.NOTE.SMIME")
        or headers.get_content_type() == "multipart/encrypted"
        or "message.rpmsg" in names
    ):
        raise ParseError("encrypted", "the mail is encrypted", remedy=ENCRYPTED_REMEDY)
    carried = Carried()
    for file in files:
        if file.why:
            carried.leave(file.name, file.why)
        else:
            carried.take(file.name, file.data)
    body, remarks = _body(message, html)
    submitted = message.time(_SUBMITTED) or message.time(_DELIVERED)
    return Letter(
        subject=message.text(_SUBJECT) or header(headers, "subject"),
        sender=header(headers, "from") or _sender(message),
        to=header(headers, "to") or _recipients(message, 1),
        cc=header(headers, "cc") or _recipients(message, 2),
        date=header(headers, "date") or utc_date(submitted),
        message_id=message.text(_MESSAGE_ID) or header(headers, "message-id"),
        body=body,
        attachments=carried.attachments,
        remarks=remarks | carried.remarks,
    )


def _signed(data: bytes, message: _Folder) -> Reading:
    """Outlook keeps a signed mail whole, as the attachment of an empty one, but for who and when."""
    who = [
        f"From: {_sender(message)}",
        f"To: {_recipients(message, 1)}",
        f"Cc: {_recipients(message, 2)}",
        f"Date: {utc_date(message.time(_SUBMITTED))}",
        f"Subject: {message.text(_SUBJECT)}",
    ]
    stated = [" ".join(line.split()) for line in who if not line.endswith(": ")]
    return read_eml("\r\n".join([*stated, ""]).encode() + data)


def _body(message: _Folder, html: str) -> tuple[list[Block], dict[str, str]]:
    """The body once, and what is to be said about it."""
    plain, marked = plain_body(message.text(_BODY)), html_body(html)
    rtf = message.data(_RTF)
    if plain or marked or not rtf:
        return list(preferred(plain, marked)), {}
    try:
        return below_subject(read_rtf(decompressed(rtf)).blocks), {}
    except ValueError as error:
        return [], {"body left out": str(error)}
    except ParseError as error:
        return [], {"body left out": error.message}


def _sender(message: _Folder) -> str:
    address = message.text(_SENDER_SMTP) or message.text(_SENDER_ADDRESS)
    return _person(message.text(_SENDER) or message.text(_ON_BEHALF), address)


def _recipients(message: _Folder, kind: int) -> str:
    """Those of one kind: 1 for To, 2 for Cc."""
    return ", ".join(
        _person(person.text(_NAME), person.text(_SMTP) or person.text(_ADDRESS))
        for person in message.parts("recip")
        if person.number(_KIND) == kind
    )


def _person(name: str, address: str) -> str:
    """Name and address; addresses inside Exchange (``/O=…``) say nothing to anyone."""
    address = "" if "@" not in address else address
    return f"{name} <{address}>" if name and address and name != address else name or address


@dataclass(frozen=True, slots=True)
class _File:
    """A file inside a message; `why` says for what it is left out."""

    name: str
    data: bytes = b""
    why: str = ""


def _files(message: _Folder, depth: int, referenced: Collection[str]) -> Iterator[_File]:
    for part in message.parts("attach"):
        name = part.text(_LONG_NAME) or part.text(_SHORT_NAME)
        if part.number(_METHOD) == _EMBEDDED:
            yield from _enclosed(part, name or part.text(_NAME), depth)
            continue
        data = part.data(_DATA)
        if not data:
            continue
        if is_picture(part.text(_MIME).lower(), name) and (
            part.number(_FLAGS) & _RENDERED or is_shown(part.text(_CONTENT_ID), name, referenced)
        ):
            continue
        yield _File(name or part.text(_NAME), data)


def _enclosed(part: _Folder, name: str, depth: int) -> Iterator[_File]:
    """A message inside another, as mail of its own."""
    inner = next((found for found in part.storage.storages if found.name.endswith("3701000D")), None)
    if inner is None:
        yield _File(name, why="it holds no message")
        return
    if depth >= _DEEPEST:
        yield _File(name, why=f"messages are followed {_DEEPEST} deep")
        return
    try:
        letter = _letter(_Folder(inner, _EMBEDDED_HEADER), depth + 1)
    except ParseError as error:
        yield _File(name, why=error.message)
        return
    if isinstance(letter, Letter):
        called = f"{(letter.subject or name or 'message')[:150]}.eml".replace("/", "-")
        yield _File(called, _as_eml(letter, depth))
        for said in letter.remarks.values():
            yield _File(called, why=f"in part, {said}")


def _as_eml(letter: Letter, depth: int) -> bytes:
    """A message that stands inside another as a file of its own, the same bytes each time."""
    whole = MIMEMultipart(boundary=f"=_message_{depth}")
    for name, said in (
        ("From", letter.sender),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("Date", letter.date),
        ("Subject", letter.subject),
        ("Message-ID", letter.message_id),
    ):
        if said:
            whole[name] = " ".join(said.split())
    whole.attach(MIMEText(canonical_text(letter.body), "plain", "utf-8"))
    for attachment in letter.attachments:
        part = MIMEBase("application", "octet-stream")
        part.add_header("Content-Disposition", "attachment", filename=attachment.name)
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(encodebytes(attachment.data).decode("ascii"))
        whole.attach(part)
    return whole.as_bytes()
