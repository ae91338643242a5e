"""Reads an export in HTML: the pages of one space as a reader saw them, each in its present version alone.

Its pages are those that ``index.html`` lists and every other file that is called like a page. What was not
read is not gone: a page that is listed and has no file, or whose file cannot be read or is too large, sets
`Facts.stopped`, for nobody knows then which attachments and comments it had.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import unquote

from lxml import etree

from connectors.confluence.archive import Archive, ExportError
from connectors.confluence.archive_error import shown
from connectors.confluence.html_body import PAGE_FILE, page_of
from connectors.confluence.html_dates import parse_date
from connectors.confluence.html_page import (
    Page,
    UnreadablePageError,
    generated,
    read_page,
    read_tree,
    words,
)
from connectors.confluence.reading import LARGEST_BODY, Facts
from connectors.confluence.staging import Staging
from connectors.confluence.tables import Body, BodyType, ContentObject, Kind, Oddity, Space

LARGEST_FILE: Final = 2 * LARGEST_BODY
"""Bytes of a page's file, markup and all."""
_INDEX: Final = ("index.html", "index.htm", "Index.html")
_AGAIN: Final = "export the space again"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the export."""

    id: str
    """The number in its file's name; without one, as before 2013, the name itself."""
    file: str
    title: str = ""
    """As the index has it, without the space's name; empty for a page that it does not list."""
    parent: str | None = None
    blog: bool = False
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Index:
    """What ``index.html`` says."""

    key: str
    name: str
    entries: tuple[Entry, ...]
    home: str | None
    generated: str | None


def read_html_export(archive: Archive, staging: Staging) -> Facts:
    """Puts an export's rows into `staging`, which is not finished by this.

    Times are written without a zone, and those of pages without a time of day: `Facts.zone` is None, and
    `Facts.taken`, which is the foot of ``index.html``, is given as if it were UTC. It may be up to 14
    hours off. Raises ExportError: ``not-an-export`` for a folder of other HTML, ``damaged`` for an archive that is.
    """
    index = _index(archive)
    return _Reader(archive, staging, index).read()


