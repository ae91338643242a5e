"""A search in the version of every document that one selector means."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from indexer.errors import AmbiguousError, NotFoundError
from indexer.model import Point
from indexer.plain_selectors import Plain, plain
from indexer.ports import Filter
from indexer.ports.elected import Elected, Rank
from indexer.query.lookup import Lookup
from indexer.query.results import Scope
from indexer.query.view import View
from indexer.selectors import select, tag_for_all

Matches = Callable[[int, str], bool]
"""(document number, its key) → whether it lies in the scope."""

Everywhere = Callable[[View, str, frozenset[int] | None, Matches | None], Lookup]
"""`version_everywhere` or `elected_everywhere`."""

_FEW_DOCUMENTS = 200  # beyond, the versions of all documents are read, which needs no list of them


@dataclass(slots=True)
class _Found:
    """What the selector means, document by document."""

    chosen: dict[int, Elected] = field(default_factory=dict)
    lacking: dict[int, str] = field(default_factory=dict)
    """Documents that have no such version, with their keys."""
    unclear: int = 0
    unknown: list[int] = field(default_factory=list)
    """Sources of which it is not known what they had at the tag."""

    def __len__(self) -> int:
        return len(self.chosen) + len(self.lacking)


def elected_everywhere(
    view: View, selector: str, sources: frozenset[int] | None, matches: Matches | None
) -> Lookup:
    """Every document's version that `selector` means, of those that match; where to search for them is left open.

    What it means is the same until the next commit, and kept until then.
    """
    found = view.kept(("everywhere", selector, sources), lambda: _found(view, selector, sources))
    chosen: Mapping[int, Elected] = found.chosen
    without = len(found.lacking)
    if matches is not None:
        chosen = {no: version for no, version in found.chosen.items() if matches(no, version.key)}
        without = sum(matches(no, key) for no, key in found.lacking.items())
    notes = [f'the version "{selector}" of each document that has one']
    names = {source.no: source.name for source in view.snapshot.sources()}
    notes += [f"what {names[no]} had at it is not known" for no in found.unknown]
    if found.unclear:
        notes.append(f"{found.unclear} documents in which it fits several versions are left out")
    scope = Scope(
        "; ".join(notes),
        selector=selector,
        documents_with=len(chosen),
        documents_without=without + found.unclear,
    )
    return Lookup(scope, None, elected=chosen)


def version_everywhere(
    view: View, selector: str, sources: frozenset[int] | None, matches: Matches | None
) -> Lookup:
    """The passages of every document's version that `selector` means, by their manifests."""
    lookup = elected_everywhere(view, selector, sources, matches)
    if matches is None:
        passages = kept_passages(view, ("passages everywhere", selector, sources), lookup.elected)
    else:
        passages = passages_of(view, lookup.elected)
    return replace(lookup, where=Filter(passages=passages))


@dataclass(frozen=True, slots=True)
class _Passages:
    """The passages of some manifests, of different documents."""

    manifests: frozenset[int]
    numbers: frozenset[int]

    def __len__(self) -> int:
        return len(self.manifests) + len(self.numbers)


def kept_passages(view: View, key: Hashable, chosen: Mapping[int, Elected]) -> frozenset[int]:
    """All passages of these versions, kept under `key`; after a commit only the texts that it changed are read."""

    def make(before: _Passages | None) -> _Passages:
        manifests = _manifests(chosen)
        if before is None:
            return _Passages(manifests, _passages(view, manifests))
        # A passage is of one document, and each document has one text here: what its other text lacks goes with it.
        gone = _passages(view, before.manifests - manifests)
        come = _passages(view, manifests - before.manifests)
        return _Passages(manifests, (before.numbers - gone) | come)

    return view.kept_since(key, make).numbers


def _manifests(chosen: Mapping[int, Elected]) -> frozenset[int]:
    return frozenset(version.manifest_no for version in chosen.values() if version.manifest_no is not None)


def _passages(view: View, manifests: frozenset[int]) -> frozenset[int]:
    return frozenset(no for numbers in view.snapshot.manifest_passages(manifests).values() for no in numbers)


