"""In which version something came in, or went: by the states of a subject in their order, read literally where that can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.query.asking.candidates import Found, Line, about, lines
from indexer.query.asking.names import Names
from indexer.query.asking.subject import Subject
from indexer.query.asking.targets import Target, same_label
from indexer.query.results import Answer
from indexer.query.view import View
from indexer.question import Interpretation, Kind


def answer(view: View, names: Names, subject: Subject, asked: Interpretation) -> tuple[Answer, Target] | None:
    """The version in which the topic came in or went, and that version; None where it is nowhere, or never went.

    Something may come and go more than once: the stretch that the question names a version of counts, else the first.
    """
    stretches: list[Stretch] = []
    for line in lines(view, names, subject):
        stretches += _stretches(line, about(view, line, asked))
    removed = asked.kind is Kind.REMOVED
    if removed:
        stretches = [stretch for stretch in stretches if stretch.gone is not None]
    if not stretches:
        return None
    chosen = _chosen(stretches, asked, removed)
    target = chosen.gone if removed else chosen.first
    assert target is not None
    others = [one for one in stretches if one.line is chosen.line and one is not chosen]
    text = _words(view, chosen, target, others, removed)
    values = {"value": view.entry(target.version), "label": target.label}
    return Answer("removed" if removed else "introduced", text, values), target


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring states of one line that all have something."""

    line: Line
    first: Target
    begins: bool
    """Whether `first` is the first state that is known."""
    gone: Target | None
    """The first state without it; None where it never went."""


def _stretches(line: Line, states: Sequence[Found]) -> list[Stretch]:
    found = []
    first: Target | None = None
    for state in [*states, None]:
        has = state is not None and bool(state.passages)
        if has and first is None:
            assert state is not None
            first = state.target
        elif not has and first is not None:
            begins = first is states[0].target
            found.append(Stretch(line, first, begins, None if state is None else state.target))
            first = None
    return found


def _chosen(stretches: Sequence[Stretch], asked: Interpretation, removed: bool) -> Stretch:
    named = [version.name for version in asked.versions if version.name]
    for stretch in stretches:
        target = stretch.gone if removed else stretch.first
        if target is not None and any(same_label(target.label, name) for name in named):
            return stretch
    # The subject may be several works: one in which it came in tells more than one that always had it.
    return min(stretches, key=lambda stretch: stretch.begins)


def _words(view: View, stretch: Stretch, target: Target, others: Sequence[Stretch], removed: bool) -> str:
    own = target.work is None
    when = f", {view.moment(target.version.valid_from)}" if own else ""
    who = f" by {target.version.author}" if own and target.version.author else ""
    name = stretch.line.name
    if removed:
        text = f"gone since {target.label} of {name}{when}{who}"
    elif stretch.begins:
        text = f"in {name} since the first version that is known, {target.label}{when}"
    else:
        text = f"came in with {target.label} of {name}{when}{who}"
    if others and not removed:
        text += "; " + ", ".join(
            f"also from {one.first.label}" + (f" until before {one.gone.label}" if one.gone else "")
            for one in others
        )
    if own and target.version.message:
        text += f": {target.version.message.splitlines()[0]}"
    return text
