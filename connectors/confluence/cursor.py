"""What a listing leaves behind for the next one: which exports were told, and when each space was looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from indexer.model import Instant

_VERSION: Final = 1


@dataclass(slots=True)
class Export:
    """One export that was told."""

    print: str
    """What it was by its sizes and times."""
    problem: tuple[str, str] | None = None
    """(reason, one line) where it could not be used, or only in part."""


@dataclass(slots=True)
class Cursor:
    """It."""

    choice: str = ""
    """The settings under which it was told."""
    exports: dict[str, Export] = field(default_factory=dict)
    """By name; only those that are still there."""
    looks: dict[str, list[Instant]] = field(default_factory=dict)
    """Space key → when each complete export of it was taken, in order; also of exports that are gone."""

    def superseded(self, space: str, taken: Instant) -> Instant | None:
        """The first later look at a space; None where there was none."""
        return min((at for at in self.looks.get(space, ()) if at > taken), default=None)

    def looked(self, space: str, taken: Instant) -> None:
        """A complete export of the space was told."""
        self.looks[space] = sorted({*self.looks.get(space, ()), taken})

    def write(self) -> str:
        """As text."""
        return json.dumps({"v": _VERSION, **asdict(self)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """What `write` wrote; a new one for anything else: then everything is told again, which changes nothing."""
        try:
            values = json.loads(text or "")
            if values["v"] != _VERSION:
                return cls()
            exports = {str(name): _export(one) for name, one in values["exports"].items()}
            looks = {str(space): [int(at) for at in times] for space, times in values["looks"].items()}
            return cls(str(values["choice"]), exports, looks)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()


def _export(values: Mapping[str, Any]) -> Export:
    problem = values["problem"]
    if problem is None:
        return Export(str(values["print"]))
    reason, detail = problem
    return Export(str(values["print"]), (str(reason), str(detail)))
