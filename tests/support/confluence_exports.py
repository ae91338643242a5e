"""Writes exports of a `confluence_wiki.Wiki` to disk, as zips or as folders.

Their files are as old as the wiki says, which is long ago, so that no source waits for them to settle.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.confluence_entities import CLOUD, Dialect, xml_files
from tests.support.confluence_site import html_files
from tests.support.confluence_tables import csv_files
from tests.support.confluence_wiki import Space, Wiki


def write_xml(wiki: Wiki, path: Path, dialect: Dialect = CLOUD, *, order: str = "mixed") -> Path:
    """Export as XML: a zip where `path` ends so, else a folder."""
    wiki.tick()
    return pack(path, xml_files(wiki, dialect, order=order), wiki.now.timestamp())


def write_csv(wiki: Wiki, path: Path, *, packed: bool = False) -> Path:
    """Export as CSV."""
    wiki.tick()
    return pack(path, csv_files(wiki, packed=packed), wiki.now.timestamp())


def write_html(wiki: Wiki, path: Path, space: Space | None = None, *, numbered: bool = False) -> Path:
    """Export as HTML."""
    wiki.tick()
    return pack(path, html_files(wiki, space, numbered=numbered), wiki.now.timestamp())


def pack(path: Path, files: Mapping[str, bytes], written: float = 1_700_000_000.0) -> Path:
    """These files as a zip or as a folder, in place of whatever is there; `written`: seconds since 1970."""
    if path.suffix == ".zip":
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, (2025, 1, 6, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    else:
        shutil.rmtree(path, ignore_errors=True)
        for name, data in files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    age(path, written)
    return path


def age(path: Path, written: float = 1_700_000_000.0) -> None:
    """As if everything at `path` was last written then."""
    for folder, _, names in os.walk(path):
        for name in names:
            os.utime(Path(folder, name), (written, written))
    os.utime(path, (written, written))
