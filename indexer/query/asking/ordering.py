"""The order of hits where a question names something literally: what is about it comes before what mentions it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from indexer.query.asking.literally import holds
from indexer.query.results import Hit

WIDEST: Final = 40
"""So many hits are looked at, whatever number is wanted: else the first ones would depend on it."""
_COMMON: Final = 0.5
"""What more than such a share of the hits mentions tells none from another."""
_OF_ONE: Final = 2
"""Hits under one heading of one document, before those of other headings had their turn."""
_ABOUT, _MENTIONED, _OTHER = range(3)
_CODE_BEGINS: Final = ("//", "#!", "```", "~~~")
_CODE_ENDS: Final = (";", "{", "}", "(", ");", "},", "],", "[")
"""How lines of code begin and end, and lines of prose seldom."""
_CODE: Final = re.compile(r"^\s*(?:```|~~~)")


def by_literals(hits: Sequence[Hit], literals: Sequence[str], further: Sequence[Hit] = ()) -> list[Hit]:
    """The best of these hits: first those whose own heading is one of the `literals`, then those that hold one, then the others.

    `literals` are as `literally.wanted` gives them. Of one heading the prose comes before the code. `further`: what was found by
    `unseen` literals alone.
    """
    hits, rest = hits[:WIDEST], hits[WIDEST:]
    sought = [literal.removesuffix("()") for literal in literals]
    both = [*hits, *further]
    telling = [
        literal
        for literal in sought
        if any(is_headed(hit.heading, literal) for hit in both)
        or (any(holds(_whole(hit), literal) for hit in both) and not _is_common(hits, literal))
    ]
    if not telling:
        return [*hits, *rest]
    seen: Counter[tuple[int, tuple[str, ...]]] = Counter()
    placed: list[tuple[tuple[int, bool], Hit]] = []
    for hit in sorted(both, key=lambda hit: _place(hit, telling)):
        place = _place(hit, telling)
        under = (hit.document.no, hit.heading)
        seen[under] += 1
        # Of what a heading holds some is enough, before others had their turn.
        placed.append((place if seen[under] <= _OF_ONE or place[0] == _OTHER else (_MENTIONED, True), hit))
    return [*(hit for _, hit in sorted(placed, key=lambda one: one[0])), *rest]


def unseen(hits: Sequence[Hit], literals: Sequence[str]) -> list[str]:
    """Those of the `literals` of which none of the first hits is the prose below such a heading: it may be there all the same.

    Not what the titles of most hits say: that is the name of what they are about.
    """
    hits = hits[:WIDEST]
    sought = [literal.removesuffix("()") for literal in literals]
    return [
        literal
        for literal in sought
        if not any(is_headed(hit.heading, literal) and not _is_code(hit.text) for hit in hits)
        and sum(holds("\n".join(hit.heading[:1]), literal) for hit in hits) <= _COMMON * len(hits)
    ]


def mentions(hit: Hit, literals: Sequence[str], among: Sequence[Hit]) -> bool:
    """Whether a passage is headed by one of the `literals`, or holds one that most of `among` do not."""
    if any(is_headed(hit.heading, literal) for literal in literals):
        return True
    return any(
        holds(_whole(hit), literal) and not _is_common(among[:WIDEST], literal) for literal in literals
    )


def _is_common(hits: Sequence[Hit], literal: str) -> bool:
    return sum(holds(_whole(hit), literal) for hit in hits) > _COMMON * len(hits)


def _place(hit: Hit, literals: Sequence[str]) -> tuple[int, bool]:
    if any(is_headed(hit.heading, literal) for literal in literals):
        return _ABOUT, _is_code(hit.text)
    if any(holds(_whole(hit), literal) for literal in literals):
        return _MENTIONED, False
    return _OTHER, False


def is_headed(heading: Sequence[str], literal: str) -> bool:
    """Whether a passage's own heading, the last of its `heading`, is what is looked for literally, arguments of a call left out."""
    own = _bare(heading[-1]) if heading else ""
    return own == literal or own.startswith(f"{literal}(")


def _is_code(text: str) -> bool:
    """Whether a passage is code: it begins with a fence, or goes on with what began in the passage before it."""
    if _CODE.match(text):
        return True
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return 2 * sum(line.endswith(_CODE_ENDS) or line.startswith(_CODE_BEGINS) for line in lines) > len(lines)


def _bare(heading: str) -> str:
    """A heading without marks of code, in lower case."""
    return heading.replace("`", "").strip().casefold()


def _whole(hit: Hit) -> str:
    return "\n".join([*hit.heading, hit.text])
