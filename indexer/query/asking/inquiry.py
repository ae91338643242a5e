"""One question, with what it was understood to mean and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from indexer.clock import rfc3339
from indexer.model import Document, Instant
from indexer.query.asking.emphasis import by_words
from indexer.query.asking.literally import implied, wanted
from indexer.query.asking.names import Names
from indexer.query.asking.ordering import WIDEST, by_literals, is_headed
from indexer.query.asking.passages import Search, in_targets, ranked
from indexer.query.asking.states import Line, Target, lines
from indexer.query.asking.subject import Subject, name_of, names_of
from indexer.query.asking.targets import Finder, Targets
from indexer.query.asking.topic import Topic
from indexer.query.asking.words import COMMON, plural, words
from indexer.query.ordering import Order
from indexer.query.results import Answer, Hit, Question, Scope, SearchResult
from indexer.query.scope import look_up
from indexer.query.search import MOST_HITS
from indexer.query.view import View
from indexer.question import Interpretation, VersionReading

LAST = frozenset(["last", "latest", "recently", "lately"])
_NAMED = 5
"""Documents that are named to people."""


@dataclass(frozen=True)
class Inquiry:
    """What is asked, of which view of the index, and about what."""

    view: View
    names: Names
    question: Question
    asked: Interpretation
    subject: Subject
    search: Search
    now: Instant
    note: str = ""
    """How the subject was found, where no name told."""

    @cached_property
    def lines(self) -> list[Line]:
        """The states of what is asked about."""
        return lines(self.view, self.subject)

    @cached_property
    def finder(self) -> Finder:
        """Finds versions among them."""
        return Finder(self.view, self.lines, own_first=self.subject.own_first)

    @cached_property
    def fits(self) -> bool:
        """Whether what it is about has the versions that are named."""
        found = self.finder.targets(self.asked.versions)
        return not found.missing or found.doubt is not None

    @cached_property
    def whole(self) -> bool:
        """Whether it is about nothing but the documents and works themselves: nothing else is said than their names."""
        called = {plural(word) for name in self.subject.names for word in words(name)}
        said = [plural(word) for word in words(self.asked.topic, called)]
        return not any(word not in called and word not in COMMON and word not in LAST for word in said)

    @property
    def order(self) -> Order:
        """Passages first that hold what is asked for word by word."""
        return by_words(self.asked, self.subject.names)

    def about(self, line: Line, texts: Sequence[str]) -> Topic:
        """What is asked of a line, among these texts."""
        return Topic(self.asked, [*self.subject.names, line.name], texts)

    def by_passages(self) -> Inquiry | None:
        """The same about the document with the best passage, where no other is named; None: there is none.

        In the version that is named, if one is; else in any.
        """
        question = replace(self.question, text=self.asked.topic or self.asked.rest, k=1)
        named = [version.name for version in self.asked.versions if version.reading is VersionReading.NAMED]
        tries = [replace(question, version=name) for name in named[:1]] + [replace(question, history=True)]
        for one in tries:
            if hits := self.search(one, look_up).hits:
                document = hits[0].document
                note = f"no document is named; the best passage is in {name_of(document)}"
                return replace(self, subject=self._subject(document), note=note)
        return None

    def _subject(self, document: Document) -> Subject:
        place = self.names.edition_of.get(document.no)
        if place is None:
            return Subject(documents=frozenset([document.no]), names=(document.key, document.title))
        work = self.names.works[place[0]]
        return Subject(works=(work,), names=(work.name,))

    # --- answers -----------------------------------------------------------------------------

    def result(self, answer: Answer | None, targets: Sequence[Target] = (), **scope: object) -> SearchResult:
        """An answer without passages."""
        return SearchResult(self.question.text, self.scope(targets, **scope), answer=answer)  # type: ignore[arg-type]

    def hits(self, targets: Sequence[Target], found: Targets | None = None) -> SearchResult:
        """The best passages in these versions, those first that hold literally what is asked for so."""
        meant = implied(self.asked)
        literals = wanted(self.asked, self.subject.names) + meant
        k = self.question.k
        wanted_hits = min(MOST_HITS, max(WIDEST, k)) if literals else k
        texts = [target for target in targets if target.has_text]
        if self.whole and len(texts) == 1:
            # What it is as a whole stands where it names itself.
            meant = [*meant, texts[0].label]
        question = replace(self.question, text=" ".join([self.asked.rest, *meant]), k=wanted_hits)
        result = in_targets(self.search, question, texts, self.scope(targets, found), self.order)
        if not literals:
            return result
        hits = (*self._headed(texts, literals, result.hits), *result.hits)
        return replace(result, hits=ranked(by_literals(hits, literals)[:k]))

    def _headed(
        self, targets: Sequence[Target], literals: Sequence[str], found: Sequence[Hit]
    ) -> tuple[Hit, ...]:
        """The passages of these versions that have one of the `literals` as their heading, where none of them was found."""
        sought = [literal.removesuffix("()") for literal in literals]
        if any(is_headed(hit.heading, literal) for hit in found for literal in sought):
            return ()
        numbers = {no for target in targets for no in self.view.passage_nos(target.version)}
        headed = frozenset(
            no
            for no, passage in self.view.snapshot.passages(numbers).items()
            if any(is_headed(passage.heading, literal) for literal in sought)
        )
        if not headed:
            return ()
        question = replace(self.question, text=self.asked.rest)
        hits = in_targets(self.search, question, targets, self.scope(targets), only=headed).hits
        known = {(hit.document.no, hit.text) for hit in found}
        return tuple(hit for hit in hits if (hit.document.no, hit.text) not in known)

    def scope(
        self, targets: Sequence[Target] = (), found: Targets | None = None, as_of: Instant | None = None
    ) -> Scope:
        """Where is looked, and why."""
        one = targets[0] if len({target.version.no for target in targets}) == 1 else None
        notes = [*self.asked.notes, self.note, self._several(), *(found.notes if found else ())]
        if one is not None and one.work is not None:
            notes.append(f"edition {one.label} of {one.work.name}")
        notes += _shared(targets)
        named = [expression.name for expression in self.asked.versions if expression.name]
        return Scope(
            "; ".join(dict.fromkeys(note for note in notes if note)) or "the present",
            document=None if one is None else one.document,
            version=None if one is None else self.view.entry(one.version),
            as_of=as_of,
            known_at=self.view.asked,
            alternatives=self.view.entries(found.alternatives) if found else (),
            selector=named[0] if named else None,
        )

    def _several(self) -> str:
        """That several documents are called so, and that all of them are meant."""
        if len(self.subject.documents) < 2:
            return ""
        documents = self.view.documents(self.subject.documents)
        shown = ", ".join(names_of(documents)[:_NAMED])
        more = f" and {len(documents) - _NAMED} more" if len(documents) > _NAMED else ""
        return f"{len(documents)} documents are called so: {shown}{more}"

    def no_such(self, targets: Targets) -> Answer:
        """That a version which is named does not exist, and which are nearest."""
        names = list(dict.fromkeys(line.name for line in self.lines))
        what = " and ".join(names[:3]) or "anything that is indexed"
        text = f"there is no version {', '.join(targets.missing)} of {what}"
        if targets.nearest:
            text += f"; the nearest are {', '.join(targets.nearest)}"
        return Answer("exists", text, {"value": False, "nearest": list(targets.nearest)})


def _shared(targets: Sequence[Target]) -> list[str]:
    """That several files are the same edition of a work, such as one in two formats."""
    files: dict[tuple[str, str], list[str]] = {}
    for target in targets:
        if target.work is not None:
            files.setdefault((target.work.name, target.label), []).append(target.document.key)
    return [
        f"{len(keys)} files are edition {label} of {name}: {', '.join(keys[:_NAMED])}"
        for (name, label), keys in files.items()
        if len(keys) > 1
    ]


def exactly(instant: Instant) -> str:
    """An instant as `Question.as_of` takes it: that one and no other."""
    return rfc3339(instant) or ""
