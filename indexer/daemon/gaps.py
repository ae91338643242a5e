"""What of a folder is not watched, and why: within bounds, and in one line."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from indexer.daemon.watcher import Coverage

_LIMITS: Final = Path("/proc/sys/fs/inotify")
_SCOPES: Final = 500
"""More scopes than these are everything."""


class Gaps:
    """The scopes under one root that could not be watched. Not thread-safe."""

    def __init__(self, root: str, limits: Path = _LIMITS) -> None:
        self._root = root
        self._limits = limits
        self._errors: dict[str, OSError] = {}

    def add(self, key: str, error: OSError) -> None:
        """The folder `key` and all below it are not watched."""
        if isinstance(error, PermissionError) and key:
            return  # a scan cannot see it either; once it may be read, its parent tells
        above = key
        while above:
            above = above.rpartition("/")[0]
            if above in self._errors:
                return
        prefix = f"{key}/" if key else ""
        self._errors = {gap: why for gap, why in self._errors.items() if not gap.startswith(prefix)}
        self._errors[key] = error
        if len(self._errors) > _SCOPES:
            self._errors = {"": error}

    def discard(self, key: str) -> None:
        """The folder itself is watched after all."""
        self._errors.pop(key, None)

    def clear(self) -> None:
        """Everything is tried again."""
        self._errors = {}

    def coverage(self) -> Coverage:
        """What has to be polled, and why."""
        if not self._errors:
            return Coverage()
        scopes = tuple(sorted(self._errors))
        # A limit is the likeliest to be mended, and the other reasons are most often its consequence.
        errors = sorted(
            self._errors.values(), key=lambda error: error.errno not in (errno.ENOSPC, errno.EMFILE)
        )
        if scopes == ("",):
            what = f"{self._root} is not watched but polled"
        elif len(scopes) == 1:
            what = f"{self._root}/{scopes[0]} is not watched but polled"
        else:
            what = f"{len(scopes)} folders of {self._root} are not watched but polled"
        return Coverage(scopes, f"{what}: {self._reason(errors[0])}")

    def _reason(self, error: OSError) -> str:
        if error.errno == errno.ENOSPC:
            return (
                f"no inotify watch is left; raise fs.inotify.max_user_watches{self._now('max_user_watches')}"
            )
        if error.errno in (errno.EMFILE, errno.ENFILE):
            now = self._now("max_user_instances")
            return f"no inotify instance is left; raise fs.inotify.max_user_instances{now}, or the limit of open files"
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return "there is no such folder; is the share mounted?"
        if isinstance(error, PermissionError):
            return "it may not be read; let the user that runs the indexer read it"
        return f"{error.strerror}; check the disk"

    def _now(self, limit: str) -> str:
        try:
            return f" (now {(self._limits / limit).read_text(encoding='ascii').strip()})"
        except (OSError, ValueError):
            return ""
