"""What people write to name a document, at a version or not, and one passage of it: DOC@SEL and citations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from indexer.errors import UsageError

__all__ = ["Citation", "format_citation", "parse_citation", "split_reference"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage in one version of one document; without a passage, that version."""

    source: str
    document_id: str
    version_id: str
    passage_id: str | None = None


_CITATION: Final = re.compile(
    r"indexer:(?P<source>[^/]+)/(?P<document>[a-z]+_[0-9a-z]+)@(?P<version>[a-z]+_[0-9a-z]+)"
    r"(?:#(?P<passage>[a-z]+_[0-9a-z]+))?"
)


def split_reference(text: str) -> list[tuple[str, str | None]]:
    """The (DOC, SEL) that `text` can mean, likeliest first: all of it as DOC, then cut at the last "@", then at earlier ones.

    ``f"{doc}@{sel}"`` is `text` again; neither side is ever empty.
    """
    candidates: list[tuple[str, str | None]] = [(text, None)]
    at = text.rfind("@")
    while at > 0:
        if at < len(text) - 1:
            candidates.append((text[:at], text[at + 1 :]))
        at = text.rfind("@", 0, at)
    return candidates


def parse_citation(text: str) -> Citation:
    """Read ``indexer:<source>/<document id>@<version id>#<passage id>``. Raises `UsageError`.

    The passage may be left out: then the citation is of the whole version.
    """
    written = _CITATION.fullmatch(text.strip())
    if written is None:
        raise UsageError(
            f'"{text}" is not a citation',
            remedy="write it in full: indexer:<source>/<document id>@<version id>#<passage id>",
        )
    return Citation(unquote(written["source"]), written["document"], written["version"], written["passage"])


def format_citation(citation: Citation) -> str:
    """Write the citation; `parse_citation` reads it back. Characters that would break it are percent-encoded."""
    passage = "" if citation.passage_id is None else f"#{citation.passage_id}"
    source = quote(citation.source, safe="")
    return f"indexer:{source}/{citation.document_id}@{citation.version_id}{passage}"
