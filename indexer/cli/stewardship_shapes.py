"""What the commands for an index's stewards answer: JSON documents, and sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.cli.moments import count
from indexer.cli.shapes import document_shape
from indexer.clock import rfc3339

if TYPE_CHECKING:
    from indexer.ports.purges import PurgeRecord
    from indexer.stewardship.forget import Detached, Forgotten
    from indexer.stewardship.purge import Purge, Target

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


def _record(record: PurgeRecord, finished: bool) -> Shape:
    return {
        "id": record.id,
        "at": rfc3339(record.recorded),
        "by": record.by,
        "reason": record.reason,
        "finished": finished,
    }
