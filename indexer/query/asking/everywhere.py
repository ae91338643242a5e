"""A version that is named without a document: that of whatever has one."""

from __future__ import annotations

from dataclasses import replace

from indexer.model import Version
from indexer.ports import Filter
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.states import Line, Target, lines
from indexer.query.asking.subject import Subject
from indexer.query.asking.targets import Finder
from indexer.query.lookup import Lookup
from indexer.query.results import Question, SearchResult
from indexer.query.scope import look_up
from indexer.query.view import View
from indexer.question import Bound, VersionExpression, VersionReading


def everywhere(inquiry: Inquiry) -> SearchResult | None:
    """The passages of editions that are called so, and of documents by versions of their own; None where it takes more than a name."""
    selector = _selector(inquiry)
    if selector is None:
        return None
    editions = {target.document.no: target for target in editions_called(inquiry, inquiry.asked.versions[0])}
    scope = inquiry.scope()
    nothing = inquiry.no_such(inquiry.finder.targets(inquiry.asked.versions))

    def look(view: View, question: Question) -> Lookup:
        own = look_up(view, replace(question, version=selector))
        chosen = {
            no: version
            for no, version in own.chosen.items()
            if no not in inquiry.names.edition_of and not _called_otherwise(version, selector)
        }
        chosen |= {no: target.version for no, target in editions.items()}
        told = replace(
            scope,
            resolved_by="; ".join(filter(None, [scope.resolved_by, own.scope.resolved_by])),
            documents_with=len(chosen),
            documents_without=own.scope.documents_without,
            selector=selector,
        )
        if not chosen:
            return Lookup(told, None, answer=own.answer or nothing)
        view.read_manifests(chosen.values())
        passages = frozenset(no for version in chosen.values() for no in view.passage_nos(version))
        return Lookup(told, Filter(passages=passages), chosen=chosen)

    return inquiry.search(replace(inquiry.question, text=inquiry.asked.rest), look, inquiry.order)


def _called_otherwise(version: Version, selector: str) -> bool:
    """Whether a number means a version to which its source gives another number."""
    counted = [label for label in version.labels if label.isdigit()]
    return selector.isdigit() and bool(counted) and selector not in counted


def editions_called(inquiry: Inquiry, expression: VersionExpression) -> list[Target]:
    """The editions of all works that an expression names."""
    if expression.reading is not VersionReading.NAMED:
        return []
    found = Finder(inquiry.view, all_works(inquiry)).targets([expression]).found
    return [target for target in found if target.has_text]


def all_works(inquiry: Inquiry) -> list[Line]:
    """The editions of every work."""
    return lines(inquiry.view, Subject(works=inquiry.names.works))


def _selector(inquiry: Inquiry) -> str | None:
    """What the one version that is named would be written as behind ``--version``."""
    if len(inquiry.asked.versions) != 1 or inquiry.asked.dates:
        return None
    version = inquiry.asked.versions[0]
    if version.bound is not Bound.AT or version.anchor is not None:
        return None
    if version.reading is VersionReading.COMMIT:
        return f"commit:{version.name}"
    if version.reading is VersionReading.POSITION:
        words = {1: "first", -1: "latest", -2: "previous"}
        return words.get(version.position) or (str(version.position) if version.position > 0 else None)
    return version.name or None
