"""How documents, versions and headings are named to people, each in one line without control characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from indexer.cli.moments import period
from indexer.cli.visible import visible_line
from indexer.model import Document, VersionKind, VersionStatus
from indexer.query.results import VersionEntry
from indexer.selectors import commit_of

SHORT_COMMIT: Final = 10
"""Digits of a commit that people are shown: enough to be unique in all but the largest repositories."""
_MOST_LABELS: Final = 5
"""Of one version on one line."""


def document_words(document: Document) -> str:
    """``Leave policy (policies:hr/leave-policy.md)``."""
    return f"{visible_line(document.title)} ({document_place(document)})"


def document_place(document: Document) -> str:
    """``policies:hr/leave-policy.md``, with ``, deleted`` where it is."""
    return visible_line(f"{document.source}:{document.key}") + (", deleted" if document.deleted else "")


def number_words(entry: VersionEntry) -> str:
    """``version 3``; what it is instead for one without a number."""
    version = entry.version
    if version.number is not None:
        return f"version {version.number}" + (" (provisional)" if version.provisional else "")
    if version.was_number is not None:
        return f"withdrawn version, formerly {version.was_number}"
    return "version aside" if version.status is VersionStatus.ASIDE else "withdrawn version"


def version_words(entry: VersionEntry, zone: tzinfo) -> str:
    """``version 3 · v3.1 · effective 2024-03-01 – 2024-06-12``, ``… · current since 2024-06-12``."""
    version = entry.version
    effective = period(version.valid_from, version.valid_to, zone)
    if version.status in (VersionStatus.WITHDRAWN, VersionStatus.ASIDE):
        effective = f"dated {effective.removeprefix('since ')}" if effective else ""
    elif effective:
        effective = ("current " if version.valid_to is None else "effective ") + effective
    commit = commit_of(version)
    made = [f"commit {commit[:SHORT_COMMIT]}"] if commit else []
    parts = [number_words(entry), *made, *_labels(entry), *_kind(entry), effective]
    return visible_line(" · ".join(part for part in parts if part))


def heading_words(heading: Sequence[str], page: int | None = None) -> str:
    """``Leave › Carry-over · page 2``."""
    parts = [" › ".join(heading), f"page {page}" if page is not None else ""]
    return visible_line(" · ".join(part for part in parts if part))


def runs_words(runs: Sequence[tuple[int, int]]) -> str:
    """``versions 1–2, 5–9``, ``version 4``."""
    shown = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
    single = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"version {shown}" if single else f"versions {shown}"


def doubt_words(resolved_by: str, alternatives: Sequence[VersionEntry], zone: tzinfo, most: int = 3) -> str:
    """How a selector was read and the first few versions that it could have meant as well; empty if there are none."""
    if not alternatives:
        return ""
    shown = "; ".join(version_words(entry, zone) for entry in alternatives[:most])
    more = f"; and {len(alternatives) - most} more" if len(alternatives) > most else ""
    return visible_line(f"Read as {resolved_by}; it could also mean {shown}{more}")


def few_labels(labels: Sequence[str]) -> list[str]:
    """The first and the last of many labels: a document that nobody edits has every tag since it was written."""
    if len(labels) <= _MOST_LABELS:
        return list(labels)
    return [*labels[: _MOST_LABELS - 2], f"… {len(labels) - _MOST_LABELS + 1} more …", labels[-1]]


def _labels(entry: VersionEntry) -> list[str]:
    number = str(entry.version.number)
    return few_labels([label for label in entry.version.labels if label != number])


def _kind(entry: VersionEntry) -> list[str]:
    match entry.version.kind:
        case VersionKind.TOMBSTONE:
            return ["deleted"]
        case _ if entry.version.purged is not None:
            return ["thinned out" if entry.version.purged.thinned else "purged"]
        case VersionKind.UNREADABLE:
            return ["unreadable"]
        case _:
            return []
