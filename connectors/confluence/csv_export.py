"""Reads an export in CSV (Confluence Cloud, 2026): the tables of its database, each a file.

What was not read is not gone. A row of a space, a content object or a body that could not be read sets
`Facts.stopped`: deletions are not concluded then, and what has no body is taken for unknown. A row of the
permissions that could not be read makes them unknown as a whole, for a restriction may stand there.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Final

import zstandard

from connectors.confluence.archive import Archive, ExportError
from connectors.confluence.csv_tables import Row, Shape, Table, names
from connectors.confluence.reading import LARGEST_BODY, Facts
from connectors.confluence.staging import Staging
from connectors.confluence.tables import (
    PROPERTIES,
    Body,
    BodyType,
    ContentObject,
    Grant,
    Kind,
    Property,
    Restriction,
    RestrictionSet,
    Space,
    User,
)
from connectors.confluence.times import Descriptor, read_descriptor

_KINDS: Final = {
    "PAGE": Kind.PAGE,
    "BLOGPOST": Kind.BLOG,
    "COMMENT": Kind.COMMENT,
    "ATTACHMENT": Kind.ATTACHMENT,
    "SPACEDESCRIPTION": Kind.DESCRIPTION,
}
"""Of ``contenttype``; CUSTOM and whatever else there is are data of apps."""
_EVERYONE: Final = {"all-licensed-users": "licensed", "anonymous-users": "anonymous"}
_PACKED: Final = "KLUv/"
"""How base64 of zstd begins; no text of a page does."""
_SLICE: Final = 512
"""Bytes that are unpacked at once: even of the worst they make no more than 16 MB."""
_LARGEST_WINDOW: Final = 1 << 25
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
_DESCRIPTOR: Final = ("exportDescriptor.properties.gz", "exportDescriptor.properties")
_LARGEST_DESCRIPTOR: Final = 1_000_000

_SPACES: Final = Shape(
    "spaces",
    ("spaceid", "spacekey"),
    ("spacename", "spacedescid", "homepage", "spacestatus"),
    essential=True,
)
_CONTENT: Final = Shape(
    "content",
    ("contentid", "contenttype"),
    (
        "title", "version", "creator", "creationdate", "lastmodifier", "lastmoddate", "versioncomment", "prevver",
        "content_status", "pageid", "spaceid", "parentid", "parentcommentid",
    ),
    essential=True,
)  # fmt: skip
_BODIES: Final = Shape("bodycontent", ("contentid", "body"), ("bodycontentid", "bodytypeid"), essential=True)
_USERS: Final = Shape("user_mapping", ("user_key",), ("username", "aaid"))
_LABELS: Final = Shape("label", ("labelid", "name"), ("namespace",))
_LABELLINGS: Final = Shape("content_label", ("labelid", "contentid"), ("labelabletype",))
_PROPERTIES: Final = Shape(
    "contentproperties", ("propertyname", "contentid"), ("propertyid", "stringval", "longval")
)
_SETS: Final = Shape("content_perm_set", ("id", "cont_perm_type", "content_id"))
_RESTRICTIONS: Final = Shape(
    "content_perm", ("id", "cps_id", "username", "groupname"), ("external_group_id",)
)
_PERMISSIONS: Final = Shape(
    "spacepermissions",
    ("permid", "spaceid", "permtype", "permgroupname", "permusername"),
    ("externalgroupid", "permalluserssubject", "active"),
)


def read_csv_export(archive: Archive, staging: Staging) -> Facts:
    """Puts an export's rows into `staging`, which is not finished by this.

    Raises ExportError: ``not-an-export`` without any of the tables that make one, ``damaged`` where one of
    them, or a column that everything hangs on, is missing, or where the archive is.
    """
    essential = [shape.name for shape in (_SPACES, _CONTENT, _BODIES)]
    there = [name for name in essential if not archive.names().isdisjoint(names(name))]
    if not there:
        raise ExportError(
            "not-an-export",
            f"{archive.path.name} has no {', '.join(essential)} (.csv): it is no Confluence export",
        )
    for name in essential:
        if name not in there:
            raise ExportError(
                "damaged", f"{archive.path.name} has no table {name}.csv; export the space again"
            )
    descriptor = _descriptor(archive)
    reader = _Reader(archive, staging)
    content = [
        reader.read(_SPACES, reader.space),
        reader.read(_CONTENT, reader.content),
        reader.read(_BODIES, reader.body),
    ]
    reader.read(_USERS, reader.user)
    reader.read(_LABELS, reader.label)
    reader.read(_LABELLINGS, reader.labelling)
    reader.read(_PROPERTIES, reader.property)
    access = [
        reader.read(_SETS, reader.restriction_set),
        reader.read(_RESTRICTIONS, reader.restriction),
        reader.read(_PERMISSIONS, reader.permission),
    ]
    return Facts(
        taken=descriptor.taken,
        zone=descriptor.zone,
        stopped=next((missing for missing in content if missing is not None), None),
        access_known=all(missing is None for missing in access),
    )


def taken(archive: Archive) -> datetime | None:
    """When the export was made, as its descriptor says. Raises ExportError."""
    return _descriptor(archive).taken


def _descriptor(archive: Archive) -> Descriptor:
    """What the export's descriptor says; nothing where it cannot be read, for nothing hangs on it."""
    name = next((name for name in _DESCRIPTOR if name in archive.names()), None)
    if name is None:
        return read_descriptor("")
    with closing(archive.open(name)) as stream:
        data = stream.read(_LARGEST_DESCRIPTOR)
    if data.startswith(b"\x1f\x8b"):
        try:
            data = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(data, _LARGEST_DESCRIPTOR)
        except zlib.error:
            return read_descriptor("")
    return read_descriptor(data.decode("utf-8", "replace"))


