"""A wiki space in memory, exports of it, and the connector that tells them: `Wiki`, `WikiExport`, `FakeWiki`.

    wiki = Wiki()
    page = wiki.create("Leave", b"20 days")          # version 1
    first = wiki.export()                            # frozen; what happens later is not in it
    wiki.edit(page, b"25 days")                      # version 2
    wiki.trash(page)
    source = FakeWiki()
    source.drop(wiki.export(), first)                # told in this order by the next listing
    source.drop(first.seen_as(Rendering.VIEW))       # the same look as a reader saw it

A listing tells the exports that were dropped since the cursor, each as a survey, as exports of Confluence are told.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Final

from indexer.errors import LostError, ReadError, SourceError
from indexer.hashing import content_hash
from indexer.model import Instant, TimeBasis
from indexer.ports import (
    Absent,
    Checkpoint,
    Content,
    Described,
    Event,
    ListingEnd,
    Observed,
    Remark,
    SourceTime,
    Survey,
    Surveyed,
    Unknown,
)
from tests.support.fake_folder import carriers

BEGIN: Final[Instant] = 1_600_000_000_000_000
"""2020-09-13T12:26:40Z: when the wiki is founded."""
_ROOM: Final = 1 << 40
_MINUTE: Final = 60_000_000
_DAY: Final = 24 * 60 * _MINUTE
RENDERED: Final = b"\n\nAs readers see it, token.\n"
"""What a page as readers see it has behind its body, so that the two renderings differ."""


class Rendering(StrEnum):
    """How an export shows pages."""

    STORAGE = "storage"
    """Their bodies as they are stored, all versions."""
    VIEW = "view"
    """The present versions as readers see them, with their numbers."""
    NUMBERLESS = "numberless"
    """The same, without any number."""


@dataclass(slots=True)
class Revision:
    """One version of a page."""

    number: int
    title: str
    body: bytes
    time: Instant
    deleted: bool = False
    """Somebody deleted this one version."""
    restored: int = 0
    """How often the whole wiki was restored to an earlier state before it was made: numbers come again then."""


@dataclass(slots=True)
class Page:
    """A page with the versions that the wiki still has."""

    id: str
    revisions: list[Revision]
    trashed: bool = False
    labels: tuple[str, ...] = ()

    @property
    def present(self) -> Revision:
        """The last version."""
        return self.revisions[-1]


class Wiki:
    """A space; time passes with everything that happens in it."""

    def __init__(self, space: str = "HR", start: Instant = BEGIN) -> None:
        self.space = space
        self.now = start
        self.pages: dict[str, Page] = {}
        self.restored = 0
        self._created = 500

    def pass_time(self, instants: int = _MINUTE) -> Instant:
        """Let time pass."""
        self.now += instants
        return self.now

    def create(self, title: str, body: bytes, page: str | None = None) -> str:
        """A new page; returns its id."""
        self._created += 1
        page = page or f"{self._created}.md"
        self.pages[page] = Page(page, [Revision(1, title, body, self.pass_time(), restored=self.restored)])
        return page

    def edit(self, page: str, body: bytes) -> None:
        """A new version with another body."""
        self._add(page, self.pages[page].present.title, body)

    def rename(self, page: str, title: str) -> None:
        """A new version with another title."""
        self._add(page, title, self.pages[page].present.body)

    def _add(self, page: str, title: str, body: bytes) -> None:
        number = self.pages[page].present.number + 1
        self.pages[page].revisions.append(
            Revision(number, title, body, self.pass_time(), restored=self.restored)
        )

    def label(self, page: str, *labels: str) -> None:
        """The words by which people sort the page: no version."""
        self.pass_time()
        self.pages[page].labels = tuple(sorted(labels))

    def trash(self, page: str) -> None:
        """Into the trash, from which exports still show it."""
        self.pass_time()
        self.pages[page].trashed = True

    def untrash(self, page: str) -> None:
        """Back from the trash, as the same version."""
        self.pass_time()
        self.pages[page].trashed = False

    def purge(self, page: str) -> None:
        """Gone for good."""
        self.pass_time()
        del self.pages[page]

    def expire(self, page: str, keep: int) -> None:
        """Retention: only the last `keep` versions stay."""
        self.pass_time()
        self.pages[page].revisions = self.pages[page].revisions[-keep:]

    def delete_version(self, page: str, number: int) -> None:
        """One of the earlier versions is deleted."""
        self.pass_time()
        for revision in self.pages[page].revisions[:-1]:
            if revision.number == number:
                revision.deleted = True

    def restore(self, export: WikiExport) -> None:
        """The whole wiki is as it was at that export, from a backup."""
        self.pass_time()
        self.restored += 1
        self.pages = copy.deepcopy(export.pages)

    def export(self, **options: object) -> WikiExport:
        """The space as it is now; `options` are fields of `WikiExport`."""
        taken = self.pass_time()
        return replace(WikiExport(self.space, taken, copy.deepcopy(self.pages)), **options)  # type: ignore[arg-type]


@dataclass(slots=True)
class WikiExport:
    """What one look at the space saw."""

    space: str
    taken: Instant
    pages: dict[str, Page]
    rendering: Rendering = Rendering.STORAGE
    missing: frozenset[str] = frozenset()
    """Pages behind the place where it breaks off."""
    broken: bool = False
    """It breaks off, so that it is not complete."""
    untold: frozenset[tuple[str, int]] = frozenset()
    """(page, number) of versions without a body."""
    unknown: str | None = None
    """A scope that could not be seen."""

    @property
    def complete(self) -> bool:
        """Whether what it does not show is not there."""
        return not (self.missing or self.broken or self.unknown is not None)

    def seen_as(self, rendering: Rendering) -> WikiExport:
        """The same look in another rendering."""
        return replace(self, rendering=rendering)

    def without(self, *pages: str) -> WikiExport:
        """It breaks off before these pages."""
        return replace(self, missing=frozenset(pages), broken=True)

    def shown(self) -> list[Page]:
        """The pages that it tells of; those in the trash only where bodies are as they are stored."""
        return [
            page
            for page in self.pages.values()
            if page.id not in self.missing
            and (self.rendering is Rendering.STORAGE or not page.trashed)
            and not (self.unknown and page.id.startswith(f"{self.unknown}/"))
        ]

    def told_of(self, page: Page) -> list[Revision]:
        """The versions of a page that it tells of."""
        return page.revisions if self.rendering is Rendering.STORAGE else page.revisions[-1:]

    def bytes_of(self, page: Page, revision: Revision) -> bytes | None:
        """A version's body; None where it has none of it."""
        if (page.id, revision.number) in self.untold:
            return None
        return revision.body if self.rendering is Rendering.STORAGE else revision.body + RENDERED


