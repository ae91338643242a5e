"""The bytes in which a wiki page's body passes from a connector to the parser.

A body alone does not say how it reads: a mention is the key of a user, and markup of three kinds looks
alike. So the connector puts a head before it, one line, and behind that the body as the wiki has it::

    %WIKI-PAGE/1 {"markup":"storage","names":{"user:8a7f80":"Anna Lind"}}
    <p>Ask <ac:link><ri:user ri:userkey="8a7f80" /></ac:link>.</p>

The bytes are the document's original: what they say never depends on the rest of the export.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MAGIC: Final = b"%WIKI-PAGE/1 "
"""How such bytes begin."""


class Markup(StrEnum):
    """How a body is written."""

    STORAGE = "storage"
    """Confluence's XHTML-based storage format: a fragment of XML."""
    WIKI = "wiki"
    """Wiki markup of before 2011 (``h1.``, ``{code}``, ``[text|url]``), or plain text."""
    VIEW = "view"
    """HTML as a reader saw it: the inside of an HTML export's content."""


@dataclass(frozen=True, slots=True)
class WikiPage:
    """A body, and what is needed to read it."""

    markup: Markup
    body: str
    names: Mapping[str, str] = field(default_factory=dict)
    """What the body refers to by keys → what people call it: ``user:<key>`` → a name, ``content:<id>`` → a title."""
    context: str = ""
    """A heading that stands above everything, such as the title of the page that a comment is about; or empty."""

    def write(self) -> bytes:
        """As bytes. Equal pages give equal bytes."""
        head: dict[str, object] = {"markup": self.markup.value}
        if self.names:
            head["names"] = {key: self.names[key] for key in sorted(self.names)}
        if self.context:
            head["context"] = self.context
        line = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
        return MAGIC + line.encode("utf-8", "replace") + b"\n" + self.body.encode("utf-8", "replace")

    @classmethod
    def read(cls, data: bytes) -> WikiPage:
        """What `write` wrote. Raises ValueError for anything else."""
        if not data.startswith(MAGIC):
            raise ValueError("it does not begin like a wiki page")
        line, _, body = data[len(MAGIC) :].partition(b"\n")
        head = json.loads(line)
        if not isinstance(head, dict) or not isinstance(head.get("names", {}), dict):
            raise ValueError("its head is not one of a wiki page")
        names = {str(key): str(name) for key, name in head.get("names", {}).items()}
        return cls(
            Markup(str(head.get("markup"))),
            body.decode("utf-8", "replace"),
            names,
            str(head.get("context", "")),
        )
