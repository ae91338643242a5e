"""Which versions a question means: of the documents and works that it is about, by what it calls them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.model import Version
from indexer.query.asking.names import Edition, Work
from indexer.query.asking.states import Line, Target
from indexer.query.view import View
from indexer.question import Bound, DateExpression, VersionExpression, VersionReading
from indexer.selectors import Selection, select

_NEAREST: Final = 3
"""Versions that are named in place of one that does not exist."""
_LEAST_DIGITS: Final = 4
"""Of a commit."""


@dataclass(slots=True)
class Targets:
    """What the version expressions of a question mean."""

    found: list[Target] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Versions that were named and do not exist."""
    nearest: list[str] = field(default_factory=list)
    """What there is instead."""
    notes: list[str] = field(default_factory=list)
    """How they were found, for people."""
    alternatives: list[Version] = field(default_factory=list)
    """What else could have been meant."""
    doubt: AmbiguousError | None = None
    """Raised where it is the only answer: one document, and a name that several of its versions have."""

    def settled(self) -> Targets:
        """The same; raises `AmbiguousError` where nothing was found for being ambiguous."""
        if not self.found and self.doubt is not None:
            raise self.doubt
        return self


class Finder:
    """Finds versions among the states of what a question is about."""

    def __init__(self, view: View, lines: Sequence[Line], *, own_first: bool = False) -> None:
        """`own_first`: versions of documents come before editions of works that are called the same."""
        self._view = view
        works = [line for line in lines if line.work is not None]
        documents = [line for line in lines if line.work is None]
        self._orders = [group for group in ((documents, works) if own_first else (works, documents)) if group]

    @property
    def lines(self) -> list[Line]:
        """All of them, those first that are asked first."""
        return [line for group in self._orders for line in group]

    @property
    def told(self) -> list[Line]:
        """Those to speak of where no version is named: a document's own, if it has more than one, else all."""
        first = self._orders[0] if self._orders else []
        own = all(line.work is None for line in first) and any(len(line.states) > 1 for line in first)
        return first if own else self.lines

    def targets(self, expressions: Iterable[VersionExpression]) -> Targets:
        """What these mean, each by itself."""
        targets = Targets()
        for expression in expressions:
            before = len(targets.found)
            for group in self._orders:
                for line in group:
                    targets.found += self.on(line, expression, targets)
                if len(targets.found) > before:
                    break
            if len(targets.found) == before:
                targets.missing.append(expression.name or expression.written)
                targets.nearest += [
                    label for label in self.nearest(expression) if label not in targets.nearest
                ]
        return targets

    def on(self, line: Line, expression: VersionExpression, targets: Targets | None = None) -> list[Target]:
        """What one expression means on one line; what is to be said of it is added to `targets`."""
        targets = targets or Targets()
        match expression.reading:
            case VersionReading.NAMED | VersionReading.TAG if line.work is not None:
                return self._editions(line, expression.name)
            case VersionReading.NAMED | VersionReading.TAG | VersionReading.COMMIT:
                return self._selected(line, expression, targets)
            case VersionReading.POSITION:
                return self._at_position(line, expression, targets)
            case VersionReading.NEIGHBOUR:
                return self._beside(line, expression, targets)

    def nearest(self, expression: VersionExpression) -> list[str]:
        """What is called nearly so, in its order: labels of editions, labels and numbers of versions."""
        name = expression.name or (str(expression.position) if expression.position > 0 else "")
        if not re.search(r"\d", name):
            return []
        found: list[str] = []
        for line in self.lines[:_NEAREST]:
            labels = list(dict.fromkeys(state.label for state in line.states))
            closest = sorted(labels, key=lambda label: _distance(label, name))[:_NEAREST]
            found += [label for label in labels if label in closest and label not in found]
        return found

    # --- one expression on one line ----------------------------------------------------------

    def _editions(self, line: Line, name: str) -> list[Target]:
        """The editions that are called so; else those that state it themselves, else those of which it is the beginning."""
        assert line.work is not None
        states = {state.document.no: state for state in line.states}
        return [states[edition.document_no] for edition in editions_called(line.work, name, states)]

    def _selected(self, line: Line, expression: VersionExpression, targets: Targets) -> list[Target]:
        found: dict[int, Target] = {}
        for state in line.states if line.work is not None else line.states[-1:]:
            selection = self._selection(state, expression, targets)
            if selection is not None:
                known = {one.version.no: one for one in line.states}
                own = known.get(selection.version.no)
                base = own or replace(state, version=selection.version, since=selection.version.valid_from)
                found[selection.version.no] = replace(base, label=_label(selection, expression))
                targets.alternatives += selection.alternatives
        return list(found.values())

    def _selection(self, state: Target, expression: VersionExpression, targets: Targets) -> Selection | None:
        """The version that a document's source calls so, else the one of that number."""
        document = state.document
        versions, points = self._view.versions(document.no), self._view.points(document.source_no)
        commit = expression.reading is VersionReading.COMMIT
        if commit and len(expression.name) < _LEAST_DIGITS:
            return None
        selections: list[Selection] = []
        readings = ("label",) if counted_by_source(versions) else ("label", "number")
        for reading in ("commit",) if commit else readings:
            try:
                selections.append(select(versions, f"{reading}:{expression.name}", self._view.zone, points))
            except (NotFoundError, UsageError):
                continue
            except AmbiguousError as error:
                targets.doubt = error
                targets.notes.append(f"in {document.key} {error.message}")
                return None
        if not selections:
            return None
        chosen, *others = selections
        different = [other.version for other in others if other.version.no != chosen.version.no]
        if different:
            targets.notes.append(
                f"{chosen.resolved_by} is taken; {others[0].resolved_by} is another version: {different[0].id}"
            )
        return Selection(chosen.version, chosen.resolved_by, (*chosen.alternatives, *different))

    def _at_position(self, line: Line, expression: VersionExpression, targets: Targets) -> list[Target]:
        states = self._limited(line, expression, targets)
        position = expression.position
        if position > 1 and line.work is None and len(states) == len(line.texts):
            # A source that counts its versions itself may not have kept all of them.
            counted = VersionExpression(
                expression.written, expression.span, VersionReading.NAMED, str(position)
            )
            return self._selected(line, counted, targets)
        place = position - 1 if position > 0 else len(states) + position
        return [states[place]] if 0 <= place < len(states) else []

    def _limited(self, line: Line, expression: VersionExpression, targets: Targets) -> Sequence[Target]:
        """The states that are counted: those that the expression's own limit leaves."""
        anchor = expression.anchor
        if anchor is None:
            return line.texts
        if isinstance(anchor, DateExpression):
            return [state for state in line.texts if began(state, anchor)]
        beside = self.on(line, anchor, targets)
        return [state for state in line.texts if any(fits(state, one, anchor.bound) for one in beside)]

    def _beside(self, line: Line, expression: VersionExpression, targets: Targets) -> list[Target]:
        anchor = expression.anchor
        if isinstance(anchor, DateExpression):
            before = [s for s in line.texts if s.since is not None and s.since < anchor.period.first]
            after = [s for s in line.texts if s.since is not None and s.since > anchor.period.last]
            place = expression.offset if expression.offset < 0 else expression.offset - 1
            states = before if expression.offset < 0 else after
            return [states[place]] if -len(states) <= place < len(states) else []
        if anchor is None:
            return []
        found = [line.beside(target, expression.offset) for target in self.on(line, anchor, targets)]
        return [target for target in found if target is not None]


