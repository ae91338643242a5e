"""Run inside the service's sandbox: what is possible there, as JSON."""

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path


def possible(action: Callable[[], object]) -> bool:
    """Whether the system lets it happen."""
    try:
        action()
    except OSError:
        return False
    return True


def writing(folder: str) -> Callable[[], object]:
    """Leaving a file in `folder`."""
    return lambda: Path(folder, "left-behind").write_text("x")


def unsharing() -> None:
    """Making a namespace of its own."""
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):  # CLONE_NEWUSER
        raise OSError


def names(folder: str) -> list[str]:
    """What lies in `folder`."""
    return sorted(path.name for path in Path(folder).iterdir())


PLACES = (
    *("/", "/etc", "/usr", "/home/ann", "/srv", "/opt/indexer", "/root", "/dev", "/sys", "/proc/sys", "/run"),
    *("/var/lib", "/var/lib/indexer", "/var/cache/indexer", "/tmp", "/var/tmp"),
)
lines = Path("/proc/self/status").read_text().splitlines()
status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
seen = {
    "user": os.getuid() != 0,
    "written": [folder for folder in PLACES if possible(writing(folder))],
    "share": names("/home/ann/share"),
    "internet": possible(lambda: socket.socket(socket.AF_INET)),
    "local sockets": possible(lambda: socket.socket(socket.AF_UNIX)),
    "code at run time": possible(
        lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    ),
    "namespaces": possible(unsharing),
    "set-id files": possible(lambda: Path("/var/tmp/left-behind").chmod(0o4755)),
    "other processes": [name for name in names("/proc") if name.isdigit() and int(name) != os.getpid()],
    "capabilities": status["CapBnd"].strip("0") + status["CapEff"].strip("0"),
    "new privileges": status["NoNewPrivs"] == "0",
    "disks": [name for name in names("/dev") if name.startswith(("sd", "vd", "nvme", "mem", "kmsg"))],
    "credentials": {
        name: Path(os.environ["CREDENTIALS_DIRECTORY"], name).read_text()
        for name in names(os.environ["CREDENTIALS_DIRECTORY"])
    },
}
sys.stdout.write(json.dumps(seen))
