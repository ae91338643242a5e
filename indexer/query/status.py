"""How the index stands: sources, counts, work saved, and who writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.query.results import SourceStatus, StatusResult, Totals, Writer
from indexer.store.lock import holder


def status(snapshot: Snapshot, data_dir: Path) -> StatusResult:
    """Sources by name, and their sums."""
    counts = snapshot.counts()
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
            )
        )
    held = holder(data_dir)
    names = Totals.__dataclass_fields__
    totals = Totals(**{name: sum(count[name] for count in counts.values()) for name in names})
    return StatusResult(tuple(sources), totals, Writer(*held) if held else None)


def with_configured(result: StatusResult | None, configured: Iterable[tuple[str, str]]) -> StatusResult:
    """`result` and the sources that are configured, as (name, kind), but were never indexed.

    None stands for a data folder that holds no index yet.
    """
    if result is None:
        result = StatusResult((), Totals(**dict.fromkeys(Totals.__dataclass_fields__, 0)), None)
    known = {source.name for source in result.sources}
    new = [
        SourceStatus(name, kind, "new", None, 0, 0, 0, 0, None, None)
        for name, kind in configured
        if name not in known
    ]
    return replace(result, sources=tuple(sorted((*result.sources, *new), key=lambda source: source.name)))
