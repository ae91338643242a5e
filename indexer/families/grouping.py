"""Which documents are editions of one work."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from indexer.families.editions import COMPARED, UNORDERED, Label, whole
from indexer.families.names import normal, parse_name, parse_title
from indexer.families.values import Described, Edition, EditionKind, Family, ParsedName
from indexer.points import natural

_SCHEMES: Final = {
    EditionKind.SEMVER: "number",
    EditionKind.NUMBER: "number",
    EditionKind.DATE: "date",
    EditionKind.SERIES: "series",
    EditionKind.LETTER: "letter",
    EditionKind.WORD: "word",
}
"""Kinds that are ordered among each other have one name."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A document with the work that it belongs to."""

    work: str
    name: str
    edition: Edition


def group(
    documents: Iterable[Described],
    patterns: Sequence[re.Pattern[str]] = (),
    together: Sequence[Sequence[str]] = (),
    apart: Sequence[Collection[str]] = (),
) -> tuple[Family, ...]:
    """The families among one source's `documents`: those works of which there are at least two editions.

    `patterns` are searched in keys, the first that fits decides: their groups ``edition`` and, if they have it, ``work`` say
    which edition of which work the document is; without ``work``, the work is the key without the edition. Each of `together`
    holds the keys of one family, whatever their names, and orders them where their labels cannot: the oldest first; each of
    `apart` holds keys that are no editions of anything by their names.

    What a key says comes before the title, and both before a version, and that before a date, that the document states beside a
    title that others have as well. Neither the order of the documents nor unrelated ones make a difference.
    """
    known = {document.key: document for document in documents}
    joined = {key: number for number, keys in enumerate(together) for key in keys if key in known}
    left_out = {key for keys in apart for key in keys}
    works: dict[tuple[str, str], list[_Placed]] = defaultdict(list)
    for key, document in known.items():
        if key in joined:
            placed = _joined(document, joined[key], known, together)
            works["together", placed.work].append(placed)
        elif key not in left_out and (found := _placed(document, patterns)) is not None:
            works[_SCHEMES[found.edition.kind], found.work].append(found)
    for (scheme, work), members in works.items():
        if scheme == "together":
            works[scheme, work] = _comparable(members, together[joined[members[0].edition.key]])
    families = [_family(members) for members in works.values() if _distinct(members)]
    return tuple(sorted(families, key=lambda family: (family.work, family.kind, family.editions[0].key)))


def _placed(document: Described, patterns: Sequence[re.Pattern[str]]) -> _Placed | None:
    """The work and edition of one document by itself."""
    for pattern in patterns:
        if (found := pattern.search(document.key)) and found["edition"]:
            return _by_pattern(document, found)
    named = parse_name(document.key)
    if named is not None:
        return _Placed(f"key:{named.work}", named.name, _edition(document, named))
    folder = document.key.rpartition("/")[0]
    titled = parse_title(document.title)
    if titled is not None:
        return _Placed(f"title:{folder}/{titled.work}", titled.name, _edition(document, titled))
    if document.title.strip() and len(document.labels) == 1:
        return _Placed(
            f"title:{folder}/{normal(document.title)}",
            document.title.strip(),
            _labelled(document, whole(document.labels[0])),
        )
    if (
        document.title.strip()
        and (named := parse_title(f"{document.title} {document.date[:40]}")) is not None
    ):
        return _Placed(f"title:{folder}/{named.work}", named.name, _edition(document, named))
    return None


def _by_pattern(document: Described, found: re.Match[str]) -> _Placed:
    groups = found.groupdict()
    begin, end = found.span("edition")
    work = groups.get("work") or f"{document.key[:begin]}{{}}{document.key[end:]}"
    return _Placed(
        f"pattern:{normal(work)}",
        work.replace("{}", "").strip(" -_/."),
        _labelled(document, whole(found["edition"])),
    )


def _joined(
    document: Described, number: int, known: dict[str, Described], together: Sequence[Sequence[str]]
) -> _Placed:
    """One of a family that was configured; labelled by its name, by what it states, else by its key."""
    first = min(key for key in together[number] if key in known)
    named = parse_name(document.key) or parse_title(document.title)
    if named is not None:
        edition = _edition(document, named)
    else:
        edition = _labelled(
            document, whole(document.labels[0] if document.labels else document.key.rpartition("/")[2])
        )
    head = parse_name(first)
    return _Placed(f"together:{number:06}", head.name if head is not None else first, edition)


def _comparable(members: list[_Placed], listed: Sequence[str]) -> list[_Placed]:
    """Members of a configured family; ordered as they are listed where their labels are of several kinds or unknown."""
    schemes = {_SCHEMES[member.edition.kind] for member in members}
    if len(schemes) == 1 and not any(_unknown(member.edition) for member in members):
        return members
    places = {key: place for place, key in enumerate(listed, start=1)}
    return [
        replace(member, edition=replace(member.edition, order=(places[member.edition.key], *UNORDERED[1:])))
        for member in members
    ]


def _edition(document: Described, named: ParsedName) -> Edition:
    stated = tuple(label for label in document.labels if label.casefold() != named.edition.casefold())
    return Edition(document.key, named.edition, named.order, named.kind, stated)


def _labelled(document: Described, label: Label) -> Edition:
    stated = tuple(stated for stated in document.labels if stated != label.text)
    return Edition(document.key, label.text, label.order, label.kind, stated)


def _distinct(members: Sequence[_Placed]) -> bool:
    """Whether there are at least two editions."""
    return len({_identity(member.edition) for member in members}) > 1


def _identity(edition: Edition) -> tuple[object, ...]:
    """What is one edition: documents that differ only in format, or in a date beside their number, are."""
    if _unknown(edition):
        return (edition.label.casefold(),)
    return (_SCHEMES[edition.kind], edition.order[:COMPARED])


def _unknown(edition: Edition) -> bool:
    """Whether the label says nothing about the order."""
    return edition.kind is EditionKind.WORD and not any(edition.order)


def _family(members: Sequence[_Placed]) -> Family:
    editions = sorted((member.edition for member in members), key=_sorting)
    same: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for edition in editions:
        same[_identity(edition)].append(edition.key)
    first = min(members, key=lambda member: member.edition.key)
    return Family(
        work=first.work.partition(":")[2],
        name=first.name,
        kind=_kind([edition.kind for edition in editions]),
        editions=tuple(editions),
        duplicates=tuple(tuple(keys) for keys in same.values() if len(keys) > 1),
    )


def _sorting(edition: Edition) -> tuple[object, ...]:
    """Ordered editions by their order, words without one after them by their text; keys decide among equals."""
    return (edition.order, natural(edition.label), edition.key)


def _kind(kinds: Sequence[EditionKind]) -> EditionKind:
    if len(set(kinds)) == 1:
        return kinds[0]
    return EditionKind.SEMVER if EditionKind.SEMVER in kinds else kinds[-1]
