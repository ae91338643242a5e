"""Where the control socket lies: who may use it, what is replaced and what is not."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from indexer.daemon.control.address import (
    FILE_NAME,
    Listening,
    NoSocketError,
    OccupiedError,
    connect,
    is_abandoned,
)


def reaches(folder: Path, listening: Listening) -> bool:
    with connect(folder) as asking:
        answering, _ = listening.socket.accept()
        with answering:
            asking.sendall(b"?")
            return answering.recv(1) == b"?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_it_is_for_its_owner_alone_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        listening = Listening(folder)
    finally:
        os.umask(before)

    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    listening.socket.close()


@pytest.mark.parametrize("length", [10, 106, 107, 108, 120, 200])
def test_a_data_folder_may_have_a_path_of_any_length(tmp_path: Path, length: int) -> None:
    base = len(str(tmp_path / FILE_NAME))
    folder = tmp_path / ("x" * max(1, length - base - 1))
    folder.mkdir()
    listening = Listening(folder)

    assert reaches(folder, listening)

    listening.withdraw()
    listening.socket.close()
    assert not (folder / FILE_NAME).exists()


def test_no_descriptor_is_left_open_for_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))

    with Listening(folder).socket, connect(folder):
        assert len(list(Path("/proc/self/fd").iterdir())) == before + 2


def test_what_a_dead_process_left_behind_is_replaced(folder: Path) -> None:
    dead = Listening(folder)
    dead.socket.close()
    assert is_abandoned(folder)

    listening = Listening(folder)

    assert reaches(folder, listening)
    assert not is_abandoned(folder)
    listening.socket.close()


def test_somebody_who_listens_is_not_pushed_aside(folder: Path) -> None:
    with Listening(folder).socket:
        with pytest.raises(OccupiedError):
            Listening(folder)
        assert not is_abandoned(folder)


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_stays_as_it_is(folder: Path, kind: str) -> None:
    path = folder / FILE_NAME
    match kind:
        case "file":
            path.write_text("mine")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("elsewhere")

    with pytest.raises(NoSocketError):
        Listening(folder)

    assert path.is_symlink() or path.is_dir() or path.read_text() == "mine"
    assert not is_abandoned(folder)


def test_nobody_there_is_an_error_of_the_operating_system(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        connect(folder)
    assert not is_abandoned(folder)


def test_another_socket_in_its_place_is_not_taken_away(folder: Path) -> None:
    listening = Listening(folder)
    (folder / FILE_NAME).unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(folder / FILE_NAME))

        listening.withdraw()

        assert (folder / FILE_NAME).is_socket()
    listening.socket.close()
    (folder / FILE_NAME).unlink()
    listening.withdraw()
