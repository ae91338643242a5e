"""Exports as zips and folders, made in tests, and how they are opened and read."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.confluence.archive import Archive, ExportError, open_archive
from connectors.confluence.archive_zip import Limits, ZipArchive

FILES = {"entities.xml": b"<x/>" * 1000, "attachments/1/2/3": b"\x00\xffdata", "Überblick_5.html": b"<html>"}


_OPEN: list[Archive] = []


def close_all() -> None:
    """Close what `opened` opened."""
    while _OPEN:
        _OPEN.pop().close()


def opened(path: Path, root: str = "", **limits: int) -> Archive:
    found = ZipArchive(path, root, Limits(**limits)) if limits else open_archive(path, root)
    _OPEN.append(found)
    return found


def zipped(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def contents(archive: Archive) -> dict[str, bytes]:
    found = {}
    for name in archive.names():
        with archive.open(name) as stream:
            found[name] = stream.read()
    return found


def refused(path: Path, **limits: int) -> str:
    """Why the archive, or one of its entries, is refused; also that the reason is one line that names the zip."""
    with pytest.raises(ExportError) as caught:
        contents(opened(path, **limits))
    assert path.name in caught.value.detail
    assert "\n" not in caught.value.detail
    assert caught.value.detail.isprintable()
    return caught.value.reason
