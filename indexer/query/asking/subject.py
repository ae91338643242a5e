"""What a question is about: works and documents that it names, or everything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from indexer.model import Document
from indexer.query.asking.names import Names, Work, Written
from indexer.query.documents import resolve
from indexer.query.results import Question
from indexer.query.view import View
from indexer.question import Interpretation, Kind, Literal, LiteralKind, Span

_FEW: Final = 8
"""Documents that a question may name by some words; more are no subject but words that many have."""
_MANY: Final = 50
"""The same, by a whole name."""
_TRIED: Final = 6
"""Readings that are kept."""
_DOCUMENTS: Final = 0.99
"""Of as good readings that of a work comes first."""
_PRECEDING: Final = re.compile(
    r"(?<!\w)(?:of|in|did|does|do|has|have|had|to|from|per|is|was|were|are|compare)\s+(?:(?:the|our|your|a|an)\s+)?[\"“'(]?$",
    re.IGNORECASE,
)
_FOLLOWING: Final = re.compile(
    r"[\"”')]?\s+(?:say|says|said|state|states|stated|mention|mentions|mentioned|require|requires|required|allow|allows|specify|specifies|"
    r"describe|describes|define|defines)(?!\w)|'s(?!\w)",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(r"(?<!\w)(?:about|regarding|concerning)(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    """Works and documents; nothing in particular where both are empty."""

    works: tuple[Work, ...] = ()
    documents: frozenset[int] = frozenset()
    """Those that have versions of their own, and are asked about by these."""
    written: bool = False
    """Whether it is called by a whole name, and not just by some words of one."""
    own_first: bool = False
    """Whether a document is named as this file, so that its own versions come before the editions of its work."""
    names: tuple[str, ...] = ()
    """What the works and documents are called."""

    @property
    def named(self) -> bool:
        """Whether it says what it is about."""
        return bool(self.works or self.documents)


def subjects_of(view: View, names: Names, question: Question, asked: Interpretation) -> list[Subject]:
    """What `asked` may be about, the likeliest first, never empty; `--doc` says it outright. Raises as `documents.resolve` does."""
    if question.document is not None:
        document = resolve(view, question.document, None, question.sources).document
        return [_of_files(names, [document])]
    if files := _files(view, names, asked.literals):
        return [_of_files(names, files)]
    return [
        _called(view, names, reading)
        for reading in sorted(_readings(names, asked), key=lambda reading: -reading.weight)[:_TRIED]
    ] or [Subject()]


def name_of(document: Document) -> str:
    """What people call a document: by its key, or by its title where the key is no name."""
    named = "/" in document.key or "." in document.key
    return document.key if named or not document.title else document.title


def names_of(documents: Sequence[Document]) -> list[str]:
    """What people call each of several documents; those of one name are told apart by their sources."""
    names = [name_of(document) for document in documents]
    times = Counter(names)
    return [
        name if times[name] == 1 else f"{document.source}:{document.key}"
        for name, document in zip(names, documents, strict=True)
    ]


# --- by a file or a key ----------------------------------------------------------------------


def _files(view: View, names: Names, literals: Iterable[Literal]) -> list[Document]:
    """The documents that a path, the name of a file or quoted words name, as DOC would; the first words that name any."""
    for literal in literals:
        if literal.kind not in (LiteralKind.IDENTIFIER, LiteralKind.PHRASE):
            continue
        quoted = literal.kind is LiteralKind.PHRASE
        text = literal.text.strip()
        if not text or not (quoted or "/" in text or "." in text):
            continue
        numbers = names.preferred(documents_called(view, text))
        if not numbers and quoted:
            numbers = next((one.numbers for one in names.written_documents(text) if one.whole), frozenset())
        if numbers and len(numbers) <= _MANY:
            return view.documents(numbers)
    return []


def documents_called(view: View, text: str) -> list[int]:
    """The documents that have, or had, this key, or one that ends so."""
    source, separator, rest = text.partition(":")
    known = {one.name for one in view.snapshot.sources()}
    place = (source, rest) if separator and source in known else (None, text)
    found = view.snapshot.find_documents(key=place[1], source=place[0])
    if not found:
        found = view.snapshot.find_documents(key_ending=place[1], source=place[0])
    present = view.documents(found)
    ending = f"/{place[1]}"
    holding = [d.no for d in present if d.key == place[1] or d.key.endswith(ending)]
    return holding or [document.no for document in present]


def _of_files(names: Names, documents: list[Document]) -> Subject:
    """Documents by their own versions, and behind these the works that they are editions of."""
    works = [names.works[names.edition_of[d.no][0]] for d in documents if d.no in names.edition_of]
    called = tuple(dict.fromkeys(name for d in documents for name in (d.key, d.title)))
    return Subject(
        works=tuple(dict.fromkeys(works)),
        documents=frozenset(document.no for document in documents),
        written=True,
        own_first=True,
        names=(*called, *(work.name for work in works)),
    )


# --- by words --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """Works or documents that fit what was said."""

    weight: float
    works: tuple[int, ...] = ()
    documents: frozenset[int] = frozenset()
    written: bool = False


def _readings(names: Names, asked: Interpretation) -> list[_Reading]:
    """By whole names and by some words; a work comes before documents that fit as well, and takes in those that are called the same."""
    text = asked.rest
    readings: list[_Reading] = []
    called = {one.text: one for one in names.written_documents(text) if len(one.numbers) <= _MANY}
    for written in names.written_works(text):
        weight, sure = _weighed(asked, written)
        same = called.pop(written.text, None)
        if same is not None:
            # What is said with the same words says as much as either does; few works make each word of a name common.
            weight, sure = max((weight, sure), _weighed(asked, same))
        readings.append(
            _Reading(weight, tuple(sorted(written.numbers)), same.numbers if same else frozenset(), sure)
        )
    for written in called.values():
        weight, sure = _weighed(asked, written)
        readings.append(_Reading(weight, (), written.numbers, sure))
    if asked.kind is Kind.CONTENT and not asked.versions:
        # A date is looked for in everything, unless a document is named outright.
        return readings
    works, weight = names.meant_works(text)
    if works:
        readings.append(_Reading(weight, tuple(works)))
    documents, weight = names.meant_documents(text)
    if documents and len(documents) <= _FEW:
        readings.append(_Reading(weight * _DOCUMENTS, (), frozenset(documents)))
    return readings


def _weighed(asked: Interpretation, written: Written) -> tuple[float, bool]:
    """How much a whole name says, and whether it is surely what the question is about, by where it stands.

    One word may be a name by chance, and what follows "about" is what is looked for in a document more often than the document.
    """
    place = _place(asked, written.text)
    sure = place is _Place.SUBJECT or (place is _Place.ANYWHERE and written.words > 1) or written.whole
    return written.weight * _WEIGHTS[place], sure


class _Place(Enum):
    """Where in a question a name stands."""

    SUBJECT = "subject"
    """Where what it is about is named: "version 3 of …", "did … say"."""
    ANYWHERE = "anywhere"
    TOPIC = "topic"
    """Behind "about"."""


_WEIGHTS: Final = {_Place.SUBJECT: 2.0, _Place.ANYWHERE: 1.25, _Place.TOPIC: 0.8}


def _place(asked: Interpretation, name: str) -> _Place:
    """The best place at which the name stands."""
    found = _Place.ANYWHERE
    for match in re.finditer(re.escape(name), asked.text):
        before, after = asked.text[: match.start()], asked.text[match.end() :]
        if _beside_version(asked, match.span()) or _FOLLOWING.match(after):
            return _Place.SUBJECT
        if _PRECEDING.search(before) and not _ABOUT.search(before):
            return _Place.SUBJECT
        if _ABOUT.search(before):
            found = _Place.TOPIC
    return found


def stands_as_subject(asked: Interpretation, span: Span) -> bool:
    """Whether what stands there is what a question is about: "what does … say", "version 3 of …"."""
    before, after = asked.text[: span[0]], asked.text[span[1] :]
    return bool(_FOLLOWING.match(after) or (_PRECEDING.search(before) and not _ABOUT.search(before)))


def _beside_version(asked: Interpretation, span: tuple[int, int]) -> bool:
    """Whether nothing but punctuation stands between a name and a version."""
    for version in asked.versions:
        first, last = sorted((span, version.span))
        if last[0] >= first[1] and not any(c.isalnum() for c in asked.text[first[1] : last[0]]):
            return True
    return False


def _called(view: View, names: Names, reading: _Reading) -> Subject:
    """Works, and documents that are no editions; an edition that is named stands for its work."""
    documents = view.documents(reading.documents)
    editions = [names.edition_of[d.no][0] for d in documents if d.no in names.edition_of]
    own = [document for document in documents if document.no not in names.edition_of]
    works = tuple(names.works[no] for no in dict.fromkeys([*reading.works, *editions]))
    called = [work.name for work in works]
    called += [name for document in own for name in (document.key, document.title)]
    return Subject(
        works=works,
        documents=frozenset(document.no for document in own),
        written=reading.written,
        names=tuple(dict.fromkeys(called)),
    )
