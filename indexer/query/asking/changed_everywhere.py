"""Which documents changed in a stretch of time, where none is named."""

from __future__ import annotations

from typing import Final

from indexer.model import Version
from indexer.query.asking.dated import instant_of, stretch
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.states import called
from indexer.query.asking.subject import name_of
from indexer.query.results import Answer, SearchResult
from indexer.question import Bound

_NAMED: Final = 20
"""Documents that an answer names."""


def answer(inquiry: Inquiry) -> SearchResult:
    """The documents with a version that began then, the last changed first; without any date the one that changed last."""
    view, dates = inquiry.view, inquiry.asked.dates
    begin, end = stretch(dates)
    at = [date for date in dates if date.bound is Bound.AT]
    if at and begin is None:
        begin, end = at[0].period.first, instant_of(at[-1])
    latest = [
        (place, no)
        for no, place in view.snapshot.begun(begin, end, view.known_at).items()
        if inquiry.names.within is None or no in inquiry.names.within
    ]
    latest.sort(key=lambda one: (-one[0].valid_from, one[1]))
    shown = latest[: _NAMED if dates else 1]
    view.read_versions_at(place for place, _ in shown)
    versions = [view.version_at(place) for place, _ in shown]
    values = {"from": None, "to": None, "value": (), "versions": view.entries(versions)}
    return inquiry.result(Answer("changes", _words(inquiry, versions, len(latest)), values))


def _words(inquiry: Inquiry, versions: list[Version], changed: int) -> str:
    documents = {
        document.no: document for document in inquiry.view.documents(v.document_no for v in versions)
    }
    told = [
        f"{name_of(documents[version.document_no])} ({called(version)}, {inquiry.view.minute(version.valid_from)})"
        for version in versions
    ]
    if not told:
        return "no document changed then"
    if not inquiry.asked.dates:
        return f"the last change is that of {told[0]}; name a document to see what changed in it"
    more = f" and {changed - len(told)} more" if changed > len(told) else ""
    return f"{changed} document{'s' if changed != 1 else ''} changed: {', '.join(told)}{more}"
