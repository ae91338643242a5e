"""The parts of a MIME message: which of them are the body, once, and which are attachments.

The older message class of the standard library (policy ``compat32``) is used on purpose: it takes any header
for what it is, while the newer one parses every header when it is looked at, with errors of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32, compat32
from typing import TYPE_CHECKING, Any, Final

from indexer.errors import ParseError
from indexer.model import Block
from indexer.parsing.decode import decode
from indexer.parsing.mail.letter import ENCRYPTED_REMEDY, html_body, plain_body, preferred
from indexer.parsing.mail.pictures import is_picture, is_shown, references
from indexer.parsing.mail.signed import signed_content

if TYPE_CHECKING:
    MimeMessage = Message[Any, Any]
else:
    MimeMessage = Message  # takes no parameters at run time before Python 3.13


class _AsWritten(Compat32):
    """Gives headers as they are; the base class would replace the bytes of those that declare no charset."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


AS_WRITTEN: Final = _AsWritten()
"""How mail is read: nothing is interpreted before it is asked for."""

_DEEPEST: Final = 20
_MOST_PARTS: Final = 2_000
_SIGNATURES: Final = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    }
)
_SEALED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NO_CHARSETS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_WRITTEN: Final = compat32.clone(mangle_from_=False, max_line_length=None)


@dataclass(frozen=True, slots=True)
class File:
    """A file that a part holds."""

    name: str
    """As given; may be empty."""
    data: bytes
    picture: bool = False
    identity: str = ""
    """Its Content-ID."""


@dataclass(slots=True)
class Content:
    """What a part says, and the files that it carries."""

    plain: list[Block] = field(default_factory=list)
    html: list[Block] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)
    """Text in the order of the parts, of each pair of alternatives one."""
    files: list[File] = field(default_factory=list)


def content_of(message: MimeMessage) -> Content:
    """The content of a whole message. Raises `ParseError`: ``encrypted``, ``malformed``."""
    reader = _Reader()
    content = reader.read(message, 0, related=False)
    content.files = [
        file
        for file in content.files
        if not (file.picture and is_shown(file.identity, file.name, reader.referenced))
    ]
    return content


class _Reader:
    def __init__(self) -> None:
        self._parts = 0
        self.referenced: set[str] = set()
        """Content-IDs of what the HTML texts show, wherever it stands."""

    def read(self, part: MimeMessage, depth: int, *, related: bool) -> Content:
        self._parts += 1
        if depth > _DEEPEST or self._parts > _MOST_PARTS:
            raise ParseError(
                "too-large",
                f"the mail has more than {_MOST_PARTS:,} parts, or parts nested deeper than {_DEEPEST}",
                remedy="save what matters of it as files of their own",
            )
        kind = part.get_content_type()
        if kind == "multipart/encrypted":
            raise ParseError("encrypted", "the mail is encrypted", remedy=ENCRYPTED_REMEDY)
        if kind in _SEALED:
            return self.read(_unsealed(part), depth + 1, related=False)
        if kind in _SIGNATURES:
            return Content()
        if kind in ("message/rfc822", "message/global", "message/news"):
            return Content(files=[File(*_enclosed(part))])
        if kind == "message/delivery-status":
            return _report(part)
        if part.is_multipart():
            return self._several(part, kind, depth)
        return self._single(part, kind, related)

    def _several(self, part: MimeMessage, kind: str, depth: int) -> Content:
        children = [child for child in _children(part) if isinstance(child, Message)]
        if kind == "multipart/signed":
            children = children[:1]
        related = kind == "multipart/related"
        read = [self.read(child, depth + 1, related=related) for child in children]
        files = [file for content in read for file in content.files]
        if kind == "multipart/alternative":
            plain = next((content.body for content in read if content.plain), [])
            html = next((content.body for content in read if content.html), [])
            other = next((content.body for content in read if content.body), [])
            body = list(preferred(plain, html)) if plain and html else plain or html or other
            return Content(plain=plain, html=html, body=body, files=files)
        return Content(
            [block for content in read for block in content.plain],
            [block for content in read for block in content.html],
            [block for content in read for block in content.body],
            files,
        )

    def _single(self, part: MimeMessage, kind: str, related: bool) -> Content:
        data = part.get_payload(decode=True)
        data = data if isinstance(data, bytes) else b""
        name = file_name(part)
        disposition = part.get_content_disposition()
        if disposition != "attachment" and not name and kind.startswith("text/") and kind != "text/calendar":
            text = _decoded(part, data)
            if kind == "text/html":
                self.referenced |= references(text)
                blocks = html_body(text)
                return Content(html=blocks, body=blocks)
            flowed = str(part.get_param("format", "")).lower() == "flowed"
            blocks = plain_body(text, flowed=flowed, joined=str(part.get_param("delsp", "")).lower() == "yes")
            return Content(plain=blocks, body=blocks)
        identity = str(part.get("content-id") or "")
        picture = is_picture(kind, name)
        shown = related or disposition == "inline" or (identity and disposition != "attachment")
        if not data.strip() or (shown and (picture or kind.startswith(("audio/", "video/")))):
            return Content()
        return Content(files=[File(name or _ENDINGS.get(kind, ""), data, picture, identity)])


