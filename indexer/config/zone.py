"""The machine's time zone, by name where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def zone(name: str) -> ZoneInfo | None:
    """The zone of that name, None if this machine knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A name that is a folder ("Europe") raises OSError, one with ".." ValueError.
        return None


def system_zone(env: Mapping[str, str]) -> ZoneInfo:
    """What ``TZ``, ``/etc/localtime`` or ``/etc/timezone`` says, in this order; otherwise UTC."""
    for name in (env.get("TZ", "").removeprefix(":"), _linked_name(), _stated_name()):
        found = zone(name) if name else None
        if found is not None:
            return found
    return ZoneInfo("UTC")


def _linked_name() -> str:
    try:
        target = _LOCALTIME.resolve(strict=True)
    except OSError:
        return ""
    return str(target).partition("/zoneinfo/")[2]


def _stated_name() -> str:
    try:
        return _NAME.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
