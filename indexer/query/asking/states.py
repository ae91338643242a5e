"""The states of what a question is about, in their order: editions of a work, or versions of a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from indexer.model import Document, Instant, Version
from indexer.query.asking.names import Edition, Work
from indexer.query.asking.subject import Subject
from indexer.query.view import View
from indexer.timing import parse_instant


@dataclass(frozen=True, slots=True)
class Target:
    """A version that may be meant."""

    document: Document
    version: Version
    label: str
    """What its source, or its name, calls it; its number where nothing does."""
    work: Work | None = None
    """Where it is an edition of one."""
    place: int = 0
    """In the line that it is of, from 0."""
    since: Instant | None = None
    """When it began to hold."""

    @property
    def has_text(self) -> bool:
        """Whether there is something in it to search."""
        return self.version.manifest_no is not None


@dataclass(frozen=True)
class Line:
    """The states of one thing, the oldest first; those without a text included."""

    name: str
    states: tuple[Target, ...]
    work: Work | None = None
    document: Document | None = None

    @cached_property
    def texts(self) -> tuple[Target, ...]:
        """Those that have a text."""
        return tuple(state for state in self.states if state.has_text)

    def beside(self, target: Target, offset: int) -> Target | None:
        """The state with a text so many steps after `target`, or before it; None where none is.

        Several files of one edition, such as formats of it, are one step.
        """
        later = self._steps(
            state for state in self.texts if state.place > target.place and self._other(state, target)
        )
        earlier = self._steps(
            state for state in self.texts if state.place < target.place and self._other(state, target)
        )
        if offset > 0:
            return later[offset - 1] if offset <= len(later) else None
        return earlier[offset] if -offset <= len(earlier) else None

    def _other(self, state: Target, target: Target) -> bool:
        return self.work is None or state.label.casefold() != target.label.casefold()

    def _steps(self, states: Iterable[Target]) -> list[Target]:
        """These states, of editions with one label the first."""
        found = list(states)
        if self.work is None:
            return found
        return list({state.label.casefold(): state for state in reversed(found)}.values())[::-1]

    def at(self, instant: Instant) -> Target | None:
        """The state that held at that instant; None before the first."""
        begun = [state for state in self.states if state.since is not None and state.since <= instant]
        return begun[-1] if begun else None


def lines(view: View, subject: Subject) -> list[Line]:
    """That of each work and of each document which the question is about."""
    editions = {edition.document_no for work in subject.works for edition in work.editions}
    view.read_places(editions)
    # One question may be about all works: what their lines need is read at once.
    view.read_versions_at(places[-1] for no in editions if (places := view.places(no)))
    documents = {document.no: document for document in view.documents(editions)}
    found = [_of_work(view, work, documents) for work in subject.works]
    found += [of_document(view, document) for document in view.documents(subject.documents)]
    return [line for line in found if line.states]


def of_document(view: View, document: Document) -> Line:
    """The versions of one document."""
    states = tuple(
        Target(document, version, called(version), place=place, since=version.valid_from)
        for place, version in enumerate(view.line(document.no))
    )
    return Line(document.title if document.key.isdigit() else document.key, states, document=document)


def _of_work(view: View, work: Work, documents: Mapping[int, Document]) -> Line:
    states: list[Target] = []
    for edition in work.editions:
        document = documents.get(edition.document_no)
        version = None if document is None else _text(view, document)
        if document is None or version is None:
            continue
        states.append(Target(document, version, edition.label, work, len(states), _begun(view, edition)))
    return Line(work.name, tuple(states), work=work)


def _text(view: View, document: Document) -> Version | None:
    """The present state of an edition; of one that was deleted the last that had a text."""
    current = view.current(document.no)
    if current is None or current.manifest_no is not None or not document.deleted:
        return current
    return next((v for v in reversed(view.line(document.no)) if v.manifest_no is not None), current)


def _begun(view: View, edition: Edition) -> Instant | None:
    """When an edition began: by its label where that is a date, else when its file was first there."""
    if edition.begins is not None:
        return day(view, edition.begins)
    places = view.places(edition.document_no)
    return places[0].valid_from if places else None


def day(view: View, begins: date) -> Instant:
    """The first instant of a day in the zone of whoever asks."""
    return parse_instant(begins.isoformat(), view.zone)[0]


def called(version: Version) -> str:
    """What people call a version: by its label, else by its number."""
    return version.labels[0] if version.labels else str(version.number)


def shown(targets: Sequence[Target]) -> str:
    """The labels of several states, each once."""
    return ", ".join(dict.fromkeys(target.label for target in targets))
