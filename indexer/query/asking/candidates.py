"""Texts that may be about a topic, in every edition or version of a subject, with how much they are about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.model import Version, VersionKind
from indexer.query.asking.names import Names
from indexer.query.asking.subject import Subject
from indexer.query.asking.targets import Target
from indexer.query.asking.topic import Topic
from indexer.query.view import View
from indexer.question import Interpretation


@dataclass(frozen=True, slots=True)
class Line:
    """The states of one thing in their order: the editions of a work, or the versions of a document."""

    name: str
    targets: tuple[Target, ...]


def lines(view: View, names: Names, subject: Subject) -> Iterator[Line]:
    """Of each work and each document that the question is about."""
    for work in subject.works:
        targets = []
        for place, edition in enumerate(work.editions):
            current = view.current(edition.document_no)
            if current is not None and current.manifest_no is not None:
                document = view.document(edition.document_no)
                targets.append(Target(document, current, edition.label, work, place))
        yield Line(work.name, tuple(targets))
    for no in sorted(subject.documents):
        document = view.document(no)
        line = [version for version in view.line(no) if _has_text(version)]
        targets = [
            Target(document, v, v.labels[0] if v.labels else str(v.number), place=v.number or 0) for v in line
        ]
        yield Line(document.key, tuple(targets))


@dataclass(frozen=True, slots=True)
class Found:
    """The passages of one state that are about the topic."""

    target: Target
    passages: tuple[int, ...]


def about(view: View, line: Line, asked: Interpretation) -> list[Found]:
    """In which states of a line there is something about the topic of the question, in their order."""
    view.read_manifests(target.version for target in line.targets)
    numbers = [view.passage_nos(target.version) for target in line.targets]
    passages = view.snapshot.passages({no for of_one in numbers for no in of_one})
    texts = {no: "\n".join([*passage.heading, passage.text]) for no, passage in passages.items()}
    topic = Topic(asked, [line.name], texts.values())
    known = list(texts)
    chosen = {no for no, fits in zip(known, topic.chosen([texts[no] for no in known]), strict=True) if fits}
    return [
        Found(target, tuple(no for no in of_one if no in chosen))
        for target, of_one in zip(line.targets, numbers, strict=True)
    ]


def _has_text(version: Version) -> bool:
    return version.kind is VersionKind.CONTENT and version.manifest_no is not None
