"""Which document, and which of its versions, is meant by DOC or DOC@SEL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.errors import AmbiguousError, NotFoundError, PurgedError, UsageError
from indexer.masks import mask_key
from indexer.model import Document, Instant, Version, VersionKind
from indexer.query.near import near
from indexer.query.view import View
from indexer.references import parse_citation, split_reference
from indexer.selectors import select

_ID: Final = re.compile(r"d_[0-9a-z]{6,}")
_CITATION: Final = "indexer:"


@dataclass(frozen=True, slots=True)
class Found:
    """The document that a reference means, and the version if it selects one."""

    document: Document
    resolved_by: str
    """How the version was found, for people; what the document is, without one."""
    version: Version | None = None
    alternatives: tuple[Version, ...] = ()
    selector: str | None = None
    """SEL as it was written."""


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The documents that a name has meant at some time, and the test of a version that carries it."""

    numbers: tuple[int, ...]
    carries: Callable[[Version], bool]
    selector: str | None = None
    """A citation brings its own."""


def resolve(view: View, reference: str, selector: str | None = None, sources: Sequence[str] = ()) -> Found:
    """The document of DOC, or the document and version of DOC@SEL.

    All of `reference` is tried as DOC before "@" is read as a separator; `selector` is a SEL that
    was given apart. `sources` leaves only documents of these. Raises `NotFoundError` (codes
    ``no-such-document``, ``no-such-version``), `AmbiguousError` and `UsageError`.
    """
    if not reference.strip():
        raise UsageError("the name of the document is empty", remedy="name one, such as leave-policy.md")
    for name, written in split_reference(reference):
        candidates = _candidates(view, name, sources)
        if candidates is None:
            continue
        if selector is not None and written is not None:
            raise UsageError(
                f'two versions are asked for: "{written}" and "{selector}"', remedy="leave one of them out"
            )
        chosen = written or selector or candidates.selector
        return (
            _holder(view, name, candidates) if chosen is None else _versioned(view, name, candidates, chosen)
        )
    raise _unknown(view, reference)


def choose(view: View, document: Document, selector: str) -> Found:
    """The version of `document` that `selector` means, as believed at the view's instant."""
    selection = select(view.versions(document.no), selector, view.zone, view.points(document.source_no))
    return Found(document, selection.resolved_by, selection.version, tuple(selection.alternatives), selector)


def _candidates(view: View, name: str, sources: Sequence[str]) -> _Candidates | None:
    """Every document that ever went by `name`: by id, key, ending of a key, title, a key that was purged, the first that fits."""
    snapshot = view.snapshot

    def known(numbers: Sequence[int]) -> tuple[int, ...]:
        documents = view.documents(numbers)
        return tuple(d.no for d in documents if not sources or d.source in sources)

    if name.startswith(_CITATION):
        citation = parse_citation(name)
        numbers = known(snapshot.find_documents(id_prefix=citation.document_id))
        require_not_forgotten(view, citation.document_id)
        return _Candidates(numbers, lambda version: True, citation.version_id) if numbers else None
    if _ID.fullmatch(name):
        if numbers := known(snapshot.find_documents(id_prefix=name)):
            return _Candidates(numbers, lambda version: True)
        require_not_forgotten(view, name)
    source, separator, rest = name.partition(":")
    places: list[tuple[str | None, str]] = [(None, name)]
    if separator and rest and any(source == known_source.name for known_source in snapshot.sources()):
        places.insert(0, (source, rest))
    for place, key in places:
        if numbers := known(snapshot.find_documents(key=key, source=place)):
            return _Candidates(numbers, lambda version: version.key == key)  # noqa: B023 - returned at once
        if numbers := known(snapshot.find_documents(key_ending=key, source=place)):
            ending = f"/{key}"
            return _Candidates(numbers, lambda version: version.key.endswith(ending))  # noqa: B023 - as above
    if numbers := known(snapshot.find_documents(title=name)):
        title = name.casefold()
        return _Candidates(numbers, lambda version: version.title.casefold() == title)
    for place, key in places:
        mask = mask_key(key)
        if numbers := known(snapshot.find_documents(key=mask, source=place)):
            return _Candidates(numbers, lambda version: version.key == mask)  # noqa: B023 - as above
    return None


