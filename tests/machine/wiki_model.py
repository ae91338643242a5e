"""What an index must believe after it was told exports of a wiki, in whatever order: by the exports alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.model import Instant
from tests.machine.generated import cut
from tests.support.fake_wiki import RENDERED, Page, Rendering, Revision, WikiExport


@dataclass(frozen=True, slots=True)
class Sight:
    """How one look found one page."""

    taken: Instant
    present: Revision | None
    """None: gone, or in the trash."""
    readable: bool = True


def sights(exports: Iterable[WikiExport], page: str) -> list[Sight]:
    """What each look says of a page, the oldest first; nothing where it broke off before the page."""
    found = []
    for export in exports:
        shown = next((one for one in export.shown() if one.id == page), None)
        if shown is not None and not shown.trashed:
            body = export.bytes_of(shown, shown.present)
            found.append(Sight(export.taken, shown.present, body is not None))
        elif shown is not None or export.complete:
            found.append(Sight(export.taken, None))
    return sorted(found, key=lambda sight: sight.taken)


def told(exports: Iterable[WikiExport]) -> dict[str, dict[int, set[bytes]]]:
    """Page → number → the bodies that were told with it."""
    found: dict[str, dict[int, set[bytes]]] = {}
    for export in exports:
        for page in export.shown():
            numbers = found.setdefault(page.id, {})
            if export.rendering is not Rendering.NUMBERLESS:
                for revision in export.told_of(page):
                    if not revision.deleted and export.bytes_of(page, revision) is not None:
                        numbers.setdefault(revision.number, set()).add(revision.body)
    return found


def begun(exports: Iterable[WikiExport]) -> set[str]:
    """Pages of which any look showed a state."""
    return {
        page.id
        for export in exports
        for page in export.shown()
        if any(not revision.deleted for revision in export.told_of(page))
    }


def numberless(exports: Iterable[WikiExport]) -> set[str]:
    """Pages that were told without numbers."""
    return {
        page.id for export in exports if export.rendering is Rendering.NUMBERLESS for page in export.shown()
    }


def texts(body: bytes, page: str) -> set[str | None]:
    """The texts that a body may be shown with: as it is stored, and as readers see it."""
    rendered = [cut(data, page) for data in (body, body + RENDERED)]
    return {None if one is None else one[0] for one in rendered}


def bare(text: str | None) -> str | None:
    """A text without what only one of the renderings has."""
    return None if text is None else text.removesuffix(RENDERED.decode().strip()).strip()


def pages(exports: Iterable[WikiExport]) -> Iterable[Page]:
    """Every page as each export has it."""
    return (page for export in exports for page in export.pages.values())
