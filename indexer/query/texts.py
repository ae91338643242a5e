"""The text of one version, its original bytes, and what a citation refers to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from indexer.errors import DamagedStoreError, NotFoundError, ReadError
from indexer.hashing import content_hash, text_hash
from indexer.model import Document, Passage, Version, VersionKind, VersionStatus
from indexer.ports import Originals
from indexer.query.absence import off_line, purged, textless
from indexer.query.description import described
from indexer.query.documents import Found, choose, require_not_forgotten, resolve
from indexer.query.naming import cited, named
from indexer.query.presence import Presence, on_line
from indexer.query.results import CiteResult, OriginalResult, ShownPassage, ShowResult
from indexer.query.view import View
from indexer.references import parse_citation


def selected(view: View, reference: str) -> tuple[Found, Version]:
    """The document and the version that DOC[@SEL] means; without SEL the present one."""
    found = resolve(view, reference)
    if found.version is not None:
        return found, found.version
    if view.current(found.document.no) is not None:
        found = choose(view, found.document, "latest")
        assert found.version is not None
        return found, found.version
    reason, remedy = off_line(view, found.document)
    raise NotFoundError(reason, remedy=remedy, code="no-such-version")


def readable(view: View, reference: str) -> tuple[Found, Version]:
    """As `selected`, but a version that has a text. Raises `NotFoundError` saying why it has none."""
    found, version = selected(view, reference)
    if version.manifest_no is None:
        raise textless(view, found.document, version)
    return found, version


def show(view: View, reference: str) -> ShowResult:
    """The text of DOC[@SEL], passage by passage."""
    found, version = readable(view, reference)
    text, passages = laid_out(view, found.document, version)
    return ShowResult(
        found.document,
        view.entry(version),
        text,
        passages,
        found.resolved_by,
        view.entries(found.alternatives),
        described(view, found.document),
    )


def laid_out(view: View, document: Document, version: Version) -> tuple[str, tuple[ShownPassage, ...]]:
    """The text that the manifest of `version` joins to, and where each passage stands in it.

    Raises `DamagedStoreError` if its hash is not the recorded one.
    """
    manifest = view.manifest(version)
    passages = view.snapshot.passages({entry.passage_no for entry in manifest})
    origins = Origins(view, version)
    parts: list[str] = []
    shown: list[ShownPassage] = []
    length = 0
    for entry in manifest:
        passage = passages[entry.passage_no]
        parts += (entry.separator, passage.text)
        start = length + len(entry.separator)
        length = start + len(passage.text)
        introduced = origins.of(passage)
        shown.append(
            ShownPassage(
                citation=cited(document, version, passage.id),
                heading=passage.heading,
                start=start,
                end=length,
                page=entry.page,
                introduced=introduced.number,
            )
        )
    text = "".join(parts)
    if text_hash(text) != version.text_hash:
        raise DamagedStoreError(
            f"the text of {named(version)} of {document.key} in the catalog is not the one that was recorded",
            remedy="run `indexer check --deep`",
        )
    return text, tuple(shown)


class Origins:
    """Since which version each passage of one version stands there unbroken."""

    def __init__(self, view: View, version: Version) -> None:
        self._version = version
        self._at = version.valid_from or 0
        no = version.document_no
        if version.status is VersionStatus.WITHDRAWN and version.recorded_to is not None:
            # What led to it is what was believed while it stood.
            believed = version.recorded_to - 1
            rows = view.snapshot.rows(document_no=no)
            self._presence = Presence(
                rows, on_line(view.snapshot.versions(no, believed, tags=False)), believed
            )
        else:
            self._presence = view.presence(no)
        self._now = {v.no: v for v in view.versions(no)}

    def of(self, passage: Passage) -> Version:
        """The version that introduced `passage`, as believed at the view's instant; a version aside is its own origin
        for what the line did not hold at its time.
        """
        found = self._presence.introduced(passage.no, self._at)
        return self._version if found is None else self._now[found.no]


def original(
    view: View, reference: str, originals: Originals, state: Callable[[str, str, str], bytes]
) -> OriginalResult:
    """The bytes of DOC[@SEL]: those that were kept, else what the source still has, if it is the same."""
    found, version = selected(view, reference)
    if version.purged is not None:
        raise purged(view, found.document, version)
    if version.content_hash is None:
        raise textless(view, found.document, version, code="no-original")
    data = originals.get(version.content_hash)
    gone = ""
    if data is None:
        try:
            data = state(found.document.source, version.key or found.document.key, version.origin)
        except ReadError as error:
            gone = f"; the source has it no more: {error.message}"
        if data is not None and content_hash(data) != version.content_hash:
            data, gone = None, "; what the source has there now is something else"
    if data is None:
        raise NotFoundError(
            f"there is no original of {named(version)} of {found.document.key}{gone}",
            remedy="it was not kept (keep_originals, max_original_size), unless `indexer check --deep` misses it; "
            "`indexer show` has its text",
            code="no-original",
        )
    name = PurePosixPath(version.key or found.document.key).name
    return OriginalResult(found.document, view.entry(version), data, name, found.resolved_by)


def cite(view: View, text: str) -> CiteResult:
    """What a citation refers to, whatever happened to the document since.

    Raises `UsageError` for what is no citation, `PurgedError` for what was removed for good,
    `NotFoundError` (``no-such-citation``) otherwise.
    """
    citation = parse_citation(text)
    require_not_forgotten(view, citation.document_id)
    version = view.snapshot.version_by_id(citation.version_id, view.known_at)
    document = None if version is None else view.document(version.document_no)
    if version is None or document is None or document.id != citation.document_id:
        raise _unresolved(text, "its document has no such version in this index")
    thinned = version.purged is not None and version.purged.thinned
    if version.purged is not None and not (thinned and citation.passage_id):
        raise purged(view, document, version)
    if citation.passage_id is None:
        heading: tuple[str, ...] = ()
        page = None
        content, _ = laid_out(view, document, version)
        current = version.status is VersionStatus.CURRENT
        what = named(version)
    else:
        passage = view.snapshot.passage_by_id(citation.passage_id)
        pages = None if passage is None else _pages(view, version, passage)
        if thinned and pages is None:
            raise purged(view, document, version)
        if passage is None or pages is None:
            raise _unresolved(text, f"{named(version)} of {document.key} does not hold that passage")
        heading, content, page = passage.heading, passage.text, pages
        last = view.current(document.no)
        current = last is not None and passage.no in view.passage_nos(last)
        what = "the passage"
        page = page or None
    last = view.current(document.no)
    return CiteResult(
        citation=text,
        document=document,
        version=view.entry(version),
        heading=heading,
        text=content,
        page=page,
        current=current,
        newer=None if last is None or last.no == version.no else view.entry(last),
        standing=_standing(view, version, last, what, current),
    )


def _pages(view: View, version: Version, passage: Passage) -> int | None:
    """The page of the passage in any rendition of `version`, 0 where there are no pages; None where it is in none.

    Of a version that was thinned out the rows tell which passages it had that kept versions have as well.
    """
    if version.purged is not None:
        rows, at = view.snapshot.rows(passage_nos=[passage.no]), version.valid_from or 0
        return 0 if any(row.valid_from <= at < row.valid_to for row in rows) else None
    for manifest_no in view.snapshot.renditions(version.no):
        for entry in view.snapshot.manifest(manifest_no):
            if entry.passage_no == passage.no:
                return entry.page or 0
    return None


def _standing(view: View, version: Version, last: Version | None, what: str, current: bool) -> str:
    if version.purged is not None:
        standing = _standing(view, replace(version, purged=None), last, what, current)
        return f"{standing}; the rest of {named(version)} was thinned out on {view.moment(version.purged.at)}"
    if version.status is VersionStatus.WITHDRAWN:
        return f"{named(version)} was withdrawn by its source on {view.moment(version.recorded_to)}"
    if last is not None and last.kind is VersionKind.TOMBSTONE:
        return f"the document was deleted on {view.moment(last.valid_from)}"
    if last is None or last.no == version.no:
        return f"{named(version)} is the current one" if last is not None else "no version of it is current"
    if last.purged is not None:
        how = "thinned out" if last.purged.thinned else "purged"
        return f"{named(last)}, the current one, was {how} on {view.moment(last.purged.at)}"
    if current:
        return f"{what} stands unchanged in {named(last)}, the current one"
    if last.kind is VersionKind.UNREADABLE:
        return f"{named(last)}, the current one, could not be read"
    return f"{what} is not in {named(last)}, the current one"


def _unresolved(text: str, why: str) -> NotFoundError:
    return NotFoundError(
        f"{text} refers to nothing: {why}",
        remedy="copy the whole citation, and ask the index that it was made by",
        code="no-such-citation",
    )
