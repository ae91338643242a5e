"""Asks a finished staging database: which documents an export holds, in which versions, and what belongs to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

from connectors.confluence.staging import Staging
from connectors.confluence.tables import Body, ContentObject, Grant, Kind, Space, User

_COLUMNS: Final = (
    "id, kind, title, version, status, original, space, parent, container, author, modified, message,"
    " media_type, size, folder, file"
)
_WHICH_BODY: Final = "ORDER BY type = 2 DESC, length(id), id LIMIT 1"
"""Of several bodies of one object the storage format's."""
NO_SPACE: Final = Space("", "-", "")
"""Stands for the space of what belongs to none that the export has."""


@dataclass(frozen=True, slots=True)
class Group:
    """One document of an export: its present object, and the earlier ones in order."""

    id: str
    """Of the present object, whether the export has it or not."""
    present: ContentObject | None
    earlier: tuple[ContentObject, ...]

    @property
    def last(self) -> ContentObject:
        """The present object, or else the latest that there is."""
        return self.earlier[-1] if self.present is None else self.present


class Staged:
    """Read access to one export's rows. Any number of threads may ask."""

    def __init__(self, staging: Staging) -> None:
        self._rows = staging.rows
        self._unpacked = staging.unpacked
        self._arrange = staging.arrange
        self.user = lru_cache(10_000)(self._user)
        self._object = lru_cache(10_000)(self._find)

    @cached_property
    def spaces(self) -> dict[str, Space]:
        """Every space, by id."""
        rows = self._rows("SELECT id, key, name, description, home, status FROM space ORDER BY id")
        return {row[0]: Space(*row) for row in rows}

    def oddities(self) -> list[str]:
        """What was odd about single objects, one line each."""
        return [detail for (detail,) in self._rows("SELECT detail FROM oddity ORDER BY rowid")]

    def count(self, kind: Kind, condition: str) -> int:
        """How many objects of a kind there are; `condition`: ``present``, ``earlier`` or ``draft``."""
        where = {
            "present": "original IS NULL AND status <> 'draft'",
            "earlier": "original IS NOT NULL AND status <> 'draft'",
            "draft": "status = 'draft'",
        }[condition]
        return int(
            next(self._rows(f"SELECT count(*) FROM content WHERE kind = ? AND {where}", kind.value))[0]
        )

    def arrange(self, kinds: Sequence[Kind]) -> Counter[tuple[str, Kind]]:
        """Sort the documents of these kinds by space; how many there are by space key and kind. Drafts are none."""
        counts: Counter[tuple[str, Kind]] = Counter()
        for rank, kind in enumerate(kinds):
            ids = self._rows(
                "SELECT DISTINCT coalesce(original, id) FROM content WHERE kind = ? AND status <> 'draft'",
                kind.value,
            )
            for (whole,) in ids:
                found = self._object(whole) or self.group(kind, whole).earlier[-1]
                key = self.space_of(found).key
                counts[key, kind] += 1
                self._arrange(key, rank, kind.value, whole)
        return counts

    def groups(self, space_key: str, kind: Kind) -> Iterator[Group]:
        """The documents of one kind in a space, as `arrange` sorted them, by id."""
        rows = self._rows(
            "SELECT id FROM document WHERE space = ? AND kind = ? ORDER BY length(id), id",
            space_key,
            kind.value,
        )
        for (content_id,) in rows:
            group = self.group(kind, content_id)
            if group.present is not None or group.earlier:
                yield group

    def group(self, kind: Kind, content_id: str) -> Group:
        """The document with this present object."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM content WHERE original = ? AND kind = ? AND status <> 'draft'",
            content_id,
            kind.value,
        )
        present = self._object(content_id)
        if present is not None and (present.kind is not kind or present.status == "draft"):
            present = None
        return Group(content_id, present, tuple(sorted(map(_content, rows), key=_order)))

    def object(self, content_id: str) -> ContentObject | None:
        """One object."""
        return self._object(content_id)

    def body(self, content_id: str) -> Body | None:
        """The text of an object; the storage format's, should it have several."""
        rows = self._rows(
            f"SELECT id, type, text, content FROM body WHERE content = ? {_WHICH_BODY}",
            content_id,
        )
        row = next(rows, None)
        return None if row is None else Body(row[0], row[1], self._unpacked(row[2]), row[3])

    def body_facts(self, content_id: str) -> tuple[int, str, int] | None:
        """(type, hash, bytes) of an object's text, without reading it."""
        rows = self._rows(f"SELECT type, hash, length FROM body WHERE content = ? {_WHICH_BODY}", content_id)
        found = next(rows, None)
        return None if found is None else (int(found[0]), str(found[1]), int(found[2]))

    def property(self, content_id: str, name: str) -> str | None:
        """A content property."""
        row = next(
            self._rows(
                "SELECT value FROM property WHERE content = ? AND name = ? ORDER BY id", content_id, name
            ),
            None,
        )
        return None if row is None else str(row[0])

    def labels(self, content_id: str) -> tuple[str, ...]:
        """The labels that everybody sees, sorted."""
        rows = self._rows(
            "SELECT DISTINCT label.name FROM labelling JOIN label ON label.id = labelling.label"
            " WHERE labelling.content = ? AND label.namespace IN ('global', '') ORDER BY label.name",
            content_id,
        )
        return tuple(name for (name,) in rows)

    def view_restrictions(self, content_id: str) -> list[tuple[str, list[Grant]]]:
        """(id, members) of every set that limits who may see this object."""
        sets = list(
            self._rows(
                "SELECT id FROM restriction_set WHERE content = ? AND lower(type) = 'view' ORDER BY id",
                content_id,
            )
        )
        return [
            (
                set_id,
                [
                    Grant(*row)
                    for row in self._rows(
                        "SELECT user, grp, group_id, everyone FROM restriction WHERE set_id = ? ORDER BY id",
                        set_id,
                    )
                ],
            )
            for (set_id,) in sets
        ]

    @cached_property
    def restricts(self) -> bool:
        """Whether any object is restricted at all: few spaces have such."""
        return next(self._rows("SELECT 1 FROM restriction_set LIMIT 1"), None) is not None

    @cached_property
    def restricts_unknown(self) -> bool:
        """Whether a view restriction does not say of which object it is: it may be of any."""
        loose = "SELECT 1 FROM restriction_set WHERE content IS NULL AND lower(type) = 'view' LIMIT 1"
        return next(self._rows(loose), None) is not None

    @cached_property
    def has_users(self) -> bool:
        """Whether the export has users as objects of their own."""
        return next(self._rows("SELECT 1 FROM user LIMIT 1"), None) is not None

    def viewers(self, space_id: str) -> list[Grant]:
        """Who may see a space."""
        rows = self._rows(
            "SELECT DISTINCT user, grp, group_id, everyone FROM space_permission"
            " WHERE space = ? AND type = 'VIEWSPACE' ORDER BY everyone, grp, group_id, user",
            space_id,
        )
        return [Grant(*row) for row in rows]

    def space_of(self, found: ContentObject, *, broken_off: bool = False) -> Space:
        """The space of an object: its own, or that of what it is a version of, hangs on or answers.

        Nothing is concluded from there being one space alone where the export has `broken_off`.
        """
        seen: set[str] = set()
        at: ContentObject | None = found
        while at is not None and at.id not in seen:
            seen.add(at.id)
            if at.space is not None and at.space in self.spaces:
                return self.spaces[at.space]
            at = self._next(at)
        described = {space.description: space for space in self.spaces.values() if space.description}
        for content_id in seen:
            if content_id in described:
                return described[content_id]
        # A history cut down to a few objects may have lost the reference; with one space there is no doubt.
        return next(iter(self.spaces.values())) if len(self.spaces) == 1 and not broken_off else NO_SPACE

    def _next(self, found: ContentObject) -> ContentObject | None:
        for reference in (found.original, found.container, found.parent):
            if reference is not None and (above := self._object(reference)) is not None:
                return above
        return None

    def ancestors(self, page: ContentObject) -> tuple[list[ContentObject], bool]:
        """The pages above a page, the outermost first, and whether each of them is there."""
        above: list[ContentObject] = []
        seen, at = {page.id}, page.parent
        while at is not None:
            parent = self._object(at)
            if parent is None or at in seen:
                return above[::-1], False
            seen.add(at)
            above.append(parent)
            at = parent.parent
        return above[::-1], True

    def person(self, reference: str) -> str | None:
        """What people call somebody named by a key, an account id or a user name; None if that names nobody."""
        found = self.user(reference)
        return None if found is None else found.name

    def _user(self, reference: str) -> User | None:
        for column in ("key", "account", "username"):
            row = next(
                self._rows(
                    f"SELECT key, name, username, account FROM user WHERE {column} = ? ORDER BY key",
                    reference,
                ),
                None,
            )
            if row is not None:
                return User(*row)
        return None

    def _find(self, content_id: str) -> ContentObject | None:
        row = next(self._rows(f"SELECT {_COLUMNS} FROM content WHERE id = ?", content_id), None)
        return None if row is None else _content(row)


def _content(row: tuple[Any, ...]) -> ContentObject:
    found = ContentObject(*row)
    return replace(found, kind=Kind(found.kind), folder=bool(found.folder))


def _order(found: ContentObject) -> tuple[int, str, int, str]:
    """Versions in the order of their numbers, as histories with the same number twice are seen."""
    number = -1 if found.version is None else found.version
    return number, found.modified or "", len(found.id), found.id
