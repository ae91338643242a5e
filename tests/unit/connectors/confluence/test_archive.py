"""The files of an export, which are the same in a zip and in a folder; and what folders alone can do."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.confluence.archive import ExportError
from tests.support.privileges import permissions_enforced
from tests.unit.connectors.confluence.zips import FILES, close_all, contents, folder, opened, zipped


@pytest.fixture(autouse=True)
def closed_again() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture(params=["zip", "stored", "folder"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "folder":
        return folder(tmp_path / "export", FILES)
    method = zipfile.ZIP_STORED if request.param == "stored" else zipfile.ZIP_DEFLATED
    return zipped(tmp_path / "export.zip", FILES, method)


# --- what both kinds do alike ---


def test_every_file_is_there_with_its_bytes_and_its_size(export: Path) -> None:
    archive = opened(export)
    assert archive.path == export
    assert archive.names() == set(FILES)
    assert contents(archive) == FILES
    assert {name: archive.size(name) for name in FILES} == {name: len(data) for name, data in FILES.items()}
    archive.close()
    archive.close()


def test_a_name_that_is_not_there_is_a_key_error(export: Path) -> None:
    archive = opened(export)
    for name in ("nothing", "attachments", "../export.zip", "", "/etc/passwd"):
        for ask in (archive.open, archive.size, archive.modified):
            with pytest.raises(KeyError):
                ask(name)


def test_an_export_may_lie_in_a_folder_of_the_archive(export: Path) -> None:
    archive = opened(export, "attachments/1/")
    assert contents(archive) == {"2/3": b"\x00\xffdata"}
    assert archive.size("2/3") == 6


@pytest.mark.parametrize("root", ["..", "a/../..", "a//b", "."])
def test_a_root_that_leads_elsewhere_is_refused(export: Path, root: str) -> None:
    with pytest.raises(ExportError) as caught:
        opened(export, root)
    assert caught.value.reason == "unsafe-archive"


def test_a_stream_is_read_in_pieces_and_line_by_line(export: Path) -> None:
    archive = opened(export)
    with archive.open("entities.xml") as stream:
        assert stream.read(4) == b"<x/>"
        assert len(stream.read(100_000)) == 3996
        assert stream.read(1) == b""
    with archive.open("attachments/1/2/3") as stream:
        assert io.TextIOWrapper(stream, "latin-1").readline() == "\x00\xffdata"


def test_several_threads_may_read_at_once(export: Path) -> None:
    archive = opened(export)
    with ThreadPoolExecutor(4) as threads:
        assert all(found == FILES for found in threads.map(lambda _: contents(archive), range(16)))


def test_a_missing_path_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        opened(tmp_path / "nothing.zip")
    assert caught.value.reason == "missing"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "export.zip")
    with pytest.raises(ExportError) as caught:
        opened(tmp_path / "export.zip")
    assert caught.value.reason == "not-an-export"


def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    export = zipped(tmp_path / "export.zip", FILES)
    export.chmod(0)
    with permissions_enforced(), pytest.raises(ExportError) as caught:
        opened(export)
    assert caught.value.reason == "unreadable"


# --- folders ---


def test_no_symlink_in_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_text("secret")
    export = folder(tmp_path / "export", FILES)
    (export / "link").symlink_to(tmp_path / "secret/key")
    (export / "folder").symlink_to(tmp_path / "secret")
    (export / "inner").symlink_to(export / "entities.xml")
    (export / "loop").symlink_to(export)
    (export / "dangling").symlink_to(tmp_path / "nothing")
    assert opened(export).names() == set(FILES)


def test_a_folder_that_becomes_a_symlink_is_not_followed(tmp_path: Path) -> None:
    folder(tmp_path / "secret/2", {"3": b"secret"})
    export = folder(tmp_path / "export", FILES)
    archive = opened(export)
    (export / "attachments/1").rename(tmp_path / "aside")
    (export / "attachments/1").symlink_to(tmp_path / "secret")
    for ask in (archive.open, archive.size, archive.modified):
        with pytest.raises(ExportError) as caught:
            ask("attachments/1/2/3")
        assert caught.value.reason == "vanished"


def test_an_export_that_is_a_symlink_itself_is_read(tmp_path: Path) -> None:
    folder(tmp_path / "real", FILES)
    (tmp_path / "export").symlink_to(tmp_path / "real")
    assert contents(opened(tmp_path / "export")) == FILES


def test_pipes_and_sockets_are_no_files(tmp_path: Path) -> None:
    export = folder(tmp_path / "export", FILES)
    os.mkfifo(export / "pipe")
    archive = opened(export)
    assert archive.names() == set(FILES)
    (export / "entities.xml").unlink()
    os.mkfifo(export / "entities.xml")
    with pytest.raises(ExportError):
        archive.open("entities.xml")


def test_a_file_that_vanishes_is_said_to_have_vanished(tmp_path: Path) -> None:
    archive = opened(folder(tmp_path / "export", FILES))
    (tmp_path / "export/entities.xml").unlink()
    for ask in (archive.open, archive.size, archive.modified):
        with pytest.raises(ExportError) as caught:
            ask("entities.xml")
        assert caught.value.reason == "vanished"


def test_a_file_that_is_written_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    archive = opened(folder(tmp_path / "export", {"entities.xml": b"x" * 1_000_000}))
    with archive.open("entities.xml") as stream:
        stream.read(10)
        with open(tmp_path / "export/entities.xml", "ab") as file:
            file.write(b"more")
        with pytest.raises(ExportError) as caught:
            stream.read()
    assert caught.value.reason == "changing"


def test_a_folder_in_it_that_may_not_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    export = folder(tmp_path / "export", FILES)
    (export / "attachments").chmod(0)
    try:
        with permissions_enforced(), pytest.raises(ExportError) as caught:
            opened(export)
    finally:
        (export / "attachments").chmod(0o700)
    assert caught.value.reason == "unreadable"


def test_names_that_are_no_utf8_can_be_opened(tmp_path: Path) -> None:
    export = folder(tmp_path / "export", FILES)
    with open(os.fsencode(export) + b"/caf\xe9", "wb") as file:
        file.write(b"coffee")
    archive = opened(export)
    (name,) = archive.names() - set(FILES)
    assert name.encode()
    assert archive.open(name).read() == b"coffee"


def test_a_file_in_a_folder_has_the_time_of_its_stat(tmp_path: Path) -> None:
    export = folder(tmp_path / "export", FILES)
    os.utime(export / "entities.xml", (0, 1_500_000_000.5))
    assert opened(export).modified("entities.xml") == 1_500_000_000.5
