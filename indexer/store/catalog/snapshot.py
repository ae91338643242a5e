"""Reading the catalog as it stood at one instant: sources, documents, versions, texts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from indexer.errors import StoreError
from indexer.model import (
    FOREVER,
    Document,
    Failure,
    Instant,
    Published,
    Purged,
    Source,
    TimeBasis,
    Version,
    VersionKind,
    VersionStatus,
)
from indexer.ports.elected import Place
from indexer.ports.purges import PurgeRecord, PurgeScope, PurgeStage
from indexer.store.catalog.attributes import SnapshotAttributes
from indexer.store.catalog.commit import hash_text
from indexer.store.catalog.purges import purge_record
from indexer.store.catalog.query_log import SnapshotQueryLog
from indexer.store.catalog.scopes import lying_in
from indexer.store.catalog.snapshot_elected import SnapshotElected
from indexer.store.catalog.snapshot_points import SnapshotPoints
from indexer.store.catalog.snapshot_sizes import SnapshotSizes
from indexer.store.catalog.snapshot_stated import SnapshotStated
from indexer.store.catalog.snapshot_texts import SnapshotTexts, within
from indexer.store.catalog.tag_labels import TagLabels

_LIVE = "p.recorded_from <= :r AND :r < p.recorded_to"


class Snapshot(
    SnapshotTexts,
    SnapshotPoints,
    SnapshotElected,
    SnapshotAttributes,
    SnapshotSizes,
    SnapshotStated,
    SnapshotQueryLog,
):
    """A consistent view of the catalog inside one read transaction.

    `known_at` in its methods is the recorded instant R at which the answer was believed; it
    defaults to `recorded`, the last commit that this snapshot sees.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._tag_labels = TagLabels(connection)
        found = connection.execute("SELECT value FROM meta WHERE key = 'last_recorded'").fetchone()
        self.recorded: Instant = int(found[0]) if found else 0
        """The instant of the last commit; 0 where there is none."""

    # --- sources, totals, failures ---------------------------------------------------------

    def sources(self) -> list[Source]:
        return [
            Source(*row)
            for row in self._sql.execute(
                "SELECT no, uid, name, kind, cursor, state, detail, last_scan, last_change FROM source ORDER BY no"
            )
        ]

    def counts(self) -> dict[int, dict[str, int]]:
        counts: dict[int, dict[str, int]] = {}
        for row in self._sql.execute(
            "SELECT no, embedded_passages, embedded_tokens, seen_passages, seen_tokens FROM source"
        ):
            names = ("embedded_passages", "embedded_tokens", "seen_passages", "seen_tokens")
            counts[row[0]] = {"documents": 0, "versions": 0, "passages": 0, "failed": 0} | dict(
                zip(names, row[1:], strict=True)
            )
        queries = {
            "documents": """SELECT p.source_no, count(*) FROM placement p JOIN version v ON v.no = p.version_no
                WHERE p.recorded_to = :open AND p.closed_recorded = :open AND v.kind <> 'tombstone' GROUP BY 1""",
            "versions": """SELECT d.source_no, count(*) FROM version v JOIN document d ON d.no = v.document_no
                GROUP BY 1""",
            "passages": """SELECT d.source_no, count(*) FROM row r JOIN document d ON d.no = r.document_no
                WHERE r.recorded_to = :open AND r.closed_recorded = :open GROUP BY 1""",
            "failed": "SELECT source_no, count(*) FROM failure GROUP BY 1",
        }
        for name, query in queries.items():
            for source_no, count in self._sql.execute(query, {"open": FOREVER}):
                counts[source_no][name] = count
        return counts

    def failures(self, source_no: int | None = None, scopes: Sequence[str] | None = None) -> list[Failure]:
        found = lying_in(
            self._sql,
            f"""SELECT f.source_no, s.name, f.key, f.reason, f.detail, f.attempts, f.first_seen, f.next_retry
                FROM failure f JOIN source s ON s.no = f.source_no
                WHERE {"1" if source_no is None else "f.source_no = ?"}""",
            () if source_no is None else (source_no,),
            "f.key",
            scopes,
        )
        failures = [Failure(*row) for row in found]
        return sorted(failures, key=lambda failure: (failure.source, failure.key))

    def last_runs(self, count: int) -> list[dict[str, Any]]:
        rows = self._sql.execute("SELECT report FROM run ORDER BY no DESC LIMIT ?", (count,))
        return [json.loads(row[0]) for row in rows]

    def forgotten(self, document_id: str) -> PurgeRecord | None:
        row = self._sql.execute(
            "SELECT purge_no FROM forgotten WHERE document_id = ?", (document_id,)
        ).fetchone()
        return None if row is None else purge_record(self._sql, row[0])

    def published(self, fingerprint: str | None = None) -> Published | None:
        where = "active = 1" if fingerprint is None else "fingerprint = :f"
        row = self._sql.execute(
            f"SELECT fingerprint, dimension, table_version, recorded, active FROM published WHERE {where}",
            {"f": fingerprint},
        ).fetchone()
        return None if row is None else Published(row[0], row[1], row[2], row[3], bool(row[4]))

    # --- documents -------------------------------------------------------------------------

    def document(self, document_no: int, known_at: Instant | None = None) -> Document:
        found = self.documents([document_no], known_at)
        if not found:
            raise StoreError(
                f"the catalog has no document {document_no}",
                remedy="run `indexer check --deep`",
                code="damaged",
            )
        return found[0]

    def documents(
        self, document_nos: Iterable[int] | None = None, known_at: Instant | None = None
    ) -> list[Document]:
        at = self.recorded if known_at is None else known_at
        query = f"""
            SELECT d.no, d.id, d.source_no, s.name, p.key,
                   coalesce(v.title, (SELECT t.title FROM rendition t JOIN placement q ON q.version_no = t.version_no
                                      WHERE q.document_no = d.no AND t.title IS NOT NULL
                                        AND q.recorded_from <= :r AND :r < q.recorded_to
                                      ORDER BY q.valid_from DESC LIMIT 1)),
                   v.kind = 'tombstone', d.history_open, max(p.number)
            FROM document d JOIN source s ON s.no = d.source_no
                 JOIN placement p ON p.document_no = d.no JOIN version v ON v.no = p.version_no
            WHERE {_LIVE} AND %s GROUP BY d.no ORDER BY d.no"""
        return [
            Document(no, id_, source_no, source, key, title or _last_part(key), bool(gone), bool(grows))
            for no, id_, source_no, source, key, title, gone, grows, _ in self._selected(
                query, "d.no", document_nos, {"r": at}
            )
        ]

    def named_after(self, placement_no: int, rendition_no: int) -> tuple[set[int], int, int]:
        placed, rendered = self._sql.execute(
            "SELECT (SELECT coalesce(max(no), 0) FROM placement), (SELECT coalesce(max(no), 0) FROM rendition)"
        ).fetchone()
        after = "SELECT document_no FROM placement WHERE no > :placed"
        if placement_no:  # else all that have a text are among those that are placed
            after += """ UNION SELECT v.document_no FROM rendition t JOIN version v ON v.no = t.version_no
                         WHERE t.no > :rendered"""
        found = self._sql.execute(after, {"placed": placement_no, "rendered": rendition_no})
        return {row[0] for row in found}, int(placed), int(rendered)

    def names_purged(self) -> int:
        found = self._sql.execute(
            "SELECT count(*) FROM purge WHERE scope <> ? AND stage <> ?",
            (PurgeScope.RETENTION, PurgeStage.RECORDED),
        )
        return int(found.fetchone()[0])

    def purged(self) -> int:
        found = self._sql.execute("SELECT count(*) FROM purge WHERE stage <> ?", (PurgeStage.RECORDED,))
        return int(found.fetchone()[0])

    def find_documents(
        self,
        *,
        id_prefix: str = "",
        key: str = "",
        key_ending: str = "",
        title: str = "",
        source: str | None = None,
    ) -> list[int]:
        within = "" if source is None else " AND d.source_no = (SELECT no FROM source WHERE name = :source)"
        placed = f"SELECT DISTINCT d.no FROM placement p JOIN document d ON d.no = p.document_no WHERE {{}}{within}"
        if id_prefix:
            query, value = f"SELECT d.no FROM document d WHERE d.id GLOB :value || '*'{within}", id_prefix
        elif key:
            query, value = placed.format("p.key = :value"), key
        elif key_ending:
            condition = "(p.key = :value OR substr(p.key, -length(:value) - 1) = '/' || :value)"
            query, value = placed.format(condition), key_ending
        else:
            query = f"""SELECT DISTINCT d.no FROM document d JOIN version v ON v.document_no = d.no
                LEFT JOIN rendition t ON t.version_no = v.no
                WHERE coalesce(v.title, t.title) = :value COLLATE NOCASE{within}"""
            value = title
        return sorted(row[0] for row in self._sql.execute(query, {"value": value, "source": source}))

    def keys(self, known_at: Instant, valid_at: Instant | None = None) -> Iterator[tuple[int, int, str]]:
        time = ":r < p.closed_recorded"
        if valid_at is not None:
            time = "p.valid_from <= :t AND (:t < p.valid_to OR :r < p.closed_recorded)"
        yield from self._sql.execute(
            f"""SELECT p.document_no, p.source_no, p.key FROM placement p JOIN version v ON v.no = p.version_no
                WHERE {_LIVE} AND p.number IS NOT NULL AND {time} AND v.kind <> 'tombstone'""",
            {"r": known_at, "t": valid_at},
        )

    def unreadable(self, known_at: Instant) -> list[tuple[int, int]]:
        # CROSS JOIN keeps SQLite to this order: unreadable versions are few and have an index of their own.
        return self._sql.execute(
            f"""SELECT p.document_no, p.source_no
                FROM version v CROSS JOIN placement p ON p.version_no = v.no
                WHERE v.kind = 'unreadable' AND {_LIVE} AND p.number IS NOT NULL AND :r < p.closed_recorded
                  AND NOT EXISTS (SELECT 1 FROM rendition t WHERE t.version_no = v.no AND t.recorded_from <= :r)
                ORDER BY p.document_no""",
            {"r": known_at},
        ).fetchall()

    def every_key(self, known_at: Instant | None = None) -> Iterator[tuple[int, int, str]]:
        yield from self._sql.execute(
            "SELECT DISTINCT document_no, source_no, key FROM placement WHERE recorded_from <= ?",
            (self.recorded if known_at is None else known_at,),
        )

    # --- versions --------------------------------------------------------------------------

    def versions(
        self, document_no: int, known_at: Instant | None = None, *, tags: bool = True
    ) -> list[Version]:
        return self.versions_of([document_no], known_at, tags=tags).get(document_no, [])

    def versions_of(
        self, document_nos: Iterable[int] | None = None, known_at: Instant | None = None, *, tags: bool = True
    ) -> dict[int, list[Version]]:
        at = self.recorded if known_at is None else known_at
        grouped: dict[int, list[Version]] = {}
        for condition in within("document_no", document_nos):
            # Of all documents the tags would be as many as documents × tags.
            tagged = self._tag_labels.of(condition, at) if tags and document_nos is not None else {}
            labels = self._labels(condition, at, tagged)
            for version in self._versions(f"v.{condition}", at, labels):
                grouped.setdefault(version.document_no, []).append(version)
        return grouped

    def versions_by_no(
        self, version_nos: Iterable[int], known_at: Instant | None = None, *, tags: bool = True
    ) -> dict[int, Version]:
        at = self.recorded if known_at is None else known_at
        found: dict[int, Version] = {}
        for condition in within("no", version_nos):
            # Labels have an index on documents, none on versions.
            documents = f"document_no IN (SELECT document_no FROM version WHERE {condition})"
            tagged = self._tag_labels.of(documents, at) if tags else {}
            labels = self._labels(f"{documents} AND version_{condition}", at, tagged)
            found |= {version.no: version for version in self._versions(f"v.{condition}", at, labels)}
        return found

    def given_labels(
        self, document_no: int, known_at: Instant | None = None
    ) -> Mapping[int, tuple[str, ...]]:
        at = self.recorded if known_at is None else known_at
        return self._labels(f"document_no = {int(document_no)} AND stated = 0", at, {})

    def places(self, document_nos: Iterable[int], known_at: Instant | None = None) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        for document_no, *place in self._selected(
            f"""SELECT p.document_no, p.version_no, p.number, p.valid_from, p.key FROM placement p
                WHERE {_LIVE} AND p.number IS NOT NULL AND %s ORDER BY p.document_no, p.number""",
            "p.document_no",
            document_nos,
            {"r": self.recorded if known_at is None else known_at},
        ):
            found.setdefault(document_no, []).append(Place._make(place))
        return found

    def version_by_id(self, version_id: str, known_at: Instant | None = None) -> Version | None:
        row = self._sql.execute("SELECT no FROM version WHERE id = ?", (version_id,)).fetchone()
        return None if row is None else self.versions_by_no([row[0]], known_at).get(row[0])

    def _versions(self, where: str, at: Instant, labels: Mapping[int, tuple[str, ...]]) -> Iterator[Version]:
        # The placement believed last at R: live ones sort after those that had ended by then.
        rows = self._sql.execute(
            f"""SELECT v.no, v.id, v.document_no, v.kind, v.aside, v.source_time, v.time_basis, v.recorded, v.author,
                       v.message, v.origin, v.sequence, v.content_hash, v.title, v.metadata,
                       p.number, p.key, p.valid_from, p.valid_to, p.recorded_to, p.closed_recorded,
                       t.manifest_no, t.title, t.metadata, m.text_hash, m.passages, d.history_open,
                       g.id, g.recorded, g.by_whom, g.reason, g.scope = 'retention'
                FROM version v JOIN document d ON d.no = v.document_no
                     LEFT JOIN placement p ON p.no = (
                         SELECT q.no FROM placement q WHERE q.version_no = v.no AND q.recorded_from <= :r
                         ORDER BY q.recorded_to > :r DESC, q.recorded_to DESC, q.no DESC LIMIT 1)
                     LEFT JOIN rendition t ON t.no = (
                         SELECT u.no FROM rendition u WHERE u.version_no = v.no AND u.recorded_from <= :r
                         ORDER BY u.recorded_from DESC, u.no DESC LIMIT 1)
                     LEFT JOIN manifest m ON m.no = t.manifest_no
                     LEFT JOIN purged_version x ON x.version_no = v.no
                     LEFT JOIN purge g ON g.no = x.purge_no AND g.stage <> 'recorded'
                WHERE {where} AND v.recorded <= :r
                ORDER BY v.document_no, p.recorded_to <= :r, p.number IS NULL, p.number, v.no""",
            {"r": at},
        )
        return (self._version(row, at, labels.get(row[0], ())) for row in rows)

    def _version(self, row: Sequence[Any], at: Instant, labels: tuple[str, ...]) -> Version:
        (no, id_, document_no, kind, aside, source_time, basis, recorded, author, message, origin, sequence, content,
         own_title, own_metadata, number, key, valid_from, valid_to, recorded_to, closed, manifest_no, title, metadata,
         text_hash, passages, history_open, *purge, thinned) = row  # fmt: skip
        withdrawn = recorded_to is None or recorded_to <= at
        end = valid_to if closed is not None and closed <= at else FOREVER
        if aside:
            status = VersionStatus.ASIDE
        elif withdrawn:
            status = VersionStatus.WITHDRAWN
        else:
            status = VersionStatus.CURRENT if end == FOREVER else VersionStatus.PAST
        kind = VersionKind(kind)
        if kind is VersionKind.UNREADABLE and manifest_no is not None:
            kind = VersionKind.CONTENT  # it was read later: same version, with a text from then on
        return Version(
            no=no,
            id=id_,
            document_no=document_no,
            kind=kind,
            status=status,
            number=None if withdrawn else number,
            was_number=number if withdrawn else None,
            key=key or "",
            title=own_title or title or _last_part(key or ""),
            valid_from=valid_from,
            valid_to=None if end == FOREVER else end,
            time_basis=TimeBasis(basis),
            recorded_from=recorded,
            recorded_to=recorded_to if withdrawn else None,
            source_time=source_time,
            author=author,
            message=message,
            origin=origin,
            sequence=sequence,
            content_hash=hash_text(content),
            text_hash=hash_text(text_hash),
            passages=passages or 0,
            labels=labels,
            provisional=bool(history_open) and not withdrawn and not aside,
            manifest_no=manifest_no,
            metadata=_metadata(metadata, own_metadata),
            purged=None
            if purge[0] is None
            else Purged(purge[0], purge[1], purge[2], purge[3], bool(thinned)),
        )

    def _labels(
        self, where: str, known_at: Instant, tags: Mapping[int, Sequence[str]]
    ) -> dict[int, tuple[str, ...]]:
        """Version number → its labels: those of the source, the tags, then those that its text states."""
        given: dict[int, list[str]] = {}
        stated: dict[int, list[str]] = {}
        for version_no, name, by_text in self._sql.execute(
            f"""SELECT version_no, name, stated FROM label
                WHERE {where} AND recorded_from <= :r AND :r < recorded_to ORDER BY no""",
            {"r": known_at},
        ):
            (stated if by_text else given).setdefault(version_no, []).append(name)
        return {
            no: tuple(dict.fromkeys((*given.get(no, ()), *tags.get(no, ()), *stated.get(no, ()))))
            for no in given.keys() | tags.keys() | stated.keys()
        }


def _last_part(key: str) -> str:
    return key.rpartition("/")[2]


@lru_cache(maxsize=4096)
def _metadata(text: str | None, own: str | None) -> Mapping[str, str]:
    """The text's properties and over them the version's own; versions in a row mostly share them."""
    return (json.loads(text) if text else {}) | (json.loads(own) if own else {})
