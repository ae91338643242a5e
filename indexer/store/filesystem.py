"""Keeps the data folder off network file systems, on which neither locks nor fsync can be relied upon."""

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


def _unescaped(field: str) -> str:
    r"""The kernel writes space, tab, line feed and backslash of a mount point as ``\040`` and so on."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), field)
