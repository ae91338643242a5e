"""What stands around a hit in the text of its version, and hits that stand next to each other as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from indexer.model import ManifestEntry, Passage
from indexer.ports.catalog import CatalogSnapshot
from indexer.query.naming import cited
from indexer.query.results import Hit
from indexer.references import parse_citation


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A passage before or after a hit."""

    text: str
    heading: tuple[str, ...]
    page: int | None
    citation: str
    separator: str
    """What stands between the passage before and this one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a hit stands in the text of the version that it is cited from."""

    place: int
    """Of its passage among those of the version, from 0; where it stands there twice, the first one."""
    separator: str
    """What stands between the passage before and this one."""
    before: tuple[Neighbour, ...] = ()
    """In the order of the text; the last one is the nearest."""
    after: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """One hit, or several that follow each other in one version, as one piece of its text."""

    hits: tuple[Hit, ...]
    """In the order of the text."""
    text: str

    @property
    def first(self) -> Hit:
        """The hit that comes first in the text: its heading and page are those of the stretch."""
        return self.hits[0]

    @property
    def rank(self) -> int:
        """Of the best hit in it."""
        return min(hit.rank for hit in self.hits)


def surroundings_of(snapshot: CatalogSnapshot, hits: Sequence[Hit], around: int) -> list[Surroundings | None]:
    """For each hit, with `around` passages on either side; None where the text of its version is not there any more."""
    manifests: dict[int, tuple[ManifestEntry, ...]] = {}
    places: list[tuple[int, int] | None] = []
    wanted: set[int] = set()
    for hit in hits:
        manifest_no = hit.version.version.manifest_no
        passage_id = parse_citation(hit.citation).passage_id
        passage = None if passage_id is None else snapshot.passage_by_id(passage_id)
        place = None
        if manifest_no is not None and passage is not None:
            if manifest_no not in manifests:
                manifests[manifest_no] = snapshot.manifest(manifest_no)
            entries = manifests[manifest_no]
            place = next((at for at, entry in enumerate(entries) if entry.passage_no == passage.no), None)
            if place is not None:
                wanted |= {entry.passage_no for entry in entries[max(place - around, 0) : place + around + 1]}
        places.append(None if place is None or manifest_no is None else (manifest_no, place))
    texts = snapshot.passages(wanted) if around else {}
    found: list[Surroundings | None] = []
    for hit, known in zip(hits, places, strict=True):
        if known is None:
            found.append(None)
            continue
        entries, place = manifests[known[0]], known[1]
        found.append(
            Surroundings(
                place,
                entries[place].separator,
                tuple(_neighbour(hit, entry, texts) for entry in entries[max(place - around, 0) : place]),
                tuple(_neighbour(hit, entry, texts) for entry in entries[place + 1 : place + 1 + around]),
            )
        )
    return found


def _neighbour(hit: Hit, entry: ManifestEntry, texts: dict[int, Passage]) -> Neighbour:
    passage = texts[entry.passage_no]
    citation = cited(hit.document, hit.version.version, passage.id)
    return Neighbour(passage.text, passage.heading, entry.page, citation, entry.separator)


def stretches(hits: Sequence[Hit], places: Sequence[Surroundings | None]) -> list[Stretch]:
    """The hits with what is known of their surroundings, what follows each other in one version joined; best first. Pure."""
    found = [Stretch((hit,), hit.text) for hit, place in zip(hits, places, strict=True) if place is None]
    versions: dict[tuple[int, int], dict[int, _Placed]] = {}
    placed = [(hit, place) for hit, place in zip(hits, places, strict=True) if place is not None]
    for hit, place in placed:
        of = versions.setdefault((hit.document.no, hit.version.version.no), {})
        of[place.place] = _Placed(hit, place.separator)
    for hit, place in placed:
        of = versions[hit.document.no, hit.version.version.no]
        for distance, neighbour in [
            *enumerate(place.before, start=-len(place.before)),
            *enumerate(place.after, start=1),
        ]:
            beside = replace(
                hit,
                text=neighbour.text,
                heading=neighbour.heading,
                page=neighbour.page,
                citation=neighbour.citation,
            )
            of.setdefault(place.place + distance, _Placed(beside, neighbour.separator))
    for of in versions.values():
        run: list[_Placed] = []
        for at in sorted(of):
            if run and at - 1 not in of:
                found.append(_joined(run))
                run = []
            run.append(of[at])
        found.append(_joined(run))
    return sorted(found, key=lambda stretch: stretch.rank)


class _Placed(NamedTuple):
    hit: Hit
    separator: str


def _joined(run: Sequence[_Placed]) -> Stretch:
    text = "".join((placed.separator if at else "") + placed.hit.text for at, placed in enumerate(run))
    return Stretch(tuple(placed.hit for placed in run), text)
