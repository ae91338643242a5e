"""Whether nothing is kept of what was purged but the record of it."""

from __future__ import annotations

from indexer.check.report import CheckReport
from indexer.ports.recorded import RecordedState

_REMEDY = "put the catalog back from a backup, and purge it again"


def check_purges(state: RecordedState, report: CheckReport) -> None:
    """Look for texts, names and messages of purged versions, and for texts that belong to no version."""
    for version_id, what in state.left_of_purged():
        report.add("immutable", version_id, f"was purged, and its {what} is still there — {_REMEDY}")
    for manifest_no in state.unused_manifests():
        report.add("immutable", f"manifest {manifest_no}", f"is the text of no version — {_REMEDY}")
