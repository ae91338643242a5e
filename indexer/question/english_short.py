"""The words of English as people type them in a hurry."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ONE: Final = {"ver": "version", "rel": "release", "rev": "revision"}
SEVERAL: Final = {"vers": "versions", "rels": "releases", "revs": "revisions"}
"""Where the grammar of a question about versions is around them."""
SHORTENED: Final = {"w/": "with", "w/o": "without", "dep": "dependency", "deps": "dependencies"}
"""Wherever they stand."""
ELSEWHERE: Final = {
    "vers": _words(
        "poem poems psalm psalms bible gospel stanza stanzas hymn hymns rhyme song songs en le la les des du un une der das ein"
    ),
    "rev": _words("engine engines motor motors rpm crankshaft sermon church parish"),
    "revs": _words("engine engines motor motors rpm crankshaft"),
    "dep": _words("arr arrival train bus flight flights ferry platform"),
    "rel": _words("html link links attribute attributes nofollow"),
}
"""Where these are spoken of, the short form is one of something else."""
