"""What a zip may not be: damaged, encrypted, full of names that lead elsewhere, or a bomb."""

from __future__ import annotations

import os
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.confluence.archive import ExportError
from tests.unit.connectors.confluence.zips import FILES, close_all, contents, opened, refused, zipped


@pytest.fixture(autouse=True)
def closed_again() -> Iterator[None]:
    yield
    close_all()


# --- names, times, links ---


def test_the_date_of_an_entry_is_taken_as_utc(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("dated", (2025, 3, 1, 10, 0, 2)), b"")
        archive.writestr(zipfile.ZipInfo("undated"), b"")
        broken = zipfile.ZipInfo("broken")
        broken.date_time = (1980, 0, 0, 0, 0, 0)
        archive.writestr(broken, b"")
    os.utime(path, (0, 1_700_000_000))
    found = opened(path)
    assert found.modified("dated") == 1_740_823_202
    assert found.modified("undated") == found.modified("broken") == 1_700_000_000


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "./x", "a//b", "a/./b", "C:/x", "c:x", "a\\b", "..\\x",
        "a\nb", "a\x7fb",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    assert refused(zipped(tmp_path / "export.zip", {"entities.xml": b"", name: b"x"})) == "unsafe-archive"


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {"entities.xml!.exe": b"x"})
    path.write_bytes(path.read_bytes().replace(b"xml!", b"xml\0"))
    assert refused(path) == "unsafe-archive"


def test_harmless_names_are_not_refused(tmp_path: Path) -> None:
    files = {"..a/b..c/...": b"1", ".hidden": b"2", "ab:c/d": b"3", "名.html": b"4", "a b'c": b"5"}
    assert contents(opened(zipped(tmp_path / "export.zip", files))) == files


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("entities.xml", b"one")
        archive.writestr("entities.xml", b"two")
    assert refused(path) == "unsafe-archive"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_left_out(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("entities.xml", b"x")
        link = zipfile.ZipInfo("link")
        link.external_attr = (kind | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert opened(path).names() == {"entities.xml"}


# --- damage ---


def test_an_empty_file_and_an_empty_zip_are_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "a.zip").touch()
    assert refused(tmp_path / "a.zip") == "empty"
    assert refused(zipped(tmp_path / "b.zip", {})) == "empty"
    assert refused(zipped(tmp_path / "c.zip", {"folder/": b""})) == "empty"


def test_a_message_stays_on_one_line_whatever_the_zip_is_called(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.zip"
    path.touch()
    with pytest.raises(ExportError) as caught:
        opened(path)
    assert caught.value.detail == r"'a\nb.zip' is empty; copy or export it again"


def test_what_is_not_a_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"%PDF-1.7" * 1000)
    assert refused(tmp_path / "a.zip") == "damaged"


def test_a_zip_that_was_cut_off_is_refused_wherever_that_was(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "whole.zip", FILES).read_bytes()
    cut = tmp_path / "cut.zip"
    for length in range(1, len(whole)):
        cut.write_bytes(whole[:length])
        assert refused(cut) == "damaged", length


def test_a_wrong_checksum_is_found_while_reading(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", FILES, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"\x00\xffdata", b"\x00\xffdatb"))
    archive = opened(path)
    assert archive.open("entities.xml").read() == FILES["entities.xml"]
    with pytest.raises(ExportError) as caught:
        archive.open("attachments/1/2/3").read()
    assert caught.value.reason == "damaged"
    assert "'attachments/1/2/3' in export.zip" in caught.value.detail


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", FILES)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refused(path) == "encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_java_does_not_write_are_refused_entry_by_entry(tmp_path: Path, method: int) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("entities.xml", b"x")
        archive.writestr("other", b"y" * 1000, method)
    found = opened(path)
    assert found.open("entities.xml").read() == b"x"
    with pytest.raises(ExportError) as caught:
        found.open("other")
    assert caught.value.reason == "unsupported-compression"


# --- bombs ---


def test_an_entry_that_unpacks_to_far_more_than_any_text_is_a_bomb(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {"entities.xml": b"x", "bomb": b"\0" * 2_000_000})
    assert refused(path, exempt=1_000_000) == "bomb"
    assert contents(opened(path))["bomb"] == b"\0" * 2_000_000
    with opened(path, exempt=1).open("entities.xml") as stream:
        assert stream.read() == b"x"


def test_a_long_run_of_one_line_is_no_bomb(tmp_path: Path) -> None:
    line = b"2025-03-01 10:00:00 INFO the same line of a log again and again, as logs are; nothing to see in it\n"
    path = zipped(tmp_path / "export.zip", {"log": line * 20_000})
    assert contents(opened(path, exempt=1))["log"] == line * 20_000


def test_files_that_claim_too_much_together_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {"a": b"x" * 600, "b": b"y" * 600}, zipfile.ZIP_STORED)
    assert refused(path, total=1000) == "bomb"


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {f"{number:03}": b"" for number in range(100)})
    assert refused(path, directory=1000) == "bomb"


def with_size(path: Path, size: int) -> Path:
    """The zip, with its only entry claiming another unpacked size everywhere."""
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\x03\x04") + 22, size)
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, size)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [1, 999, 1001, 5_000_000])
def test_an_entry_of_another_size_than_it_declares_is_damaged(tmp_path: Path, method: int, size: int) -> None:
    path = zipped(tmp_path / "export.zip", {"entities.xml": os.urandom(1000)}, method)
    assert refused(with_size(path, size)) == "damaged"


def test_an_entry_that_yields_less_than_it_declares_is_damaged_whatever_its_checksum(tmp_path: Path) -> None:
    path = with_size(zipped(tmp_path / "export.zip", {"entities.xml": b"x" * 1000}), 2000)
    assert refused(path) == "damaged"


def overlapping(path: Path, entries: int) -> Path:
    """A zip whose entries are all the same few bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = b"\0" * 1_000_000
    data = packer.compress(kernel) + packer.flush()
    crc = zlib.crc32(kernel)

    def header(name: bytes) -> bytes:
        return struct.pack(
            "<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(data), len(kernel), len(name), 0
        ) + name  # fmt: skip

    def listed(name: bytes) -> bytes:
        return struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(data), len(kernel), len(name), 0, 0, 0, 0, 0, 0
        ) + name  # fmt: skip

    directory = b"".join(
        listed(b"entities.xml" if not number else b"%012d" % number) for number in range(entries)
    )
    start = len(header(b"entities.xml")) + len(data)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, len(directory), start, 0)
    path.write_bytes(header(b"entities.xml") + data + directory + end)
    return path


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    assert contents(opened(overlapping(tmp_path / "one.zip", 1))) == {"entities.xml": b"\0" * 1_000_000}
    assert refused(overlapping(tmp_path / "many.zip", 1000)) == "unsafe-archive"


def test_an_entry_that_runs_into_the_directory_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", {"entities.xml": b"x" * 100}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 20, 150)
    path.write_bytes(data)
    assert refused(path) == "unsafe-archive"


@given(st.data())
def test_a_zip_with_wrong_bytes_in_it_never_fails_in_another_way(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    path = tmp_path_factory.mktemp("zips") / "export.zip"
    whole = bytearray(zipped(path, {"entities.xml": b"<x/>" * 50, "attachments/1": b"abc"}).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    with suppress(ExportError):
        archive = opened(path)
        for name in archive.names():
            assert isinstance(archive.modified(name), float)
            with suppress(ExportError), archive.open(name) as stream:
                assert len(stream.read()) == archive.size(name)
