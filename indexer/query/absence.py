"""Why a version has no text, and where the last one is."""

from __future__ import annotations

from typing import Final

from indexer.errors import NotFoundError
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
    """The same as an error; `code` is ``tombstone-version`` or ``unreadable-version`` unless given."""
    reason, remedy = _why(view, document, version, _last_text_before(view, version))
    return NotFoundError(reason, remedy=remedy, code=code or f"{version.kind.value}-version")


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
    hints = [f"its last text is {named(last)} (`indexer show {reference(document, last)}`)"] if last else []
    if version.kind is VersionKind.TOMBSTONE:
        reason = f"{document.key} was deleted on {view.moment(version.valid_from)}"
        return reason, "; ".join(hints) or "it never had a text"
    reason = f"{named(version)} of {document.key} could not be read"
    return reason, "; ".join(["`indexer failures` says why", *hints])


def _last_text_before(view: View, version: Version) -> Version | None:
    line = view.line(version.document_no)
    before = line if version.number is None else line[: version.number - 1]
    return next((v for v in reversed(before) if v.manifest_no is not None), None)
