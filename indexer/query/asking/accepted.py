"""Words that may name a version or be part of another name: they count where what they are said of has such a version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from indexer.query.asking.names import Names, Work
from indexer.query.asking.states import Line, lines
from indexer.query.asking.subject import subjects_of
from indexer.query.asking.targets import bare, began, same_label
from indexer.query.asking.words import said
from indexer.query.results import Question
from indexer.query.view import View
from indexer.question import DateExpression, Interpretation, Span, VersionExpression

_NUMBER: Final = re.compile(r"(?<![\w.,/-])\d{1,9}(?:\.\d{1,9}){0,5}(?![\w%€$£/-]|[.,]\d)")


def numbered(names: Names, asked: Interpretation) -> frozenset[Span]:
    """The numbers that stand beside the name of a work which has such an edition: "the 2024 travel policy", "leave policy 3"."""
    return frozenset(
        number.span()
        for written in names.written_works(asked.text)
        for number in _beside(asked.text, written.text)
        if any(_has(names.works[no], number[0]) for no in written.numbers)
        and not set(said(number[0]))
        <= {word for no in written.numbers for word in said(names.works[no].name)}
    )


def accepted(view: View, names: Names, question: Question, asked: Interpretation) -> frozenset[Span]:
    """The spans of those candidates of `asked` that an edition, or a version by a label of its source, is called by.

    Numbers of versions do not count: every document that was changed often enough has them. Nor does what belongs to the name of the
    document: "Python 3 style guide".
    """
    subject = subjects_of(view, names, question, asked)[0]
    if not subject.named:
        return frozenset()
    known = lines(view, subject)
    called = {word for name in subject.names for word in said(name)}
    return frozenset(
        candidate.span
        for candidate in asked.candidates
        if not set(said(candidate.written)) <= called and any(_is_called(line, candidate) for line in known)
    )


def _beside(text: str, name: str) -> Iterator[re.Match[str]]:
    """The numbers right before and right behind a name in `text`."""
    numbers = list(_NUMBER.finditer(text))
    for place in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
        yield from (
            number
            for number in numbers
            if text[place.end() : number.start()] == " " or text[number.end() : place.start()] == " "
        )


def _has(work: Work, name: str) -> bool:
    return any(
        same_label(edition.label, name) or bare(edition.label).startswith((name + "-", name + "."))
        for edition in work.editions
    )


def _is_called(line: Line, candidate: VersionExpression | DateExpression) -> bool:
    if isinstance(candidate, DateExpression):
        # Dates that name editions, such as "leave policy (March 2024)"; when a version began is no name of it.
        return line.work is not None and any(
            began(state, candidate) for state in line.states if _label_is_date(line.work, state.document.no)
        )
    if line.work is None:
        return any(
            same_label(label, candidate.name) for state in line.states for label in state.version.labels
        )
    labels = {bare(state.label) for state in line.states}
    within = {label for label in labels if label.startswith(f"{bare(candidate.name)}.")}
    # "Node 20.19" means 20.19.0; "Python 3" nothing in particular, where there are many of it.
    return bare(candidate.name) in labels or len(within) == 1 or (bool(within) and "." in candidate.name)


def _label_is_date(work: Work, document_no: int) -> bool:
    return any(edition.begins is not None for edition in work.editions if edition.document_no == document_no)
