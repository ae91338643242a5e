"""A machine of its own for the service: systemd as the first process, in namespaces, over a root folder in which
this machine's programs are seen and nothing can be changed.

Made with systemd-nspawn, so that the unit runs as it would on a server, its sandbox included, and so that
no systemd ever touches the root of the machine that runs the tests.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from indexer.clock import SystemClock
from tests.service.units import SYSTEMD, UNIT

_BOOT_SECONDS: Final = 30.0
_HALT_SECONDS: Final = 2.0
_END_SECONDS: Final = 10.0
_PACKAGES: Final = ("indexer", "connectors")
_MERGED: Final = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_FROM_HERE: Final = (
    "ld.so.cache",
    "nsswitch.conf",
    "alternatives",
    "ssl",
    "localtime",
    "services",
    "protocols",
)
"""What programs of /usr look for in /etc."""
_COMMAND: Final = """\
#!/opt/indexer/.venv/bin/python
import sys
sys.path.insert(0, "/opt/indexer/source")
from indexer.cli.main import main
sys.exit(main())
"""
_TARGET: Final = """\
[Unit]
Description=A machine on which nothing runs but what every service builds on
Requires=basic.target
After=basic.target
AllowIsolate=yes
"""


def missing() -> str | None:
    """Why no such machine can be started here; None if it may be tried."""
    if os.geteuid() != 0:
        return "only root can start a machine"
    if shutil.which("systemd-nspawn") is None:
        return "systemd-nspawn is not installed (Debian: systemd-container)"
    if shutil.which("nsenter") is None or not Path("/usr/lib/systemd/systemd").exists():
        return "there is no systemd, or no nsenter, in this machine's /usr"
    if not all(Path("/", name).is_symlink() for name in ("bin", "lib")):
        return "this machine's /bin and /lib are not those of /usr"
    return None


@contextlib.contextmanager
def machine(root: Path) -> Iterator[Machine]:
    """A machine over the folder `root`, in which the service was laid out; ended at the end.

    Raises `NoMachineError` where this kernel or this container does not let it start.
    """
    binds = [*_furnish(root), *_programs(root)]
    own = not Path("/run/systemd/system").exists()  # nobody else manages control groups here
    words = [
        "systemd-nspawn", "--quiet", "--boot", "--register=no", f"--directory={root}", f"--machine=indexer-{os.getpid()}",
        "--private-network", "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--notify-ready=yes",
        "--console=pipe", *(["--keep-unit"] if own else []), *binds, "systemd.unit=test.target", "systemd.show_status=no",
    ]  # fmt: skip
    with (
        _groups() if own else contextlib.nullcontext([]) as groups,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told,
        open(root / "console", "wb") as console,
    ):
        told.bind(str(root / "notify"))
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env={"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(root / "notify")},
            preexec_fn=lambda: _enter(groups),
        )
        leader = 0
        try:
            leader = _booted(told, root)
            yield Machine(root, leader)
        finally:
            _end(process, leader)


def _end(process: subprocess.Popen[bytes], leader: int) -> None:
    """End a machine as if the plug was pulled: all processes inside go with the first one."""
    if leader:
        os.kill(leader, signal.SIGKILL)
    else:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_HALT_SECONDS)
        process.terminate()  # the first asks the machine to halt, which may not be able to; the second ends it
    process.wait(_END_SECONDS)


def _furnish(root: Path) -> list[str]:
    """Give `root` the rest of a file system: this machine's programs, and an /etc of its own."""
    root.chmod(0o755)
    for folder in (
        "dev",
        "etc",
        "home",
        "mnt",
        "opt",
        "proc",
        "root",
        "run",
        "srv",
        "sys",
        "tmp",
        "usr",
        "var/tmp",
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in _MERGED:
        if Path("/", name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for name in _FROM_HERE:
        here, there = Path("/etc", name), root / "etc" / name
        if here.is_dir() and not here.is_symlink():
            shutil.copytree(here, there, symlinks=True)
        elif here.exists():
            shutil.copyfile(here, there)
    (root / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
    )
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    (root / "etc/os-release").write_text("ID=test\n")
    (root / "etc/machine-id").write_text("6e" * 16 + "\n")
    units = root / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    (units / "test.target").write_text(_TARGET)
    local = Path("/usr/local")
    # Everything of /usr but what the service was laid out in, which is in `root`.
    seen = [path for path in Path("/usr").iterdir() if path != local]
    seen += [path for path in local.iterdir() if path.name not in ("bin", "lib")]
    seen += [
        path for path in (local / "lib").iterdir() if path.name not in ("systemd", "sysusers.d", "tmpfiles.d")
    ]
    return [f"--bind-ro={path}" for path in seen if not path.is_symlink()]


def _programs(root: Path) -> list[str]:
    """An environment at its place in the machine, made of the one that the tests run in."""
    site = Path(sysconfig.get_path("purelib"))
    venv = root / "opt/indexer/.venv"
    (venv / "bin").mkdir(parents=True)
    python = Path(os.path.realpath(sys.executable))
    (venv / "bin/python").symlink_to(python)
    (venv / "pyvenv.cfg").write_text(f"home = {python.parent}\ninclude-system-site-packages = false\n")
    command = venv / "bin/indexer"
    command.write_text(_COMMAND)
    command.chmod(0o755)
    binds = [f"--bind-ro={site}:/opt/indexer/.venv/{site.relative_to(sys.prefix)}"]
    binds += [f"--bind-ro={SYSTEMD.parent / name}:/opt/indexer/source/{name}" for name in _PACKAGES]
    base = Path(sys.base_prefix)
    if not base.is_relative_to("/usr"):
        binds.append(f"--bind-ro={base}")
    return binds


@contextlib.contextmanager
def _groups() -> Iterator[list[Path]]:
    """Control groups for the machine alone, in each hierarchy that systemd would use."""
    places = [Path("/sys/fs/cgroup"), *(Path("/sys/fs/cgroup", name) for name in ("systemd", "unified"))]
    made = [place / f"indexer-{os.getpid()}" for place in places if (place / "cgroup.procs").exists()]
    for group in made:
        group.mkdir()
    try:
        yield made
    finally:
        for group in made:
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):  # the kernel takes a moment; an empty group harms nobody
                    os.rmdir(folder)  # noqa: PTH106 - its files cannot be listed away


def _enter(groups: list[Path]) -> None:
    for group in groups:
        (group / "cgroup.procs").write_text("0")


def _booted(told: socket.socket, root: Path) -> int:
    """The number of the machine's first process, once it has booted. Raises `NoMachineError`."""
    told.settimeout(_BOOT_SECONDS)
    leader = 0
    try:
        while True:
            for line in told.recv(4096).decode().splitlines():
                name, _, value = line.partition("=")
                if name == "X_NSPAWN_LEADER_PID":
                    leader = int(value)
                if name == "READY" and leader:
                    return leader
    except TimeoutError as error:
        said = (root / "console").read_text(errors="replace").strip().splitlines()[-5:]
        raise NoMachineError(f"no machine boots here: {' / '.join(said)}") from error


class NoMachineError(Exception):
    """No machine boots here: the kernel, or the container that the tests run in, does not let it."""


class Machine:
    """A machine that runs. Commands are run inside as root, without the sandbox of the service."""

    def __init__(self, root: Path, leader: int) -> None:
        self.root = root
        """What it has as its root folder, except for what is mounted in it."""
        self._leader = leader

    def run(self, *words: str, user: str | None = None, check: bool = True, seconds: float = 60.0) -> str:
        """What a command inside wrote to standard output."""
        inside = [
            "nsenter",
            f"--target={self._leader}",
            "--mount",
            "--pid",
            "--ipc",
            "--net",
            "--uts",
            "--cgroup",
        ]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        done = subprocess.run(
            [*inside, "--wd=/", *become, *words],
            env={"PATH": "/opt/indexer/.venv/bin:/usr/bin:/usr/sbin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def in_the_sandbox(self, *words: str, drop_in: Path | None = None, seconds: float = 120.0) -> str:
        """What a command wrote to standard output that was run once, as the service's unit runs its program."""
        told = self.root / "told"
        unit = UNIT.read_text(encoding="utf-8").replace("Type=notify\n", "Type=oneshot\n")
        unit = re.sub(
            "^ExecStart=.*$",
            f"ExecStart={shlex.join(words)}\nStandardOutput=truncate:/told\nStandardError=journal",
            unit,
            flags=re.M,
        )
        unit = re.sub("^(Restart|WatchdogSec)=.*\n", "", unit, flags=re.M)
        unit += "" if drop_in is None else drop_in.read_text(encoding="utf-8")
        (self.root / "etc/systemd/system/once.service").write_text(unit, encoding="utf-8")
        try:
            self.run("systemctl", "daemon-reload")
            self.run("systemctl", "start", "once.service", seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{told.read_text()}\n{self.journal('once.service')}") from error
        return told.read_text(encoding="utf-8")

    def property(self, unit: str, name: str) -> str:
        """A property of a unit, as `systemctl show` gives it."""
        return self.run("systemctl", "show", unit, f"--property={name}", "--value").strip()

    def until(self, pattern: str, read: Callable[[], str], seconds: float = 60.0) -> str:
        """What `read` gives, once `pattern` is found in it. Asking takes so long that there is no need to pause."""
        clock = SystemClock()
        end = clock.monotonic() + seconds
        while re.search(pattern, found := read()) is None:
            if clock.monotonic() > end:
                raise AssertionError(f"{pattern!r} is not found within {seconds} s in:\n{found}")
        return found

    def journal(self, unit: str) -> str:
        """Everything that a unit, and systemd about it, said."""
        return self.run("journalctl", "--unit", unit, "--output=short-monotonic", "--no-pager")
