"""Wiki pages for tests, as a connector hands them over."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.model import ParsedDocument
from indexer.ports.wiki_page import Markup, WikiPage
from tests.unit.parsing.reading import parsed, shape

NAMES = {"user:8a7f80": "Anna Lind", "user:5b10": "Ben Ode", "content:77": "Linked page"}


def read(body: str, markup: Markup = Markup.STORAGE, names: Mapping[str, str] = NAMES) -> ParsedDocument:
    return parsed(WikiPage(markup, body, names).write(), "501")


def blocks(body: str, markup: Markup = Markup.STORAGE) -> list[tuple[str, ...]]:
    """The kind and the parts of each block."""
    return [shape(block) for block in read(body, markup).blocks]


def macro(name: str, /, *, body: str = "", code: str | None = None, **parameters: str) -> str:
    """A macro of the storage format."""
    given = "".join(
        f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items()
    )
    rich = f"<ac:rich-text-body>{body}</ac:rich-text-body>" if body else ""
    plain = f"<ac:plain-text-body><![CDATA[{code}]]></ac:plain-text-body>" if code is not None else ""
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{given}{rich}{plain}</ac:structured-macro>'
