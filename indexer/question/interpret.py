"""Understanding a question in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from indexer.model import Instant
from indexer.question.abbreviations import spelt_out
from indexer.question.calendar import Calendar
from indexer.question.dates import impossible
from indexer.question.kinds import kind_of
from indexer.question.limits import Limit, limits
from indexer.question.literals import literals
from indexer.question.notes import kind_note, note
from indexer.question.rest import rest, topic
from indexer.question.sentence import Sentence
from indexer.question.tokens import tokenise
from indexer.question.values import (
    DateExpression,
    Interpretation,
    Kind,
    Literal,
    Span,
    VersionExpression,
    is_place,
)

LONGEST: Final = 10_000
"""Characters of a question; what is longer is a text, and is searched as it is."""


def interpret(text: str, now: Instant, zone: tzinfo, accepted: Collection[Span] = ()) -> Interpretation:
    """What the question `text`, asked at `now` in `zone`, means. Takes time in proportion to its length, and never raises.

    `accepted` are the spans of candidates of an earlier interpretation of the same text, and of single numbers in it, for which
    editions or labels were found: they count as versions and dates then.
    """
    if len(text) > LONGEST:
        note_of_length = (
            f"a text of {len(text)} characters is searched as it is: questions have up to {LONGEST}"
        )
        return Interpretation(text, Kind.PLAIN, rest=text, notes=(note_of_length,))
    s = Sentence(text, spelt_out(tokenise(text)), frozenset(accepted))
    calendar = Calendar(now, zone)
    known = limits(s, calendar)
    verdict = kind_of(s, known)
    if verdict.promoted is not None:
        promoted = replace(verdict.promoted, weak=False)
        known = replace(known, limits=tuple(promoted if x is verdict.promoted else x for x in known.limits))
    taken = known.strong
    weak = [limit.expression for limit in known.limits if limit.weak and not is_place(limit.expression)]
    doubts = _doubts(s, calendar, taken)
    left = s.text if verdict.kind is Kind.PLAIN else rest(s, taken)
    return Interpretation(
        text=text,
        kind=verdict.kind,
        versions=tuple(x.expression for x in taken if isinstance(x.expression, VersionExpression)),
        dates=tuple(x.expression for x in taken if isinstance(x.expression, DateExpression)),
        candidates=tuple(weak),
        literals=_apart(s, [limit.expression.span for limit in taken]),
        rest=left,
        topic=topic(s, known, verdict.kind),
        tentative=verdict.tentative,
        otherwise=verdict.otherwise,
        notes=(
            *kind_note(verdict.kind),
            *(note(limit.expression, weak=False) for limit in taken),
            *(note(expression, weak=True) for expression in weak),
            *doubts,
        ),
        doubts=doubts,
    )


def _doubts(s: Sentence, calendar: Calendar, taken: Sequence[Limit]) -> tuple[str, ...]:
    """That days which no calendar has were left in the text, but where a version is called so."""
    return tuple(
        f'"{s.written(begin, end)}" is no day of the calendar: it is searched for, and limits nothing'
        for begin, end in impossible(s, calendar)
        if not any(limit.begin < end and begin < limit.end for limit in taken)
    )


def _apart(s: Sentence, taken: list[Span]) -> tuple[Literal, ...]:
    """The literals that no version or date holds."""
    kept = []
    at = 0
    for literal in literals(s):
        while at < len(taken) and taken[at][1] <= literal.span[0]:
            at += 1
        if at == len(taken) or literal.span[1] <= taken[at][0]:
            kept.append(literal)
    return tuple(kept)
