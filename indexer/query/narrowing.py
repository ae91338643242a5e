"""Which documents a question's paths, labels and place leave: decided in the catalog, before anything is searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from indexer.errors import UsageError
from indexer.query.description import LABEL
from indexer.query.near import near
from indexer.query.places import Trees
from indexer.query.results import Answer, Question
from indexer.query.view import View

Matches = Callable[[int, str], bool]
"""(document number, its key at some version) → whether the question asks about it."""

_NAMED: Final = 3
"""Labels that are named to people."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the question's filters leave of the documents."""

    matches: Matches | None = None
    """None: the question has no such filter, and all are left."""
    note: str = ""
    """For people: how a place was understood, where that is not plain."""
    nothing: Answer | None = None
    """What to say where a label or the place does not exist at all."""


def filters_of(view: View, question: Question) -> Hashable:
    """All that decides what `narrow` and the sources leave of a commit's documents, to keep by it what they do leave.

    Sources are renamed without a commit, and a place may begin with the name of one.
    """
    names = tuple(source.name for source in view.snapshot.sources())
    return question.sources, question.paths, question.labels, question.under, names


def narrow(
    view: View, question: Question, existing: Callable[[], Iterable[tuple[int, int, str]]]
) -> Narrowing:
    """The filters of `question` as one test. Raises `UsageError` for what can be no path, label or place.

    `existing` gives (document number, source number, key) of all that the scope could show, whatever
    the source: a place means the same whichever of them is searched.
    """
    tests: list[Matches] = []
    for label in dict.fromkeys(question.labels):
        documents = _labelled(view, label)
        if not documents:
            return Narrowing(nothing=_no_label(view, label))
        tests.append(_among(documents))
    path = path_test(question.paths)
    if path is not None:
        tests.append(lambda _, key: path(key))
    note = ""
    if question.under is not None:
        trees = Trees(view, existing())
        place = trees.at(question.under)
        if place is None:
            what = f'no document stands at or below "{question.under}"'
            return Narrowing(nothing=_nothing(what, "places", trees.nearest(question.under)))
        tests.append(place.holds)
        if place.readings:
            note = f'; "{question.under}" is read as {", ".join(place.readings)}'
    if not tests:
        return Narrowing()
    return Narrowing(lambda no, key: all(test(no, key) for test in tests), note)


def path_test(paths: Sequence[str]) -> Callable[[str], bool] | None:
    """Whether a key lies at one of the globs, which are read as gitignore reads them; None: all do."""
    if not paths:
        return None
    # Imported here: most searches have no path, and it would cost each of them its start.
    from pathspec import GitIgnoreSpec

    for path in paths:
        if not path.strip() or path.startswith(("#", "!")):
            raise UsageError(f'"{path}" is no path pattern', remedy="write it like hr/**/*.md")
    try:
        return GitIgnoreSpec.from_lines(paths).match_file
    except (ValueError, re.error) as error:  # a range such as [z-a] fails only as a regular expression
        raise UsageError(
            f"a path pattern cannot be read: {error}", remedy="write it like hr/**/*.md"
        ) from error


def _among(documents: set[int]) -> Matches:
    return lambda no, _: no in documents


def _labelled(view: View, label: str) -> set[int]:
    """The documents that have this label, whatever its case."""
    wanted = label.strip().casefold()
    if not wanted:
        raise UsageError(f'"{label}" is no label', remedy="name a word, such as policy")
    values = view.snapshot.attribute_values(LABEL)
    value_nos = [no for no, value in values.items() if value.casefold() == wanted]
    return view.snapshot.documents_with(value_nos, view.known_at)


def _no_label(view: View, label: str) -> Answer:
    known = {value: no for no, value in view.snapshot.attribute_values(LABEL).items()}
    believed = (
        other
        for other in near(label, known, count=len(known))
        if view.snapshot.documents_with([known[other]], view.known_at)
    )
    return _nothing(f'no document has the label "{label}"', "labels", [*islice(believed, _NAMED)])


def _nothing(what: str, kind: str, nearest: Sequence[str]) -> Answer:
    text = f"{what}; the nearest {kind} are {', '.join(nearest)}" if nearest else what
    return Answer("exists", text, {"value": False, "nearest": tuple(nearest)})
