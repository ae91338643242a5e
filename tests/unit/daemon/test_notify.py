"""What the service manager is told, and that whoever does not listen holds nobody up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indexer.daemon.notify import Notifier


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


@pytest.fixture
def listener(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(10)
        yield listening


def test_each_thing_is_told_in_a_line_of_one_message(listener: socket.socket, address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready("watching 1 source,\n2 documents")
    notifier.alive()
    notifier.stopping()
    assert [listener.recv(4096) for _ in range(3)] == [
        b"READY=1\nSTATUS=watching 1 source, 2 documents",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


def test_whoever_does_not_read_holds_nobody_up(listener: socket.socket, address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                sender.sendto(b"unread", address)
    Notifier({"NOTIFY_SOCKET": address}).alive()


def test_nobody_is_told_where_nobody_wants_to_know(address: str) -> None:
    Notifier({}).ready("watching 1 source")
    Notifier({"NOTIFY_SOCKET": address}).ready("watching 1 source")