class _Reader:
    """From the files of the export to rows of the staging."""

    def __init__(self, archive: Archive, staging: Staging, index: Index) -> None:
        self._archive = archive
        self._staging = staging
        self._index = index
        self._files = archive.names()
        self._home = index.home
        self._taken = index.generated
        self._stopped: str | None = None
        self._unclear: set[str] = set()

    def read(self) -> Facts:
        """Everything."""
        for entry in self._entries():
            self._page(entry)
        self._staging.add_space(
            Space(id=self._index.key, key=self._index.key, name=self._index.name, home=self._home)
        )
        if self._unclear:
            self._staging.note(
                Oddity(
                    "unclear-date",
                    f"{self._archive.path.name}: {len(self._unclear)} dates, such as {min(self._unclear)[:40]!r}, are"
                    " in no language or order that is plain; those pages are taken to be as old as the export",
                )
            )
        return Facts(taken=_moment(self._taken), zone=None, stopped=self._stopped, access_known=False)

    def _entries(self) -> list[Entry]:
        """The pages that the index lists, in its order, and then the others that have a file."""
        listed = {entry.id for entry in self._index.entries}
        files = {entry.file for entry in self._index.entries}
        others = []
        for name in sorted(self._files - files):
            found = PAGE_FILE.fullmatch(name)
            if found is None:
                continue
            if found[1] in listed:
                self._note(
                    "duplicate-id", f"{self._place(name)} is another file of page {found[1]}; it is left out"
                )
                continue
            listed.add(found[1])
            others.append(Entry(found[1], name, listed=False))
        return [*self._index.entries, *others]

    def _page(self, entry: Entry) -> None:
        name = entry.file
        try:
            if self._archive.size(name) > LARGEST_FILE:
                detail = f"{self._place(name)} has more than {LARGEST_FILE:,} bytes: too large for a page; split it"
                self._miss("too-large", detail)
                self._staging.add_body(Body(f"of-{entry.id}", BodyType.TOO_LARGE, "", entry.id))
                self._staging.add_content(self._unread(entry))
                return
            with closing(self._archive.open(name)) as stream:
                data = stream.read(LARGEST_FILE + 1)
            root, clean = read_tree(data)
            page = read_page(root, entry.id)
        except KeyError:
            self._miss("missing-page", f"{self._place(name)} is listed and is not there; {_AGAIN}")
            self._staging.add_content(self._unread(entry))
        except UnreadablePageError as error:
            self._miss("unreadable-page", f"{self._place(name)} cannot be read as a page: {error}; {_AGAIN}")
            self._staging.add_content(self._unread(entry))
        except ExportError as error:
            self._miss(error.reason, error.detail)
            self._staging.add_content(self._unread(entry))
        else:
            if not clean:
                detail = f"{self._place(name)} is not throughout in the encoding that it states; what is not is replaced"
                self._note("bad-encoding", detail)
            if page.generated is None and self._index.generated is not None:
                detail = "something in its body is not closed and hides its attachments and comments; mend the page"
                self._miss("unreadable-page", f"{self._place(name)}: {detail}")
            self._add(entry, page)

    def _unread(self, entry: Entry) -> ContentObject:
        """A page of which no more is known than that it is there."""
        return ContentObject(
            id=entry.id,
            kind=Kind.BLOG if entry.blog else Kind.PAGE,
            title=entry.title or entry.file.rpartition("_")[0].replace("-", " "),
            space=self._index.key,
            parent=entry.parent,
        )

    def _add(self, entry: Entry, page: Page) -> None:
        if self._home is None and "home_page" in page.icon:
            self._home = entry.id
        self._taken = self._taken or page.generated
        blog = entry.blog or "blog" in page.icon
        parent = entry.parent
        if not entry.listed:
            above = [page_of(address) for address, _ in page.above]
            parent = above[-1] if above and above[-1] != entry.id else None
        known = self._unread(entry)
        self._staging.add_content(
            replace(
                known,
                kind=Kind.BLOG if blog else Kind.PAGE,
                title=self._title(entry, page) or known.title,
                version=page.version,
                parent=None if blog else parent,
                author=page.author,
                modified=self._time(page.modified),
            )
        )
        self._body(f"of-{entry.id}", entry.id, page.body)
        for file in page.attachments:
            self._staging.add_content(
                ContentObject(
                    id=file.id,
                    kind=Kind.ATTACHMENT,
                    title=file.name,
                    version=file.version,
                    space=self._index.key,
                    container=entry.id,
                    media_type=file.media_type,
                    size=self._archive.size(file.file) if file.file in self._files else None,
                    file=file.file,
                )
            )
        for comment in page.comments:
            self._staging.add_content(
                ContentObject(
                    id=comment.id,
                    kind=Kind.COMMENT,
                    space=self._index.key,
                    container=entry.id,
                    author=comment.author,
                    modified=self._time(comment.modified),
                )
            )
            self._body(f"of-{comment.id}", comment.id, comment.body)

    def _body(self, body_id: str, owner: str, text: str | None) -> None:
        if text is None:
            self._note(
                "too-large",
                f"{self._archive.path.name}: the body of {owner} has more than {LARGEST_BODY:,} bytes; it is left out",
            )
        type_ = BodyType.VIEW if text is not None else BodyType.TOO_LARGE
        self._staging.add_body(Body(body_id, type_, text or "", owner))

    def _title(self, entry: Entry, page: Page) -> str:
        """The heading without the space's name, by whichever of its names stands there."""
        heading = page.heading
        names = [self._index.name, *(name for _, name in page.above[:1])]
        for name in names:
            if name and heading.startswith(f"{name} : ") and len(heading) > len(name) + 3:
                return heading[len(name) + 3 :]
        if entry.title and heading.endswith(f" : {entry.title}"):
            return entry.title
        return heading or entry.title

    def _time(self, text: str | None) -> str | None:
        """As the other exports write times; in the export's own words where those are not plain."""
        found = None if text is None else parse_date(text)
        if found is None:
            if text:
                self._unclear.add(text)
            return text
        hour, minute, second = _clock(found)
        return f"{found.year:04}-{found.month:02}-{found.day:02} {hour:02}:{minute:02}:{second:02}"

    def _place(self, name: str) -> str:
        return f"{shown(name)} in {self._archive.path.name}"

    def _note(self, reason: str, detail: str) -> None:
        self._staging.note(Oddity(reason, detail))

    def _miss(self, reason: str, detail: str) -> None:
        self._note(reason, detail)
        self._stopped = self._stopped or detail


