"""From the options of a search to the rows that it may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from indexer.errors import NotFoundError, UsageError
from indexer.model import Document, Instant, Version, VersionKind
from indexer.ports import Filter
from indexer.query.absence import off_line, without_text
from indexer.query.documents import Found, resolve
from indexer.query.everywhere import Everywhere, elected_everywhere, version_everywhere
from indexer.query.lookup import Lookup
from indexer.query.narrowing import Narrowing, filters_of, narrow
from indexer.query.near import near
from indexer.query.results import Answer, Question, Scope
from indexer.query.view import View
from indexer.selectors import parse_instant


def look_up(view: View, question: Question) -> Lookup:
    """Resolve the names, selectors and dates of `question`. Raises as `documents.resolve` does."""
    _check(question)
    if question.document is not None:
        lookup = _one_document(view, question, question.document)
    elif question.version is not None:
        lookup = _every_version_selected(view, question, question.version)
    else:
        lookup = _everything(view, question)
    return replace(lookup, scope=replace(lookup.scope, known_at=view.asked, recorded=view.snapshot.recorded))


def require_sound(view: View, question: Question) -> Answer | None:
    """What to say where the options of `question` leave nothing at all; raises where they make no sense, as `look_up` does."""
    _check(question)
    _source_numbers(view, question)
    if not (question.paths or question.labels or question.under is not None):
        return None

    def nothing() -> Answer | None:
        return narrow(view, question, lambda: view.snapshot.every_key(view.known_at)).nothing

    return view.kept(("nothing left", filters_of(view, question)), nothing)


def _check(question: Question) -> None:
    if question.history and (question.as_of or question.version):
        raise UsageError(
            "--history searches all versions, so it takes neither --as-of nor --version",
            remedy="leave one of them out",
        )
    if question.as_of and question.version:
        raise UsageError(
            "--as-of and --version both say which version is meant", remedy="leave one of them out"
        )
    if question.document is not None:
        given = {"--path": question.paths, "--label": question.labels, "--under": question.under is not None}
        if others := [option for option, value in given.items() if value]:
            raise UsageError("--doc already names the document", remedy=f"leave {' and '.join(others)} out")


# --- one document ----------------------------------------------------------------------------


def _one_document(view: View, question: Question, reference: str) -> Lookup:
    selector = question.version
    if question.as_of is not None:
        selector = f"date:{question.as_of}"
    _source_numbers(view, question)  # a source that does not exist is said to be so
    found = resolve(view, reference, selector, question.sources)
    if found.version is not None:
        if question.history:
            raise UsageError(
                "--history searches all versions, and one is selected", remedy="leave the selector out"
            )
        return _at_version(view, question, found, found.version)
    document = found.document
    here = frozenset([document.no])
    if question.history:
        scope = Scope(f"all versions of {found.resolved_by}", document=document)
        return Lookup(scope, replace(view.believed, every_version=True, documents=here), every_version=True)
    return _at_present(view, document, here)


def _at_version(view: View, question: Question, found: Found, version: Version) -> Lookup:
    scope = Scope(
        found.resolved_by,
        document=found.document,
        version=view.entry(version),
        as_of=_last_instant(view, question.as_of),
        alternatives=view.entries(found.alternatives),
        selector=None if question.as_of else found.selector,
    )
    answer = without_text(view, found.document, version)
    if answer is not None:
        return Lookup(scope, None, answer=answer)
    passages = frozenset(view.passage_nos(version))
    return Lookup(scope, Filter(passages=passages), chosen={found.document.no: version})


def _at_present(view: View, document: Document, here: frozenset[int]) -> Lookup:
    current = view.current(document.no)
    scope = Scope("the present", document=document, version=None if current is None else view.entry(current))
    if current is None:
        values = {"version": None, "first": None, "elsewhere": ()}
        answer = Answer("nothing-in-version", "; ".join(off_line(view, document)), values)
        return Lookup(scope, None, answer=answer)
    if current.kind is VersionKind.TOMBSTONE:
        when = view.moment(current.valid_from)
        scope = replace(scope, resolved_by=f"deleted on {when}")
        return Lookup(scope, None, answer=without_text(view, document, current))
    if current.purged is not None:
        return Lookup(scope, None, answer=without_text(view, document, current))
    return _with_stale(view, Lookup(scope, replace(view.believed, documents=here)))


# --- many documents --------------------------------------------------------------------------


def _every_version_selected(
    view: View, question: Question, selector: str, found: Everywhere = version_everywhere
) -> Lookup:
    sources = _source_numbers(view, question)
    narrowing = narrow(view, question, lambda: view.snapshot.every_key(view.known_at))
    if narrowing.nothing is not None:
        return Lookup(Scope(f'the version "{selector}"', selector=selector), None, answer=narrowing.nothing)
    return _noted(found(view, selector, sources, narrowing.matches), narrowing)


def elected(view: View, question: Question, selector: str) -> Lookup:
    """The version of each document that `selector` means, of those that the question's options leave: `Lookup.elected`.

    For whoever chooses among these before searching: their passages are not read, and where to search is left open.
    """
    return _every_version_selected(view, question, selector, elected_everywhere)


def _everything(view: View, question: Question) -> Lookup:
    sources = _source_numbers(view, question)
    if question.history:
        return _history(view, question, replace(view.believed, every_version=True, sources=sources))
    valid_at = _last_instant(view, question.as_of)
    scope = Scope(
        "the present" if view.asked is None else f"the present as known at {view.moment(view.asked)}"
    )
    if valid_at is not None:
        scope = Scope(f"what was effective at {view.moment(valid_at)}", as_of=valid_at)
    where = replace(view.believed, valid_at=valid_at, sources=sources)
    if question.paths or question.labels or question.under is not None:
        key = ("narrowed", filters_of(view, question), valid_at)
        narrowed = view.kept(key, lambda: _narrowed(view, question, where))
        if narrowed.nothing is not None:
            return Lookup(scope, None, answer=narrowed.nothing)
        scope, where = replace(scope, resolved_by=scope.resolved_by + narrowed.note), narrowed.where
    lookup = Lookup(scope, where, valid_at=valid_at)
    return lookup if valid_at is not None else _with_stale(view, lookup)


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What paths, labels and the place of a question leave, without the test itself, which holds the view."""

    where: Filter
    note: str
    nothing: Answer | None

    def __len__(self) -> int:
        return len(self.where.documents or ()) + len(self.where.not_documents or ())


