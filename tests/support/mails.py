"""A format that carries attachments, as plain as can be: mails for tests of what becomes of those.

mail("Dear all", {"terms.md": b"# Terms", "fwd.mail": mail("Forwarded", {...})})
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

from indexer.errors import ParseError
from indexer.model import Attachment, Block, BlockKind, ParsedDocument
from indexer.parsing import Parsers


def mail(text: str, carried: Mapping[str, bytes] | None = None) -> bytes:
    """The bytes of a mail with this text and these attachments."""
    return json.dumps(
        {"text": text, "carried": {name: data.decode("latin-1") for name, data in (carried or {}).items()}}
    ).encode()


def is_mail(data: bytes, key: str) -> bool:
    """Whether it is named like a mail, or made by `mail`."""
    return key.endswith(".mail") or data.startswith(b'{"text": ')


class MailParsers(Parsers):
    """Reads mails besides what every installation reads."""

    def __init__(self) -> None:
        super().__init__()
        self.more_versions = {"mail/1"}
        """Names of parsers besides those of every installation."""
        self.parsed: list[str] = []
        """Keys in the order in which they were parsed."""
        self.broken: set[str] = set()
        """Keys that cannot be parsed, whatever they hold."""
        self._lock = threading.Lock()

    @property
    def versions(self) -> frozenset[str]:
        return super().versions | self.more_versions

    def identify(self, data: bytes, key: str) -> str:
        return "mail/1" if is_mail(data, key) else super().identify(data, key)

    def parse(self, data: bytes, key: str) -> ParsedDocument:
        with self._lock:
            self.parsed.append(key)
        if key in self.broken:
            raise ParseError("malformed", "it is broken", remedy="mend it")
        if not is_mail(data, key):
            return super().parse(data, key)
        try:
            said = json.loads(data)
        except ValueError as error:
            raise ParseError("malformed", "it is no mail", remedy="send it again") from error
        return ParsedDocument(
            blocks=tuple(Block(BlockKind.PARAGRAPH, (part,)) for part in said["text"].split("\n\n") if part),
            parser="mail/1",
            media_type="message/test",
            attachments=tuple(
                Attachment(name, carried.encode("latin-1")) for name, carried in said["carried"].items()
            ),
        )