def taken(archive: Archive) -> datetime | None:
    """When the export was made, as the foot of its index says, as if that were UTC. Raises ExportError."""
    return _moment(_index(archive).generated)


def _clock(found: date) -> tuple[int, int, int]:
    return (found.hour, found.minute, found.second) if isinstance(found, datetime) else (0, 0, 0)


def _moment(text: str | None) -> datetime | None:
    """When the export was made, as if its words were UTC."""
    found = None if text is None else parse_date(text)
    return None if found is None else datetime.combine(found, time(*_clock(found)), tzinfo=UTC)


def _index(archive: Archive) -> Index:
    name = next((name for name in _INDEX if name in archive.names()), None)
    if name is None:
        raise ExportError(
            "not-an-export", f"{archive.path.name} has no index.html: it is no Confluence export"
        )
    if archive.size(name) > LARGEST_FILE:
        raise ExportError("not-an-export", f"{name} in {archive.path.name} is larger than any export's index")
    try:
        with closing(archive.open(name)) as stream:
            root, _ = read_tree(stream.read(LARGEST_FILE + 1))
    except UnreadablePageError as error:
        raise ExportError(
            "damaged", f"{name} in {archive.path.name} cannot be read: {error}; {_AGAIN}"
        ) from error
    key, title = _space(root)
    if not key:
        raise ExportError(
            "not-an-export", f"{name} in {archive.path.name} names no space: it is no Confluence export"
        )
    entries, home = _entries(root)
    return Index(key, title or key, tuple(entries), home, generated(root))


def _space(root: etree._Element) -> tuple[str, str]:
    """Key and name, from the first two rows of the first table: their order is the same in every language."""
    for table in root.iter("table"):
        rows = [[words(cell) for cell in row.iter("th", "td")] for row in table.iter("tr")]
        pairs = [row for row in rows if len(row) == 2]
        if len(pairs) >= 2:
            named = {label.lower().rstrip(":"): value for label, value in pairs}
            return named.get("key", pairs[0][1]), named.get("name", pairs[1][1])
    title = words(root.find(".//title"))
    key, _, name = title.partition(" (")
    return (key, name.removesuffix(")")) if name else ("", "")


def _entries(root: etree._Element) -> tuple[list[Entry], str | None]:
    """The pages of the tree, each once, and the home page's id."""
    entries: dict[str, Entry] = {}
    home = None
    blog = False
    of_item: dict[etree._Element, str] = {}
    for found in root.iter("h1", "h2", "h3", "li"):
        if found.tag != "li":
            blog = "blog" in words(found).lower()
            continue
        link = next((child for child in found if child.tag == "a" and child.get("href")), None)
        entry = None if link is None else _entry(str(link.get("href")), words(link))
        if entry is None:
            continue
        of_item[found] = entry.id
        parent = next((of_item[above] for above in found.iterancestors("li") if above in of_item), None)
        if any("home_page" in str(child.get("src", "")) for child in found if child.tag == "img"):
            home = home or entry.id
        entries.setdefault(entry.id, replace(entry, parent=None if parent == entry.id else parent, blog=blog))
    return list(entries.values()), home


def _entry(address: str, title: str) -> Entry | None:
    file = unquote(address.partition("#")[0].partition("?")[0])
    if not file.lower().endswith(".html") or "/" in file or file.lower() == "index.html":
        return None
    page = PAGE_FILE.fullmatch(file)
    return Entry(file.removesuffix(".html") if page is None else page[1], file, title)
