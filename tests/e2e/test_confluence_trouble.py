"""Exports that are broken, hostile, unreadable or half copied: one clear line each, the rest is indexed, nothing is lost."""

from __future__ import annotations

import io
import os
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.confluence_workplace import BrokenWorkplace
from tests.support.confluence_entities import xml_files
from tests.support.confluence_exports import age, pack, write_csv, write_xml
from tests.support.confluence_tables import csv_files
from tests.support.privileges import permissions_enforced


@pytest.fixture
def work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> BrokenWorkplace:
    return BrokenWorkplace(tmp_path, capsys)


def zip_of(files: dict[str, bytes]) -> bytes:
    """A zip in memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def put(path: Path, data: bytes) -> None:
    """A file that has been there for long."""
    path.write_bytes(data)
    age(path)


def encrypted(data: bytes) -> bytes:
    """A zip that says of its files that they are encrypted."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            (flags,) = struct.unpack_from("<H", changed, at + offset)
            struct.pack_into("<H", changed, at + offset, flags | 1)
            at = changed.find(mark, at + 1)
    return bytes(changed)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda good: good[: len(good) // 2], "damaged"),
        (lambda good: good[:-10], "damaged"),
        (lambda _: b"", "empty"),
        (lambda _: b"PK\x05\x06" + bytes(18), "empty"),
        (lambda _: b"%PDF-1.4 and so on", "damaged"),
        (encrypted, "encrypted"),
        (lambda _: zip_of({"readme.txt": b"no export"}), "not-an-export"),
        (lambda _: zip_of({"index.html": b"<html><body>a site</body></html>"}), "not-an-export"),
        (lambda good: zip_of({"../../etc/evil.txt": b"x", **unpacked(good)}), "unsafe-archive"),
        (lambda good: zip_of({"/etc/evil.txt": b"x", **unpacked(good)}), "unsafe-archive"),
        (lambda _: zip_of({"entities.xml": b""}), "damaged"),
        (lambda _: zip_of({"entities.xml": b"<html/>"}), "not-an-export"),
        (lambda _: zip_of({"entities.xml": b"\x00\x01 no XML at all"}), "not-an-export"),
        (lambda _: zip_of({"entities.xml": b"a" * 200_000_000}), "bomb"),
    ],
    ids=[
        "half", "without its end", "zero bytes", "no files", "no zip", "encrypted", "no export", "another site",
        "steps up", "absolute", "empty xml", "other xml", "no xml", "bomb",
    ],
)  # fmt: skip
def test_a_zip_that_cannot_be_used_is_told_and_mended_by_a_whole_one(
    work: BrokenWorkplace, make: Any, reason: str
) -> None:
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    put(work.exports / "new.zip", make(zip_of(xml_files(work.wiki))))
    work.fails("new.zip", reason)
    assert not (work.exports.parent / "etc").exists()
    work.mended("new.zip")
    assert work.kinds(work.page.id) == ["1", "2"]


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files in a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_damaged_file_in_a_zip_costs_its_export_and_one_of_an_attachment_only_that(
    work: BrokenWorkplace,
) -> None:
    work.wiki.attach(work.page, "form.txt", b"Name of the applicant, please.")
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, data in xml_files(work.wiki).items():
            archive.writestr(name, data)
    whole = stored.getvalue()
    put(work.exports / "new.zip", whole.replace(b"the applicant", b"the epplicant"))
    work.backfill(code=5)
    (failure,) = work.failures()
    assert failure["key"].startswith(f"{work.page.id}/form.txt")
    assert work.kinds(work.page.id) == ["1", "2"]
    put(work.exports / "new.zip", whole.replace(b"Twenty", b"Twanty"))
    os.utime(work.exports / "new.zip", (1_700_000_100, 1_700_000_100))
    outcome = work.run("backfill")
    assert outcome.code == 5
    assert any(f["key"] == "new.zip" and f["reason"] == "damaged" for f in work.failures())
    assert work.json("search", "Twanty", "--mode", "text", "--history")["hits"] == []


def test_of_several_exports_the_broken_one_does_not_keep_the_others_out(work: BrokenWorkplace) -> None:
    put(work.exports / "a-broken.zip", b"PK\x03\x04 no more")
    put(work.exports / "z-broken.zip", b"")
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    write_csv(work.wiki, work.exports / "m.zip")
    assert work.backfill(code=5)["failed"] == 2
    assert work.kinds(work.page.id) == ["1", "2"]
    for name in ("a-broken.zip", "z-broken.zip"):
        (work.exports / name).unlink()
    assert work.backfill()["failed"] == 0
    assert work.failures() == []


@pytest.mark.parametrize("form", ["new.zip", "new"])
def test_several_exports_in_one_are_told_and_none_is_read(work: BrokenWorkplace, form: str) -> None:
    """Which of them is meant nobody can tell."""
    old = {f"old/{name}": data for name, data in xml_files(work.wiki).items()}
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    pack(work.exports / form, {**csv_files(work.wiki), **old})
    detail = work.fails(form, "several-exports")
    assert "csv in its top folder, xml in 'old'" in detail
    assert work.kinds(work.page.id) == ["1"]
    pack(work.exports / form, csv_files(work.wiki), 1_700_000_100)
    assert work.backfill()["failed"] == 0
    assert work.kinds(work.page.id) == ["1", "2"]


