"""Commits beside the line of a branch, such as those of most releases: how they differ from the line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import pygit2

from connectors.git.branch import Branch
from connectors.git.changes import plain_changes
from connectors.git.cursor import Cursor
from connectors.git.documents import Documents
from connectors.git.repository import Repository
from connectors.names import key_of_bytes
from indexer.errors import SourceError
from indexer.ports import Observed, Offshoot

Wanted = dict[bytes, set[pygit2.Oid]]
"""Path → blobs that are looked for at it."""


class Beside:
    """Compares commits with the line that a cursor has reached."""

    def __init__(self, repository: Repository, branch: Branch, documents: Documents, cursor: Cursor) -> None:
        self._repository = repository
        self._branch = branch
        self._documents = documents
        self._cursor = cursor

    def look(self, revisions: Sequence[str]) -> Mapping[str, Offshoot]:
        """`indexer.ports.Tagged.look`. What a shallow or partial clone lacks is left out."""
        line = list(self._branch.back(self._cursor.tip))
        places = {id_: self._cursor.place - distance for distance, id_ in enumerate(line)}
        found: dict[str, tuple[int, dict[bytes, pygit2.Oid | None]]] = {}
        for revision in revisions:
            try:
                base = self._base(revision, places)
                found[revision] = (-1 if base is None else places[base], self._differences(base, revision))
            except SourceError:
                continue
        landed = self._landed(line, places, _blobs(differences for _, differences in found.values()))
        return {
            revision: self._offshoot(revision, place, differences, landed)
            for revision, (place, differences) in found.items()
        }

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

    def _landed(
        self, line: list[str], places: Mapping[str, int], wanted: Wanted
    ) -> dict[tuple[bytes, pygit2.Oid], list[int]]:
        """The places at which one of the wanted blobs landed at its path, in order."""
        found: dict[tuple[bytes, pygit2.Oid], list[int]] = {}
        if not wanted:
            return found
        for before, after in _pairs(line):
            place = places[after]
            if place < self._cursor.every or (before is None and self._cursor.every > 0):
                continue  # it was not told for itself
            tree = self._branch.tree(after)
            assert tree is not None
            with self._repository.intact():
                changes = plain_changes(self._branch.tree(before), tree, wanted.__contains__)
            for path, blob in changes.items():
                if blob is not None and blob in wanted[path]:
                    found.setdefault((path, blob), []).append(place)
        return found

    def _offshoot(
        self,
        revision: str,
        place: int,
        differences: Mapping[bytes, pygit2.Oid | None],
        landed: Mapping[tuple[bytes, pygit2.Oid], list[int]],
    ) -> Offshoot:
        states: dict[str, str | None] = {}
        aside: list[Observed] = []
        line = {}
        for path, blob in sorted(differences.items()):
            key = key_of_bytes(path)
            if blob is None:
                states[key] = None
                continue
            there = landed.get((path, blob), [])
            # What a release branch has and the line has not lands there soon after, as a rule.
            at = next((p for p in there if p > place), there[-1] if there else None)
            if at is not None:
                line[key] = at
                continue
            aside.append(self._aside(revision, key, blob, place))
            states[key] = aside[-1].origin
        ids = self._ids(set(line.values()))
        states |= {key: f"{ids[at]}:{key}" for key, at in line.items()}
        return Offshoot(place, states, tuple(aside))

    def _ids(self, places: set[int]) -> dict[int, str]:
        if not places:
            return {}
        back = self._branch.back(self._cursor.tip)
        return {
            place: id_
            for distance, id_ in enumerate(back)
            if (place := self._cursor.place - distance) in places
        }

    def _aside(self, revision: str, key: str, blob: pygit2.Oid, place: int) -> Observed:
        landing = next(self._branch.landings([revision], place))
        return Observed(
            key,
            partial(self._repository.read, str(blob), key),
            (landing.time,),
            f"tree:{revision}:{key}",
            sequence=place,
            aside=True,
            author=landing.author,
            message=landing.message,
        )


def _blobs(differences: Iterable[Mapping[bytes, pygit2.Oid | None]]) -> Wanted:
    wanted: Wanted = {}
    for of_one in differences:
        for path, blob in of_one.items():
            if blob is not None:
                wanted.setdefault(path, set()).add(blob)
    return wanted


def _pairs(line: list[str]) -> Iterator[tuple[str | None, str]]:
    """(commit before, commit) of a line that is given newest first, oldest first."""
    before: str | None = None
    for id_ in reversed(line):
        yield before, id_
        before = id_
