"""From the options of a search to the rows that it may see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from indexer.errors import NotFoundError, UsageError
from indexer.model import Document, Instant, Version, VersionKind
from indexer.ports import Filter
from indexer.query.absence import off_line, without_text
from indexer.query.documents import Found, resolve
from indexer.query.everywhere import version_everywhere
from indexer.query.lookup import Lookup
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
        sources, matches = _source_numbers(view, question), _path_test(question.paths)
        lookup = version_everywhere(view, question.version, sources, matches)
    else:
        lookup = _everything(view, question)
    return replace(lookup, scope=replace(lookup.scope, known_at=view.asked))


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
    if question.document is not None and question.paths:
        raise UsageError("--doc already names the document", remedy="leave --path out")


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
    return _with_stale(view, Lookup(scope, replace(view.believed, documents=here)))


# --- many documents --------------------------------------------------------------------------


def _everything(view: View, question: Question) -> Lookup:
    sources = _source_numbers(view, question)
    if question.history:
        matches = _path_test(question.paths)
        where = replace(view.believed, every_version=True, sources=sources)
        if matches is not None:
            ever = {no for no, _, key in view.snapshot.every_key() if matches(key)}
            where = replace(where, documents=frozenset(ever))
        return Lookup(Scope("all versions"), where, every_version=True, matches_path=matches)
    valid_at = _last_instant(view, question.as_of)
    where = _narrowed(view, question, replace(view.believed, valid_at=valid_at, sources=sources))
    if valid_at is not None:
        scope = Scope(f"what was effective at {view.moment(valid_at)}", as_of=valid_at)
        return Lookup(scope, where, valid_at=valid_at)
    described = "the present" if view.asked is None else f"the present as known at {view.moment(view.asked)}"
    return _with_stale(view, Lookup(Scope(described), where))


def _narrowed(view: View, question: Question, where: Filter) -> Filter:
    """`where` with the documents at the question's paths, as a set or as what it leaves out."""
    matches = _path_test(question.paths)
    if matches is None:
        return where
    existing = [
        (no, key)
        for no, source_no, key in view.snapshot.keys(view.known_at, where.valid_at)
        if where.sources is None or source_no in where.sources
    ]
    within = frozenset(no for no, key in existing if matches(key))
    if 2 * len(within) > len(existing):
        # Rows that are visible belong to documents that exist, so leaving out the others is the same.
        return replace(where, not_documents=frozenset(no for no, _ in existing) - within)
    return replace(where, documents=within)


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


def _path_test(paths: tuple[str, ...]) -> Callable[[str], bool] | None:
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


def _last_instant(view: View, date: str | None) -> Instant | None:
    return None if date is None else parse_instant(date, view.zone)[1]
