"""Answers a question in words: what it means decides where is searched, and what is said besides passages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from indexer.clock import rfc3339
from indexer.model import Instant
from indexer.ports import Filter
from indexer.query.asking import changing, listing, origins
from indexer.query.asking.candidates import lines
from indexer.query.asking.editions import WIDER, overlap, together
from indexer.query.asking.literally import holds, holds_all, wanted
from indexer.query.asking.names import Names
from indexer.query.asking.passages import Search, in_targets, ranked, texts_of
from indexer.query.asking.subject import Subject, subject_of
from indexer.query.asking.targets import Finder, Target, Targets, limits
from indexer.query.asking.topic import Topic
from indexer.query.lookup import Lookup
from indexer.query.results import Answer, Question, Scope, SearchResult
from indexer.query.scope import look_up
from indexer.query.search import MOST_HITS
from indexer.query.view import View
from indexer.question import Bound, Interpretation, Kind, interpret

FAINT: Final = 0.45
"""Below such a weighed share of the topic's words in its best passage, a version may have nothing about it."""
PLAIN: Final = 0.85
"""From such a share on another version plainly has."""
LEAST_WORDS: Final = 3
"""Of fewer words nothing is concluded."""
MOST_SIBLINGS: Final = 60
"""Among more versions nobody looks for where else something is."""


