"""What one export holds, in a temporary database on disk: references in it point in every direction.

A reader fills it in one pass, `finish` puts in order what may come in any order, and then it is asked
about documents and their versions. Memory stays bounded however large the export is.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import zstandard

from connectors.attention import GivenUpError
from connectors.confluence.tables import (
    Body,
    ContentObject,
    Grant,
    Oddity,
    Property,
    Reference,
    Restriction,
    RestrictionSet,
    Space,
    User,
)
from indexer.hashing import short_id

_SCHEMA: Final = """
CREATE TABLE space (id TEXT PRIMARY KEY, key TEXT, name TEXT, description TEXT, home TEXT, status TEXT);
CREATE TABLE content (
    id TEXT PRIMARY KEY, kind TEXT, title TEXT, version INTEGER, status TEXT, original TEXT, space TEXT,
    parent TEXT, container TEXT, author TEXT, modified TEXT, message TEXT, media_type TEXT, size INTEGER,
    folder INTEGER, file TEXT
);
CREATE TABLE body (id TEXT, type INTEGER, length INTEGER, text BLOB, content TEXT, hash TEXT, UNIQUE (id, content));
CREATE TABLE user (key TEXT PRIMARY KEY, name TEXT, username TEXT, account TEXT);
CREATE TABLE label (id TEXT PRIMARY KEY, name TEXT, namespace TEXT);
CREATE TABLE labelling (label TEXT, content TEXT, PRIMARY KEY (content, label)) WITHOUT ROWID;
CREATE TABLE property (id TEXT PRIMARY KEY, name TEXT, value TEXT, content TEXT);
CREATE TABLE restriction_set (id TEXT PRIMARY KEY, type TEXT, content TEXT);
CREATE TABLE restriction (id TEXT PRIMARY KEY, set_id TEXT, user TEXT, grp TEXT, group_id TEXT, everyone TEXT);
CREATE TABLE space_permission (
    id TEXT PRIMARY KEY, space TEXT, type TEXT, user TEXT, grp TEXT, group_id TEXT, everyone TEXT
);
CREATE TABLE reference (kind TEXT, owner TEXT, id TEXT, PRIMARY KEY (kind, id, owner)) WITHOUT ROWID;
CREATE TABLE document (space TEXT, rank INTEGER, kind TEXT, id TEXT, PRIMARY KEY (space, rank, id)) WITHOUT ROWID;
CREATE TABLE oddity (reason TEXT, detail TEXT);
"""
_INDEXES: Final = """
UPDATE body SET content = (SELECT owner FROM reference WHERE kind = 'body' AND reference.id = body.id)
    WHERE content IS NULL;
UPDATE property SET content = (SELECT owner FROM reference WHERE kind = 'property' AND reference.id = property.id)
    WHERE content IS NULL;
UPDATE restriction_set SET content =
    (SELECT owner FROM reference WHERE kind = 'restriction-set' AND reference.id = restriction_set.id)
    WHERE content IS NULL;
UPDATE restriction SET set_id =
    (SELECT owner FROM reference WHERE kind = 'restriction' AND reference.id = restriction.id)
    WHERE set_id IS NULL;
UPDATE content SET original = (SELECT owner FROM reference WHERE kind = 'history' AND reference.id = content.id)
    WHERE original IS NULL AND EXISTS (
        SELECT 1 FROM reference JOIN content AS owner ON owner.id = reference.owner
        WHERE reference.kind = 'history' AND reference.id = content.id AND owner.kind = content.kind
            AND owner.id <> content.id
    );
INSERT INTO oddity SELECT 'duplicate-id', 'several bodies have the id ' || id || '; each is taken for the object that it names'
    FROM body GROUP BY id HAVING count(*) > 1;
CREATE INDEX body_content ON body (content);
CREATE INDEX content_original ON content (original) WHERE original IS NOT NULL;
CREATE INDEX content_container ON content (container) WHERE container IS NOT NULL;
CREATE INDEX property_content ON property (content);
CREATE INDEX restriction_set_content ON restriction_set (content);
CREATE INDEX restriction_set_id ON restriction (set_id);
CREATE INDEX space_permission_space ON space_permission (space);
CREATE INDEX user_account ON user (account);
CREATE INDEX user_username ON user (username);
"""
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STEPS: Final = 1_000_000
"""Of SQLite's virtual machine, some milliseconds."""
_BUFFERED: Final = 500
"""Rows of a table that are written at once."""
_BUFFERED_TEXT: Final = 4_000_000
"""Characters of bodies that are held until they are written."""
_TABLES_WITH_IDS: Final = {
    "space", "content", "body", "user", "label", "property", "restriction_set", "restriction", "space_permission",
}  # fmt: skip


