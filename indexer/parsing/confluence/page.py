"""Reads a wiki page: takes it out of its envelope and finds the blocks of its body, however that is written."""

from __future__ import annotations

from lxml import etree

from indexer.model import Block, BlockKind
from indexer.parsing.canonical import Reading, one_line
from indexer.parsing.confluence.arrange import arrange
from indexer.parsing.confluence.elements import FORBIDDEN
from indexer.parsing.confluence.fragment import TOO_DEEP, read_fragment
from indexer.parsing.confluence.storage import to_html
from indexer.parsing.confluence.view import to_read
from indexer.parsing.confluence.wiki_markup import markup_tree
from indexer.parsing.html import NestedTooDeepError, html_tree, tree_blocks, without_tags
from indexer.parsing.text import paragraphs, read_text
from indexer.ports.wiki_page import Markup, WikiPage


def read_wiki_page(text: str) -> Reading:
    """Blocks of a wiki page as `WikiPage.write` wrote it. Never fails: whatever the markup, its words come out.

    Its title is not here, but known to the connector. The metadata say what is ``malformed``.
    """
    try:
        page = WikiPage.read(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return Reading(read_text(text).blocks, metadata={"malformed": "it does not begin like a wiki page"})
    blocks, malformed = _body(page)
    context = one_line(page.context)
    if context:
        blocks.insert(0, Block(BlockKind.HEADING, (context,), level=1, title=context))
    return Reading(blocks, metadata={"malformed": malformed} if malformed else {})


def _body(page: WikiPage) -> tuple[list[Block], str]:
    match page.markup:
        case Markup.STORAGE:
            fragment = read_fragment(page.body)
            if fragment.root is None:
                return list(paragraphs(fragment.flat)), fragment.malformed
            to_html(fragment.root, page.names)
            return _arranged(fragment.root), fragment.malformed
        case Markup.VIEW:
            body = FORBIDDEN.sub("", page.body)
            try:
                root = html_tree(body)
            except NestedTooDeepError:
                return list(paragraphs(without_tags(body))), TOO_DEEP
            if root is None:
                return [], ""
            to_read(root)
            return _arranged(root), ""
        case Markup.WIKI:
            return _arranged(markup_tree(page.body, page.names)), ""


def _arranged(root: etree._Element) -> list[Block]:
    arrange(root)
    return list(tree_blocks(root))
