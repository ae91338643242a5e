"""How versions of one document differ, and since which version each passage stands there."""

from __future__ import annotations

from indexer.errors import AmbiguousError, NotFoundError, UsageError
from indexer.model import Version
from indexer.query.absence import textless
from indexer.query.changes import Piece, changes
from indexer.query.documents import Found, choose, resolve
from indexer.query.naming import cited
from indexer.query.results import BlamedPassage, BlameResult, DiffResult
from indexer.query.texts import Origins, readable
from indexer.query.view import View


def diff(view: View, before: str, after: str) -> DiffResult:
    """What changed from DOC@A (`before`) to B or DOC@B (`after`)."""
    old, old_version = readable(view, before)
    new = _other(view, old, after)
    new_version = new.version
    assert new_version is not None
    if new_version.manifest_no is None:
        raise textless(view, new.document, new_version)
    return DiffResult(
        document=new.document,
        before=view.entry(old_version),
        after=view.entry(new_version),
        changes=tuple(changes(pieces(view, old_version), pieces(view, new_version))),
        resolved_by=f"{old.resolved_by} and {new.resolved_by}",
        alternatives=view.entries((*old.alternatives, *new.alternatives)),
    )


def _other(view: View, old: Found, after: str) -> Found:
    """`after` read as a selector of the same document, else as DOC@B."""
    try:
        return _chosen(view, old, after)
    except (NotFoundError, UsageError) as no_version:
        try:
            new = resolve(view, after)
        except (NotFoundError, AmbiguousError):
            # What was meant is most likely a version of the same document.
            raise no_version from None
    if new.document.no != old.document.no:
        raise UsageError(
            f"{old.document.key} and {new.document.key} are two documents",
            remedy="name two versions of one document, such as DOC@2 DOC@3",
        )
    return new if new.version is not None else choose(view, new.document, "latest")


def _chosen(view: View, old: Found, selector: str) -> Found:
    """`selector` of the same document, also where it is written behind an "@"."""
    try:
        return choose(view, old.document, selector)
    except NotFoundError:
        if not selector.startswith("@"):
            raise
        return choose(view, old.document, selector[1:])


def pieces(view: View, version: Version) -> list[Piece]:
    """A version's text as `changes` compares it."""
    manifest = view.manifest(version)
    passages = view.snapshot.passages({entry.passage_no for entry in manifest})
    return [
        Piece(
            entry.passage_no,
            passages[entry.passage_no].heading,
            passages[entry.passage_no].text,
            entry.separator,
        )
        for entry in manifest
    ]


def blame(view: View, reference: str) -> BlameResult:
    """Each passage of DOC[@SEL] with the version since which this wording stands under this heading."""
    found, version = readable(view, reference)
    numbers = view.passage_nos(version)
    passages = view.snapshot.passages(set(numbers))
    origins = Origins(view, version)
    return BlameResult(
        document=found.document,
        version=view.entry(version),
        passages=tuple(
            BlamedPassage(
                text=passages[no].text,
                heading=passages[no].heading,
                introduced=view.entry(origins.of(passages[no])),
                citation=cited(found.document, version, passages[no].id),
            )
            for no in numbers
        ),
        resolved_by=found.resolved_by,
        alternatives=view.entries(found.alternatives),
    )