# --- limits ----------------------------------------------------------------------------------


def limits(expressions: Sequence[VersionExpression], *bounds: Bound) -> list[VersionExpression]:
    """Those of `expressions` that stand at one of these bounds."""
    return [expression for expression in expressions if expression.bound in bounds]


def fits(state: Target, other: Target, bound: Bound) -> bool:
    """Whether a state lies where `bound` says, seen from another of the same line."""
    match bound:
        case Bound.AT:
            return state.place == other.place
        case Bound.BEFORE:
            return state.place < other.place
        case Bound.UNTIL | Bound.TO:
            return state.place <= other.place
        case Bound.AFTER:
            return state.place > other.place
        case Bound.SINCE | Bound.FROM:
            return state.place >= other.place


def began(state: Target, date: DateExpression) -> bool:
    """Whether a state began when the date says."""
    if state.since is None:
        return False
    match date.bound:
        case Bound.AT:
            return date.period.first <= state.since <= date.period.last
        case Bound.BEFORE:
            return state.since < date.period.first
        case Bound.UNTIL | Bound.TO:
            return state.since <= date.period.last
        case Bound.AFTER:
            return state.since > date.period.last
        case Bound.SINCE | Bound.FROM:
            return state.since >= date.period.first


# --- labels ----------------------------------------------------------------------------------


def bare(label: str) -> str:
    """A label without case, and without the v before a number."""
    return re.sub(r"^v(?=\d)", "", label.casefold().strip())


def same_label(label: str, name: str) -> bool:
    """Whether both name one version: ``v3.0`` and ``3.0``; not ``3`` and ``3.0``, which may be two."""
    return bare(label) == bare(name)


def editions_called(work: Work, name: str, there: Container[int]) -> list[Edition]:
    """Of the editions whose documents are `there`: see `Finder`."""
    editions = [edition for edition in work.editions if edition.document_no in there]
    found = [edition for edition in editions if same_label(edition.label, name)]
    found = found or [
        edition for edition in editions if any(same_label(label, name) for label in edition.stated)
    ]
    beginnings = (bare(name) + ".", bare(name) + "-")
    return found or [edition for edition in editions if bare(edition.label).startswith(beginnings)]


def counted_by_source(versions: Iterable[Version]) -> bool:
    """Whether the source numbers the versions itself, so that "version 2" means what it calls so, and nothing where it kept none."""
    contents = [
        version for version in versions if version.number is not None and version.manifest_no is not None
    ]
    return bool(contents) and all(any(label.isdigit() for label in version.labels) for version in contents)


def _label(selection: Selection, expression: VersionExpression) -> str:
    """What the version is called, in the words of its source where these were meant."""
    if expression.reading is VersionReading.COMMIT:
        return f"commit {expression.name}"
    labels = selection.version.labels
    return next((label for label in labels if same_label(label, expression.name)), expression.name)


def _distance(label: str, name: str) -> tuple[float, ...]:
    """How far two labels lie apart, number by number."""
    left = [int(part) for part in re.findall(r"\d{1,18}", label)[:4]]
    right = [int(part) for part in re.findall(r"\d{1,18}", name)[:4]]
    width = max(len(left), len(right), 1)
    left += [0] * (width - len(left))
    right += [0] * (width - len(right))
    return tuple(float(abs(a - b)) for a, b in zip(left, right, strict=True))
