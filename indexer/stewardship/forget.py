"""`forget`: everything of a source that is no longer configured is removed for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.errors import NotFoundError, UsageError
from indexer.ingest.index import Index
from indexer.ingest.recovery import Note, nobody
from indexer.model import Source
from indexer.ports.purges import PurgeRecord, PurgeRequest, PurgeScope
from indexer.query.near import near
from indexer.stewardship.removal import carry_out

REASON = "the source was forgotten"


@dataclass(frozen=True, slots=True)
class Detached:
    """A source that is indexed and not configured any more."""

    source: Source
    documents: int
    versions: int
    passages: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A source that was removed."""

    record: PurgeRecord
    detached: Detached
    originals: int
    finished: bool
    """As in `Purge`."""


def look_at(index: Index, name: str, configured: Mapping[str, str]) -> Detached:
    """The source `name`, to be forgotten. `configured`: uid → name of those in the configuration.

    Raises `NotFoundError` where there is none, `UsageError` where it is still configured, be it under another name.
    """
    with index.catalog.snapshot() as snapshot:
        sources = {source.name: source for source in snapshot.sources()}
        counts = snapshot.counts()
    if name not in sources:
        alike = near(name, sources)
        known = ", ".join(sorted(sources)) or "none"
        raise NotFoundError(
            f'no source "{name}" is indexed',
            remedy=f"did you mean {alike[0]}?" if alike else f"known are {known}",
            code="no-such-source",
        )
    source = sources[name]
    if source.uid in configured or name in configured.values():
        called = configured.get(source.uid, name)
        now = "" if called == name else f' as "{called}"'
        raise UsageError(
            f'the source "{name}" is still configured{now}',
            remedy=f"remove its [[source]] from the configuration first; what is not configured is kept until `indexer forget {name}`",
        )
    count = counts[source.no]
    return Detached(source, count["documents"], count["versions"], count["passages"])


def forget(index: Index, detached: Detached, by: str, note: Note = nobody) -> Forgotten:
    """Remove it, as `purge` removes a document. Raises `StoreError` and its kinds."""
    before = set(index.catalog.current().originals())
    request = PurgeRequest(PurgeScope.SOURCE, detached.source.no, (), REASON, by, lasting=False)
    record = index.catalog.request_purge(request, index.clock)
    index.step("purge recorded")
    finished = carry_out(index, record, note)
    return Forgotten(record, detached, len(before - set(index.catalog.current().originals())), finished)
