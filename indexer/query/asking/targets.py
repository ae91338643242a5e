"""Which versions a question means: of the documents and works that it is about, by what it calls them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from indexer.errors import NotFoundError, UsageError
from indexer.model import Document, Version
from indexer.query.asking.names import Names, Work
from indexer.query.asking.subject import Subject
from indexer.query.view import View
from indexer.question import Bound, VersionExpression, VersionReading
from indexer.selectors import select


@dataclass(frozen=True, slots=True)
class Target:
    """A version that is meant."""

    document: Document
    version: Version
    label: str
    """What the question, or its source, calls it."""
    work: Work | None = None
    """Where it is an edition of one."""
    place: int = 0
    """In the order of the work's editions, or the document's number."""


@dataclass(slots=True)
class Targets:
    """What the version expressions of a question mean."""

    found: list[Target] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Versions that were named and do not exist."""
    nearest: list[str] = field(default_factory=list)
    """What there is instead."""


class Finder:
    """Finds versions in one view."""

    def __init__(self, view: View, names: Names, subject: Subject) -> None:
        self._view = view
        self._names = names
        self._subject = subject

    def targets(self, expressions: Sequence[VersionExpression]) -> Targets:
        """What these mean, each by itself."""
        targets = Targets()
        for expression in expressions:
            found = list(self._meant(expression))
            targets.found += found
            if not found:
                targets.missing.append(expression.name or expression.written)
                targets.nearest += self.labels_near(expression.name)
        return targets

    def works(self) -> tuple[Work, ...]:
        """The works that are asked about: those that are named, or all where nothing is."""
        return self._subject.works if self._subject.named else tuple(self._names.works)

    def edition(self, work: Work, place: int, label: str | None = None) -> Target | None:
        """An edition as it is at present; None where it has no text or is not known then."""
        edition = work.editions[place]
        current = self._view.current(edition.document_no)
        if current is None or current.manifest_no is None:
            return None
        document = self._view.document(edition.document_no)
        return Target(document, current, label or edition.label, work, place)

    def labels_near(self, name: str) -> list[str]:
        """The labels of editions that are nearest to `name` in their order."""
        found: list[str] = []
        for work in self.works()[:3]:
            labels = [edition.label for edition in work.editions]
            order = sorted(labels, key=lambda label: _distance(label, name))
            found += [label for label in labels if label in order[:3] and label not in found]
        return found

    # --- one expression ----------------------------------------------------------------------

    def _meant(self, expression: VersionExpression) -> Iterator[Target]:
        match expression.reading:
            case VersionReading.NAMED | VersionReading.TAG | VersionReading.COMMIT:
                yield from self._named(expression)
            case VersionReading.POSITION:
                yield from self._at_position(expression.position)
            case VersionReading.NEIGHBOUR:
                yield from self._beside(expression)

    def _named(self, expression: VersionExpression) -> Iterator[Target]:
        editions = list(self._editions(expression.name))
        yield from editions
        if self._subject.works and editions:
            return
        for no in self._documents():
            target = self._selected(no, expression)
            if target is not None:
                yield target

    def _editions(self, name: str) -> Iterator[Target]:
        for work in self.works():
            exact = [place for place, edition in enumerate(work.editions) if same_label(edition.label, name)]
            inside = [
                place for place, edition in enumerate(work.editions) if bare(edition.label).startswith(bare(name) + ".")
            ]  # fmt: skip
            for place in exact or inside:
                target = self.edition(work, place)
                if target is not None:
                    yield target

    def _documents(self) -> Sequence[int]:
        """Documents that are asked about by versions of their own: no editions of a work."""
        if self._subject.documents:
            return sorted(self._subject.documents)
        return []

    def _selected(self, document_no: int, expression: VersionExpression) -> Target | None:
        readings = ["label", "number"]
        if expression.reading is VersionReading.COMMIT:
            readings = ["commit"]
        selectors = [f"{reading}:{expression.name}" for reading in readings]
        document = self._view.document(document_no)
        versions = self._view.versions(document_no)
        for selector in selectors:
            try:
                found = select(versions, selector, self._view.zone, self._view.points(document.source_no))
            except (NotFoundError, UsageError):
                continue
            return Target(document, found.version, expression.name, place=found.version.number or 0)
        return None

    def _at_position(self, position: int) -> Iterator[Target]:
        for work in self._subject.works:
            place = position - 1 if position > 0 else len(work.editions) + position
            if 0 <= place < len(work.editions):
                target = self.edition(work, place)
                if target is not None:
                    yield target
        for no in self._documents():
            line = [version for version in self._view.line(no) if version.manifest_no is not None]
            place = position - 1 if position > 0 else len(line) + position
            if 0 <= place < len(line):
                yield Target(
                    self._view.document(no), line[place], _called(line[place]), place=line[place].number or 0
                )

    def _beside(self, expression: VersionExpression) -> Iterator[Target]:
        anchor = expression.anchor
        if not isinstance(anchor, VersionExpression):
            return
        for target in self._meant(anchor):
            if target.work is not None:
                place = target.place + expression.offset
                if 0 <= place < len(target.work.editions):
                    found = self.edition(target.work, place)
                    if found is not None:
                        yield found
                continue
            line = self._view.line(target.document.no)
            wanted = (target.version.number or 0) + expression.offset
            beside = next((version for version in line if version.number == wanted), None)
            if beside is not None:
                yield Target(target.document, beside, _called(beside), place=wanted)


def limits(expressions: Sequence[VersionExpression], *bounds: Bound) -> list[VersionExpression]:
    """Those of `expressions` that stand at one of these bounds."""
    return [expression for expression in expressions if expression.bound in bounds]


def bare(label: str) -> str:
    """A label without case, and without the v before a number."""
    return re.sub(r"^v(?=\d)", "", label.casefold().strip())


def same_label(label: str, name: str) -> bool:
    """Whether both name one version: ``v3.0`` and ``3.0``; not ``3`` and ``3.0``, which may be two."""
    return bare(label) == bare(name)


def _called(version: Version) -> str:
    return version.labels[0] if version.labels else str(version.number)


def _distance(label: str, name: str) -> tuple[float, ...]:
    """How far two labels lie apart, number by number."""
    left = [int(part) for part in re.findall(r"\d+", label)[:4]]
    right = [int(part) for part in re.findall(r"\d+", name)[:4]]
    width = max(len(left), len(right), 1)
    left += [0] * (width - len(left))
    right += [0] * (width - len(right))
    return tuple(float(abs(a - b)) for a, b in zip(left, right, strict=True))