def _narrowed(view: View, question: Question, where: Filter) -> _Narrowed:
    """What paths, labels and the place of a question leave of `where`."""
    existing = cache(lambda: list(view.snapshot.keys(view.known_at, where.valid_at)))
    narrowing = narrow(view, question, existing)
    matches, sources = narrowing.matches, where.sources
    if matches is None:
        return _Narrowed(where, narrowing.note, narrowing.nothing)
    here = [(no, key) for no, source_no, key in existing() if sources is None or source_no in sources]
    within = frozenset(no for no, key in here if matches(no, key))
    if 2 * len(within) > len(here):
        # Rows that are visible belong to documents that exist, so leaving out the others is the same.
        where = replace(where, not_documents=frozenset(no for no, _ in here) - within)
    else:
        where = replace(where, documents=within)
    return _Narrowed(where, narrowing.note, narrowing.nothing)


def _history(view: View, question: Question, where: Filter) -> Lookup:
    ever = cache(lambda: list(view.snapshot.every_key(view.known_at)))
    narrowing = narrow(view, question, ever)
    scope = Scope("all versions")
    if narrowing.nothing is not None:
        return Lookup(scope, None, answer=narrowing.nothing)
    matches = narrowing.matches
    if matches is not None:
        where = replace(where, documents=frozenset(no for no, _, key in ever() if matches(no, key)))
    return _noted(Lookup(scope, where, every_version=True, matches=matches), narrowing)


def _noted(lookup: Lookup, narrowing: Narrowing) -> Lookup:
    """`lookup`, saying how a place was understood."""
    scope = lookup.scope
    return replace(lookup, scope=replace(scope, resolved_by=scope.resolved_by + narrowing.note))


def _with_stale(view: View, lookup: Lookup) -> Lookup:
    """Let in the last readable text of documents that cannot be read at present."""
    where = lookup.where
    if where is None:
        return lookup
    texts: dict[int, Version] = {}
    for no, source_no in view.snapshot.unreadable(view.known_at):
        if (
            (where.sources is None or source_no in where.sources)
            and (where.documents is None or no in where.documents)
            and (version := view.last_readable(no)) is not None
        ):
            texts[no] = version
    if not texts:
        return lookup
    view.read_manifests(texts.values())
    passages = frozenset(no for version in texts.values() for no in view.passage_nos(version))
    return replace(lookup, where=replace(where, or_passages=passages), chosen=texts, stale=frozenset(texts))


# --- names and dates -------------------------------------------------------------------------


def _source_numbers(view: View, question: Question) -> frozenset[int] | None:
    if not question.sources:
        return None
    numbers = {source.name: source.no for source in view.snapshot.sources()}
    for name in question.sources:
        if name not in numbers:
            alike = near(name, numbers)
            known = ", ".join(sorted(numbers)) or "none"
            raise NotFoundError(
                f'no source "{name}" was ever indexed',
                remedy=f"did you mean {alike[0]}?" if alike else f"known are {known}",
                code="no-such-source",
            )
    return frozenset(numbers[name] for name in question.sources)


def _last_instant(view: View, date: str | None) -> Instant | None:
    return None if date is None else parse_instant(date, view.zone)[1]
