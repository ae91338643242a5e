"""Answers a question in words: what it means decides where is searched, and what is said besides passages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from indexer.model import Instant
from indexer.query.asking import changing, content, dated, listing, origins
from indexer.query.asking.accepted import accepted, numbered
from indexer.query.asking.editions import WIDER, overlap, together
from indexer.query.asking.inquiry import Inquiry
from indexer.query.asking.literally import capitals, implied, wanted
from indexer.query.asking.names import Names
from indexer.query.asking.ordering import WIDEST, by_literals, mentions, unseen
from indexer.query.asking.passages import Search, ranked
from indexer.query.asking.subject import subjects_of
from indexer.query.asking.unknown import unknown_file
from indexer.query.documents import resolve
from indexer.query.results import Hit, Mode, Question, Scope, SearchResult
from indexer.query.scope import look_up, require_sound
from indexer.query.search import MOST_HITS, require_answerable
from indexer.query.view import View
from indexer.question import Interpretation, Kind, interpret
from indexer.question.interpret import LONGEST
from indexer.question.notes import kind_note

_MOST_SOUGHT: Final = 8
"""So many of the words that a question names literally are looked for by themselves."""


class Asking:
    """One question, asked of one view of the index."""

    def __init__(
        self, view: View, names: Callable[[], Names], question: Question, search: Search, now: Instant
    ) -> None:
        """`names` are read only where the question needs them."""
        self._view = view
        self._names = names
        self._question = question
        self._search = search
        self._now = now

    def answer(self) -> SearchResult:
        """The answer that fits the question's kind; what it does not fit is searched as it is.

        Raises as `search` and `documents.resolve` do.
        """
        asked = self._understood()
        if asked is None:
            return self._as_told()
        unknown = self._unknown_file(asked)
        if unknown is not None:
            return unknown
        if asked.kind is Kind.PLAIN:
            return self._searched(asked)
        nothing = require_sound(self._view, self._question)
        inquiry = self._inquiry(asked)
        if asked.tentative and not (inquiry.subject.named and inquiry.whole):
            if asked.otherwise is Kind.PLAIN:
                return self._searched(asked)
            notes = tuple(line for line in asked.notes if line not in kind_note(asked.kind))
            asked = replace(asked, kind=asked.otherwise, notes=notes)
            inquiry = self._inquiry(asked)
        if nothing is not None:
            return inquiry.result(nothing)
        result = _by_kind(inquiry) or self._plain(asked)
        return replace(result, query=self._question.text)

    def _as_told(self) -> SearchResult:
        """What the options ask for."""
        found = self._search(self._question, look_up)
        asked_for = found.scope.as_of
        return found if asked_for is None else dated.placed_in_time(self._view, found, asked_for, self._now)

    def _understood(self) -> Interpretation | None:
        """What the question means; None where options say already where to look, or words are to be taken literally."""
        question = self._question
        require_answerable(question)
        if question.literal or question.mode is Mode.PHRASE:
            return None
        if question.version or question.as_of or question.history:
            return None
        asked = interpret(question.text, self._now, self._view.zone)
        number = any(character.isdigit() for character in question.text[:LONGEST])
        if asked.kind is Kind.PLAIN and not asked.candidates and not number:
            return asked
        if question.document is not None and _selects(self._view, question):
            return None
        spans = accepted(self._view, self._names(), question, asked) if asked.candidates else frozenset()
        if number and not asked.versions:
            spans |= numbered(self._names(), asked)
        return interpret(question.text, self._now, self._view.zone, spans) if spans else asked

    def _unknown_file(self, asked: Interpretation) -> SearchResult | None:
        """That the file which is asked about is not there, instead of what others say."""
        if self._question.document is not None:
            return None
        answer = unknown_file(self._view, self._names, asked, lambda: self._search(self._question, look_up))
        if answer is None:
            return None
        return SearchResult(
            self._question.text, Scope("; ".join(asked.notes) or "the present"), answer=answer
        )

    def _inquiry(self, asked: Interpretation) -> Inquiry:
        names = self._names()
        subjects = subjects_of(self._view, names, self._question, asked)
        inquiries = [
            Inquiry(self._view, names, self._question, asked, subject, self._search, self._now)
            for subject in subjects
        ]
        # Of several that may be meant it is the one that has such versions.
        return next((one for one in inquiries if one.fits), inquiries[0])

    def _searched(self, asked: Interpretation) -> SearchResult:
        """What is found with a question that is searched as it is; what is doubtful about that is said."""
        found = self._plain(literals=wanted(asked) + implied(asked) + capitals(asked))
        if not asked.doubts:
            return found
        words = "; ".join([*asked.doubts, found.scope.resolved_by])
        return replace(found, scope=replace(found.scope, resolved_by=words))

    def _plain(self, asked: Interpretation | None = None, literals: Sequence[str] = ()) -> SearchResult:
        """Passages, whatever versions they are of; what editions say alike is one hit.

        What is about one of the `literals` comes before what mentions it.
        """
        k = self._question.k
        wide = replace(self._question, k=min(MOST_HITS, max(WIDEST, k * WIDER)))
        found = self._search(wide if literals else self._question, look_up)
        if asked is not None:
            # It was understood, and there was nothing to answer with: that must not look like an answer.
            words = "; ".join([*asked.notes, found.scope.resolved_by])
            found = replace(found, scope=replace(found.scope, resolved_by=words))
        if not literals and not overlap(found.hits):
            return found
        wider = found if literals else self._search(wide, look_up)
        hits = by_literals(wider.hits, literals, self._by_name(wider.hits, literals))
        return replace(found, hits=ranked(together(hits, k) if overlap(hits) else hits[:k]))

    def _by_name(self, found: Sequence[Hit], literals: Sequence[str]) -> list[Hit]:
        """What is about those of the `literals` that little of what was found is about: the words around them hid it."""
        sought = unseen(found, literals)
        if not sought or not found or self._question.mode is not Mode.HYBRID:
            return []
        known = {hit.citation for hit in found}
        further: dict[str, Hit] = {}
        for literal in sought[:_MOST_SOUGHT]:
            alone = replace(self._question, text=literal, mode=Mode.PHRASE, k=WIDEST)
            for hit in self._search(alone, look_up).hits:
                if hit.citation not in known and mentions(hit, sought, found):
                    further.setdefault(hit.citation, replace(hit, score=found[-1].score))
        return list(further.values())


def _by_kind(inquiry: Inquiry) -> SearchResult | None:
    match inquiry.asked.kind:
        case Kind.EXISTS | Kind.VERSIONS:
            return listing.answer(inquiry)
        case Kind.INTRODUCED | Kind.REMOVED:
            return origins.answer(inquiry)
        case Kind.CHANGES:
            return changing.answer(inquiry)
        case Kind.CONTENT | Kind.COMPARISON:
            return content.answer(inquiry)
        case Kind.PLAIN:
            return None


def _selects(view: View, question: Question) -> bool:
    """Whether DOC@SEL says already which version is meant."""
    assert question.document is not None
    return resolve(view, question.document, None, question.sources).version is not None