def test_exports_side_by_side_in_one_zip_are_told_in_a_folder_each_is_read(work: BrokenWorkplace) -> None:
    files = {f"a/{name}": data for name, data in xml_files(work.wiki).items()}
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    files |= {f"b/{name}": data for name, data in csv_files(work.wiki).items()}
    pack(work.exports / "new.zip", files)
    detail = work.fails("new.zip", "several-exports")
    assert "xml in 'a', csv in 'b'" in detail
    (work.exports / "new.zip").unlink()
    pack(work.exports / "new", files)
    assert work.backfill()["failed"] == 0
    assert work.kinds(work.page.id) == ["1", "2"]


def test_a_path_that_is_away_loses_nothing(work: BrokenWorkplace) -> None:
    away = work.folder / "away"
    work.exports.rename(away)
    outcome = work.run("backfill")
    assert outcome.code == 5
    assert "there is nothing at" in outcome.out + outcome.err
    assert "Ten days." in work.text(work.page.id)
    work.exports.mkdir()
    assert work.backfill()["versions_added"] == 0
    assert "Ten days." in work.text(work.page.id)
    work.exports.rmdir()
    away.rename(work.exports)
    assert work.backfill()["versions_added"] == 0
    assert work.failures() == []


def test_files_that_are_still_being_written_or_are_no_exports_are_left_alone(work: BrokenWorkplace) -> None:
    half = zip_of(xml_files(work.wiki))[:500]
    for name in (".new.zip", "new.zip.part", "new.zip.crdownload", "new.zip~", "notes.txt", "new.tmp"):
        put(work.exports / name, half)
    (work.exports / "notes").mkdir()
    (work.exports / "notes" / "index.html").write_text("<html><body>listing</body></html>")
    age(work.exports)
    (work.exports / "dangling.zip").symlink_to(work.folder / "nowhere.zip")
    work.run("backfill")
    assert {failure["key"] for failure in work.failures()} <= {"notes"}
    assert "Ten days." in work.text(work.page.id)


def test_a_page_beside_the_exports_does_not_hide_them(work: BrokenWorkplace) -> None:
    """Many servers of files put one there."""
    put(work.exports / "index.html", b"<html><body>good.zip new.zip</body></html>")
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "new.zip")
    assert work.backfill()["failed"] == 0
    assert work.kinds(work.page.id) == ["1", "2"]


def test_attachments_of_an_unpacked_export_that_are_copied_last_are_taken_when_they_come(
    work: BrokenWorkplace,
) -> None:
    work.wiki.attach(work.page, "form.txt", b"Name:")
    write_xml(work.wiki, work.exports / "new")
    shutil.move(work.exports / "new" / "attachments", work.folder / "attachments")
    work.run("backfill")
    assert work.run("show", "form.txt").code == 3
    shutil.move(work.folder / "attachments", work.exports / "new" / "attachments")
    work.backfill()
    assert work.text("form.txt") == "Name:"


# --- what passes ----------------------------------------------------------------------------------


def test_what_may_not_be_read_is_read_once_it_may(work: BrokenWorkplace) -> None:
    """Nothing about an export's size or time changes when somebody is given the right to read it."""
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    export = write_xml(work.wiki, work.exports / "new.zip")
    export.chmod(0)
    with permissions_enforced():
        assert "new.zip" in work.fails("new.zip", "unreadable")
    export.chmod(0o600)
    assert work.backfill()["failed"] == 0
    assert work.kinds(work.page.id) == ["1", "2"]
    assert work.failures() == []


def test_a_folder_that_may_not_be_looked_into_does_not_keep_the_others_out(work: BrokenWorkplace) -> None:
    """As ``lost+found`` on a disk of its own."""
    locked = work.exports / "lost+found"
    locked.mkdir()
    locked.chmod(0)
    work.wiki.edit(work.page, "<p>Twenty days.</p>")
    write_xml(work.wiki, work.exports / "new.zip")
    with permissions_enforced():
        work.backfill(code=5)
        assert work.kinds(work.page.id) == ["1", "2"]
        (failure,) = work.failures()
        assert (failure["key"], failure["reason"]) == ("lost+found", "unreadable")
    locked.chmod(0o700)
    assert work.backfill()["failed"] == 0


def test_a_path_without_any_export_is_told(work: BrokenWorkplace) -> None:
    empty = work.folder / "empty"
    empty.mkdir()
    work.configure(empty)
    report = work.backfill()
    assert [remark for remark in report["remarks"] if str(empty) in remark]


def test_names_of_exports_are_told_on_one_line(work: BrokenWorkplace) -> None:
    put(work.exports / "a\nb\x1b[31m.zip", b"no zip")
    work.backfill(code=5)
    (failure,) = work.failures()
    assert failure["detail"].isprintable()
