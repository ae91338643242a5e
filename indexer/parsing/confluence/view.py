"""Pages as a reader saw them: the content of an HTML export, without what was filled in when it was shown."""

from __future__ import annotations

from typing import Final

from lxml import etree

from indexer.parsing.confluence.elements import picture_words, put_first, say

_GENERATED: Final = frozenset(
    {
        "aui-icon", "childpages-macro", "children-show-hide", "contentbylabel-macro", "content-by-label",
        "expand-control-icon", "gallery", "livesearch", "pagetreesearch", "plugin_attachments_container",
        "plugin_pagetree", "popular-labels", "recently-updated", "recentlyUpdatedMacro", "search-macro",
        "space-details", "toc-macro",
        # an issue's state at the time of the export
        "jira-macro-single-issue-export-pdf",
    }
)  # fmt: skip
"""Classes of elements that hold navigation, lists of pages, or words that stand for an icon."""
_UNTITLED: Final = "Click here to expand..."
"""What an expandable part says that was given no title."""
_UNKNOWN_ISSUE: Final = "Getting issue details..."
"""What stands in place of an issue's summary that was not there in time."""


def to_read(root: etree._Element) -> None:
    """Take out of `root`, in place, what is no text of the page, and say what only an image said."""
    for element in list(root.iter()):
        classes = set(str(element.get("class", "")).split())
        if element.tag == "img":
            element.set("alt", picture_words(str(element.get("alt", ""))))
        elif element.tag == "li" and element.get("data-inline-task-id"):
            put_first(element, "[x] " if "checked" in classes else "[ ] ")
        elif classes & _GENERATED or (
            element.tag == "span" and (element.text or "").strip() in (_UNTITLED, _UNKNOWN_ISSUE)
        ):
            say(element)
        elif "confluence-userlink" in classes and [child.tag for child in element] == ["img"]:
            said = f"{element.text or ''}{element[0].tail or ''}".strip()
            say(element, said or str(element[0].get("title", "")) or str(element.get("data-username", "")))
