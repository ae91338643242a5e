"""Chooses how changes of a folder are noticed, by the file system that it lies on.

inotify tells what this kernel does to its files. Where other machines, a host or a program behind the
mount change them too, it is silent, and only a scan finds out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from indexer.config.values import Watch
from indexer.store.filesystem import MOUNTS, may_hang, mount_of, mounts

Mode = Literal["native", "poll", "off"]

_OTHERS: Final = "other machines change its files, of which this one is not told"
_HOST: Final = "the machine that runs this one changes its files, of which this one is not told"
_PROGRAM: Final = "a program serves it, and need not tell what changes behind it"
_VIRTUAL: Final = "it has no files on a disk, and need not tell what changes"
_UNMOUNTED: Final = "it mounts something once it is looked at, and nobody knows what yet"

_SILENT: Final = {
    **dict.fromkeys(
        ("afs", "beegfs", "ceph", "cifs", "coda", "gfs", "gfs2", "glusterfs", "gpfs", "kafs", "lustre", "ncpfs", "nfs",
         "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb2", "smb3", "smbfs"),
        _OTHERS,
    ),
    **dict.fromkeys(("9p", "drvfs", "prl_fs", "vboxsf", "virtiofs", "vmhgfs"), _HOST),
    **dict.fromkeys(("cgroup", "cgroup2", "configfs", "debugfs", "proc", "sysfs", "tracefs"), _VIRTUAL),
    "autofs": _UNMOUNTED,
    "fuse": _PROGRAM,
}  # fmt: skip
"""File systems on which events do not tell of every change, with the reason."""
_SILENT_FAMILIES: Final = {"fuse.": _PROGRAM, "nfs": _OTHERS}
"""How the names of others begin. ``fuseblk``, a local disk, is not among them."""
_TELLING: Final = frozenset(
    """
    aufs bcachefs btrfs devtmpfs ecryptfs erofs exfat ext2 ext3 ext4 f2fs fuseblk hfs hfsplus iso9660 jffs2 jfs minix
    msdos nilfs2 ntfs ntfs3 overlay ramfs reiserfs rootfs squashfs tmpfs ubifs udf ufs vfat xfs zfs
    """.split()  # noqa: SIM905 - a list of so many would be a page long
)
"""File systems of which only this machine changes the files. Of an overlay that holds as long as nobody
writes to its layers directly, which is not allowed while it is mounted."""


@dataclass(frozen=True, slots=True)
class WatchMode:
    """How changes of a folder are noticed."""

    mode: Mode
    """``native``: events, and a scan now and then; ``poll``: scans only; ``off``: only when asked to."""
    reason: str
    """One line for people."""
    kind: str = ""
    """The file system's type, such as ``ext4``; empty where it is not known."""
    polled: tuple[str, ...] = ()
    """Where the mode is native: folders in it that have to be polled, as paths relative to it. They are other file
    systems, which a watcher is not to enter: some hang."""


def mode_of(path: str | Path, setting: Watch = "auto", table: Path = MOUNTS) -> WatchMode:
    """How to notice changes of the folder at an absolute path, which need not exist. `setting`: the source's `watch`.

    Bind mounts count as what they show, and a symbolic link as what it leads to.
    """
    if setting in ("off", "poll"):
        return WatchMode("off" if setting == "off" else "poll", f'watch = "{setting}" is set')
    try:
        text = table.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return _without_table(setting)
    # First without following links, which may hang on a share that is away; so may those on the way to the folder.
    mode = decide(PurePosixPath(path), setting, text)
    if may_hang(Path(path), inside=False, table=table):
        where = "it lies on a file system that another machine or a program answers for"
        return mode if mode.mode == "poll" or setting == "native" else WatchMode("poll", where, mode.kind)
    if not silence(mode.kind):
        mode = decide(PurePosixPath(os.path.realpath(path)), setting, text)
    return mode


def decide(folder: PurePosixPath, setting: Watch, table: str) -> WatchMode:
    """The same for a path without symbolic links and a ``mountinfo`` text; `setting` is ``auto`` or ``native``."""
    mount = mount_of(folder, table)
    if mount is None:
        return _without_table(setting)
    reason = silence(mount.kind)
    where = f"{mount.kind}, mounted at {mount.point}"
    if setting == "native":
        doubt = f"; beware: {reason}" if reason else ""
        return WatchMode("native", f'watch = "native" is set ({where}){doubt}', mount.kind)
    if reason:
        return WatchMode("poll", f"{where}: {reason}", mount.kind)
    return WatchMode("native", where, mount.kind, tuple(_outermost(_silent_inside(folder, table))))


def silence(kind: str) -> str:
    """Why events do not tell of every change on a file system of this type; empty if they do."""
    if kind in _TELLING:
        return ""
    for family, reason in _SILENT_FAMILIES.items():
        if kind.startswith(family):
            return reason
    return _SILENT.get(kind, "it is not known whether events tell of every change there")


def _silent_inside(folder: PurePosixPath, table: str) -> Iterable[PurePosixPath]:
    """Mounts below a folder that have to be polled; of two at one place the later, which hides the other."""
    shown = {mount.point: mount.kind for mount in mounts(table)}
    for point, kind in shown.items():
        if point != folder and point.is_relative_to(folder) and silence(kind):
            yield point.relative_to(folder)


def _outermost(paths: Iterable[PurePosixPath]) -> list[str]:
    found: list[PurePosixPath] = []
    for path in sorted(paths):
        if not any(path.is_relative_to(outer) for outer in found):
            found.append(path)
    return [str(path) for path in found]


def _without_table(setting: Watch) -> WatchMode:
    if setting == "native":
        return WatchMode("native", 'watch = "native" is set')
    return WatchMode("poll", "the table of mounts cannot be read")
