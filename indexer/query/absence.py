"""Why a version has no text, and where the last one is."""

from __future__ import annotations

from indexer.model import Document, Version, VersionKind
from indexer.query.naming import named, reference
from indexer.query.results import Answer
from indexer.query.view import View


def without_text(view: View, document: Document, version: Version) -> Answer | None:
    """Why there is nothing to search or show in `version`; None if there is."""
    if version.manifest_no is not None:
        return None
    last = _last_text_before(view, version)
    hint = f"; its last text is {named(last)} (`indexer show {reference(document, last)}`)" if last else ""
    if version.kind is VersionKind.TOMBSTONE:
        text = f"{document.key} was deleted on {view.moment(version.valid_from)}{hint}"
    else:
        text = f"{named(version)} of {document.key} could not be read (`indexer failures` says why){hint}"
    values = {
        "version": view.entry(version),
        "first": None,
        "elsewhere": view.entries([last] if last else []),
    }
    return Answer("nothing-in-version", text, values)


def _last_text_before(view: View, version: Version) -> Version | None:
    line = view.line(version.document_no)
    before = line if version.number is None else line[: version.number - 1]
    return next((v for v in reversed(before) if v.manifest_no is not None), None)
