"""Whether placements and rows say what the versions and their manifests say, now and at any R."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from indexer.check.report import CheckReport
from indexer.errors import DamagedStoreError
from indexer.model import FOREVER, Instant, Row, Version, VersionStatus
from indexer.ports.catalog import CatalogSnapshot as Snapshot
from indexer.ports.recorded import RecordedState
from indexer.weave import Span, State, believed_end, intervals

MOST_INSTANTS = 64
"""Recorded instants of one document at which its past beliefs are weighed: all, if there are no more;
otherwise the first, the last and others evenly between. The present one is always among them."""


def check_document(
    snapshot: Snapshot,
    state: RecordedState,
    document_no: int,
    document_id: str,
    report: CheckReport,
    *,
    deep: bool,
) -> None:
    """Check one document's line, placements, rows, labels and scan state."""
    rows = snapshot.rows(document_no=document_no)
    instants = sorted(set(state.instants(document_no)))
    at = _some(instants) if deep else instants[-1:]
    for known_at in at:
        versions = snapshot.versions(document_no, known_at, tags=False)
        _check_line(document_id, versions, report)
        _check_rows(snapshot, document_id, versions, rows, known_at, report)
    report.versions += len(snapshot.versions(document_no, tags=False))
    report.passages += sum(row.recorded_to == row.closed_recorded == FOREVER for row in rows)
    for name, version_id in state.stray_labels(document_no):
        report.add("exact", version_id, f'label "{name}" of another document — run `indexer rebuild`')


def _some(instants: list[Instant]) -> list[Instant]:
    if len(instants) <= MOST_INSTANTS:
        return instants
    step = (len(instants) - 1) / (MOST_INSTANTS - 1)
    return [instants[round(step * index)] for index in range(MOST_INSTANTS)]


def _check_line(document_id: str, versions: Iterable[Version], report: CheckReport) -> None:
    """Numbers run 1..n, and each version ends where the next begins."""
    line = [v for v in versions if v.status in (VersionStatus.CURRENT, VersionStatus.PAST)]
    remedy = "put the catalog back from a backup"
    if [v.number for v in line] != list(range(1, len(line) + 1)):
        report.add("exact", document_id, f"version numbers are {[v.number for v in line]} — {remedy}")
        return
    # A document of which everything was withdrawn has no line.
    for version, following in zip_longest(line, line[1:]):
        end = None if following is None else following.valid_from
        if version.valid_to != end:
            report.add(
                "exact", version.id, f"ends at {version.valid_to}, the next begins at {end} — {remedy}"
            )
        if version.valid_from is not None and end is not None and version.valid_from >= end:
            report.add("exact", version.id, f"does not begin before the next one — {remedy}")


def _check_rows(
    snapshot: Snapshot,
    document_id: str,
    versions: list[Version],
    rows: list[Row],
    known_at: Instant,
    report: CheckReport,
) -> None:
    """The rows believed at `known_at` are exactly the runs of presence of the manifests believed then."""
    line = [v for v in versions if v.status in (VersionStatus.CURRENT, VersionStatus.PAST)]
    try:
        contents = snapshot.manifest_passages({v.manifest_no for v in versions if v.manifest_no is not None})
        wanted = intervals(
            [
                State(
                    v.valid_from or 0, frozenset(contents[v.manifest_no] if v.manifest_no is not None else ())
                )
                for v in line
            ]
        )
    except (ValueError, KeyError) as error:
        report.add(
            "lossless",
            document_id,
            f"a manifest cannot be read ({error}) — put the catalog back from a backup",
        )
        return
    except DamagedStoreError as error:
        report.add("lossless", document_id, str(error))
        return
    thinned = [
        (v.valid_from or 0, FOREVER if v.valid_to is None else v.valid_to)
        for v in line
        if v.purged is not None and v.purged.thinned
    ]
    present = {item for item, _ in wanted}
    held: dict[tuple[int, Instant], Instant] = {}
    for row in rows:
        if row.recorded_from <= known_at < row.recorded_to:
            place = (row.passage_no, row.valid_from)
            if place in held:
                report.add(
                    "exact",
                    f"row {row.no} of {document_id}",
                    "stands twice — put the catalog back from a backup",
                )
            held[place] = believed_end(_span(row), known_at)
    # Of a version that was thinned out it is not known any more which passages it had. Rows of passages that
    # others have as well still tell; but nothing has to.
    held, told = _without(held, thinned)
    present |= told
    for version in versions:
        standing = version.status is VersionStatus.ASIDE and version.recorded_to is None
        if standing and version.manifest_no is not None:
            for passage in contents[version.manifest_no]:
                if passage not in present:
                    present.add(passage)
                    wanted[passage, version.valid_from or 0] = version.valid_from or 0
    if held != wanted:
        lost, extra = wanted.items() - held.items(), held.items() - wanted.items()
        report.add(
            "exact",
            document_id,
            f"{len(lost)} rows are missing and {len(extra)} too many as known at {known_at} — "
            "put the catalog back from a backup",
        )


def _without(
    held: Mapping[tuple[int, Instant], Instant], periods: Sequence[tuple[Instant, Instant]]
) -> tuple[dict[tuple[int, Instant], Instant], set[int]]:
    """The presences outside `periods`, which are in order, and the passages that were present in one of them."""
    within: set[int] = set()
    left: dict[tuple[int, Instant], Instant] = {}
    ends = [end for _, end in periods]
    for (passage_no, start), stop in held.items():
        at, no = start, bisect_right(ends, start)
        while start < stop and no < len(periods) and periods[no][0] < stop:
            within.add(passage_no)
            if at < periods[no][0]:
                left[passage_no, at] = periods[no][0]
            at, no = ends[no], no + 1
        if at < stop or start == stop:
            left[passage_no, at] = stop
    return left, within


def _span(row: Row) -> Span[int]:
    return Span(
        row.passage_no, row.valid_from, row.valid_to, row.recorded_from, row.recorded_to, row.closed_recorded
    )
