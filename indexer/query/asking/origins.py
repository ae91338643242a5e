"""In which version something came in, went or took its present wording: by the states of a subject in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.model import Passage, VersionKind
from indexer.query.asking import changing
from indexer.query.asking.inquiry import LAST, Inquiry
from indexer.query.asking.marks import asks_for_code, code_of, without_links
from indexer.query.asking.states import Line, Target
from indexer.query.asking.targets import same_label
from indexer.query.asking.words import words
from indexer.query.results import Answer, SearchResult
from indexer.question import Kind

_CHANGING = frozenset(
    ["changed", "updated", "modified", "edited", "revised", "amended", "reworded", "touched", "altered"]
)
_CHANGE = frozenset(["change", "alter", "differ"])
_COMING = frozenset(["introduced", "introduce", "added", "add", "new", "came", "brought", "first"])


def answer(inquiry: Inquiry) -> SearchResult | None:
    """The version in which the topic came in or went; None where it is nowhere, or never went.

    Something may come and go more than once: the stretch that the question names a version of counts, else the first.
    """
    if not inquiry.subject.named:
        named = inquiry.by_passages()
        return None if named is None else answer(named)
    said = set(words(inquiry.asked.text))
    removed = inquiry.asked.kind is Kind.REMOVED
    last = bool(said & LAST and said & _CHANGING)
    whole = inquiry.whole
    changed = last or (_asks_for_change(said) and not removed)
    if changed and whole:
        return changing.last_change(inquiry)
    known = [
        (line, [Found(s, s.has_text) for s in _known(line)] if whole else about(inquiry, line))
        for line in inquiry.finder.told
    ]
    # That it came is a change only where the last one is asked for.
    changes = [one for line, states in known for one in _changed(line, states)[0 if last else 1 :] if changed]
    stretches = changes or [one for line, states in known for one in _stretches(line, states)]
    present = [stretch for stretch in stretches if stretch.gone is None]
    if removed:
        stretches = [stretch for stretch in stretches if stretch.gone is not None]
    if not stretches:
        return _still_there(inquiry, present) if removed and present else None
    chosen = stretches[-1] if changes else _chosen(stretches, inquiry, removed)
    target = chosen.gone if removed else chosen.first
    assert target is not None
    others = [one for one in stretches if one.line is chosen.line and one is not chosen and not last]
    text = _words(inquiry, chosen, target, others, removed=removed, changed=bool(changes))
    entry = inquiry.view.entry(target.version)
    told = Answer("removed" if removed else "introduced", text, {"value": entry, "label": target.label})
    result = inquiry.hits([chosen.last if removed else target])
    scope = replace(result.scope, document=target.document, version=entry)
    return replace(result, answer=told, scope=scope)


def _asks_for_change(said: set[str]) -> bool:
    """Whether it is asked when something that was there became another: "when was it changed", "in which version did it change"."""
    if said & _COMING:
        return False
    return bool(said & _CHANGING) or ("did" in said and bool(said & _CHANGE))


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a state has something about the topic."""

    target: Target
    has: bool
    passages: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring states of one line that all have something."""

    line: Line
    first: Target
    last: Target
    begins: bool
    """Whether `first` is the first state that is known."""
    gone: Target | None
    """The first state without it; None where it never went."""


def about(inquiry: Inquiry, line: Line) -> list[Found]:
    """In which states of a line there is something about the topic of the question, in their order."""
    view, states = inquiry.view, _known(line)
    view.read_manifests(state.version for state in states)
    numbers = [view.passage_nos(state.version) for state in states]
    passages = view.snapshot.passages({no for of_one in numbers for no in of_one})
    texts = _code(inquiry, numbers, passages) or {
        no: "\n".join([*passage.heading, without_links(passage.text)]) for no, passage in passages.items()
    }
    topic = inquiry.about(line, list(texts.values()))
    known = list(texts)
    fitting = topic.chosen([texts[no] for no in known])
    chosen = frozenset(no for no, fits in zip(known, fitting, strict=True) if fits)
    return [
        Found(state, not chosen.isdisjoint(of_one), chosen.intersection(of_one))
        for state, of_one in zip(states, numbers, strict=True)
    ]


def _code(
    inquiry: Inquiry, numbers: Sequence[Sequence[int]], passages: Mapping[int, Passage]
) -> dict[int, str]:
    """What passages have in code blocks, where the question is about examples; empty where it is not, or no code is marked as such."""
    if not asks_for_code(inquiry.asked):
        return {}
    found: dict[int, str] = {}
    for of_one in numbers:
        pieces = code_of(passages[no].text for no in of_one)
        for no, code in zip(of_one, pieces, strict=True):
            found.setdefault(no, code)
    return found if any(found.values()) else {}


def _known(line: Line) -> list[Target]:
    """The states of which it is known what they hold: a tombstone holds nothing, an unreadable version may hold anything."""
    return [s for s in line.states if s.has_text or s.version.kind is VersionKind.TOMBSTONE]


def _stretches(line: Line, states: Sequence[Found]) -> list[Stretch]:
    found = []
    first: Target | None = None
    last: Target | None = None
    for state in [*states, None]:
        if state is not None and state.has:
            first = first or state.target
            last = state.target
        elif first is not None and last is not None:
            begins = first is states[0].target
            found.append(Stretch(line, first, last, begins, None if state is None else state.target))
            first = last = None
    return found


def _changed(line: Line, states: Sequence[Found]) -> list[Stretch]:
    """The states in which the passages about the topic are others than before."""
    found = []
    before: frozenset[int] = frozenset()
    for place, state in enumerate(states):
        if state.passages != before and state.has:
            found.append(Stretch(line, state.target, state.target, place == 0, None))
        before = state.passages
    return found


def _chosen(stretches: Sequence[Stretch], inquiry: Inquiry, removed: bool) -> Stretch:
    named = [version.name for version in inquiry.asked.versions if version.name]
    for stretch in stretches:
        target = stretch.gone if removed else stretch.first
        if target is not None and any(same_label(target.label, name) for name in named):
            return stretch
    if removed:
        return stretches[-1]
    first: dict[str, Stretch] = {}
    for stretch in stretches:
        first.setdefault(stretch.line.name, stretch)
    # The subject may be several works: one in which it came in tells more than one that always had it.
    return min(first.values(), key=lambda stretch: stretch.begins)


def _still_there(inquiry: Inquiry, present: Sequence[Stretch]) -> SearchResult:
    """That it never went."""
    last = present[-1].last
    entry = inquiry.view.entry(last.version)
    text = f"it is still there, in {last.label} of {present[-1].line.name}"
    told = Answer("removed", text, {"value": None, "label": None, "versions": (entry,)})
    return replace(inquiry.hits([last]), answer=told)


def _words(
    inquiry: Inquiry,
    stretch: Stretch,
    target: Target,
    others: Sequence[Stretch],
    *,
    removed: bool,
    changed: bool,
) -> str:
    own = target.work is None
    when = f", {inquiry.view.minute(target.since)}" if own or changed else ""
    who = f" by {target.version.author}" if own and target.version.author else ""
    name = stretch.line.name
    if removed:
        text = f"gone since {target.label} of {name}{when}{who}"
    elif changed:
        text = f"last changed with {target.label} of {name}{when}{who}"
    elif stretch.begins:
        text = f"in {name} since the first version that is known, {target.label}{when}{who}"
    else:
        text = f"came in with {target.label} of {name}{when}{who}"
    if others and changed:
        text += f"; also with {', '.join(one.first.label for one in others)}"
    elif others and not removed:
        text += "; " + ", ".join(
            f"also from {one.first.label}" + (f" until before {one.gone.label}" if one.gone else "")
            for one in others
        )
    if own and target.version.message:
        text += f": {target.version.message.splitlines()[0]}"
    return text