@dataclass(slots=True)
class _Cursor:
    """Which exports were told, and when complete looks were taken."""

    told: list[int] = field(default_factory=list)
    looks: dict[str, list[Instant]] = field(default_factory=dict)

    def write(self) -> str:
        return json.dumps({"told": self.told, "looks": self.looks}, sort_keys=True)

    @classmethod
    def read(cls, text: str | None) -> _Cursor:
        return cls(**json.loads(text)) if text else cls()

    def superseded(self, export: WikiExport) -> SourceTime | None:
        later = min((at for at in self.looks.get(export.space, ()) if at > export.taken), default=None)
        return None if later is None else SourceTime(later, TimeBasis.OBSERVED)

    def add(self, number: int, export: WikiExport) -> None:
        self.told.append(number)
        if export.complete:
            self.looks[export.space] = sorted({*self.looks.get(export.space, ()), export.taken})


class FakeWiki:
    """Implements `indexer.ports.Connector` for exports of wiki spaces."""

    kind: Final = "fake"
    snapshot: Final = False
    lasting: Final = False

    def __init__(self, uid: str = "fake:wiki", *, checkpoint_every: int = 2) -> None:
        self.uid: Final = uid
        self.checkpoint_every = checkpoint_every
        """Documents between two checkpoints within a survey."""
        self.exports: list[WikiExport] = []
        self.unwanted: set[str] = set()
        """Keys inside documents that are not to be documents of their own."""
        self.away = False
        self.failing: set[str] = set()
        """Origins whose reads fail."""
        self.reads: list[str] = []
        """Origins in the order in which they were read."""
        self._interrupted_after: int | None = None

    # --- what happens ---

    def drop(self, *exports: WikiExport) -> None:
        """The next listing tells these, in this order, before those dropped later."""
        self.exports.extend(exports)

    def interrupt(self, after: int) -> None:
        """The next listing breaks off with `SourceError` after so many events."""
        self._interrupted_after = after

    # --- the port ---

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """Every export that the cursor does not name, as a survey."""
        if self.away:
            raise SourceError("the wiki's exports are away", remedy="mount them")
        after, self._interrupted_after = self._interrupted_after, None
        for count, event in enumerate(self._events(_Cursor.read(cursor))):
            if count == after:
                raise SourceError("the exports went away", remedy="list them again")
            yield event

    def _events(self, cursor: _Cursor) -> Iterator[Event]:
        for number, export in enumerate(self.exports):
            if number in cursor.told:
                continue
            if export.unknown is not None:
                yield Unknown(
                    export.unknown, "damaged", f"{export.unknown} of export {number} cannot be read"
                )
            taken = SourceTime(export.taken, TimeBasis.OBSERVED)
            yield Survey(f"{export.space}/", taken, export.complete, cursor.superseded(export))
            for count, page in enumerate(export.shown(), 1):
                yield from self._states(export, page)
                yield Described(
                    page.id,
                    f"{export.space}/{page.id}",
                    {"path": (f"{export.space}/{page.present.title}",), "label": page.labels},
                )
                if count % self.checkpoint_every == 0:
                    yield Checkpoint(cursor.write())
            yield Surveyed()
            if export.missing:
                yield Remark(f"export {number} breaks off before {len(export.missing)} pages")
            cursor.add(number, export)
            yield Checkpoint(cursor.write())
        yield ListingEnd(complete=False, cursor=cursor.write())

    def read_state(self, key: str, origin: str) -> Content:
        """From whichever export has it, the last that was dropped first."""
        for export in reversed(self.exports):
            for page in export.shown():
                for event in self._states(export, page):
                    if isinstance(event, Observed) and event.origin == origin:
                        return event.read()
        raise ReadError("vanished", f"{key}: no export has {origin}")

    def wants(self, key: str) -> bool:
        """Everything but `unwanted` and what that carries."""
        return not any(carried in self.unwanted for carried in carriers(key))

    def accept(self, cursor: str) -> str:
        """Exports leave no doubts."""
        return cursor

    # --- inside ---

    def _states(self, export: WikiExport, page: Page) -> Iterator[Observed | Absent]:
        lineage = f"{export.space}/{page.id}"
        for revision in export.told_of(page):
            yield self._state(export, page, revision, lineage)
        if page.trashed:
            time = SourceTime(export.taken, TimeBasis.OBSERVED)
            yield Absent(page.id, time, f"trashed:{lineage}@{export.taken}", lineage)

    def _state(self, export: WikiExport, page: Page, revision: Revision, lineage: str) -> Observed | Absent:
        numbered = export.rendering is not Rendering.NUMBERLESS
        time = SourceTime(revision.time, TimeBasis.PAGE_VERSION)
        label = str(revision.number)
        sequence = revision.number * _ROOM if numbered else None
        if revision.deleted:
            return Absent(
                page.id, time, f"page-deleted:{lineage}@{label}", lineage, sequence, labels=(label,)
            )
        data = export.bytes_of(page, revision)
        scheme = "page" if export.rendering is Rendering.STORAGE else "page-view"
        if data is None:
            origin = f"page-untold:{lineage}@{label if numbered else '?'}"
        elif numbered:
            origin = f"{scheme}:{lineage}@{label}#{content_hash(data)[3:19]}"
        else:
            day = revision.time - revision.time % _DAY
            time = SourceTime(day, TimeBasis.PAGE_VERSION)
            origin = f"{scheme}:{lineage}@?:{day}#{content_hash(data)[3:19]}"
        return Observed(
            page.id,
            partial(self._read, data, origin),
            (time,),
            origin,
            size=None if data is None else len(data),
            lineage=lineage,
            sequence=sequence,
            title=revision.title,
            labels=(label,) if numbered else (),
        )

    def _read(self, data: bytes | None, origin: str) -> Content:
        self.reads.append(origin)
        if data is None:
            raise LostError("no-body", f"{origin}: the export has no body of it")
        if origin in self.failing:
            raise ReadError("unreadable", f"{origin} cannot be read", remedy="drop it from `failing`")
        return Content(data)
