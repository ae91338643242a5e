"""A version that is named without a document: that of whatever has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from indexer.ports import Filter
from indexer.ports.elected import Elected
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.names import Names
from indexer.query.asking.passages import ranked
from indexer.query.asking.states import Line, lines
from indexer.query.asking.subject import Subject
from indexer.query.asking.targets import editions_called
from indexer.query.asking.topic import Topic
from indexer.query.everywhere import kept_passages, passages_of
from indexer.query.lookup import Lookup
from indexer.query.results import Hit, Question, SearchResult
from indexer.query.scope import elected
from indexer.query.view import View
from indexer.question import Bound, VersionExpression, VersionReading


def everywhere(inquiry: Inquiry) -> SearchResult | None:
    """The passages of editions that are called so, and of documents by versions of their own; None where it takes more than a name."""
    selector = _selector(inquiry)
    if selector is None:
        return None
    expression = inquiry.asked.versions[0]
    scope = inquiry.scope()
    nothing = inquiry.no_such(inquiry.finder.targets(inquiry.asked.versions))

    def look(view: View, question: Question) -> Lookup:
        own = elected(view, question, selector)
        if inquiry.names.within is None:
            key = ("everywhere in words", selector, expression.reading, expression.name)
            chosen = view.kept(key, lambda: _chosen(view, inquiry.names, own, selector, expression))
            passages = kept_passages(view, ("passages of", *key), chosen)
        else:
            chosen = _chosen(view, inquiry.names, own, selector, expression)
            passages = passages_of(view, chosen)
        told = replace(
            scope,
            resolved_by="; ".join(filter(None, [scope.resolved_by, own.scope.resolved_by])),
            documents_with=len(chosen),
            documents_without=own.scope.documents_without,
            selector=selector,
        )
        if not chosen:
            return Lookup(told, None, answer=own.answer or nothing)
        return Lookup(told, Filter(passages=passages), elected=chosen)

    result = inquiry.search(replace(inquiry.question, text=inquiry.asked.rest), look, inquiry.order)
    return replace(result, hits=ranked(_living_first(inquiry, result.hits)))


def _living_first(inquiry: Inquiry, hits: Sequence[Hit]) -> list[Hit]:
    """Of the first hits, as far as all have as many words of the topic, those first whose documents are still there."""
    texts = ["\n".join([*hit.heading, hit.text]) for hit in hits]
    topic = Topic(inquiry.asked, inquiry.subject.names, texts)
    shares = [topic.share(text) for text in texts]
    alike = list(takewhile(lambda place: shares[place] >= shares[0], range(len(hits))))
    return [*sorted(hits[: len(alike)], key=lambda hit: hit.document.deleted), *hits[len(alike) :]]


def _chosen(
    view: View, names: Names, own: Lookup, selector: str, expression: VersionExpression
) -> dict[int, Elected]:
    """`own`, the versions that the selector means by itself, with editions by their names instead."""
    otherwise = _called_otherwise(view, selector)
    works = names.edition_of
    versions = {
        no: version
        for no, version in own.elected.items()
        if no not in works and version.version_no not in otherwise
    }
    return versions | _editions_called(view, names, expression)


def _called_otherwise(view: View, selector: str) -> frozenset[int]:
    """The versions to which their source gives other numbers than the one that is meant."""
    if not selector.isdigit():
        return frozenset()
    counted = view.kept("counted", lambda: view.snapshot.counted(view.known_at))
    return frozenset(no for no, numbers in counted.items() if selector not in numbers)


def _editions_called(view: View, names: Names, expression: VersionExpression) -> dict[int, Elected]:
    """Document number → its present text, of the editions of all works that an expression names."""
    if expression.reading is not VersionReading.NAMED:
        return {}
    everything = {edition.document_no for work in names.works for edition in work.editions}
    view.read_places(everything)
    there = {no for no in everything if view.places(no)}
    called = {
        edition.document_no
        for work in names.works
        for edition in editions_called(work, expression.name, there)
    }
    present = view.snapshot.elected((view.places(no)[-1].version_no for no in called), view.known_at)
    found = {no: present[view.places(no)[-1].version_no] for no in called}
    # One that was deleted is what it was before.
    textless = [no for no, version in found.items() if version.manifest_no is None]
    for document in view.documents(textless):
        texts = [version for version in view.line(document.no) if version.manifest_no is not None]
        if document.deleted and texts:
            found[document.no] = Elected(texts[-1].no, texts[-1].key, texts[-1].manifest_no)
    return {no: version for no, version in found.items() if version.manifest_no is not None}


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
