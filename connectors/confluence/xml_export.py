"""Reads an XML export into a staging database: ``entities.xml`` in one pass, and the descriptor beside it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from connectors.confluence.archive import Archive, ExportError
from connectors.confluence.archive_error import named
from connectors.confluence.reading import Facts
from connectors.confluence.staging import Staging
from connectors.confluence.tables import Oddity
from connectors.confluence.times import Descriptor, from_root, read_descriptor
from connectors.confluence.xml_objects import WANTED, XmlRows
from connectors.confluence.xml_stream import XmlStream

_ENTITIES: Final = "entities.xml"
_DESCRIPTOR: Final = "exportDescriptor.properties"
_ROOT: Final = re.compile(rb"<hibernate-generic\s[^>]{0,1000}?\bdatetime\s*=\s*[\"']+([^\"'<>]*)")
_LARGEST_DESCRIPTOR: Final = 1_000_000


def read_xml(archive: Archive, staging: Staging) -> Facts:
    """Put the export's rows into `staging`; whoever made that finishes it.

    A file that breaks off, or that is not well-formed, is read up to that place (`Facts.stopped`); what
    restricts access may then be missing, so that it counts as not known.

    Raises `ExportError`: ``not-an-export`` where there is no ``entities.xml`` or it is something else, and
    whatever reading from the archive raises.
    """
    if _ENTITIES not in archive.names():
        raise ExportError(
            "not-an-export", f"{named(archive.path)} has no {_ENTITIES}; export the space as XML again"
        )
    descriptor = _descriptor(archive)
    name = f"{_ENTITIES} in {named(archive.path)}"
    stream, rows = XmlStream(name, WANTED), XmlRows(staging, _ENTITIES)
    with archive.open(_ENTITIES) as file:
        for found in stream.objects(file):
            rows.add(found)
    if stream.mended is not None:
        staging.note(
            Oddity(
                "bad-encoding",
                f"{_ENTITIES}: it holds bytes that are no text, the first near byte {stream.mended:,};"
                " they are read as U+FFFD",
            )
        )
    taken = descriptor.taken or _from_root(stream.datetime, descriptor)
    return Facts(taken, descriptor.zone, stream.stopped, access_known=stream.stopped is None)


def taken(archive: Archive) -> datetime | None:
    """When the export was made, as it says at its beginning. Raises `ExportError`."""
    descriptor = _descriptor(archive)
    if descriptor.taken is not None or _ENTITIES not in archive.names():
        return descriptor.taken
    with archive.open(_ENTITIES) as file:
        root = _ROOT.search(file.read(10_000))
    return _from_root(None if root is None else root[1].decode("utf-8", "replace"), descriptor)


def _from_root(text: str | None, descriptor: Descriptor) -> datetime | None:
    """Without a zone as UTC: some hours off at most, where the file's own time may be that of a copy."""
    return from_root(text, descriptor.zone or UTC)


def _descriptor(archive: Archive) -> Descriptor:
    if _DESCRIPTOR not in archive.names():
        return Descriptor()
    with archive.open(_DESCRIPTOR) as file:
        data = file.read(_LARGEST_DESCRIPTOR)
    # Java writes Latin-1 and escapes; what was edited by hand since is UTF-8.
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return read_descriptor(text)