class Staging:
    """One export's rows. Written by one thread, then read by any."""

    def __init__(self, path: Path, given_up: threading.Event | None = None) -> None:
        """`path`: a file that does not exist yet; whoever made its folder removes it.

        Once `given_up` is set whoever fills it is told `GivenUpError`.
        """
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        # It is thrown away afterwards, so that nothing of it has to survive anything.
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = FILE;"
        )
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._text = 0
        self._pack = zstandard.ZstdCompressor(level=1)
        self._unpack = zstandard.ZstdDecompressor()
        self._given_up = given_up or threading.Event()
        # Some of what SQLite does takes minutes; it asks every so often whether that is still wanted.
        self._connection.set_progress_handler(lambda: int(self._given_up.is_set()), _STEPS)

    def close(self) -> None:
        """Close the database; the file remains. Whoever reads ahead in another thread finishes or fails, but never in it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- asked, once it is finished ------------------------------------------------------------

    def rows(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows that a question gives; see `staged.Staged`."""
        with self._lock:
            cursor = self._connection.execute(sql, values)
        while True:
            with self._lock:
                found = cursor.fetchmany(100)
            if not found:
                return
            yield from found

    def arrange(self, space: str, rank: int, kind: str, content_id: str) -> None:
        """Note that a document belongs to a space."""
        with self._lock:
            self._connection.execute(
                "INSERT OR IGNORE INTO document VALUES (?, ?, ?, ?)", (space, rank, kind, content_id)
            )

    def unpacked(self, text: bytes) -> str:
        """A body's text."""
        with self._lock:
            return self._unpack.decompress(text).decode("utf-8")

    # --- written by a reader -------------------------------------------------------------------

    def add_space(self, space: Space) -> None:
        """One space."""
        self._put("space", (space.id, space.key, space.name, space.description, space.home, space.status))

    def add_content(self, found: ContentObject) -> None:
        """One content object in one version."""
        self._put(
            "content",
            (
                found.id, found.kind.value, found.title, found.version, found.status, found.original, found.space,
                found.parent, found.container, found.author, found.modified, found.message, found.media_type,
                found.size, int(found.folder), found.file,
            ),
        )  # fmt: skip

    def add_body(self, body: Body) -> None:
        """The text of a content object."""
        # Packed in CSV, or by a reference in XML, a body may have what no parser of XML lets through: one must be one.
        text = _NOT_IN_XML.sub("", body.text.replace("\r\n", "\n").replace("\r", "\n"))
        data = text.encode("utf-8", "replace")
        digest = short_id("body", str(int(body.type)), text)
        self._put(
            "body", (body.id, int(body.type), len(data), self._pack.compress(data), body.content, digest)
        )
        self._text += len(data)
        if self._text > _BUFFERED_TEXT:
            self._flush("body")
            self._text = 0

    def add_user(self, user: User) -> None:
        """Somebody."""
        self._put("user", (user.key, user.name, user.username, user.account))

    def add_label(self, label_id: str, name: str, namespace: str) -> None:
        """A label; only those of the namespace ``global`` are anybody's but one person's."""
        self._put("label", (label_id, name, namespace))

    def add_labelling(self, label_id: str, content: str) -> None:
        """A content object has a label."""
        self._put("labelling", (label_id, content))

    def add_property(self, found: Property) -> None:
        """A content property, one of `tables.PROPERTIES`."""
        self._put("property", (found.id, found.name, found.value, found.content))

    def add_restriction_set(self, found: RestrictionSet) -> None:
        """A restriction of one page."""
        self._put("restriction_set", (found.id, found.type, found.content))

    def add_restriction(self, found: Restriction) -> None:
        """A member of a restriction set."""
        grant = found.grant
        self._put(
            "restriction", (found.id, found.set, grant.user, grant.group, grant.group_id, grant.everyone)
        )

    def add_space_permission(self, permission_id: str, space: str, type_: str, grant: Grant) -> None:
        """What somebody may do in a space: `type_` is such as ``VIEWSPACE``."""
        row = (permission_id, space, type_, grant.user, grant.group, grant.group_id, grant.everyone)
        self._put("space_permission", row)

    def refer(self, kind: Reference, owner: str, found: str) -> None:
        """`owner` names `found` among what belongs to it."""
        self._put("reference", (kind.value, owner, found))

    def note(self, oddity: Oddity) -> None:
        """Something odd that keeps nothing else from being read."""
        self._put("oddity", (oddity.reason, oddity.detail))

    def finish(self) -> None:
        """Everything is told: join what was told from the owner's side, and make it fit to be asked."""
        while self._rows:  # writing one table may note what is odd about it in another
            self._flush(next(iter(self._rows)))
        self._connection.execute("COMMIT")
        self._connection.executescript(_INDEXES)

    def _put(self, table: str, row: tuple[Any, ...]) -> None:
        if self._given_up.is_set():
            raise GivenUpError
        rows = self._rows.setdefault(table, [])
        rows.append(row)
        if len(rows) >= _BUFFERED:
            self._flush(table)

    def _flush(self, table: str) -> None:
        rows = self._rows.pop(table, [])
        if not rows:
            return
        marks = ", ".join("?" * len(rows[0]))
        before = self._connection.total_changes
        self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
        if self._connection.total_changes - before < len(rows) and table in _TABLES_WITH_IDS:
            self._note_duplicates(table, rows)

    def _note_duplicates(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Two different objects with one id: the first stands. The same one twice is no harm."""
        key = "key" if table == "user" else "id"
        for row in rows:
            found = self._connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (row[0],))
            if row not in found.fetchall():
                self.note(
                    Oddity(
                        "duplicate-id",
                        f"two different objects ({table}) have the id {row[0]}; the first is taken",
                    )
                )
