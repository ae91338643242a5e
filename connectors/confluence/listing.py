"""What a Confluence source tells: each export that is new, in the order in which they were taken."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final

from connectors.attention import in_sight
from connectors.confluence import csv_export, html_export, xml_export
from connectors.confluence.archive import Archive, ExportError
from connectors.confluence.cursor import Cursor, Export
from connectors.confluence.documents import Documents, Part, Tally
from connectors.confluence.exports import Format, Found, find, open_export, wait_until_settled
from connectors.confluence.reading import Facts
from connectors.confluence.settings import ConfluenceSettings
from connectors.confluence.staged import Staged
from connectors.confluence.staging import Staging
from indexer.clock import Clock, to_instant
from indexer.errors import SourceError
from indexer.model import Instant, TimeBasis
from indexer.ports import Checkpoint, Event, ListingEnd, Remark, SourceTime, Survey, Surveyed, Unknown

_READ: Final = {
    Format.XML: xml_export.read_xml,
    Format.CSV: csv_export.read_csv_export,
    Format.HTML: html_export.read_html_export,
}
_TAKEN: Final = {
    Format.XML: xml_export.taken,
    Format.CSV: csv_export.taken,
    Format.HTML: html_export.taken,
}
_TOGETHER: Final = 400
"""Events that are told between two checkpoints, about."""
_PASSING: Final = frozenset({"changing", "missing", "unreadable", "vanished"})
"""Reasons for which the same export may be read the next time."""
_MOST_REMARKS: Final = 20
"""Oddities that are told one by one for each export; thousands of lines help nobody."""


@dataclass(slots=True)
class Opened:
    """An export that was read into a staging database."""

    found: Found
    archive: Archive
    staged: Staged
    facts: Facts
    taken: SourceTime


@contextmanager
def staged(found: Found, folder: Path | None, given_up: threading.Event | None = None) -> Iterator[Opened]:
    """Read an export into a staging database below `folder`, for the length of the `with`. Raises `ExportError`.

    Once `given_up` is set nobody wants it any more; see `attention.in_sight`.
    """
    archive, format_ = open_export(found)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="staging-", dir=_folder(folder)) as place,
            Staging(Path(place) / "rows", given_up) as staging,
        ):
            facts = _READ[format_](archive, staging)
            staging.finish()
            yield Opened(found, archive, Staged(staging), facts, _taken(facts, archive, found))
    finally:
        archive.close()


def _folder(folder: Path | None) -> Path | None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_leftovers(folder: Path | None) -> None:
    """Remove staging databases of runs that were killed. Only the index's one writer lists a source."""
    if folder is not None and folder.is_dir():
        for left in folder.glob("staging-*"):
            shutil.rmtree(left, ignore_errors=True)


def _taken(facts: Facts, archive: Archive, found: Found) -> SourceTime:
    """When an export was made: as it says, else as its files do."""
    if facts.taken is not None:
        return SourceTime(to_instant(facts.taken), TimeBasis.OBSERVED)
    names = [name for name in archive.names() if "/" not in name]
    seconds = max((archive.modified(name) for name in names), default=found.path.stat().st_mtime)
    return SourceTime(round(seconds * 1_000_000), TimeBasis.OBSERVED)


