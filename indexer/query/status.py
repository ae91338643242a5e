"""How the index stands: sources, counts, work saved, and who writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.query.disk import by_source, disk_use
from indexer.query.results import SourceDisk, SourceStatus, StatusResult, Totals, Writer
from indexer.store.lock import holder

DETACHED: Final = "detached"
"""The state of a source that is indexed, and not configured any more."""
_NOTHING: Final = SourceDisk(0, 0, 0, None)


def status(snapshot: Snapshot, data_dir: Path, *, disk: bool = False) -> StatusResult:
    """Sources by name, and their sums. `disk` measures also what takes a while to measure."""
    counts, held_by = snapshot.counts(), by_source(snapshot, thorough=disk)
    sources = []
    for source in sorted(snapshot.sources(), key=lambda source: source.name):
        count = counts[source.no]
        sources.append(
            SourceStatus(
                name=source.name,
                kind=source.kind,
                state=source.state,
                detail=source.detail,
                documents=count["documents"],
                versions=count["versions"],
                passages=count["passages"],
                failed=count["failed"],
                last_scan=source.last_scan,
                last_change=source.last_change,
                disk=held_by.get(source.no, _NOTHING),
            )
        )
    held = holder(data_dir)
    names = Totals.__dataclass_fields__
    totals = Totals(**{name: sum(count[name] for count in counts.values()) for name in names})
    writer = Writer(*held) if held else None
    return StatusResult(tuple(sources), totals, writer, disk_use(data_dir, thorough=disk))


def with_configured(result: StatusResult | None, configured: Iterable[tuple[str, str]]) -> StatusResult:
    """`result` with what the configuration says of its sources, as (name, kind).

    Those that were never indexed are added; those that are indexed and not configured any more are
    ``detached``. None stands for a data folder that holds no index yet.
    """
    if result is None:
        result = StatusResult((), Totals(**dict.fromkeys(Totals.__dataclass_fields__, 0)), None)
    known, wanted = {source.name for source in result.sources}, dict(configured)
    new = [
        SourceStatus(name, kind, "new", None, 0, 0, 0, 0, None, None)
        for name, kind in wanted.items()
        if name not in known
    ]
    indexed = [
        source if source.name in wanted else replace(source, state=DETACHED, detail=_detached(source.name))
        for source in result.sources
    ]
    return replace(result, sources=tuple(sorted((*indexed, *new), key=lambda source: source.name)))


def _detached(name: str) -> str:
    return f"not configured any more, and kept; `indexer forget {name}` removes it for good"
