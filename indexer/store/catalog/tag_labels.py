"""Which tags name which versions: resolved for the documents that somebody asks about, kept nowhere."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from indexer.model import Instant, VersionKind
from indexer.points import natural
from indexer.store.catalog.points import named
from indexer.store.catalog.snapshot_points import live

_MOST_KEPT: Final = 64
"""Sources at one instant of which the tags are kept; an answer needs one or two instants."""


class _Tag(NamedTuple):
    """A tag whose place is known."""

    place: int
    name: str
    beside: str | None
    """Its revision, where that is not on the line."""


@dataclass(frozen=True, slots=True)
class _Tags:
    """The tags of one source at one recorded instant, in the order of their places."""

    tags: Sequence[_Tag]
    places: Sequence[int]
    beside: dict[str, list[int]]
    """Revision beside the line → where in `tags` its tags stand."""


class _LineVersion(NamedTuple):
    """A version on its document's line."""

    no: int
    sequence: int
    key: str
    exists: bool


@dataclass(slots=True)
class _Document:
    """What matters of a document here."""

    source_no: int
    line: list[_LineVersion] = field(default_factory=list)
    own: dict[str, list[int]] = field(default_factory=dict)
    """Revision beside the line → the versions that are the document's states there."""
    replaced: set[tuple[str, str]] = field(default_factory=set)
    """(revision, key): something else, or nothing, stands there at a key of the document."""


class TagLabels:
    """The tags of versions, inside one read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._tags: dict[tuple[int, Instant], _Tags] = {}
        self._sources: list[int] | None = None

    def of(self, documents: str, at: Instant) -> dict[int, list[str]]:
        """Version number → the tags at which it is its document's state, by their places, then by name.

        `documents` is an SQL condition on a column `document_no`. The work is in proportion to the
        versions of these documents and the tags that they get; none where no source has tags.
        """
        sources = {no: tags for no in self._sources_with_tags() if (tags := self._tags_of(no, at)).tags}
        if not sources:
            return {}
        found = self._lines(documents, sources, at)
        if beside := [no for no, tags in sources.items() if tags.beside]:
            self._add_own(found, documents, beside, at)
            self._add_replaced(found, documents, beside, at)
        return {
            version_no: [sources[document.source_no].tags[index].name for index in sorted(indexes)]
            for document in found.values()
            for version_no, indexes in _placed(sources[document.source_no], document).items()
        }

    def _sources_with_tags(self) -> list[int]:
        if self._sources is None:
            rows = self._sql.execute(
                "SELECT s.no FROM source s WHERE EXISTS (SELECT 1 FROM tag t WHERE t.source_no = s.no)"
            )
            self._sources = [row[0] for row in rows]
        return self._sources

    def _tags_of(self, source_no: int, at: Instant) -> _Tags:
        if (source_no, at) not in self._tags:
            if len(self._tags) >= _MOST_KEPT:
                self._tags.clear()
            rows = self._sql.execute(
                f"""SELECT t.name, t.revision, r.sequence, o.sequence
                    FROM tag t
                         LEFT JOIN revision r ON {named("r.id", "t.revision")} AND r.source_no = t.source_no
                              AND {live("r")}
                         LEFT JOIN offshoot o ON o.revision = t.revision AND o.source_no = t.source_no
                              AND {live("o")}
                    WHERE t.source_no = :source AND {live("t")}""",
                {"source": source_no, "r": at},
            )
            tags = [
                _Tag(compared, name, revision.hex()) if place is None else _Tag(place, name, None)
                for name, revision, place, compared in rows
                if place is not None or compared is not None
            ]
            tags.sort(key=lambda tag: (tag.place, natural(tag.name), tag.name))
            beside: dict[str, list[int]] = {}
            for index, tag in enumerate(tags):
                if tag.beside is not None:
                    beside.setdefault(tag.beside, []).append(index)
            self._tags[source_no, at] = _Tags(tags, [tag.place for tag in tags], beside)
        return self._tags[source_no, at]

    def _lines(self, documents: str, sources: dict[int, _Tags], at: Instant) -> dict[int, _Document]:
        found: dict[int, _Document] = {}
        for document_no, source_no, *version in self._sql.execute(
            f"""SELECT p.document_no, p.source_no, v.no, v.sequence, p.key, v.kind <> '{VersionKind.TOMBSTONE}'
                FROM placement p JOIN version v ON v.no = p.version_no
                WHERE p.{documents} AND p.source_no IN ({_listed(sources)}) AND p.number IS NOT NULL AND {live("p")}
                ORDER BY p.document_no, v.sequence, p.number""",
            {"r": at},
        ):
            document = found.setdefault(document_no, _Document(source_no))
            document.line.append(_LineVersion._make(version))
        return found

    def _add_own(
        self, found: dict[int, _Document], documents: str, sources: Sequence[int], at: Instant
    ) -> None:
        # The plus keeps SQLite to the index of origins: all lines are of few sources.
        for source_no, document_no, version_no, revision in self._sql.execute(
            f"""SELECT DISTINCT d.source_no, d.no, v.no, o.revision
                FROM version v
                     CROSS JOIN document d ON d.no = v.document_no AND d.source_no IN ({_listed(sources)})
                     CROSS JOIN deviating x ON x.origin = v.origin AND x.origin <> '' AND +x.source_no = d.source_no
                     {_BESIDE}
                WHERE v.{documents} AND v.kind <> '{VersionKind.TOMBSTONE}' AND v.recorded <= :r""",
            {"r": at},
        ):
            document = found.setdefault(document_no, _Document(source_no))
            document.own.setdefault(revision.hex(), []).append(version_no)

    def _add_replaced(
        self, found: dict[int, _Document], documents: str, sources: Sequence[int], at: Instant
    ) -> None:
        for document_no, key, revision in self._sql.execute(
            f"""SELECT q.document_no, q.key, o.revision
                FROM (SELECT DISTINCT p.document_no, p.source_no, p.key FROM placement p
                      WHERE p.{documents} AND p.source_no IN ({_listed(sources)})
                        AND p.number IS NOT NULL AND {live("p")}) q
                     CROSS JOIN deviating x ON x.source_no = q.source_no AND x.key = q.key
                     {_BESIDE}""",
            {"r": at},
        ):
            found[document_no].replaced.add((revision.hex(), key))


_BESIDE = f"""CROSS JOIN deviation e ON e.deviating_no = x.no
                     CROSS JOIN offshoot o ON o.no = e.offshoot_no AND {live("o")}"""


def _placed(tags: _Tags, document: _Document) -> dict[int, list[int]]:
    """Version number → where in `tags` the tags stand at which it is the document's state; see `points.states`."""
    elsewhere = {index for revision in document.own for index in tags.beside.get(revision, ())}
    replaced: dict[str, set[int]] = {}
    for revision, key in document.replaced:
        replaced.setdefault(key, set()).update(tags.beside.get(revision, ()))
    found: dict[int, list[int]] = {}
    starts = [bisect_left(tags.places, version.sequence) for version in document.line]
    for version, (start, end) in zip(document.line, pairwise([*starts, len(tags.places)]), strict=True):
        if version.exists and start < end:
            hidden = elsewhere | replaced.get(version.key, set())
            found[version.no] = [index for index in range(start, end) if index not in hidden]
    for revision, version_nos in document.own.items():
        for version_no in version_nos:
            found.setdefault(version_no, []).extend(tags.beside.get(revision, ()))
    return found


def _listed(numbers: Sequence[int] | dict[int, _Tags]) -> str:
    return ",".join(map(str, numbers))
