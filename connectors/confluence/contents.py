"""What the bytes of a document's states are: bodies as the parser takes them, and files out of the archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from connectors.confluence.archive import Archive, ExportError
from connectors.confluence.staged import Group, Staged
from connectors.confluence.tables import BodyType, ContentObject, Kind
from connectors.confluence.versions import State, states
from indexer.errors import LostError, ReadError
from indexer.ports import Content, SourceTime
from indexer.ports.wiki_page import Markup, WikiPage

_MARKUP: Final = {
    BodyType.WIKI: Markup.WIKI,
    BodyType.STORAGE: Markup.STORAGE,
    BodyType.VIEW: Markup.VIEW,
}
_REFERENCE: Final = re.compile(r"\bri:(userkey|username|account-id|content-id)\s*=\s*\"([^\"<>&]{1,200})\"")
_OLD_MENTION: Final = re.compile(r"\[(?:[^\]|\n]{0,200}\|)?~([^\]|\n]{1,200})\]")


class Contents:
    """The bodies and files of one export."""

    def __init__(self, staged: Staged, taken: SourceTime, zone: tzinfo | None, largest: int) -> None:
        """`largest`: bytes of a file up to which it is read."""
        self._staged = staged
        self._taken = taken
        self._zone = zone
        self._largest = largest

    def text(
        self, archive: Archive, kind: Kind, one: ContentObject, page: ContentObject | None, state: State
    ) -> Content:
        """A body as the parser takes it. Raises `LostError` where it is none that has a text."""
        body = self._staged.body(one.id)
        if body is None:
            raise lost("no-body", one, f"{archive.path.name} has no body of it")
        if body.type == BodyType.TOO_LARGE:
            why = (
                f"its body in {archive.path.name} is larger than any text for readers; leave it, or split it"
            )
            raise lost("too-large", one, why)
        markup = _MARKUP.get(BodyType(body.type)) if body.type in set(BodyType) else None
        if markup is None:
            why = f"its body in {archive.path.name} is of type {body.type}, which is no text that is known"
            raise lost("unknown-body-type", one, why)
        context = ""
        if kind is Kind.COMMENT and page is not None:
            context = self._title_then(page, state)
        return Content(WikiPage(markup, body.text, self._names(body.text, markup), context).write())

    def _title_then(self, page: ContentObject, state: State) -> str:
        """The title that a page had when something was said about it: a later one would change what was said."""
        group = self._staged.group(page.kind, page.id)
        title = ""
        for version in states(group, self._zone, self._taken):
            if title and version.time.instant > state.time.instant:
                break
            title = version.object.title or title
        return title

    def _names(self, text: str, markup: Markup) -> dict[str, str]:
        names: dict[str, str] = {}
        if markup is Markup.STORAGE:
            for what, reference in _REFERENCE.findall(text):
                if what == "content-id":
                    found = self._staged.object(reference)
                    if found is not None and found.title:
                        names[f"content:{reference}"] = found.title
                else:
                    self._name(reference, names)
        elif markup is Markup.WIKI:
            for reference in _OLD_MENTION.findall(text):
                self._name(reference, names)
        return names

    def _name(self, reference: str, names: dict[str, str]) -> None:
        name = self._staged.person(reference)
        if name is not None:
            names[f"user:{reference}"] = name

    def file(self, archive: Archive, present: str, one: ContentObject, page: ContentObject | None) -> Content:
        """An attachment's bytes. Raises `ReadError`."""
        for name in places(one, present, None if page is None else page.id):
            try:
                size = archive.size(name)
            except KeyError:
                continue
            if size > self._largest:
                raise LostError(
                    "too-large",
                    f"attachment {one.id} ({one.title}) has {size:,} bytes, more than max_file_size",
                    remedy="raise max_file_size of the source, or leave it",
                )
            try:
                with archive.open(name) as stream:
                    return Content(stream.read())
            except ExportError as error:
                raise ReadError("unreadable", error.detail) from error
            except (OSError, KeyError) as error:
                raise ReadError(
                    "unreadable", f"attachment {one.id} ({one.title}) cannot be read: {error}"
                ) from error
        raise LostError(
            "missing-file",
            f"attachment {one.id} ({one.title}) is not among the files of {archive.path.name}",
            remedy="export the space again with its attachments",
        )


def lies(archive: Archive, group: Group, state: State, page: ContentObject | None) -> bool:
    """Whether the file of an attachment's version is in the export."""
    names = places(state.object, group.id, None if page is None else page.id)
    return not archive.names().isdisjoint(names)


def places(one: ContentObject, present: str, page: str | None) -> Iterator[str]:
    """Where the file of an attachment's version may lie, the likeliest first.

    Exports in XML name the folder by the present object's id for all versions, those in CSV by each one's own.
    """
    if one.file is not None:
        yield one.file
    for owner in dict.fromkeys((present, one.id)):
        # Earlier versions need not say what they hang on.
        yield f"attachments/{one.container or page}/{owner}/{1 if one.version is None else one.version}"


def lost(reason: str, one: ContentObject, why: str) -> LostError:
    """That there is no text of a version."""
    version = "" if one.version is None else f", version {one.version}"
    return LostError(reason, f"{one.kind} {one.id} ({one.title}{version}): {why}")


def untold(error: LostError) -> Content:
    """What reading a state gives that the export does not have. Raises `error`."""
    raise error
