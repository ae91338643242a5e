"""Asks the questions of an evaluation, one after another, as somebody would whose program is warm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from indexer.clock import Clock
from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.evaluation.judging import judge
from indexer.evaluation.resolving import target_of
from indexer.evaluation.values import Asked, Case, Verdict
from indexer.query.queries import Queries
from indexer.query.results import Question
from indexer.query.view import View


class Given(StrEnum):
    """What of the expected place a search is told."""

    NOTHING = "nothing"
    VERSION = "version"
    DOCUMENT = "document"
    """The version as well, where one is expected."""


Settings = dict[str, Any]
"""Fields of every question that are set, whatever its line says."""


def evaluate(
    queries: Queries,
    view: View,
    cases: Sequence[Case],
    clock: Clock,
    *,
    settings: Settings | None = None,
    given: Given = Given.NOTHING,
    told: Callable[[int], None] = lambda done: None,
) -> list[Verdict]:
    """The verdict on each case. The first question is asked once more before, so that no time holds what a start takes.

    `given`: what a line expects is given as options of the search, so that only retrieval is measured, and not
    whether the question was understood. Raises `StoreError` and its kinds.
    """
    questions = [_question(case, settings or {}, given) for case in cases]
    if questions:
        _ask(queries, questions[0], clock)
    verdicts = []
    for case, question in zip(cases, questions, strict=True):
        asked = _ask(queries, question, clock)
        verdicts.append(judge(replace(case, question=question), target_of(view, case.wanted), asked))
        told(len(verdicts))
    return verdicts


def _question(case: Case, settings: Settings, given: Given) -> Question:
    question = replace(case.question, **settings)
    wanted = case.wanted
    if given is not Given.NOTHING and wanted.version is not None:
        question = replace(question, version=wanted.version)
    if given is Given.DOCUMENT and wanted.document is not None:
        question = replace(question, document=wanted.document)
    return question


def _ask(queries: Queries, question: Question, clock: Clock) -> Asked:
    began = clock.monotonic()
    try:
        result = queries.search(question)
    except (NotFoundError, AmbiguousError, UsageError) as error:
        return Asked(None, clock.monotonic() - began, str(error))
    return Asked(result, clock.monotonic() - began)
