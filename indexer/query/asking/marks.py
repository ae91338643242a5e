"""What stands in code blocks of a text, and lines of it that say nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from indexer.question import Interpretation

_FENCE: Final = re.compile(r"\s*(`{3,}|~{3,})")
_LINK: Final = re.compile(r"^[ \t]*\[(?!\^)[^\]\n]{1,999}\]:[ \t]+\S.*$", re.MULTILINE)
_SAMPLES: Final = re.compile(
    r"\b(?:(?:sample|example)\s+code|code\s+(?:samples?|examples?|snippets?)|samples|examples?|snippets?)\b",
    re.IGNORECASE,
)


def asks_for_code(asked: Interpretation) -> bool:
    """Whether it is about examples: what these show stands in code blocks, and not in the prose around them."""
    return _SAMPLES.search(asked.text) is not None


def code_words(asked: Interpretation) -> frozenset[str]:
    """The words, in lower case, that only say that it is about examples."""
    return frozenset(word for found in _SAMPLES.findall(asked.text) for word in found.lower().split())


def without_links(text: str) -> str:
    """A text without the lines that only say where links lead (Markdown: ``[name]: address``)."""
    return _LINK.sub("", text)


def code_of(pieces: Iterable[str]) -> Iterator[str]:
    """Of each of the successive pieces of one text: what stands in fenced code blocks, the fences left out."""
    fence = ""
    for piece in pieces:
        kept: list[str] = []
        for line in piece.splitlines():
            found = _FENCE.match(line)
            if fence:
                if found is not None and found[1].startswith(fence) and not line.strip().strip(fence[0]):
                    fence = ""
                else:
                    kept.append(line)
            elif found is not None:
                fence = found[1]
        yield "\n".join(kept)
