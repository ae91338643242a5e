"""From one export's rows to what is told of each document: its states, and what is said of it as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from connectors.confluence.access import Access
from connectors.confluence.archive import Archive
from connectors.confluence.contents import Contents, lies, lost, untold
from connectors.confluence.reading import Facts
from connectors.confluence.settings import ConfluenceSettings
from connectors.confluence.staged import NO_SPACE, Group, Staged
from connectors.confluence.tables import BodyType, ContentObject, Kind, Space
from connectors.confluence.versions import State, states
from indexer.ports import Absent, Described, Observed, SourceTime, Unwanted

_PARTS: Final = {
    "": (Kind.PAGE, Kind.BLOG),
    ":attachment": (Kind.ATTACHMENT,),
    ":comment": (Kind.COMMENT,),
}
"""What stands between a space's key and an object's id in a lineage → the kinds that have it so."""
_MARKS: Final = {kind: mark for mark, kinds in _PARTS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Part:
    """The documents of some kinds in one space."""

    space: str
    scope: str
    """How their lineages begin."""
    kinds: tuple[Kind, ...]
    count: int
    whole: bool
    """Whether what the export lacks of them is gone."""


@dataclass(slots=True)
class Told:
    """What one export says of one document."""

    states: list[Observed | Absent]
    """In order; none where the export only shows that it exists."""
    described: Described | Unwanted
    """What holds of it as a whole; or that the settings leave it out."""


@dataclass(slots=True)
class Tally:
    """What was met on the way that people should know of."""

    left_out: int = 0
    """Attachments whose names say that they hold no text, or that the settings leave out."""
    without_files: int = 0
    """Attachments of an export that has no files of any."""
    unknown_people: dict[str, str] = field(default_factory=dict)
    """Reference that names nobody → the first object with it."""


class Documents:
    """The documents of one export."""

    def __init__(self, staged: Staged, facts: Facts, taken: SourceTime, settings: ConfluenceSettings) -> None:
        self.tally = Tally()
        self._staged = staged
        self._facts = facts
        self._taken = taken
        self._settings = settings
        self._zone = facts.zone or settings.zone
        self._access = Access(staged, known=facts.access_known)
        self._contents = Contents(staged, taken, self._zone, settings.max_file_size)
        self._has_files = True

    def parts(self) -> list[Part]:
        """What the export has, by space and by what it is; those of one space stand together."""
        counts = self._staged.arrange([kind for kinds in _PARTS.values() for kind in kinds])
        keys = {space.key for space in self._staged.spaces.values()} | {space for space, _ in counts}
        parts = []
        for key in sorted(keys):
            for mark, kinds in _PARTS.items():
                count = sum(counts[key, kind] for kind in kinds)
                # An export without any comment may have been made without them.
                parts.append(Part(key, f"{key}{mark}/", kinds, count, whole=not mark or count > 0))
        return parts

    def told(self, part: Part, archive: Archive) -> Iterator[Told]:
        """What is told of the documents of a part, one after another; after `parts`."""
        self._has_files = any(name.startswith("attachments/") for name in archive.names())
        for kind in part.kinds:
            for group in self._staged.groups(part.space, kind):
                one = self._one(kind, group, archive)
                if one is not None:
                    yield one

    def told_of(self, space: str, content_id: str, archive: Archive) -> list[Observed | Absent]:
        """The states of one document, by the id of its present object."""
        for kind in (Kind.PAGE, Kind.BLOG, Kind.ATTACHMENT, Kind.COMMENT):
            group = self._staged.group(kind, content_id)
            if (group.present or group.earlier) and self._staged.space_of(group.last).key == space:
                one = self._one(kind, group, archive)
                return [] if one is None else one.states
        return []

    def _one(self, kind: Kind, group: Group, archive: Archive) -> Told | None:
        last = group.last
        if last.folder:
            return None
        if self._facts.stopped is not None and group.present is None:
            return None  # it stands behind the place where the export breaks off
        space = self._staged.space_of(last, broken_off=self._facts.stopped is not None)
        if self._facts.stopped is not None and space is NO_SPACE:
            return None  # likewise its space, or what it hangs on: it would pass for another document
        identity = f"{space.key}/{group.id}"
        lineage = f"{space.key}{_MARKS[kind]}/{group.id}"
        page = self._page(last)
        if not self._wanted(kind, last):
            return Told([], Unwanted(self._key(kind, group, last, page), lineage))
        if page is not None and page.status == "draft":
            return None  # it hangs on what was never published
        trashed = group.present is not None and "deleted" in (last.status, page.status if page else "")
        found: list[Observed | Absent] = []
        if kind is Kind.ATTACHMENT and not trashed and not self._has_files and last.file is None:
            self.tally.without_files += 1
            return Told([], self._described(self._key(kind, group, last, page), lineage, last, page, space))
        for state in states(group, self._zone, self._taken):
            if kind is Kind.ATTACHMENT and trashed and not lies(archive, group, state, page):
                continue  # Confluence drops the files of what is in the trash
            one = self._state(kind, group, state, (identity, lineage), page, archive)
            if one is not None:
                found.append(one)
            elif state.present:
                return None  # told without its end, an earlier version would pass for the present one
        key = found[-1].key if found else self._key(kind, group, last, page)
        if trashed:
            found.append(Absent(key, self._taken, f"trashed:{identity}@{self._taken.instant}", lineage))
        elif group.present is None and found:
            found.append(self._unknown_present(archive, kind, group, found[-1], lineage))
        return Told(found, self._described(key, lineage, last, page, space)) if found else None

    def _wanted(self, kind: Kind, found: ContentObject) -> bool:
        """Whether the settings let it in; a space's own logo never."""
        if kind is Kind.COMMENT:
            return self._settings.comments
        if kind is not Kind.ATTACHMENT:
            return True
        owner = None if found.container is None else self._staged.object(found.container)
        wanted = self._settings.takes(found.title) and not (owner and owner.kind is Kind.DESCRIPTION)
        self.tally.left_out += not wanted
        return wanted

    def _page(self, found: ContentObject) -> ContentObject | None:
        """The page or post that this is, or that it hangs on; of a draft of a published one that."""
        seen: set[str] = set()
        at: ContentObject | None = found
        while at is not None and at.kind not in (Kind.PAGE, Kind.BLOG) and at.id not in seen:
            seen.add(at.id)
            above = at.container or (at.parent if at.kind is Kind.COMMENT else None)
            at = None if above is None else self._staged.object(above)
        if at is not None and at.original is not None:
            at = self._staged.object(at.original) or at
        return at if at is not None and at.kind in (Kind.PAGE, Kind.BLOG) else None

    # --- states ------------------------------------------------------------------------------

    def _state(
        self,
        kind: Kind,
        group: Group,
        state: State,
        names: tuple[str, str],
        page: ContentObject | None,
        archive: Archive,
    ) -> Observed | Absent | None:
        """One version. `names`: how its origin begins, and its document's lineage."""
        one, (identity, lineage) = state.object, names
        key = self._key(kind, group, one, page)
        labels = () if state.label is None else (state.label,)
        place = f"{identity}@{state.label or '?'}"
        author = self._author(one)
        if one.status == "deleted" and not state.present:
            return Absent(
                key,
                state.time,
                f"{kind}-deleted:{place}",
                lineage,
                state.sequence,
                author,
                one.message,
                labels,
            )
        facts = self._staged.body_facts(one.id)
        if kind is Kind.ATTACHMENT:
            origin = f"attachment:{place}"
            read = partial(self._contents.file, archive, group.id, one, page)
        elif facts is None:
            if self._facts.stopped is not None:
                return None  # its body stands behind the place where the export breaks off
            origin, read = (
                f"{kind}-untold:{place}",
                partial(untold, lost("no-body", one, f"{archive.path.name} has no body of it")),
            )
        else:
            rendered = "-view" if facts[0] == BodyType.VIEW else ""
            of_day = "" if state.numbered else f":{one.modified}"
            origin = f"{kind}{rendered}:{place}{of_day}#{facts[1].partition('_')[2]}"
            read = partial(self._contents.text, archive, kind, one, page, state)
        return Observed(
            key,
            read,
            (state.time,),
            origin,
            size=one.size if facts is None else facts[2],
            lineage=lineage,
            sequence=state.sequence,
            author=author,
            message=one.message,
            title=self._title(kind, one, page),
            labels=labels,
            metadata=self._metadata(one, page),
        )

    def _unknown_present(
        self, archive: Archive, kind: Kind, group: Group, last: Observed | Absent, lineage: str
    ) -> Observed:
        """The present state of a document of which the export has earlier ones alone."""
        why = f"{archive.path.name} has earlier versions of it, but not the present one"
        return Observed(
            last.key,
            partial(untold, lost("no-present-version", group.last, why)),
            (self._taken,),
            f"{kind}-untold:{lineage}@present",
            lineage=lineage,
            sequence=None,
            title=group.last.title or None,
        )

    def _key(self, kind: Kind, group: Group, one: ContentObject, page: ContentObject | None) -> str:
        """Pages by their id; what hangs on a page below it."""
        if kind in (Kind.PAGE, Kind.BLOG):
            return group.id
        above = "-" if page is None else page.id
        if kind is Kind.COMMENT:
            return f"{above}/comments/{group.id}"
        name = re.sub(r"//+", "/", (one.title or group.id).strip("/")) or group.id
        return f"{above}/{name}"

    def _author(self, one: ContentObject) -> str | None:
        if one.author is None:
            return None
        name = self._staged.person(one.author)
        if name is None and self._staged.has_users:
            self.tally.unknown_people.setdefault(one.author, f"{one.kind} {one.id}")
        return name or one.author

    def _title(self, kind: Kind, one: ContentObject, page: ContentObject | None) -> str | None:
        if kind is Kind.COMMENT:
            return f"Comment on {page.title}" if page is not None and page.title else "Comment"
        return one.title or None

    def _metadata(self, one: ContentObject, page: ContentObject | None) -> dict[str, str]:
        metadata = {}
        if one.modified:
            metadata["modified"] = one.modified
            if self._zone is None:
                metadata["zone"] = "unknown, read as UTC"
        if page is not None and page.id != one.id and one.kind in (Kind.COMMENT, Kind.ATTACHMENT):
            metadata["page"] = page.id
        return metadata

    # --- as a whole --------------------------------------------------------------------------

    def _described(
        self, key: str, lineage: str, last: ContentObject, page: ContentObject | None, space: Space
    ) -> Described:
        attributes = {
            "path": self._paths(last, page, space),
            "access": (self._access.of(page, space),),
        }
        if self._facts.access_known or self._facts.stopped:
            # HTML exports say nothing of these.
            attributes["label"] = self._staged.labels(last.id)
            attributes["status"] = ("archived",) if last.status == "archived" else ()
        return Described(key, lineage, attributes)

    def _paths(self, last: ContentObject, page: ContentObject | None, space: Space) -> tuple[str, ...]:
        """Where it stands in the space's tree: without the home page and with it, by the space's key and by its name."""
        own = [] if page is last or last.kind is Kind.COMMENT else [last.title]
        if page is None:
            parts: list[ContentObject] = []
        else:
            parts = [*self._staged.ancestors(page)[0], page]
        titles = [one.title for one in parts]
        ways = [titles]
        if len(parts) > 1 and parts[0].id == space.home:
            ways = [titles[1:], titles]
        if page is not None and page.kind is Kind.BLOG:
            ways = [["Blog", *titles]]
        names = dict.fromkeys(name for name in (space.key, space.name) if name)
        return tuple(dict.fromkeys("/".join([name, *way, *own]) for name in names for way in ways))
