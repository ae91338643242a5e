"""Whether versions say anything about a question; and where it stands, if that is only elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.literally import exact, holds, wanted
from indexer.query.asking.states import Line, Target, shown
from indexer.query.results import Answer

FAINT: Final = 0.45
"""Below such a weighed share of the topic's words in its best passage, a version may have nothing about it."""
PLAIN: Final = 0.85
"""From such a share on another version plainly has."""
LEAST_WORDS: Final = 3
"""Of fewer words nothing is concluded."""
_MOST: Final = 20_000
"""Passages of all versions; among more nobody looks for where else something is."""
_SHOWN: Final = 8


def nothing(inquiry: Inquiry, targets: Sequence[Target]) -> Answer | None:
    """That these versions say nothing about it, and which others of the same do; None where they may.

    Words that are to be read literally have to stand there. Else nothing is said about it if these versions plainly lack what another
    plainly has.
    """
    literals = wanted(inquiry.asked, inquiry.subject.names)
    siblings = [line for line in inquiry.lines if _has_any(line, targets)]
    texts = _texts(inquiry, siblings, targets)
    if literals:
        if any(_holds_all(texts, target, literals) for target in targets):
            return None
        elsewhere = [one for one in _states(siblings) if _holds_all(texts, one, literals)]
        # A phrase that stands nowhere was quoted from memory, and what is said may stand there in other words.
        return (
            _answer(inquiry, targets, elsewhere)
            if elsewhere or exact(inquiry.asked, inquiry.subject.names)
            else None
        )
    elsewhere = _plainly_elsewhere(inquiry, siblings, targets, texts)
    return _answer(inquiry, targets, elsewhere) if elsewhere else None


@dataclass(frozen=True, slots=True)
class _Texts:
    """The passages of versions: headings and texts by number, and which version has which."""

    texts: dict[int, str]
    of: dict[int, list[int]]


def _texts(inquiry: Inquiry, siblings: Sequence[Line], targets: Sequence[Target]) -> _Texts:
    view = inquiry.view
    versions = {state.version.no: state.version for state in (*_states(siblings), *targets) if state.has_text}
    view.read_manifests(versions.values())
    of = {no: view.passage_nos(version) for no, version in versions.items()}
    numbers = {no for of_one in of.values() for no in of_one}
    if len(numbers) > _MOST:
        of = {target.version.no: of[target.version.no] for target in targets if target.version.no in of}
        numbers = {no for of_one in of.values() for no in of_one}
    passages = view.snapshot.passages(numbers)
    return _Texts({no: "\n".join([*found.heading, found.text]) for no, found in passages.items()}, of)


def _states(lines: Sequence[Line]) -> list[Target]:
    return [state for line in lines for state in line.texts]


def _has_any(line: Line, targets: Sequence[Target]) -> bool:
    if line.work is not None:
        return any(target.work is not None and target.work.name == line.work.name for target in targets)
    assert line.document is not None
    return any(target.work is None and target.document.no == line.document.no for target in targets)


def _holds_all(texts: _Texts, target: Target, literals: Sequence[str]) -> bool:
    """Whether the passages of a version hold all of it, found or not."""
    held = [texts.texts[no] for no in texts.of.get(target.version.no, ())]
    return bool(held) and all(any(holds(text, literal) for text in held) for literal in literals)


def _plainly_elsewhere(
    inquiry: Inquiry, siblings: Sequence[Line], targets: Sequence[Target], texts: _Texts
) -> list[Target]:
    """The siblings that are about the topic, where these versions plainly are not; empty where they may be."""
    if not siblings:
        return []
    topic = inquiry.about(siblings[0], list(texts.texts.values()))
    if len(topic.words) < LEAST_WORDS:
        return []
    share = {no: topic.share(text) for no, text in texts.texts.items()}
    best = {no: max((share[one] for one in of_one), default=0.0) for no, of_one in texts.of.items()}
    here = max((best.get(target.version.no, 0.0) for target in targets), default=0.0)
    if here >= FAINT or max(best.values(), default=0.0) < PLAIN:
        return []
    return [one for one in _states(siblings) if best.get(one.version.no, 0.0) >= PLAIN]


def _answer(inquiry: Inquiry, targets: Sequence[Target], elsewhere: Sequence[Target]) -> Answer:
    view = inquiry.view
    text = f"nothing in {shown(targets[:_SHOWN])} about this"
    if elsewhere:
        more = " …" if len(elsewhere) > _SHOWN else ""
        text += f"; it first appears in {elsewhere[0].label}"
        if len(elsewhere) > 1:
            text += f", and is in {shown(elsewhere[1:_SHOWN])}{more}"
    return Answer(
        "nothing-in-version",
        text,
        {
            "version": view.entry(targets[0].version) if len(targets) == 1 else None,
            "first": view.entry(elsewhere[0].version) if elsewhere else None,
            "elsewhere": view.entries([target.version for target in elsewhere]),
        },
    )
