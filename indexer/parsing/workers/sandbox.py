"""What a worker process denies itself before it reads a document (Linux; elsewhere what there is of it).

It is there so that a defective or overwhelmed parser cannot harm the machine, reach the network or
outlive its owner. Someone who takes over a parser can still read what the user can read.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from typing import Any, Final

_FIRST_TO_GO: Final = "800"
"""Of 1000: how readily the kernel kills it when memory runs out, among all processes that compete for it."""
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000  # with an error number in the low bits
_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_CLONE_THREAD: Final = 0x10000
_AF_UNIX: Final = 1
_EPERM, _ENOSYS = 1, 38

_NETWORK_EVENTS: Final = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostby",
    "socket.sendto",
)
_PROGRAM_EVENTS: Final = ("subprocess.Popen", "os.fork", "os.exec", "os.posix_spawn", "os.system", "os.spawn", "pty.spawn")  # fmt: skip

_MACHINES: Final = {
    # architecture as seccomp names it, then system calls by number (linux/audit.h, asm/unistd.h)
    "x86_64": (0xC000003E, {"socket": 41, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "io_uring_setup": 425},
               {"fork": 57, "vfork": 58, "execve": 59, "execveat": 322}, 56),
    "aarch64": (0xC00000B7, {"socket": 198, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "io_uring_setup": 425},
                {"execve": 221, "execveat": 281}, 220),
}  # fmt: skip
_CLONE3: Final = 435


def limit_resources(data: int, file_size: int, niceness: int) -> None:
    """No more than `data` bytes of memory and `file_size` bytes in a file; no core dumps; it gives way to others.

    Memory is limited as RLIMIT_DATA, which counts what may be written to. RLIMIT_AS would count what
    libraries merely reserve (numeric ones, gigabytes), so that its limit would mean nothing.
    """
    for kind, most in (
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))
    os.nice(niceness)
    if sys.platform == "linux":
        # Where memory runs out, a parser costs one document, and its owner everything.
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
            score.write(_FIRST_TO_GO)
        # A core pattern that names a program is handed the dump whatever RLIMIT_CORE says.
        _prctl(_PR_SET_DUMPABLE, 0)


def refuse_network(*, programs: bool) -> None:
    """From now on no network in this process, and unless `programs`, no other processes.

    Python's own calls are refused by an audit hook, with words; what native code does, by the kernel.
    """
    refused = _NETWORK_EVENTS if programs else _NETWORK_EVENTS + _PROGRAM_EVENTS

    def hook(event: str, _: tuple[Any, ...]) -> None:
        if event.startswith(refused):
            raise PermissionError(f"{event} is refused: parsers work offline and alone")

    sys.addaudithook(hook)
    if sys.platform == "linux" and platform.machine() in _MACHINES and sys.byteorder == "little":
        _install_filter(_program(*_MACHINES[platform.machine()], programs=programs))


def _program(
    architecture: int, always: dict[str, int], starting: dict[str, int], clone: int, *, programs: bool
) -> list[tuple[int, int, int, int]]:
    """The filter as instructions of classic BPF: (code, jump if true, jump if false, operand)."""
    refused = always if programs else {**always, **starting}
    calls = sorted(number for name, number in refused.items() if not (programs and name == "socket"))
    lines: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE | _EPERM),  # the calls of another architecture have other numbers
        (_LOAD, 0, 0, 0),
        (_JUMP_AT_LEAST, 0, 1, 0x40000000),  # x32, which numbers its calls from here
        (_RETURN, 0, 0, _REFUSE | _EPERM),
    ]
    for number in calls:
        lines += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | _EPERM)]
    if programs:
        # Converters talk to themselves through local sockets, which reach no other machine.
        lines += _by_argument(always["socket"], _JUMP_EQUAL, _AF_UNIX)
    else:
        # The flags of clone3 lie in memory, where a filter cannot look: libraries fall back to clone.
        lines += [(_JUMP_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _REFUSE | _ENOSYS)]
        lines += _by_argument(clone, _JUMP_SET, _CLONE_THREAD)
    return [*lines, (_RETURN, 0, 0, _ALLOW)]


def _by_argument(call: int, test: int, operand: int) -> list[tuple[int, int, int, int]]:
    """Refuse `call` unless its first argument passes the test. To come last: it forgets the call's number."""
    return [
        (_JUMP_EQUAL, 0, 3, call),
        (_LOAD, 0, 0, 16),
        (test, 1, 0, operand),
        (_RETURN, 0, 0, _REFUSE | _EPERM),
    ]


def _install_filter(lines: list[tuple[int, int, int, int]]) -> bool:
    """Whether the kernel took the filter: some containers refuse to, and then the audit hook stands alone."""
    code = b"".join(struct.pack("<HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(lines), ctypes.addressof(buffer)))
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1) and _prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(head)
    )


def _prctl(option: int, *values: int) -> bool:
    arguments = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, *arguments)) == 0
