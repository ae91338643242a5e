"""How many threads of this process can run at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

_GROUP: Final = Path("/proc/self/cgroup")
_GROUPS: Final = Path("/sys/fs/cgroup")


def cores(group: Path = _GROUP, groups: Path = _GROUPS) -> int:
    """The processors that this process may use, or what its control group grants if that is less; at least 1.

    A quota of one and a half processors counts as two threads, which together use all of it. Control
    groups of version 2 are read; where there are none, the affinity alone decides.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([allowed, *_quotas(group, groups)]))


def _quotas(group: Path, groups: Path) -> Iterator[int]:
    """What the process's control group and those above it grant, in whole processors, rounded up."""
    for line in _text(group).splitlines():
        if not line.startswith("0::"):
            continue
        path = PurePosixPath(line.removeprefix("0::"))
        for place in (path, *path.parents):
            quota, _, period = _text(groups / place.relative_to("/") / "cpu.max").strip().partition(" ")
            if quota.isdecimal() and period.isdecimal() and int(period) > 0:
                yield -(-int(quota) // int(period))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        # No control groups here, or none that may be read: then nothing limits.
        return ""