def passages_of(view: View, chosen: Mapping[int, Elected]) -> frozenset[int]:
    """All passages of these versions."""
    return _passages(view, _manifests(chosen))


def _found(view: View, selector: str, sources: frozenset[int] | None) -> _Found:
    """A tag is resolved once for all documents of its source, without reading their histories."""
    found = _Found()
    documents: dict[int, dict[int, str]] = {}
    keys = view.kept("present keys", lambda: view.snapshot.present_keys(view.known_at))
    for no, (source_no, key) in keys.items():
        if sources is None or source_no in sources:
            documents.setdefault(source_no, {})[no] = key
    asked: dict[int, str] = {}
    one_by_one: dict[int, int] = {}
    source_of: dict[int, int] = {}
    wanted = plain(selector, view.zone)
    for source_no, its_documents in sorted(documents.items()):
        points = view.points(source_no)
        if (point := tag_for_all(selector, points)) is not None:
            _at_point(view, point, source_no, its_documents, found)
        elif wanted is None or (wanted.label is not None and wanted.same(points.tags)):
            one_by_one |= dict.fromkeys(its_documents, source_no)
        else:
            asked |= its_documents
            source_of |= dict.fromkeys(its_documents, source_no)
    if wanted is not None and asked:
        one_by_one |= {no: source_of[no] for no in _plainly(view, wanted, asked, found)}
    _by_selector(view, selector, one_by_one, found)
    return found


def _at_point(view: View, point: Point, source_no: int, documents: Mapping[int, str], found: _Found) -> None:
    states = view.snapshot.states_at(source_no, point, view.known_at)
    versions = view.snapshot.elected((no for nos in states.values() for no in nos), view.known_at)
    for document_no, version_nos in states.items():
        if len(version_nos) == 1:
            found.chosen[document_no] = versions[version_nos[0]]
        else:
            found.unclear += 1
    found.lacking |= {no: key for no, key in documents.items() if no not in states}
    if point.place is None:
        found.unknown.append(source_no)


def _plainly(view: View, wanted: Plain, documents: Mapping[int, str], found: _Found) -> list[int]:
    """Choose by rank, label or number, as `select` would; the documents in which more has to be looked at."""
    rank = Rank(wanted.word) if wanted.word is not None else wanted.number
    ranked = {} if rank is None else view.snapshot.ranked(rank, view.known_at)
    labelled: dict[int, list[tuple[str, Elected | None]]] = {}
    if wanted.label is not None:
        names = set(_alike(wanted, view.snapshot.label_names()))
        for document_no, name, version in view.snapshot.labelled(names, view.known_at):
            labelled.setdefault(document_no, []).append((name, version))
    more: list[int] = []
    for no, key in documents.items():
        chosen = ranked.get(no)
        if no in labelled:
            strictest = set(wanted.same(name for name, _ in labelled[no]))
            versions = {version for name, version in labelled[no] if name in strictest}
            chosen = versions.pop() if len(versions) == 1 else None
            if chosen is None:
                more.append(no)
                continue
        if chosen is None:
            found.lacking[no] = key
        else:
            found.chosen[no] = chosen
    return more


def _alike(wanted: Plain, names: Iterable[str]) -> list[str]:
    """The labels that may be meant in any document: which of them count is decided in each."""
    return [name for name in names if wanted.same([name])]


def _by_selector(view: View, selector: str, documents: Mapping[int, int], found: _Found) -> None:
    """Choose among the versions of each of these documents, which are given with their sources."""
    if not documents:
        return
    view.read_versions(None if len(documents) > _FEW_DOCUMENTS else documents)
    for no, source_no in documents.items():
        if not (versions := view.versions(no)):
            continue
        try:
            version = select(versions, selector, view.zone, view.points(source_no)).version
            found.chosen[no] = Elected(version.no, version.key, version.manifest_no)
        except NotFoundError:
            found.lacking[no] = versions[-1].key
        except AmbiguousError:
            found.unclear += 1
