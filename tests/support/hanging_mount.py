"""A real file system that stops answering: FUSE, served by a process that reads requests and keeps them.

    python -m tests.support.hanging_mount MOUNTPOINT

Whoever looks into it waits in the kernel, and once the request was taken not even SIGKILL frees them. That
is what a network mount does whose server is away. When the server ends the kernel gives everyone an error. Needs the right
to mount, so root.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_HEAD: Final = struct.Struct("<IIQQ")
_INIT: Final = 26
_DETACH: Final = 2


@contextmanager
def hanging_mount(folder: Path) -> Iterator[subprocess.Popen[bytes] | None]:
    """`folder` hangs for as long as the process that is given is there; None where nothing can be mounted.

    The process prints a line for each request that it keeps.
    """
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.hanging_mount", str(folder)], cwd=_ROOT, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        mounted = server.stdout.readline() == b"mounted\n"
        yield server if mounted else None
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        with contextlib.suppress(OSError):
            _call("umount2", os.fsencode(folder), _DETACH)


def state_of(pid: int | None) -> str:
    """What a process does, such as ``D`` where it waits in the kernel and cannot be killed; see proc_pid_stat(5)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def main(folder: str) -> None:
    """Mount it, and never answer."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    _call("mount", b"hanging", os.fsencode(folder), b"fuse", 0, options.encode())
    while True:
        request = os.read(device, 1 << 18)
        _, kind, number, _ = _HEAD.unpack_from(request)
        if kind == _INIT:
            # Version 7.31, and room for 64 KiB in one piece; see linux/fuse.h.
            told = struct.pack("<IIIIHHII", 7, 31, 0, 0, 0, 0, 1 << 16, 1).ljust(64, b"\0")
            os.write(device, struct.pack("<IiQ", 16 + len(told), 0, number) + told)
        sys.stdout.write("mounted\n" if kind == _INIT else "asked\n")
        sys.stdout.flush()


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:
        sys.exit(f"it cannot be mounted: {error}")
