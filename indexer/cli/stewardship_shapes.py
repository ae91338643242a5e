"""What the commands for an index's stewards answer: JSON documents, and sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.cli.moments import count, duration, size
from indexer.cli.shapes import check_shape, document_shape
from indexer.clock import rfc3339

if TYPE_CHECKING:
    from indexer.check import CheckReport
    from indexer.ports.purges import PurgeRecord
    from indexer.stewardship.backup import BackupReport
    from indexer.stewardship.forget import Detached, Forgotten
    from indexer.stewardship.purge import Purge, Target
    from indexer.stewardship.restore import RestoreReport
    from indexer.stewardship.retention import Governed, Thinned

Shape = dict[str, Any]


def purge_shape(done: Purge) -> Shape:
    """The answer of ``purge``."""
    target = done.target
    return {
        "purge": _record(done.record, done.finished),
        # Its names are what was removed, so that only its id is told.
        "document": {"id": target.document.id, "source": target.document.source},
        "whole": target.whole,
        "versions": [version.id for version in target.versions],
        "passages_removed": target.passages,
        "originals_removed": done.originals,
        "remarks": list(target.remarks),
    }


def forget_shape(done: Forgotten) -> Shape:
    """The answer of ``forget``."""
    detached = done.detached
    return {
        "purge": _record(done.record, done.finished),
        "source": detached.source.name,
        "documents_removed": detached.documents,
        "versions_removed": detached.versions,
        "originals_removed": done.originals,
    }


def purge_words(target: Target) -> str:
    """What is about to be removed."""
    document = document_shape(target.document)
    what = f"{document['source']}:{document['key']} ({document['id']})"
    numbers = ", ".join(str(v.number or v.id) for v in target.versions if v.document_no == target.document.no)
    which = "all of it" if target.whole else f"version {numbers}"
    return (
        f"to be removed for good: {which} of {what}: {count(len(target.versions), 'version')}, "
        f"{count(target.passages, 'passage')} that no other version has"
    )


def purged_words(done: Purge) -> str:
    """What was removed."""
    target = done.target
    return (
        f"purged {count(len(target.versions), 'version')} of document {target.document.id}: "
        f"{count(target.passages, 'passage')} and {count(done.originals, 'original')} removed ({done.record.id})"
    )


def forget_words(detached: Detached) -> str:
    """What is about to be forgotten."""
    return (
        f"to be removed for good: everything of the source {detached.source.name}: "
        f"{count(detached.documents, 'present document')}, {count(detached.versions, 'version')}"
    )


def forgotten_words(done: Forgotten) -> str:
    """What was forgotten."""
    detached = done.detached
    return (
        f"forgot the source {detached.source.name}: {count(detached.versions, 'version')} and "
        f"{count(done.originals, 'original')} removed ({done.record.id})"
    )


def backup_shape(done: BackupReport, folder: Path) -> Shape:
    """The answer of ``backup``."""
    made = done.backup
    return {
        "backup": {
            "id": made.id,
            "folder": str(folder),
            "taken": rfc3339(made.taken),
            "recorded": rfc3339(made.recorded),
            **made.counts,
            "passages": made.passages is not None,
        },
        "copied": {"files": done.copied_files, "bytes": done.copied_bytes},
        "reused": {"files": done.reused_files},
        "removed": {"files": done.removed_files, "bytes": done.removed_bytes},
        "missing_originals": list(made.missing),
        "seconds": round(done.seconds, 3),
    }


def backup_words(done: BackupReport, folder: Path) -> str:
    """What a backup did."""
    counts = done.backup.counts
    without = "" if done.backup.passages is not None else "; without passages, which a restore makes anew"
    return (
        f"backup of {count(counts['documents'], 'document')} in {count(counts['versions'], 'version')} in {folder}: "
        f"{count(done.copied_files, 'file')} ({size(done.copied_bytes)}) copied, {done.reused_files:,} there already, "
        f"{done.removed_files:,} removed, in {duration(done.seconds)}{without}"
    )


def restore_shape(done: RestoreReport, found: CheckReport) -> Shape:
    """The answer of ``restore``."""
    made = done.backup
    return {
        "backup": {"id": made.id, "taken": rfc3339(made.taken), "recorded": rfc3339(made.recorded)},
        **made.counts,
        "originals": done.originals,
        "passages": done.passages,
        "missing_originals": list(done.lost),
        "remarks": list(done.remarks),
        "check": check_shape(found),
        "seconds": round(done.seconds, 3),
    }


def restore_words(done: RestoreReport, found: CheckReport) -> str:
    """What was restored."""
    counts = done.backup.counts
    checked = "the check found nothing wrong"
    if not found.ok:
        checked = f"the check found {count(len(found.problems), 'problem')}: `indexer check` lists them"
    return (
        f"restored {count(counts['documents'], 'document')} in {count(counts['versions'], 'version')} and "
        f"{count(done.originals, 'original')}, as of the backup of {rfc3339(done.backup.taken)}, "
        f"in {duration(done.seconds)}; {checked}"
    )


def retention_shape(done: Sequence[tuple[Governed, Thinned]], *, dry_run: bool) -> Shape:
    """The answer of ``retention``."""
    return {
        "sources": [
            {
                "name": one.source.name,
                "rule": one.rule.words,
                "documents": report.documents,
                "versions": report.versions,
                "passages": report.passages,
                "originals": report.originals,
                "records": [record.id for record in report.records],
            }
            for one, report in done
        ],
        "dry_run": dry_run,
    }


def retention_words(one: Governed, report: Thinned, *, dry_run: bool) -> str:
    """What was thinned out, or would be."""
    what = f"{count(report.versions, 'version')} of {count(report.documents, 'document')}"
    if dry_run:
        return f"{one.source.name}: {what} would be thinned out, {count(report.passages, 'passage')} with them ({one.rule.words})"
    return (
        f"{one.source.name}: {what} thinned out, {count(report.passages, 'passage')} and "
        f"{count(report.originals, 'original')} removed ({one.rule.words})"
    )


def _record(record: PurgeRecord, finished: bool) -> Shape:
    return {
        "id": record.id,
        "at": rfc3339(record.recorded),
        "by": record.by,
        "reason": record.reason,
        "finished": finished,
    }
