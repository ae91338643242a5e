"""`purge`: one version of a document, or all of it, is removed for good; a record of that remains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from indexer.errors import AmbiguousError, PurgedError, UsageError
from indexer.ingest.index import Index
from indexer.ingest.recovery import Note, nobody
from indexer.model import Document, Version, VersionKind
from indexer.plan.attachments import SEPARATOR, is_attachment
from indexer.ports.purges import PurgeRecord, PurgeRequest, PurgeScope
from indexer.query.absence import purged_words
from indexer.query.documents import resolve
from indexer.query.naming import named
from indexer.query.view import View
from indexer.stewardship.removal import carry_out


@dataclass(frozen=True, slots=True)
class Target:
    """What a purge would remove, looked at before anything is."""

    document: Document
    whole: bool
    """All its versions, and the documents that it carries."""
    versions: tuple[Version, ...]
    """Those that go, of whichever document."""
    passages: int
    """Passages that stand in no other version."""
    remarks: tuple[str, ...]
    """What stays, and why: a line each."""


@dataclass(frozen=True, slots=True)
class Purge:
    """A purge that was carried out."""

    record: PurgeRecord
    target: Target
    originals: int
    """Originals that were deleted."""
    finished: bool
    """False: unused space in the catalog's file is still to be cleared."""


def look_at(index: Index, view: View, reference: str) -> Target:
    """What DOC or DOC@SEL means to `purge`. Changes nothing.

    Raises `PurgedError` where it was purged before, `UsageError` for what has no content,
    `AmbiguousError` where the selector could mean several versions, and as `resolve` does.
    """
    found = resolve(view, reference)
    if found.version is None:
        versions = _whole(index, view, found.document)
    elif found.alternatives:
        raise AmbiguousError(
            f'"{found.selector}" could mean several versions of {found.document.key}',
            remedy="name the one that is to be removed by number: or by its id",
            code="ambiguous-version",
            candidates=[found.version, *found.alternatives],
        )
    else:
        versions = [found.version]
    new = tuple(version for version in versions if version.purged is None or version.purged.thinned)
    if not any(version.kind is not VersionKind.TOMBSTONE for version in new):
        before = next((v for v in reversed(versions) if v.purged is not None), None)
        if before is not None:
            raise PurgedError(
                purged_words(view, found.document, before), remedy="there is nothing left of it"
            )
        raise UsageError(
            f"{named(versions[-1])} of {found.document.key} says that it was deleted, and has no content",
            remedy="name a version with a text, or the document without a version",
        )
    remarks = tuple(_remarks(index, view, found.document, new, whole=found.version is None))
    passages = len(index.catalog.current().passages_only_in([version.no for version in new]))
    return Target(found.document, found.version is None, new, passages, remarks)


def purge(index: Index, target: Target, reason: str, by: str, note: Note = nobody) -> Purge:
    """Remove it. Once it is written down it is finished, if need be by the next writer.

    Raises `StoreError` and its kinds.
    """
    before = set(index.catalog.current().originals())
    scope = PurgeScope.DOCUMENT if target.whole else PurgeScope.VERSION
    record = index.catalog.request_purge(
        PurgeRequest(scope, target.document.source_no, [v.no for v in target.versions], reason, by),
        index.clock,
    )
    index.step("purge recorded")
    finished = carry_out(index, record, note)
    originals = len(before - set(index.catalog.current().originals()))
    return Purge(record, target, originals, finished)


def _whole(index: Index, view: View, document: Document) -> list[Version]:
    """Every version of the document and of what it carries: its bytes hold that as well."""
    versions = list(view.versions(document.no))
    for carried in index.catalog.current().carried(document.no):
        versions += view.versions(carried)
    return versions


def _remarks(
    index: Index, view: View, document: Document, versions: tuple[Version, ...], *, whole: bool
) -> Iterator[str]:
    state = index.catalog.current()
    chosen = {version.no for version in versions}
    carried = {version.document_no for version in versions} - {document.no}
    if carried:
        yield f"what it carries goes with it: {len(carried)} more document{'s' if len(carried) > 1 else ''}"
    elif not whole and state.carried(document.no):
        yield "what it carries are documents of their own, and stay"
    same = set(state.same_bytes(sorted(chosen)))
    texts = {version.manifest_no for version in versions if version.manifest_no is not None}
    alike = [
        version
        for version in view.versions(document.no)
        if version.no not in chosen and (version.no in same or version.manifest_no in texts)
    ]
    for version in alike:
        yield f"{named(version)} has the same content and keeps it: purge it as well if it is to go"
    if others := same - {version.no for version in alike}:
        yield f"{len(others)} version{'s' if len(others) > 1 else ''} of other documents have the same bytes and keep them"
    if is_attachment(document.key):
        carrier = document.key.rpartition(SEPARATOR)[0]
        yield f"the original of {carrier}, which carries it, still holds it"
    last = view.current(document.no)
    if last is not None and last.no in chosen and last.kind is not VersionKind.TOMBSTONE:
        yield "it is the present state: while its source shows it, it stays away; an edit makes a new version"
    if state.copies_of(document.source_no):
        yield "the copy of the source in the data folder still holds it until the source itself does not"