class Asking:
    """One question, asked of one view of the index."""

    def __init__(self, view: View, names: Callable[[], Names], question: Question, search: Search) -> None:
        self._view = view
        self._get_names = names
        self._question = question
        self._search = search

    @cached_property
    def _names(self) -> Names:
        return self._get_names()

    def answer(self, asked: Interpretation) -> SearchResult:
        """The answer that fits the question's kind; what it does not fit is searched as it is."""
        if asked.kind is Kind.PLAIN:
            return self._plain(self._question)
        subject = subject_of(self._view, self._names, self._question, asked)
        finder = Finder(self._view, self._names, subject)
        answer: SearchResult | None = None
        match asked.kind:
            case Kind.EXISTS | Kind.VERSIONS:
                answer = self._listed(subject, asked)
            case Kind.INTRODUCED | Kind.REMOVED:
                answer = self._origin(subject, asked)
            case Kind.CHANGES:
                answer = self._changes(subject, finder, asked)
            case Kind.CONTENT | Kind.COMPARISON:
                answer = self._content(subject, finder, asked)
        return answer or self._plain(self._question)

    def _plain(self, question: Question) -> SearchResult:
        """Passages, whatever versions they are of; what editions say alike is one hit."""
        found = self._search(question, look_up)
        if not overlap(found.hits):
            return found
        wider = self._search(replace(question, k=min(MOST_HITS, question.k * WIDER)), look_up)
        return replace(wider, hits=together(wider.hits, question.k))

    # --- by kind ------------------------------------------------------------------------------

    def _listed(self, subject: Subject, asked: Interpretation) -> SearchResult | None:
        found = listing.answer(self._view, self._names, subject, asked)
        return SearchResult(self._question.text, self._scope(asked), answer=found)

    def _origin(self, subject: Subject, asked: Interpretation) -> SearchResult | None:
        if not subject.named:
            return None
        found = origins.answer(self._view, self._names, subject, asked)
        if found is None:
            return None
        answer, target = found
        hits = self._in([target], asked)
        return replace(hits, answer=answer)

    def _changes(self, subject: Subject, finder: Finder, asked: Interpretation) -> SearchResult | None:
        steps = self._steps(subject, finder, asked)
        if steps is None:
            return self._missing(finder.targets(asked.versions), asked)
        if not steps:
            return None
        answers = [changing.answer(self._view, step, asked) for step in steps]
        best = max(answers, key=lambda answer: len(answer.values["value"]))
        hits = self._in([step.after for step in steps], asked)
        return replace(hits, answer=best)

    def _content(self, subject: Subject, finder: Finder, asked: Interpretation) -> SearchResult | None:
        if not asked.versions:
            return self._dated(asked) if asked.dates else None
        targets = finder.targets(asked.versions)
        if not targets.found and subject.named:
            return self._missing(targets, asked)
        if not subject.named:
            return self._everywhere(targets, asked)
        return self._in_versions(subject, targets, asked)

    def _in_versions(self, subject: Subject, targets: Targets, asked: Interpretation) -> SearchResult:
        """The passages of these versions, or that there is nothing in them about the question."""
        result = self._in(targets.found, asked)
        names = [work.name for work in subject.works]
        literals = wanted(asked, names)
        if literals:
            if not self._anywhere_in(targets.found, literals):
                elsewhere = self._elsewhere(targets.found, literals)
                return replace(result, hits=(), answer=self._nothing(targets.found, elsewhere))
            ordered = sorted(result.hits, key=lambda hit: not holds_all(_whole(hit), literals))
            return replace(result, hits=ranked(ordered))
        elsewhere = self._only_elsewhere(subject, targets.found, asked)
        if elsewhere:
            return replace(result, hits=(), answer=self._nothing(targets.found, elsewhere))
        return result

    def _everywhere(self, targets: Targets, asked: Interpretation) -> SearchResult | None:
        """That version of whatever has one: editions that are called so, and documents by versions of their own."""
        name = asked.versions[0].name
        if len(asked.versions) != 1 or not name:
            return self._in(targets.found, asked) if targets.found else None
        editions = {target.document.no: target.version for target in targets.found}
        scope = self._scope(asked)

        def look(view: View, question: Question) -> Lookup:
            own = look_up(view, replace(question, version=name))
            chosen = {
                no: version for no, version in own.chosen.items() if no not in self._names.edition_of
            } | editions
            without = own.scope.documents_without
            told = replace(scope, documents_with=len(chosen), documents_without=without, selector=name)
            if not chosen:
                return Lookup(told, None, answer=self._no_such(targets))
            view.read_manifests(chosen.values())
            passages = frozenset(no for version in chosen.values() for no in view.passage_nos(version))
            return Lookup(told, Filter(passages=passages), chosen=chosen)

        return self._search(replace(self._question, text=asked.rest), look)

    def _dated(self, asked: Interpretation) -> SearchResult | None:
        """What was effective then; a date that limits from below alone says nothing about which version is meant."""
        date = asked.dates[-1]
        if date.bound in (Bound.SINCE, Bound.AFTER, Bound.FROM):
            return None
        at = date.period.first - 1 if date.bound is Bound.BEFORE else date.period.last
        question = replace(self._question, text=asked.rest, as_of=exactly(at))
        found = self._search(question, look_up)
        words = "; ".join([*asked.notes, found.scope.resolved_by])
        return replace(found, scope=replace(found.scope, resolved_by=words))

    # --- parts --------------------------------------------------------------------------------

    def _steps(self, subject: Subject, finder: Finder, asked: Interpretation) -> list[changing.Step] | None:
        """The steps that are asked about; None where a version that is named does not exist."""
        begin = limits(asked.versions, Bound.FROM, Bound.SINCE, Bound.AFTER)
        end = limits(asked.versions, Bound.TO, Bound.UNTIL, Bound.BEFORE)
        at = limits(asked.versions, Bound.AT)
        if begin and end:
            before, after = finder.targets(begin), finder.targets(end)
            if not before.found or not after.found:
                return None
            return [
                changing.Step(old, new) for new in after.found for old in before.found if _same_line(old, new)
            ]
        if len(at) == 2:
            old, new = finder.targets(at[:1]), finder.targets(at[1:])
            if not old.found or not new.found:
                return None
            pairs = [(a, b) for b in new.found for a in old.found if _same_line(a, b)]
            return [changing.Step(*sorted(pair, key=lambda target: target.place)) for pair in pairs]
        if at:
            found = finder.targets(at)
            return [changing.Step(self._before(target), target) for target in found.found] or None
        return []

    def _before(self, target: Target) -> Target | None:
        if target.work is not None:
            if not target.place:
                return None
            return Finder(self._view, self._names, Subject()).edition(target.work, target.place - 1)
        version = self._view.before(target.version)
        if version is None or version.manifest_no is None:
            return None
        return Target(target.document, version, str(version.number), place=version.number or 0)

    def _in(self, targets: Sequence[Target], asked: Interpretation) -> SearchResult:
        return in_targets(
            self._search, replace(self._question, text=asked.rest), targets, self._scope(asked, targets)
        )

    def _scope(self, asked: Interpretation, targets: Sequence[Target] = ()) -> Scope:
        words = "; ".join(asked.notes)
        one = targets[0] if len(targets) == 1 else None
        return Scope(
            words,
            document=None if one is None else one.document,
            version=None if one is None else self._view.entry(one.version),
            selector=asked.versions[0].name or None if asked.versions else None,
        )

    def _missing(self, targets: Targets, asked: Interpretation) -> SearchResult:
        return SearchResult(self._question.text, self._scope(asked), answer=self._no_such(targets))

    def _no_such(self, targets: Targets) -> Answer:
        nearest = list(dict.fromkeys(targets.nearest))
        text = f"there is no version {', '.join(targets.missing)} of what is asked about"
        if nearest:
            text += f"; the nearest are {', '.join(nearest)}"
        return Answer("exists", text, {"value": False, "nearest": nearest})

    def _anywhere_in(self, targets: Sequence[Target], literals: Sequence[str]) -> bool:
        """Whether some passage of these versions holds all of it, found or not."""
        for target in targets:
            texts = [text for _, text in texts_of(self._view, target.version)]
            if all(any(holds(text, literal) for text in texts) for literal in literals):
                return True
        return False

    def _siblings(self, targets: Sequence[Target]) -> list[Target]:
        """All editions of the same works, or all versions of the same documents, that have a text."""
        works = {target.work.name: target.work for target in targets if target.work is not None}
        documents = frozenset(target.document.no for target in targets if target.work is None)
        subject = Subject(works=tuple(works.values()), documents=documents)
        return [target for line in lines(self._view, self._names, subject) for target in line.targets]

    def _elsewhere(self, targets: Sequence[Target], literals: Sequence[str]) -> list[Target]:
        """The siblings that do hold it, in their order."""
        return [one for one in self._siblings(targets) if self._anywhere_in([one], literals)]

    def _only_elsewhere(
        self, subject: Subject, targets: Sequence[Target], asked: Interpretation
    ) -> list[Target]:
        """The siblings that are about the topic, where these versions plainly are not; empty where they may be."""
        siblings = self._siblings(targets)
        if len(siblings) > MOST_SIBLINGS:
            return []
        texts = {one.version.no: [text for _, text in texts_of(self._view, one.version)] for one in siblings}
        names = [work.name for work in subject.works]
        topic = Topic(asked, names, {text for one in texts.values() for text in one})
        if len(topic.words) < LEAST_WORDS:
            return []
        best = {no: max(map(topic.share, one), default=0.0) for no, one in texts.items()}
        here = max((best.get(target.version.no, 0.0) for target in targets), default=0.0)
        if here >= FAINT or max(best.values(), default=0.0) < PLAIN:
            return []
        return [one for one in siblings if best[one.version.no] >= PLAIN]

    def _nothing(self, targets: Sequence[Target], elsewhere: Sequence[Target]) -> Answer:
        shown = ", ".join(dict.fromkeys(target.label for target in targets))
        text = f"nothing in {shown} about this"
        if elsewhere:
            text += f"; it is in {', '.join(dict.fromkeys(target.label for target in elsewhere))}"
        return Answer(
            "nothing-in-version",
            text,
            {
                "version": self._view.entry(targets[0].version) if len(targets) == 1 else None,
                "first": self._view.entry(elsewhere[0].version) if elsewhere else None,
                "elsewhere": self._view.entries([target.version for target in elsewhere]),
            },
        )


def exactly(instant: Instant) -> str:
    """An instant as `Question.as_of` takes it: that one and no other."""
    return rfc3339(instant) or ""


def understood(question: Question, now: Instant, view: View) -> Interpretation | None:
    """What the question means; None where options say already where to look, or words are to be taken literally."""
    given = question.literal or question.version or question.as_of or question.history
    return None if given else interpret(question.text, now, view.zone)


def _same_line(old: Target, new: Target) -> bool:
    if old.work is not None or new.work is not None:
        return old.work is new.work
    return old.document.no == new.document.no


def _whole(hit: object) -> str:
    return "\n".join([*hit.heading, hit.text])  # type: ignore[attr-defined]
