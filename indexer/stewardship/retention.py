"""Retention: versions that a source's rule does not keep lose their texts, many in one commit.

Order (as for any commit, the catalog's transaction is the commit point):

1. passages table rows of passages that no kept version has are taken out, as a version that nobody opens yet;
2. catalog        one transaction takes the texts away, leaves a record, and publishes that version;
3. originals      those that nothing refers to are deleted; the next writer does it if this one dies.

What several versions share stays, and so do the rows that tell when it was there: docs/decisions/0017-retention.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from indexer.ingest.index import Index
from indexer.ingest.recovery import Note, nobody, recover
from indexer.model import Instant, Published, Source, Version, VersionKind
from indexer.plan.retention import RetentionRule, Standing, thinned_out
from indexer.ports.catalog import CatalogSnapshot
from indexer.ports.purges import PurgeRecord, Thinning
from indexer.query.presence import on_line
from indexer.stewardship.removal import carry_out

MOST_DOCUMENTS: Final = 200
"""Documents that are looked at before something is committed."""
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Governed:
    """A source with a rule, and the zone in which its days and months are counted."""

    source: Source
    rule: RetentionRule
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Excess:
    """What a rule does not keep, of some documents."""

    documents: int
    versions: tuple[int, ...]
    """By their numbers in the catalog."""
    passages: frozenset[int]
    """Those that no other version has."""
    contents: frozenset[str]
    """The hashes of their bytes, which other versions may have as well."""
    after: int | None
    """Go on after the document with this number; None: these were the last."""


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What one call thinned out."""

    documents: int = 0
    versions: int = 0
    passages: int = 0
    originals: int = 0
    record: PurgeRecord | None = None
    """None where there was nothing to do: then nothing was written."""
    after: int | None = None
    """As in `Excess`."""


def look_at(index: Index, governed: Governed, now: Instant, after: int = 0) -> Excess:
    """What the rule does not keep of the next `MOST_DOCUMENTS` documents that have old texts. Changes nothing."""
    state = index.catalog.current()
    before = now - round(governed.rule.soonest * _SECOND)
    documents = state.with_old_texts(governed.source.no, before, after, MOST_DOCUMENTS)
    gone: list[int] = []
    contents: set[str] = set()
    touched = 0
    with index.catalog.snapshot() as snapshot:
        for document_no in documents:
            versions = snapshot.versions(document_no)
            line = list(_line(snapshot, document_no, versions))
            thinned = set(thinned_out(line, governed.rule, now, governed.zone))
            gone += sorted(thinned)
            contents |= {v.content_hash for v in versions if v.no in thinned and v.content_hash is not None}
            touched += bool(thinned)
    passages = state.passages_only_in(gone) if gone else frozenset()
    more = documents[-1] if len(documents) == MOST_DOCUMENTS else None
    return Excess(touched, tuple(gone), passages, frozenset(contents), more)


def apply_retention(
    index: Index, governed: Governed, now: Instant, *, after: int = 0, note: Note = nobody
) -> RetentionReport:
    """Thin out what the rule does not keep of the next documents, in one commit; call again with the report's `after`.

    Bounded: it looks at `MOST_DOCUMENTS` documents. Only for the holder of the writer's lock and turn. Raises `StoreError` and its kinds.
    """
    excess = look_at(index, governed, now, after)
    if not excess.versions:
        return RetentionReport(after=excess.after)
    kept = index.catalog.current().kept(excess.contents)
    thinning = Thinning(
        governed.source.no,
        governed.rule.words,
        excess.versions,
        excess.passages,
        index.catalog.next_instant(index.clock),
    )
    if excess.passages:
        thinning = _without_rows(index, thinning, note)
    record = index.catalog.thin_out(thinning, index.clock)
    index.step("texts taken")
    originals = kept - index.catalog.current().kept(kept)
    carry_out(index, record, note, originals=originals)
    return RetentionReport(
        excess.documents,
        len(excess.versions),
        len(excess.passages),
        len(originals),
        record,
        excess.after,
    )


@dataclass(frozen=True, slots=True)
class Thinned:
    """What was thinned out of a whole source, or would be."""

    documents: int = 0
    versions: int = 0
    passages: int = 0
    originals: int = 0
    records: tuple[PurgeRecord, ...] = ()


def through(index: Index, governed: Governed, note: Note = nobody, *, dry_run: bool = False) -> Thinned:
    """Apply the rule to all of the source, part by part; with `dry_run` only count. Raises as `apply_retention` does."""
    now, after, done = index.clock.now(), 0, Thinned()
    while True:
        if dry_run:
            excess = look_at(index, governed, now, after)
            report = RetentionReport(
                excess.documents, len(excess.versions), len(excess.passages), after=excess.after
            )
        else:
            report = apply_retention(index, governed, now, after=after, note=note)
        done = Thinned(
            done.documents + report.documents,
            done.versions + report.versions,
            done.passages + report.passages,
            done.originals + report.originals,
            (*done.records, *([report.record] if report.record else ())),
        )
        if report.after is None:
            return done
        after = report.after


def _without_rows(index: Index, thinning: Thinning, note: Note) -> Thinning:
    """`thinning` with the passages table that goes with it."""
    rows = index.catalog.current().rows_of_passages(thinning.passages)
    table = recover(index, note)
    version = table.remove(rows)
    index.step("rows taken")
    embedder = index.embedder
    published = Published(embedder.fingerprint, embedder.dimension, version, thinning.recorded, active=True)
    retired = [
        other.fingerprint
        for other, _, _ in index.catalog.publications()
        if other.fingerprint != embedder.fingerprint
    ]
    return Thinning(
        thinning.source_no, thinning.rule, thinning.version_nos, thinning.passages, thinning.recorded,
        published, retired,
    )  # fmt: skip


def _line(snapshot: CatalogSnapshot, document_no: int, versions: Sequence[Version]) -> Iterator[Standing]:
    counted = snapshot.given_labels(document_no)
    for version in on_line(versions):
        yield Standing(
            version.no,
            version.valid_from or 0,
            version.kind is VersionKind.CONTENT and version.manifest_no is not None,
            _named(version, counted.get(version.no, ())),
        )


def _named(version: Version, given: Sequence[str]) -> bool:
    """Whether somebody named the version. Numbers by which the source counts all of them are no names."""
    return any(not (label.isdecimal() and label in given) for label in version.labels)
