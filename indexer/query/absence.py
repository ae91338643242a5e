"""Why a version has no text, and where the last one is."""

from __future__ import annotations

from typing import Final

from indexer.errors import NotFoundError, PurgedError
from indexer.masks import is_masked
from indexer.model import Document, Version, VersionKind, VersionStatus
from indexer.query.naming import named, reference
from indexer.query.results import Answer
from indexer.query.view import View

_SHOWN: Final = 5
"""Labels that a message names."""


def without_text(view: View, document: Document, version: Version) -> Answer | None:
    """Why there is nothing to search or show in `version`; None if there is."""
    if version.manifest_no is not None:
        return None
    last = _last_text_before(view, version)
    reason, remedy = _why(view, document, version, last)
    values = {
        "version": view.entry(version),
        "first": None,
        "elsewhere": view.entries([last] if last else []),
    }
    return Answer("nothing-in-version", f"{reason}; {remedy}", values)


def textless(view: View, document: Document, version: Version, code: str = "") -> NotFoundError:
    """The same as an error; `code` is ``tombstone-version``, ``unreadable-version`` or ``purged`` unless given."""
    if version.purged is not None and version.kind is not VersionKind.TOMBSTONE:
        return purged(view, document, version)
    reason, remedy = _why(view, document, version, _last_text_before(view, version))
    return NotFoundError(reason, remedy=remedy, code=code or f"{version.kind.value}-version")


def purged(view: View, document: Document, version: Version) -> PurgedError:
    """That its content was removed for good."""
    return PurgedError(purged_words(view, document, version), remedy=_elsewhere(view, document, version))


def purged_words(view: View, document: Document, version: Version) -> str:
    """``version 3 of … was purged on … by …: reason``."""
    record = version.purged
    assert record is not None
    # The key may be gone with it; the id stays.
    what = document.id if is_masked(document.key) else document.key
    if record.thinned:
        return f"{named(version)} of {what} was thinned out on {view.moment(record.at)} by {record.by}: {record.reason}"
    return (
        f"{named(version)} of {what} was purged on {view.moment(record.at)} by {record.by}: {record.reason}"
    )


def off_line(view: View, document: Document) -> tuple[str, str]:
    """Why a document has no present version at all, and where to look instead."""
    aside = [v for v in view.versions(document.no) if v.status is VersionStatus.ASIDE]
    if not aside:
        return (
            f"every version of {document.key} was withdrawn",
            f"`indexer history {document.id}` lists them; name one by its id",
        )
    labels = list(dict.fromkeys(label for version in aside for label in version.labels))
    shown = ", ".join(labels[:_SHOWN]) + (" …" if len(labels) > _SHOWN else "")
    where = f"{document.key} is not on the source's line of history" + (f", only at {shown}" if shown else "")
    return where, f"such as `indexer show {reference(document, aside[-1])}`"


def _why(view: View, document: Document, version: Version, last: Version | None) -> tuple[str, str]:
    """What happened, and where to look instead."""
    if version.purged is not None and version.kind is not VersionKind.TOMBSTONE:
        return purged_words(view, document, version), _elsewhere(view, document, version)
    counted = bool(version.labels)
    hints = [f"its last text is {_shown(document, last, counted)}"] if last else []
    if version.kind is VersionKind.TOMBSTONE:
        following = _first_text_after(view, version)
        hints += [f"the next one is {_shown(document, following, counted)}"] if following else []
        return _deleted(view, document, version), "; ".join(hints) or "it never had a text"
    reason = f"{named(version)} of {document.key} could not be read"
    return reason, "; ".join(["`indexer failures` says why", *hints])


def _elsewhere(view: View, document: Document, version: Version) -> str:
    if version.purged is not None and version.purged.thinned:
        nearest = (_last_text_before(view, version), _first_text_after(view, version))
        shown = [_shown(document, kept, counted=False) for kept in nearest if kept is not None]
        return f"the nearest that are kept are {' and '.join(shown)}"
    line = [v for v in view.line(document.no) if v.manifest_no is not None]
    if not line:
        return "nothing of it is left but this record"
    return f"what is left is listed by `indexer history {document.id}`"


def _deleted(view: View, document: Document, version: Version) -> str:
    """A tombstone in words. The source may have taken away one version that it counts, and not the document."""
    when = view.moment(version.valid_from)
    if not version.labels:
        return f"{document.key} was deleted on {when}"
    what = f'version "{version.labels[0]}" of {document.key} was deleted'
    last = view.current(version.document_no)
    if last is None or last.no != version.no:
        return f"{what} at its source"
    return f"{what}, and the document with it, on {when}"


def _shown(document: Document, version: Version, counted: bool) -> str:
    """A version and how to see it; where its source counts versions itself, also what that calls it."""
    called = ""
    if counted and version.labels and version.labels[0] != str(version.number):
        called = f' (labelled "{version.labels[0]}")'
    return f"{named(version)}{called} (`indexer show {reference(document, version)}`)"


def _last_text_before(view: View, version: Version) -> Version | None:
    line = view.line(version.document_no)
    before = line if version.number is None else line[: version.number - 1]
    return next((v for v in reversed(before) if v.manifest_no is not None), None)


def _first_text_after(view: View, version: Version) -> Version | None:
    after = [] if version.number is None else view.line(version.document_no)[version.number :]
    return next((v for v in after if v.manifest_no is not None), None)
