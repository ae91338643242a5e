"""Makes questions about versions from an index itself: what only some versions of a document say, and who says it.

Each is about a passage that stands in the version that the question names and not in every version of its document,
so that not all versions answer it equally. Half of the questions name document and version, the others only the
version, by words that no other document has together; some are about passages that differ from the ones before or
after in a number, a date or a negation alone. The same seed gives the same questions for the same content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from typing import Any, Final

from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.evaluation.subjects import Subject, Words, shared_words, subjects, words_of
from indexer.hashing import short_id
from indexer.model import Document, Passage, Version
from indexer.ports.elected import Place
from indexer.query.documents import choose, resolve
from indexer.query.presence import Spans
from indexer.query.view import View

NAMED: Final = "document and version"
VERSION_ONLY: Final = "version and subject"
_GROUPS: Final = (NAMED, VERSION_ONLY)
"""What questions name."""
_TURNS: Final = 24
"""How often one passage of one version is asked for, at most."""
_MOST_READ: Final = 20_000
"""Passages that are read, so that the time is bounded whatever the size of the index."""
_MOST_OF_ONE: Final = 4_000
"""Passages of one document."""
_VERSIONS: Final = 8
"""Versions in which one passage is asked for, at most."""
_COMPARED: Final = 30
"""Passages on either side of a version's beginning that are compared."""
_SHORTEST: Final = 6
"""Words of a passage, below which there is not enough to ask about."""
_FEWEST: Final = {False: 3, True: 5}
"""Words that name a subject, and whether they alone say which document is meant."""
_SPOKEN: Final = re.compile(r"[vV]?[0-9]{1,9}(?:\.[0-9]{1,9}){0,4}(?:-(?:alpha|beta|rc|pre)\.?[0-9]{0,3})?")
"""Labels that anybody would take for the name of a version."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """Questions, each as a line of a file of questions."""

    lines: Sequence[dict[str, Any]]
    documents: int
    """Documents that were looked at, of `of`."""
    of: int


@dataclass(frozen=True, slots=True)
class _Idea:
    """A passage in one of the versions that hold it."""

    passage_no: int
    place: Place
    usable: frozenset[str] | None = None
    """The words that it shares with the passage that it differs little from."""
    turn: int = 0
    """How often it was asked for before: each time by other words."""


@dataclass(slots=True)
class _History:
    """A document whose versions differ, as far as it was read."""

    document: Document
    passages: dict[int, Passage]
    held: dict[int, list[Place]]
    """Passage → the versions that have it, oldest first."""
    ideas: dict[str, Iterator[_Idea]] = field(default_factory=dict)
    """By group."""
    name: str | None = None
    asked: set[str] = field(default_factory=set)


def propose(view: View, count: int, seed: int) -> Proposals:
    """Up to `count` questions; fewer where the documents that were read do not give as many.

    Takes time in proportion to what is read, which is bounded, and to `count`. Raises `StoreError` and its kinds.
    """
    documents = sorted(
        view.snapshot.documents(known_at=view.known_at),
        key=lambda document: _order(
            seed, document.source, document.key, document.id if document.deleted else ""
        ),
    )
    words = Words()
    histories: list[_History] = []
    owners: dict[int, int] = {}
    looked_at = 0
    for document in documents:
        if len(owners) >= _MOST_READ:
            break
        looked_at += 1
        history = _read(view, document, seed)
        for no, passage in history.passages.items():
            words.add(no, words_of(passage.text))
            owners[no] = document.no
        ideas = _ideas(history, seed)
        history.ideas = {group: _in_turns(ideas) for group in _GROUPS}
        histories.append(history)
    sides = [_questions(view, histories, words, owners, seed, group) for group in _GROUPS]
    lines = list(islice(_alternating(sides), count))
    return Proposals(lines, looked_at, len(documents))


def _alternating(sides: Sequence[Iterator[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """One of each in turn, until none has any more."""
    for together in zip_longest(*sides):
        yield from (line for line in together if line is not None)


def _questions(
    view: View, histories: Sequence[_History], words: Words, owners: dict[int, int], seed: int, group: str
) -> Iterator[dict[str, Any]]:
    """All questions of a group: one for each document in turn."""
    left = list(histories)
    while left:
        going_on = []
        for history in left:
            made = _next(view, history, words, owners, seed, group)
            if made is not None:
                going_on.append(history)
                yield made
        left = going_on


def _order(seed: int, *parts: str) -> str:
    """Sorting by it is shuffling: by chance, and always the same."""
    return short_id("q", str(seed), *parts)


# --- reading ---------------------------------------------------------------------------------


def _read(view: View, document: Document, seed: int) -> _History:
    rows = view.snapshot.rows(document_no=document.no)
    places = view.places(document.no)
    spans = Spans(rows, places, view.known_at)
    numbers = {row.passage_no for row in rows}
    if len(numbers) > _MOST_OF_ONE:
        numbers = set(sorted(numbers, key=lambda no: _order(seed, str(no)))[:_MOST_OF_ONE])
    held = {no: there for no in numbers if (there := spans.versions_with(no))}
    return _History(document, view.snapshot.passages(held), held)


def _in_turns(ideas: Sequence[_Idea]) -> Iterator[_Idea]:
    return (replace(idea, turn=turn) for turn in range(_TURNS) for idea in ideas)


def _ideas(history: _History, seed: int) -> list[_Idea]:
    """What can be asked of a document, in an order by chance: what differs little, and all else, in turn."""
    readable = len({place.number for places in history.held.values() for place in places})

    def shuffled(ideas: list[_Idea]) -> list[_Idea]:
        return sorted(
            ideas,
            key=lambda idea: _order(seed, history.passages[idea.passage_no].text, str(idea.place.number)),
        )

    little = shuffled(_little_different(history))
    some = shuffled(
        [
            _Idea(no, place)
            for no, places in history.held.items()
            if len(places) < readable
            for place in sorted(places, key=lambda place: _order(seed, str(place.number)))[:_VERSIONS]
        ]
    )
    return [idea for pair in zip_longest(little, some) for idea in pair if idea is not None]


def _little_different(history: _History) -> list[_Idea]:
    """Passages that were replaced by ones which differ in numbers, dates or negations alone: both, on either side."""
    ending: dict[int, list[tuple[int, Place]]] = {}
    beginning: dict[int, list[tuple[int, Place]]] = {}
    for no, places in history.held.items():
        numbers = {place.number for place in places}
        for place in places:
            if place.number + 1 not in numbers:
                ending.setdefault(place.number, []).append((no, place))
            if place.number - 1 not in numbers:
                beginning.setdefault(place.number, []).append((no, place))
    ideas = []
    for number, gone in ending.items():
        for no, place in gone[:_COMPARED]:
            for other, after in beginning.get(number + 1, [])[:_COMPARED]:
                one, two = history.passages[no], history.passages[other]
                if one.heading == two.heading and (shared := shared_words(one.text, two.text)) is not None:
                    ideas += [_Idea(no, place, shared), _Idea(other, after, shared)]
    return ideas


# --- asking ----------------------------------------------------------------------------------


def _next(
    view: View, history: _History, words: Words, owners: dict[int, int], seed: int, group: str
) -> dict[str, Any] | None:
    """The next question of a group about a document; None where there is no more to ask."""
    alone = group == VERSION_ONLY
    for idea in history.ideas[group]:
        passage = history.passages[idea.passage_no]
        if len(words_of(passage.text)) < _SHORTEST:
            continue
        version = view.version_at(idea.place)
        if version.purged is not None:
            continue
        subject = _subject(history, idea, words, owners, alone=alone)
        if subject is None:
            continue
        called = _called(view, history, version, seed, idea.turn)
        named = _name(view, history)
        if called is None or not (alone or named):
            continue
        spoken, selector = called
        of = "" if alone else f' of "{named}"'
        query = f"What does {spoken}{of} say about {subject.text}?"
        if query in history.asked:
            continue
        history.asked.add(query)
        return {
            "query": query,
            "document": named or history.document.id,
            "version": selector,
            "passage": passage.text,
            "group": group,
        }
    return None


def _subject(
    history: _History, idea: _Idea, words: Words, owners: dict[int, int], *, alone: bool
) -> Subject | None:
    """What to call the passage: words that no other passage of its version has together, and no other document if `alone`."""
    passage = history.passages[idea.passage_no]
    for subject in subjects(passage.heading, passage.text, words, _FEWEST[alone], idea.usable, idea.turn):
        holding = words.holding(subject.words) - {passage.no}
        here = (no for no in holding if no in history.held)
        if any(idea.place in history.held[no] for no in here):
            continue
        if alone and any(owners[no] != history.document.no for no in holding):
            continue
        return subject
    return None


def _name(view: View, history: _History) -> str | None:
    """What the document can be called: its key where that says something to people, else its title; None if it is not the only one."""
    if history.name is None:
        document = history.document
        by_key = any(character.isalpha() for character in document.key)
        names = (document.key, f"{document.source}:{document.key}") if by_key else (document.title,)
        history.name = next((name for name in names if _means(view, name, document)), "")
    return history.name or None


def _means(view: View, name: str, document: Document) -> bool:
    if '"' in name:
        return False
    try:
        return resolve(view, name).document.no == document.no
    except (AmbiguousError, NotFoundError, UsageError):
        return False


def _called(view: View, history: _History, version: Version, seed: int, turn: int) -> tuple[str, str] | None:
    """What the version can be called, and the selector that means the same: a label or its number; None if nothing is clear."""
    labels = [(label, f"label:{label}") for label in version.labels if _SPOKEN.fullmatch(label)]
    names = sorted(labels, key=lambda name: _order(seed, history.document.key, name[0]))[:3]
    by_number = (str(version.number), f"number:{version.number}")
    # Where there are both, one or the other by chance; a number that is a label as well means the label.
    key, number = history.document.key, str(version.number)
    first = _order(seed, key, number, str(turn), "number") < _order(seed, key, number, str(turn), "label")
    for name, selector in [by_number, *names] if first else [*names, by_number]:
        if _selects(view, history.document, name, version) and _selects(
            view, history.document, selector, version
        ):
            return (name if name[:1] in "vV" else f"version {name}"), selector
    return None


def _selects(view: View, document: Document, selector: str, version: Version) -> bool:
    try:
        found = choose(view, document, selector)
    except (AmbiguousError, NotFoundError, UsageError):
        return False
    return found.version is not None and found.version.no == version.no and not found.alternatives
