"""Remembers on which devices a folder tree lies, so that a share that is not mounted is not taken for an empty one.

A map of devices has one entry for the root (key ``""``) and one for each folder that lies on
another device than its parent: ``{"": 2049, "archive": 51}``. The cursor carries two of them:
*trusted*, against which listings are compared, and *seen*, what the last listing found. They
differ after a share went away, and also after a harmless renumbering (a reboot); only the core
can tell which, because it knows which documents are missing, and then calls `accept`.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from indexer.errors import SourceError

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a listing hands to the next one; both maps are empty before the first."""

    trusted: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> Cursor:
        """Read what `dump` wrote; `SourceError` for anything else."""
        if text is None:
            return cls()
        try:
            value = json.loads(text)
            if value["v"] != _VERSION:
                raise ValueError(f"version {value['v']!r}")
            return cls(_device_map(value["devices"]), _device_map(value["seen"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SourceError(
                f"the scan state of this folder cannot be read ({type(error).__name__}: {error})",
                remedy="use the release that wrote it, or a newer one",
                code="source-cursor",
            ) from error

    def dump(self) -> str:
        """One line of JSON, equal for equal cursors."""
        value = {"v": _VERSION, "devices": self.trusted, "seen": self.seen}
        return json.dumps(value, sort_keys=True, separators=(",", ":"))


def accept(cursor: str) -> str:
    """The cursor that trusts what its listing saw."""
    seen = Cursor.parse(cursor).seen
    return Cursor(seen, seen).dump()


def device_of(devices: Mapping[str, int], folder: str) -> int | None:
    """The device that `devices` gives for `folder`: its own entry, else its nearest ancestor's."""
    while folder and folder not in devices:
        folder = folder.rpartition("/")[0]
    return devices.get(folder)


def inside(key: str, scopes: Container[str]) -> bool:
    """Whether `key` is one of `scopes` or lies under one (the empty scope holds everything)."""
    while key not in scopes:
        if not key:
            return False
        key = key.rpartition("/")[0]
    return True


def _device_map(value: Mapping[str, int]) -> dict[str, int]:
    return {str(folder): int(device) for folder, device in value.items()}
