"""Parsers that do everything a parser must not do; they run in worker processes only."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from indexer.errors import ParseError
from indexer.model import Attachment, Block, BlockKind
from indexer.parsing.canonical import Reading

_kept: list[bytes] = []
_documents = 0


def said(text: str) -> Reading:
    return Reading(blocks=(Block(BlockKind.PARAGRAPH, (text,)),))


def read_well(data: bytes) -> Reading:
    return said(data.decode())


def count_documents(data: bytes) -> Reading:
    global _documents
    _documents += 1
    return said(f"{os.getpid()} {_documents}")


def count_bytes(data: bytes) -> Reading:
    return said(f"{len(data)} {data[:1]!r} {data[-1:]!r}")


def begin(data: bytes) -> None:
    """Tell whoever reads the named pipe at `data`, if there is one, that the parser is at work."""
    if data:
        Path(data.decode()).write_bytes(b"")


def loop(data: bytes) -> Reading:
    begin(data)
    while True:
        pass


def loop_in_native_code(data: bytes) -> Reading:
    """Holds the interpreter's lock for ever, so that no thread and no handler of this process gets a turn."""
    begin(data)
    return said(str(ctypes.PyDLL(None).pause()))


def allocate_at_once(data: bytes) -> Reading:
    return said(str(len(b"x" * (8 << 30))))


def allocate_bit_by_bit(data: bytes) -> Reading:
    while True:
        _kept.append(b"x" * (1 << 20))


def map_memory(data: bytes) -> Reading:
    """Shared pages, which RLIMIT_DATA does not count."""
    import mmap

    memory = mmap.mmap(-1, 8 << 30)
    for offset in range(0, 8 << 30, 1 << 20):
        memory[offset : offset + (1 << 20)] = b"x" * (1 << 20)
    return said("")


def keep_memory(data: bytes) -> Reading:
    _kept.append(b"x" * int(data))
    return said(str(os.getpid()))


def crash(data: bytes) -> Reading:
    ctypes.string_at(0)
    return said("")


def crash_when_used(data: bytes) -> Reading:
    """A library that breaks with its second document."""
    global _documents
    _documents += 1
    if _documents > 1:
        ctypes.string_at(0)
    return said("")


def abort(data: bytes) -> Reading:
    os.abort()


def exit_politely(data: bytes) -> Reading:
    sys.exit(3)


def exit_at_once(data: bytes) -> Reading:
    os.write(1, b"that was that\x1b[2J\n")
    os._exit(3)


def print_garbage(data: bytes) -> Reading:
    os.write(1, os.urandom(1000))
    os.write(2, os.urandom(1000))
    sys.stdout.write("\x00garbage" * 1000)
    return said(repr(sys.stdin.read()))


def print_without_end(data: bytes) -> Reading:
    while True:
        os.write(1, b"x" * (1 << 20))


def _channels() -> list[int]:
    found = []
    for path in Path("/proc/self/fd").iterdir():
        try:
            target = str(path.readlink())
        except OSError:
            continue
        if target.startswith("socket:"):
            found.append(int(path.name))
    return found


def answer_with_garbage(data: bytes) -> Reading:
    for descriptor in _channels():
        os.write(descriptor, b"\xff" * 100)
    return said("")


def answer_with_a_wrong_shape(data: bytes) -> Reading:
    body = (
        b'{"blocks":[["paragraph",[1],0,"",0,null]],"title":null,"metadata":{},"labels":[],"attachments":[]}'
    )
    for descriptor in _channels():
        os.write(descriptor, b"T" + len(body).to_bytes(8, "little") + body)
    return said("")


def announce_too_much(data: bytes) -> Reading:
    for descriptor in _channels():
        os.write(descriptor, b"T" + (1 << 60).to_bytes(8, "little"))
    return said("")


def close_everything(data: bytes) -> Reading:
    os.closerange(0, 1000)
    while True:
        pass


def write_without_end(data: bytes) -> Reading:
    text = "word " * 10_000
    return Reading(blocks=(Block(BlockKind.PARAGRAPH, (text,)) for _ in iter(int, 1)))


def attach_much(data: bytes) -> Reading:
    return Reading(blocks=(), attachments=(Attachment("a", b"x" * int(data)),))


def attach_many(data: bytes) -> Reading:
    return Reading(blocks=(), attachments=tuple(Attachment(str(n), b"") for n in range(int(data))))


def attach(data: bytes) -> Reading:
    return Reading(
        blocks=(Block(BlockKind.HEADING, ("# A\x00b",), 1, "A \n b"), Block(BlockKind.PARAGRAPH, ("\ud800x ",), page=2)),
        title="t",
        metadata={"Author": "é\udfff\n"},
        labels=("1.0",),
        attachments=(Attachment("a.txt", b"\x00\xff" * 100_000), Attachment("b.txt", b"")),
    )  # fmt: skip


def recurse(data: bytes) -> Reading:
    return recurse(data)


def recurse_in_native_code(data: bytes) -> Reading:
    sys.setrecursionlimit(10**9)
    return recurse(data)


def fail(data: bytes) -> Reading:
    raise ParseError("encrypted", "it is encrypted", remedy="save it without a password")


def defect(data: bytes) -> Reading:
    raise ValueError("line 1\nline 2 " + "x" * 10_000)


def connect(data: bytes) -> Reading:
    socket.create_connection(("127.0.0.1", int(data)), timeout=5)
    return said("connected")


def resolve(data: bytes) -> Reading:
    return said(str(socket.getaddrinfo("localhost", 80)))


def connect_in_native_code(data: bytes) -> Reading:
    made = ctypes.CDLL(None, use_errno=True).socket(2, 1, 0)
    return said(f"{made} {os.strerror(ctypes.get_errno())}")


def open_local_socket(data: bytes) -> Reading:
    return said("opened" if ctypes.CDLL(None).socket(1, 1, 0) >= 0 else "refused")


def start_program(data: bytes) -> Reading:
    return said(
        subprocess.run(["echo", "started"], capture_output=True, text=True, check=True).stdout.strip()
    )


def start_program_and_hang(data: bytes) -> Reading:
    subprocess.Popen(["sleep", "1234.5"])
    while True:
        pass


def fork_in_native_code(data: bytes) -> Reading:
    made = ctypes.CDLL(None, use_errno=True).fork()
    if made == 0:
        os._exit(0)
    return said(f"{made} {os.strerror(ctypes.get_errno())}")


def use_threads(data: bytes) -> Reading:
    heard: list[str] = []
    thread = threading.Thread(target=heard.append, args=("a thread ran",))
    thread.start()
    thread.join()
    return said(heard[0])


def leave_files(data: bytes) -> Reading:
    left = sorted(path.name for path in Path(tempfile.gettempdir()).iterdir())
    Path(tempfile.mkdtemp(), "inside").write_bytes(b"x")
    Path(tempfile.gettempdir(), "outside").write_bytes(b"x")
    return said(f"{tempfile.gettempdir()} {left}")


def facts(data: bytes) -> Reading:
    import resource

    return said(
        f"niceness {os.nice(0)} cores {resource.getrlimit(resource.RLIMIT_CORE)[0]}"
        f" group {os.getpgid(0) == os.getpid()} pid {os.getpid()}"
    )


def readiness_to_be_killed(data: bytes) -> Reading:
    return said(Path("/proc/self/oom_score_adj").read_text().strip())
