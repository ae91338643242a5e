"""EML: mail as it travels (RFC 5322 and MIME), signed mail included."""

from __future__ import annotations

from email import message_from_bytes
from typing import Final

from indexer.errors import ParseError
from indexer.parsing.attachments import Carried
from indexer.parsing.canonical import Reading
from indexer.parsing.decode import decode
from indexer.parsing.mail.letter import Letter, reading
from indexer.parsing.mail.parts import AS_WRITTEN, MimeMessage, content_of, header
from indexer.parsing.mail.signed import signed_content

_LONGEST_HEADERS: Final = 1 << 20
"""Bytes before the first empty line; a mail server refuses far less."""


def read_eml(data: bytes) -> Reading:
    """A mail with its body once and its attachments.

    Raises `ParseError`: ``empty``, ``encrypted``, ``malformed`` (nested too deep) or ``too-large`` (its headers).
    """
    return reading(letter_of(_parsed(data)))


def letter_of(message: MimeMessage) -> Letter:
    """What a parsed message says."""
    content = content_of(message)
    carried = Carried()
    for file in content.files:
        carried.take(file.name, file.data)
    return Letter(
        subject=header(message, "subject"),
        sender=header(message, "from"),
        to=header(message, "to"),
        cc=header(message, "cc"),
        date=header(message, "date"),
        message_id=header(message, "message-id"),
        body=content.body,
        attachments=carried.attachments,
        remarks=carried.remarks,
    )


def _parsed(data: bytes) -> MimeMessage:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")) or b"\x00" in data[:64]:
        # Saved by an editor, not by a mail program.
        found = decode(data)
        data = data if found is None else found.text.encode("utf-8")
    # A ".p7m" of its own: the message alone, signed.
    data = (signed_content(data) or data) if data.startswith(b"\x30") else data.lstrip()
    if not data:
        raise ParseError("empty", "the mail is empty")
    ends = [at for end in (b"\n\n", b"\r\n\r\n", b"\r\r") if (at := data.find(end, 0, _LONGEST_HEADERS)) >= 0]
    if not ends and len(data) > _LONGEST_HEADERS:
        raise ParseError("too-large", "the mail's headers are longer than 1 MiB")
    try:
        return message_from_bytes(data, policy=AS_WRITTEN)
    except RecursionError as error:
        raise ParseError("malformed", "the mail's parts are nested too deep") from error