class _Reader:
    """From rows of the export's tables to rows of the staging."""

    def __init__(self, archive: Archive, staging: Staging) -> None:
        self._archive = archive
        self._staging = staging
        self._files = archive.names()

    def read(self, shape: Shape, take: Callable[[Row, Table], None]) -> str | None:
        """Read one table; what `Table.missing` says in the end."""
        table = Table(self._archive, self._staging, shape)
        for row in table:
            if not row.whole and shape is not _BODIES:
                table.skip(row.line, "it is larger than any such row")
            elif not row[shape.keys[0]]:
                table.skip(row.line, f"it has no {shape.keys[0]}")
            else:
                take(row, table)
        return table.missing

    def space(self, row: Row, table: Table) -> None:
        self._staging.add_space(
            Space(
                id=row["spaceid"],
                key=row["spacekey"],
                name=row["spacename"] or row["spacekey"],
                description=row["spacedescid"] or None,
                home=row["homepage"] or None,
                status=row["spacestatus"].upper() or "CURRENT",
            )
        )

    def content(self, row: Row, table: Table) -> None:
        content_id = row["contentid"]
        kind = _KINDS.get(row["contenttype"].upper())
        if not _NUMBER.fullmatch(content_id) or not row["contenttype"]:
            table.skip(row.line, "it does not say what it is, by a contentid and a contenttype")
            return
        if kind is None:
            return
        original = row["prevver"] if row["prevver"] != content_id else ""
        parent = {Kind.PAGE: row["parentid"], Kind.COMMENT: row["parentcommentid"]}.get(kind)
        container = row["pageid"] if kind in (Kind.COMMENT, Kind.ATTACHMENT) else ""
        version = _number(row, "version", table)
        self._staging.add_content(
            ContentObject(
                id=content_id,
                kind=kind,
                title=row["title"],
                version=version,
                status=row["content_status"].lower() or "current",
                original=original or None,
                space=row["spaceid"] or None,
                parent=parent or None,
                container=container or None,
                author=row["lastmodifier"] or row["creator"] or None,
                modified=row["lastmoddate"] or row["creationdate"] or None,
                message=row["versioncomment"] or None,
                file=self._file(container, (content_id, original), version)
                if kind is Kind.ATTACHMENT
                else None,
            )
        )

    def _file(self, container: str, owners: tuple[str, str], version: int | None) -> str | None:
        """Where an attachment's version lies: below its own id, or else the present object's."""
        for owner in owners:
            path = f"attachments/{container}/{owner}/{version}"
            if path in self._files:
                return path
        return None

    def body(self, row: Row, table: Table) -> None:
        content_id, number = row["contentid"], _number(row, "bodytypeid", table)
        if not _NUMBER.fullmatch(content_id):
            table.skip(row.line, f"its contentid is {content_id[:20]!r}, which is none")
            return
        type_ = int(BodyType.STORAGE) if number is None else number
        text = row.values["body"]
        if type_ == BodyType.RAW:
            text = ""  # No reader of texts ever asks for it, and apps keep far more of it than people write.
        elif not row.whole:
            type_, text = self._too_large(content_id, row, table)
        elif text.startswith(_PACKED):
            unpacked = _unpacked(text)
            if unpacked is None:
                table.skip(row.line, f"the body of {content_id} cannot be unpacked")
                return
            text = unpacked
        # Four bytes are the most that a character can have.
        if len(text) * 4 > LARGEST_BODY and len(text.encode("utf-8", "replace")) > LARGEST_BODY:
            type_, text = self._too_large(content_id, row, table)
        self._staging.add_body(Body(row["bodycontentid"] or f"of-{content_id}", type_, text, content_id))

    def _too_large(self, content_id: str, row: Row, table: Table) -> tuple[int, str]:
        table.note(
            "too-large",
            row.line,
            f"the body of {content_id} has more than {LARGEST_BODY:,} bytes; it is left out",
        )
        return int(BodyType.TOO_LARGE), ""

    def user(self, row: Row, table: Table) -> None:
        key = row["user_key"]
        self._staging.add_user(
            User(key, row["username"] or row["aaid"] or key, row["username"] or None, row["aaid"] or None)
        )

    def label(self, row: Row, table: Table) -> None:
        self._staging.add_label(row["labelid"], row["name"], row["namespace"] or "global")

    def labelling(self, row: Row, table: Table) -> None:
        if row["contentid"] and row["labelabletype"].upper() in ("", "CONTENT"):
            self._staging.add_labelling(row["labelid"], row["contentid"])

    def property(self, row: Row, table: Table) -> None:
        name = row["propertyname"]
        if name in PROPERTIES and row["contentid"]:
            property_id = row["propertyid"] or f"{row['contentid']}-{name}"
            value = row["stringval"] or row["longval"]
            self._staging.add_property(Property(property_id, name, value, row["contentid"]))

    def restriction_set(self, row: Row, table: Table) -> None:
        if not row["content_id"] or not row["cont_perm_type"]:
            table.skip(row.line, "it does not say whom it keeps from what")
            return
        self._staging.add_restriction_set(RestrictionSet(row["id"], row["cont_perm_type"], row["content_id"]))

    def restriction(self, row: Row, table: Table) -> None:
        grant = Grant(
            user=row["username"] or None,
            group=row["groupname"] or None,
            group_id=row["external_group_id"] or None,
        )
        self._staging.add_restriction(Restriction(row["id"], grant, row["cps_id"] or None))

    def permission(self, row: Row, table: Table) -> None:
        # Others say who may write, export or administer; a permission that is not active lets nobody in.
        if row["permtype"].upper() != "VIEWSPACE" or row["active"].lower() in ("false", "f", "0"):
            return
        grant = Grant(
            user=row["permusername"] or None,
            group=row["permgroupname"] or None,
            group_id=row["externalgroupid"] or None,
            everyone=_EVERYONE.get(row["permalluserssubject"].lower()),
        )
        self._staging.add_space_permission(row["permid"], row["spaceid"], "VIEWSPACE", grant)


def _number(row: Row, column: str, table: Table) -> int | None:
    text = row[column]
    if _NUMBER.fullmatch(text):
        return int(text)
    if column in row.values:
        table.note("not-a-number", row.line, f"{column} is {text[:20]!r}, which is no number")
    return None


def _unpacked(text: str) -> str | None:
    """The text behind base64 of zstd, cut soon behind `LARGEST_BODY` bytes; None if it is none, or not whole."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    found = bytearray()
    unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj()
    try:
        for start in range(0, len(data), _SLICE):
            found += unpacker.decompress(data[start : start + _SLICE])
            if len(found) > LARGEST_BODY:
                return found.decode("utf-8", "replace")
            if unpacker.eof:
                whole = start + _SLICE >= len(data) and not unpacker.unused_data
                return found.decode("utf-8", "replace") if whole else None
    except zstandard.ZstdError:
        pass
    return None