class Listing:
    """One listing of one source."""

    def __init__(
        self,
        settings: ConfluenceSettings,
        folder: Path | None,
        cursor: str | None,
        clock: Clock,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._cursor = Cursor.read(cursor)
        self._clock = clock
        self._sleep = sleep
        if self._cursor.choice != settings.choice:
            self._cursor.choice, self._cursor.exports = settings.choice, {}

    def events(self) -> Iterator[Event]:
        """Everything that is new since the cursor. Raises `SourceError` where the path cannot be looked at."""
        there = self._look()
        remove_leftovers(self._folder)
        self._cursor.exports = {
            one.name: self._cursor.exports[one.name] for one in there if one.name in self._cursor.exports
        }
        new = []
        for found in there:
            known = self._cursor.exports.get(found.name)
            if known is None or known.print != found.print:
                new.append(found)
            elif known.problem is not None:
                yield Unknown(found.name, *known.problem)
        if not there and not self._cursor.looks:
            yield Remark(f"there is no export at {self._settings.path}: neither a zip nor an unpacked one")
        for found in self._in_order(new):
            yield from self._export(found)
        yield ListingEnd(complete=False, cursor=self._cursor.write())

    def _look(self) -> list[Found]:
        path = Path(self._settings.path)
        try:
            return list(find(path))
        except FileNotFoundError as error:
            raise SourceError(
                f"there is nothing at {path}",
                remedy="mount or create it, or correct the source's path; nothing that is indexed was touched",
                code="source-missing",
            ) from error
        except OSError as error:
            raise SourceError(
                f"{error.filename or path} cannot be read ({error.strerror})",
                remedy="give the user who runs this the right to read it",
                code="permission",
            ) from error

    def _in_order(self, new: list[Found]) -> list[Found]:
        """By the time at which they were taken. Another order would do, and bury later what is gone."""
        return new if len(new) < 2 else sorted(new, key=lambda found: (_stated(found), found.name))

    def _export(self, found: Found) -> Iterator[Event]:
        """Tell one export, or why it cannot be used."""
        settled = yield from in_sight(
            lambda given_up: wait_until_settled(found, self._clock, self._sleep or given_up.wait)
        )
        if not settled:
            yield Unknown(
                found.name, "incomplete", f"{found.name} is still being copied; it is taken once it is whole"
            )
            return
        try:
            with ExitStack() as held:
                opened = yield from in_sight(
                    lambda given_up: held.enter_context(staged(found, self._folder, given_up))
                )
                yield from self._told(opened)
        except ExportError as error:
            if error.reason not in _PASSING:
                self._cursor.exports[found.name] = Export(found.print, (error.reason, error.detail))
            yield Unknown(found.name, error.reason, error.detail)

    def _told(self, opened: Opened) -> Iterator[Event]:
        """Tell what an export holds, space by space."""
        facts, found = opened.facts, opened.found
        documents = Documents(opened.staged, facts, opened.taken, self._settings)
        parts = documents.parts()
        done, together, total = 0, 0, sum(part.count for part in parts)
        for part in parts:
            yield self._survey(part, opened)
            for told in documents.told(part, opened.archive):
                yield from told.states
                yield told.described
                done += 1
                together += len(told.states) + 1
                if together >= _TOGETHER:
                    # Until all of the export is told, it counts as not told: telling it again changes nothing.
                    yield Checkpoint(self._cursor.write(), done, total)
                    together = 0
            yield Surveyed()
            yield Checkpoint(self._cursor.write(), done, total)
        if facts.stopped is None:
            for part in parts:
                self._cursor.looked(part.space, opened.taken.instant)
        yield from remarks(opened, documents.tally, self._settings.zone)
        problem = None
        if facts.stopped is not None:
            problem = ("damaged", facts.stopped)
            yield Unknown(found.name, *problem)
        self._cursor.exports[found.name] = Export(found.print, problem)
        yield Checkpoint(self._cursor.write(), total, total)

    def _survey(self, part: Part, opened: Opened) -> Survey:
        later = self._cursor.superseded(part.space, opened.taken.instant)
        return Survey(
            part.scope,
            opened.taken,
            complete=part.whole and opened.facts.stopped is None,
            superseded=None if later is None else SourceTime(later, TimeBasis.OBSERVED),
        )


def remarks(opened: Opened, tally: Tally, zone: tzinfo | None) -> Iterator[Remark]:
    """What was odd about an export and cost no document. `zone` is that of exports that do not say theirs."""
    name, facts = opened.found.name, opened.facts
    oddities = opened.staged.oddities()
    for detail in oddities[:_MOST_REMARKS]:
        yield Remark(f"{name}: {detail}")
    if len(oddities) > _MOST_REMARKS:
        yield Remark(f"{name}: {len(oddities) - _MOST_REMARKS} more like these")
    if facts.zone is None and zone is None:
        yield Remark(
            f"{name} does not say in which time zone its times are; they are read as UTC (set `zone` of the source)"
        )
    if tally.without_files:
        yield Remark(
            f"{name} names attachments ({tally.without_files}) and has the files of none; export with attachments to index them"
        )
    people = sorted(tally.unknown_people.items())
    for person, where in people[:_MOST_REMARKS]:
        yield Remark(f"{name}: {where} names the user {person}, whom the export does not have")
    if len(people) > _MOST_REMARKS:
        yield Remark(f"{name}: {len(people) - _MOST_REMARKS} more users that the export does not have")


def _stated(found: Found) -> Instant:
    """When an export was taken, without reading all of it; those that cannot be read come first."""
    try:
        archive, format_ = open_export(found)
    except ExportError:
        return 0
    try:
        return _taken(Facts(_TAKEN[format_](archive), None), archive, found).instant
    except ExportError:
        return 0
    finally:
        archive.close()
