"""Small XML exports, written in tests, and the rows that they become."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zstandard

from connectors.confluence.archive import open_archive
from connectors.confluence.reading import Facts
from connectors.confluence.staging import Staging
from connectors.confluence.xml_export import read_xml


class Read:
    """What one export became: its facts and, by table, its rows."""

    def __init__(self, facts: Facts, path: Path) -> None:
        self.facts = facts
        self.path = path
        self._connection = sqlite3.connect(path)
        self._connection.row_factory = sqlite3.Row

    def all(self, table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]

    def one(self, table: str) -> dict[str, Any]:
        (row,) = self.all(table)
        return row

    def row(self, table: str, id_: str) -> dict[str, Any]:
        (row,) = [row for row in self.all(table) if row["id"] == id_]
        return row

    def text(self, id_: str) -> str:
        """The text of a body."""
        return unpacked(self.row("body", id_)["text"])

    @property
    def oddities(self) -> list[str]:
        return [row["reason"] for row in self.all("oddity")]

    def close(self) -> None:
        self._connection.close()


def unpacked(text: bytes) -> str:
    """A body's text, out of its row."""
    return zstandard.ZstdDecompressor().decompress(text).decode()


Reader = Callable[..., Read]


@contextmanager
def reading(place: Path) -> Iterator[Reader]:
    """Reads exports of these objects, or of a whole file, with this descriptor; files are made in `place`."""
    opened: list[Read] = []

    def read(
        objects: str | bytes = "", *, descriptor: str | None = None, root: str = "<hibernate-generic>"
    ) -> Read:
        folder = place / f"export-{len(opened)}"
        folder.mkdir()
        if isinstance(objects, str):
            objects = (
                f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n{objects}\n</hibernate-generic>\n'.encode()
            )
        (folder / "entities.xml").write_bytes(objects)
        if descriptor is not None:
            (folder / "exportDescriptor.properties").write_text(descriptor)
        path = place / f"rows-{len(opened)}"
        with Staging(path) as staging:
            facts = read_xml(open_archive(folder), staging)
            staging.finish()
        opened.append(Read(facts, path))
        return opened[-1]

    try:
        yield read
    finally:
        for found in opened:
            found.close()


def of(class_: str, id_: str, inner: str, package: str = "com.atlassian.confluence.pages") -> str:
    return f'<object class="{class_}" package="{package}"><id name="id">{id_}</id>\n{inner}\n</object>'


def value(name: str, text: str) -> str:
    return f'<property name="{name}"><![CDATA[{text}]]></property>'


def ref(name: str, id_: str, class_: str = "Page", key: str = "id") -> str:
    return (
        f'<property name="{name}" class="{class_}" package="com.atlassian.confluence.pages">'
        f'<id name="{key}">{id_}</id>\n</property>'
    )


def many(name: str, *ids: str, class_: str = "java.util.Collection") -> str:
    elements = "".join(
        f'<element class="X" package="p"><id name="id">{id_}</id>\n</element>\n' for id_ in ids
    )
    return f'<collection name="{name}" class="{class_}">{elements}</collection>'


PRESENT = of(
    "Page", "501",
    value("title", "Leave policy") + value("version", "3") + '<property name="originalVersionId"/>'
    + many("historicalVersions", "620", class_="java.util.Collection(com.atlassian.X.historicalVersions)")
    + many("bodyContents", "901") + many("contentPermissionSets", "77") + many("contentProperties", "1", "2")
    + value("contentStatus", "current") + ref("space", "9", "Space") + ref("parent", "400")
    + ref("creator", "u1", "ConfluenceUserImpl", "key") + value("creationDate", "2024-01-05 09:00:00.000")
    + ref("lastModifier", "u2", "ConfluenceUserImpl", "key")
    + value("lastModificationDate", "2024-03-05 09:30:00.000") + value("versionComment", "third"),
)  # fmt: skip