def require_not_forgotten(view: View, document_id: str) -> None:
    """Raise `PurgedError` for a document whose source was forgotten."""
    record = view.snapshot.forgotten(document_id)
    if record is not None:
        raise PurgedError(
            f"{document_id} was purged on {view.moment(record.recorded)} by {record.by}, "
            f"with everything of the source {record.source}: {record.reason}",
            remedy="nothing of it is left but this record",
        )


def _holder(view: View, name: str, candidates: _Candidates) -> Found:
    """Without a selector: the one that carries the name at present, else the last that did."""
    documents = view.documents(candidates.numbers)
    present = []
    last: dict[tuple[int, str], tuple[tuple[bool, Instant], Document]] = {}
    for document in documents:
        line = view.line(document.no)
        carried = [version for version in line or view.versions(document.no) if candidates.carries(version)]
        if not carried:
            continue
        version = carried[-1]
        if line and version == line[-1] and not document.deleted:
            present.append(document)
        place = (document.source_no, version.key)
        # What stands on no line had the name beside those that do.
        since = (bool(line), version.valid_from or 0)
        if place not in last or since > last[place][0]:
            last[place] = (since, document)
    remaining = present or [document for _, document in last.values()]
    unique = {document.no: document for document in remaining}
    if not unique:
        raise _unknown(view, name)
    if len(unique) > 1:
        raise _ambiguous(name, list(unique.values()))
    (document,) = unique.values()
    return Found(document, f"{document.source}:{document.key}")


def _versioned(view: View, name: str, candidates: _Candidates, selector: str) -> Found:
    """With a selector: the one that carried the name at the version that it selects."""
    found: list[Found] = []
    failure: AmbiguousError | NotFoundError | None = None
    documents = view.documents(candidates.numbers)
    for document in documents:
        try:
            chosen = choose(view, document, selector)
        except (AmbiguousError, NotFoundError) as error:
            failure = error
            continue
        if chosen.version is not None and candidates.carries(chosen.version):
            found.append(chosen)
    # One that was deleted there had made room for the one that came.
    found = [one for one in found if not _deleted(one)] or found
    if len(found) > 1:
        raise _ambiguous(f"{name}@{selector}", [one.document for one in found])
    if found:
        return found[0]
    if failure is not None and len(documents) == 1:
        raise failure
    # Nobody went by this name then; the one who does now was called otherwise.
    return choose(view, _holder(view, name, candidates).document, selector)


def _deleted(found: Found) -> bool:
    return found.version is not None and found.version.kind is VersionKind.TOMBSTONE


def described(document: Document) -> dict[str, str]:
    """A document as a candidate in an error."""
    return {"id": document.id, "source": document.source, "key": document.key, "title": document.title}


def _ambiguous(name: str, documents: Sequence[Document]) -> AmbiguousError:
    shown = ", ".join(f"{document.source}:{document.key}" for document in documents[:5])
    more = f" and {len(documents) - 5} more" if len(documents) > 5 else ""
    return AmbiguousError(
        f'"{name}" fits {len(documents)} documents: {shown}{more}',
        remedy="give more of the path, source:key, or the document's id",
        code="ambiguous-document",
        candidates=[described(document) for document in documents],
    )


def _unknown(view: View, reference: str) -> NotFoundError:
    keys = {key for _, _, key in view.snapshot.keys(view.known_at)}
    alike = near(reference.rpartition("@")[0] or reference, keys)
    remedy = (
        f"did you mean {' or '.join(alike)}?" if alike else "give a key, the end of one, a title, or an id"
    )
    when = "" if view.asked is None else f" as known at {view.moment(view.known_at)}"
    return NotFoundError(f'there is no document "{reference}"{when}', remedy=remedy, code="no-such-document")
