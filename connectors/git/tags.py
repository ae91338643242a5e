"""Commits beside the line of a branch, such as those of most releases: how they differ from the line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Final

import pygit2

from connectors.git.branch import Branch, Landing
from connectors.git.changes import plain_changes
from connectors.git.cursor import Cursor
from connectors.git.documents import Documents
from connectors.git.repository import Repository
from connectors.names import key_of_bytes
from indexer.errors import SourceError
from indexer.ports import Observed, Offshoot

_NOWHERE: Final = -(2**62)
"""The place of a base that there is not: before everything that ever was told."""


class Beside:
    """Compares commits with the line that a cursor has reached."""

    def __init__(
        self,
        repository: Repository,
        branch: Branch,
        documents: Documents,
        cursor: Cursor,
        chosen: frozenset[str],
    ) -> None:
        """`chosen`: the commits before `cursor.every` that were told."""
        self._repository = repository
        self._branch = branch
        self._documents = documents
        self._cursor = cursor
        self._chosen = chosen
        self.missing: set[str] = set()
        """Revisions that could not be looked at, since a shallow or damaged repository lacks their objects."""

    @cached_property
    def _places(self) -> dict[str, int]:
        """Commit → place, of those that were told."""
        back = enumerate(self._branch.back(self._cursor.tip))
        places = {id_: self._cursor.place - distance for distance, id_ in back}
        return {id_: at for id_, at in places.items() if at >= self._cursor.every or id_ in self._chosen}

    def look(self, revision: str) -> Offshoot | None:
        """`indexer.ports.Tagged.look`. None also for one that parts from the line before anything was told."""
        try:
            base = self._base(revision, self._places)
            if base is None and self._cursor.history != "all":
                return None
            place = _NOWHERE if base is None else self._places[base]
            differences = self._differences(base, revision)
            (landing,) = self._branch.landings([revision], place)
            aside = [
                self._aside(landing, key_of_bytes(path), blob)
                for path, blob in sorted(differences.items())
                if blob is not None
            ]
        except SourceError:
            self.missing.add(revision)
            return None
        states: dict[str, str | None] = {key_of_bytes(path): None for path in differences}
        states |= {event.key: event.origin for event in aside}
        return Offshoot(place, states, tuple(aside))

    def _base(self, revision: str, places: Mapping[str, int]) -> str | None:
        """The commit of the line that the revision is compared with; None where they share nothing."""
        for id_ in self._branch.back(revision):
            if id_ in places:
                return id_
        # Its first parents began elsewhere; what was merged into it may have come from the line.
        with self._repository.intact():
            shared: pygit2.Oid | None = self._repository.handle.merge_base(
                pygit2.Oid(hex=revision), pygit2.Oid(hex=self._cursor.tip)
            )
        if shared is None:
            return None
        return next((id_ for id_ in self._branch.back(str(shared)) if id_ in places), None)

    def _differences(self, base: str | None, revision: str) -> dict[bytes, pygit2.Oid | None]:
        after = self._branch.tree(revision)
        assert after is not None
        with self._repository.intact():
            return plain_changes(self._branch.tree(base), after, self._documents)

    def _aside(self, landing: Landing, key: str, blob: pygit2.Oid) -> Observed:
        return Observed(
            key,
            partial(self._repository.read, str(blob), key),
            (landing.time,),
            f"tree:{landing.id}:{key}",
            sequence=landing.place,
            aside=True,
            author=landing.author,
            message=landing.message,
        )
