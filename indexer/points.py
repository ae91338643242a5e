"""Revisions and tags of a source, and the version of a document that they select. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from indexer.model import Point, Version, VersionKind


class KnownPoints:
    """The revisions and tags of one source as believed at one recorded instant, read when they are asked for."""

    def __init__(
        self,
        revisions: Callable[[str], Mapping[str, int]],
        tags: Callable[[], Mapping[str, str]],
        point: Callable[[str], Point],
    ) -> None:
        """`revisions(prefix)`: those on the line whose names begin so → their places; there may be more than it gives.
        `tags()`: name → revision. `point(revision)`: what is known of one.
        """
        self._revisions = revisions
        self._read_tags = tags
        self._read_point = point
        self._points: dict[str, Point] = {}
        self._folded: dict[Callable[[str], str], dict[str, list[str]]] = {}

    def revisions(self, prefix: str) -> set[str]:
        """The revisions on the line and those that tags stand at whose names begin with `prefix`."""
        return {*self._revisions(prefix), *(name for name in self.tags.values() if name.startswith(prefix))}

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """Name → revision of every tag."""
        return self._read_tags()

    def tags_named(self, name: str, same: Callable[[str], str]) -> list[str]:
        """The tags whose names `same` makes equal to `name`; just the one that is written exactly so, if there is one."""
        if name in self.tags:
            return [name]
        if same not in self._folded:
            folded = self._folded[same] = {}
            for tag in self.tags:
                folded.setdefault(same(tag), []).append(tag)
        return self._folded[same].get(same(name), [])

    def at(self, revision: str) -> Point:
        """What is known of a revision."""
        if revision not in self._points:
            self._points[revision] = self._read_point(revision)
        return self._points[revision]

    def at_tag(self, tag: str) -> Point:
        """What is known of the revision that `tag` stands at."""
        return self.at(self.tags[tag])


def no_points() -> KnownPoints:
    """Of a source that has neither revisions nor tags."""
    return KnownPoints(lambda prefix: {}, dict, lambda revision: Point(revision, None))


def states(versions: Iterable[Version], point: Point) -> list[Version]:
    """The document's versions that are its state at `point`: none where it does not exist there.

    Beside the line one document can stand at two keys, with two states.
    """
    if point.place is None:
        return []
    known = list(versions)
    own = [v for v in known if v.origin in point.origins and v.kind is not VersionKind.TOMBSTONE]
    if own:
        return own
    there = at_place([v for v in known if v.number is not None], point.place)
    if there is None or there.kind is VersionKind.TOMBSTONE or there.key in point.keys:
        return []
    return [there]


def at_place(line: Sequence[Version], place: int) -> Version | None:
    """The last of the versions on a document's line up to `place`, whatever its kind."""
    return max(
        (version for version in line if version.sequence <= place),
        key=lambda version: (version.sequence, version.number or 0),
        default=None,
    )


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts names as people do: ``v1.9`` before ``v1.10``."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in re.split(r"(\d{1,18})", name)
        if part
    ]
