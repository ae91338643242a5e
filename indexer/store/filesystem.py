"""What the table of mounts says: whether locks and fsync can be relied upon at a place, and whether it may hang.

The data folder is kept off network file systems, on which neither locks nor fsync can be relied upon.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from indexer.errors import ConfigurationError

MOUNTS: Final = Path("/proc/self/mountinfo")

_NETWORK: Final = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "fuse", "gfs2", "glusterfs", "gpfs", "kafs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs", "vboxsf",
    }
)  # fmt: skip
"""File systems that other machines write to, or that pass locks and fsync on to something unknown."""
_NETWORK_FAMILY: Final = "fuse."
"""``fuse.sshfs``, ``fuse.s3fs``, ``fuse.glusterfs`` …; ``fuseblk``, a local disk, is not among them."""
_ANSWERED_ELSEWHERE: Final = _NETWORK | {
    "autofs",
    "drvfs",
    "gfs",
    "panfs",
    "prl_fs",
    "smb2",
    "virtiofs",
    "vmhgfs",
}
"""File systems whose calls another machine, the host or a program answers; until it does they block."""
_MOST_LINKS: Final = 40
"""As many symbolic links in a path as the kernel follows."""
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the mount table."""

    point: PurePosixPath
    kind: str
    """Such as ``ext4`` or ``nfs4``."""

    @property
    def network(self) -> bool:
        """Whether locks and durability are in somebody else's hands."""
        return self.kind in _NETWORK or self.kind.startswith(_NETWORK_FAMILY)

    @property
    def may_hang(self) -> bool:
        """Whether a call into it blocks for as long as somebody else does not answer."""
        return self.kind in _ANSWERED_ELSEWHERE or self.kind.startswith((_NETWORK_FAMILY, "nfs"))


def mounts(table: str) -> list[Mount]:
    """The lines of a ``mountinfo`` text, see proc_pid_mountinfo(5); lines of another form are left out."""
    found = []
    for line in table.splitlines():
        before, separator, after = line.partition(" - ")
        fields, rest = before.split(" "), after.split(" ")
        if separator and len(fields) >= 6 and rest[0]:
            found.append(Mount(PurePosixPath(_unescaped(fields[4])), rest[0]))
    return found


def mount_of(folder: PurePosixPath, table: str) -> Mount | None:
    """The mount on which an absolute path without symbolic links lies; of two at one place the later, which hides the other."""
    holding = [mount for mount in mounts(table) if folder.is_relative_to(mount.point)]
    return max(
        enumerate(holding),
        key=lambda numbered: (len(numbered[1].point.parts), numbered[0]),
        default=(0, None),
    )[1]


def refuse_network(folder: Path, table: Path = MOUNTS) -> None:
    """Raise `ConfigurationError` if `folder`, which need not exist, lies on a network file system.

    Where there is no mount table (not Linux) nothing is known and nothing refused.
    """
    try:
        text = table.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    mount = mount_of(PurePosixPath(os.path.realpath(folder)), text)
    if mount is not None and mount.network:
        raise ConfigurationError(
            f"data_dir {folder} lies on a network file system ({mount.kind}, mounted at {mount.point}), "
            "where an index cannot be kept safe",
            remedy="set data_dir to a folder on a local disk; the documents themselves may stay on the network",
        )


def may_hang(place: Path | None, *, inside: bool = True, table: Path = MOUNTS) -> bool:
    """Whether looking at an absolute path may hang, or with `inside` at anything below it.

    It may where it lies on such a mount (see `Mount.may_hang`), or where the way leads through one. Nothing on one is looked
    at, so that this itself never hangs. False for no place at all, and where there is no mount table.
    """
    try:
        text = table.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    if place is None:
        return False
    at, ahead, links = PurePosixPath("/"), list(PurePosixPath(place).parts[1:]), 0
    while ahead and links <= _MOST_LINKS:
        name = ahead.pop(0)
        if name == "..":
            at = at.parent
            continue
        at /= name
        mount = mount_of(at, text)
        if mount is not None and mount.may_hang:
            return True
        try:
            target = PurePosixPath(Path(at).readlink())
        except OSError:  # no link, or not there
            continue
        links += 1
        at = PurePosixPath("/") if target.is_absolute() else at.parent
        ahead[:0] = target.parts[target.is_absolute() :]
    return inside and any(m.may_hang and m.point.is_relative_to(at) for m in mounts(text))


def _unescaped(field: str) -> str:
    r"""The kernel writes space, tab, line feed and backslash of a mount point as ``\040`` and so on."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), field)
