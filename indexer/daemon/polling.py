"""How often a source is scanned as a whole, whatever events tell."""

from __future__ import annotations

from typing import Final

from indexer.daemon.filesystems import Mode

POLL: Final = 60.0
"""Seconds between scans where nothing else tells of changes."""
FETCH: Final = 300.0
"""The same where nothing on this machine could tell: each scan asks another machine."""
SAFETY: Final = 3600.0
"""Likewise where events do, for those that they cannot tell of: see `inotify`."""


def scan_interval(
    mode: Mode, chosen: float | None = None, *, covered: bool = True, remote: bool = False
) -> float | None:
    """Seconds between two complete scans; None: only when asked to.

    `chosen`: the source's `poll_interval`, which wins. `covered`: whether a watcher sees all of the
    source (`Coverage.unwatched` is empty); what it does not see has to be polled. `remote`: nothing of it lies on this
    machine.
    """
    if chosen is not None:
        return chosen
    if mode == "off":
        return None
    if remote:
        return FETCH
    return SAFETY if mode == "native" and covered else POLL
