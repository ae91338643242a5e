"""One hit for what several editions of a work say alike: that of the newest, with the labels of all. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from indexer.families import EditionKind, ParsedName, parse_name, parse_title
from indexer.model import Document
from indexer.query.asking.words import words
from indexer.query.results import Hit

ALIKE: Final = 0.85
"""Of the words of the longer of two texts, so many must be the other's too, repeats counted."""
WIDER: Final = 4
"""So many times more hits are looked at, where editions may say the same."""


def overlap(hits: Sequence[Hit]) -> bool:
    """Whether any two hits are of different editions of one work."""
    works = [(edition[0], hit.document.no) for hit in hits if (edition := _edition(hit.document)) is not None]
    return len({work for work, _ in works}) < len(set(works))


def together(hits: Sequence[Hit], count: int) -> tuple[Hit, ...]:
    """The first `count` of these hits, with those of other editions that say nearly the same put into one."""
    groups: list[list[Hit]] = []
    counted: dict[int, Counter[str]] = {}
    by_work: dict[object, list[list[Hit]]] = {}
    for hit in hits:
        edition = _edition(hit.document)
        if edition is None:
            groups.append([hit])
            continue
        counted[hit.rank] = Counter(words(hit.text))
        alike = next(
            (
                group
                for group in by_work.get(edition[0], ())
                if all(other.document.no != hit.document.no for other in group)
                and group[0].heading[-1:] == hit.heading[-1:]
                and _share(counted[group[0].rank], counted[hit.rank]) >= ALIKE
            ),
            None,
        )
        if alike is None:
            alike = []
            groups.append(alike)
            by_work.setdefault(edition[0], []).append(alike)
        alike.append(hit)
    return tuple(_one(group, rank) for rank, group in enumerate(groups[:count], start=1))


def _edition(document: Document) -> tuple[object, ParsedName] | None:
    """Which work the document is an edition of, by its name; None if of none."""
    parsed = parse_name(document.key) or parse_title(document.title)
    if parsed is None or parsed.kind is EditionKind.SERIES:
        return None
    return (document.source_no, parsed.kind, parsed.work), parsed


def _one(group: Sequence[Hit], rank: int) -> Hit:
    """The newest edition's hit; the group keeps the best one's score."""
    if len(group) == 1:
        return replace(group[0], rank=rank)
    parsed = {hit.document.no: edition[1] for hit in group if (edition := _edition(hit.document)) is not None}
    ordered = sorted(group, key=lambda hit: parsed[hit.document.no].order)
    labels = tuple(parsed[hit.document.no].edition for hit in ordered)
    return replace(ordered[-1], rank=rank, score=group[0].score, editions=labels)


def _share(left: Counter[str], right: Counter[str]) -> float:
    larger = max(left.total(), right.total())
    return (left & right).total() / larger if larger else 1.0