_ENDINGS: Final = {"text/calendar": "invitation.ics", "application/pdf": "attachment.pdf"}
"""Names for parts that have none."""


def _unsealed(part: MimeMessage) -> MimeMessage:
    """The message inside S/MIME data that is signed. Raises `ParseError` ``encrypted`` where it is not readable."""
    data = part.get_payload(decode=True)
    inner = signed_content(data) if isinstance(data, bytes) else None
    if inner is None:
        raise ParseError("encrypted", "the mail is encrypted", remedy=ENCRYPTED_REMEDY)
    return message_from_bytes(inner, policy=AS_WRITTEN)


def _children(part: MimeMessage) -> Iterable[object]:
    payload = part.get_payload()
    return payload if isinstance(payload, list) else ()


def _enclosed(part: MimeMessage) -> tuple[str, bytes]:
    """A forwarded message as a file of its own, named by its subject."""
    inner = next((child for child in _children(part) if isinstance(child, Message)), None)
    if inner is None:
        data = part.get_payload(decode=True)
        return file_name(part) or "message.eml", data if isinstance(data, bytes) else b""
    name = file_name(part) or header(inner, "subject").replace("/", "-").replace("\\", "-") or "message"
    try:
        data = inner.as_bytes(policy=_WRITTEN)
    except (UnicodeError, LookupError, TypeError, ValueError, AttributeError):
        # The library cannot write every header that it reads; the text is all there.
        data = inner.as_string(policy=_WRITTEN).encode("utf-8", "surrogateescape")
    return name if name.lower().endswith(".eml") else f"{name[:150]}.eml", data


def _report(part: MimeMessage) -> Content:
    said = [
        "\n".join(f"{name}: {value}" for name, value in child.items())
        for child in _children(part)
        if isinstance(child, Message)
    ]
    blocks = plain_body("\n\n".join(said))
    return Content(plain=blocks, body=blocks)


def file_name(part: MimeMessage) -> str:
    """The name that a part gives itself, in any of the ways that are in use; empty if none."""
    try:
        return decoded_words(part.get_filename("") or "")
    except (LookupError, UnicodeError, TypeError, ValueError):
        return ""


def header(message: MimeMessage, name: str) -> str:
    """The first header of that name as text; empty if there is none."""
    value = message.get(name)
    return "" if value is None else decoded_words(str(value))


def decoded_words(text: str) -> str:
    """`text` with its encoded words (RFC 2047) decoded, and bytes that declare nothing read as UTF-8 or Latin-1."""
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        pieces = [(text, None)]
    said = ""
    for piece, charset in pieces:
        if isinstance(piece, bytes) and charset is None:  # how the library passes on what stands between
            piece = piece.decode("raw-unicode-escape", "replace")
        data = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
        said += _text(data, charset)
    return said


def _decoded(part: MimeMessage, data: bytes) -> str:
    try:
        charset = part.get_content_charset()
    except (LookupError, UnicodeError):
        charset = None
    return _text(data, charset)


def _text(data: bytes, charset: str | None) -> str:
    """`data` as text: by the charset that it states where that holds, else by what it looks like."""
    try:
        # "iso-8859-8-i" says how a screen orders the letters (RFC 1556), and is no other encoding.
        name = re.sub(r"(?<=iso-8859-[68])-[ie]\Z", "", (charset or "utf-8").lower())
        codec = codecs.lookup(name).name.replace("-", "_")
        if codec not in _NO_CHARSETS:
            return data.decode(codec)
    except (LookupError, UnicodeError, ValueError):
        pass  # what the mail says of its bytes is wrong; they speak for themselves below
    found = decode(data)
    return found.text if found is not None else data.decode("latin-1")
