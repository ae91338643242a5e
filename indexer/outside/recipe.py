"""How a connector is made, in a form that another process can be told."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from indexer.ports import Connector, ConnectorFactory

_MOMENT: Final = "\0moment"
"""Marks the dates and times of TOML, which JSON does not have."""
_MOMENTS: Final = {kind.__name__: kind for kind in (datetime, date, time)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The factory of a connector, and what to give it: see `indexer.ports.ConnectorFactory`."""

    factory: str
    """``module:attribute``, as an entry point has it."""
    name: str
    settings: Mapping[str, Any]
    folder: Path | None = None

    def make(self) -> Connector:
        """The connector. Raises what importing and calling the factory raises."""
        module, _, attribute = self.factory.partition(":")
        factory: ConnectorFactory = attrgetter(attribute)(import_module(module))
        return factory(self.name, self.settings, self.folder)

    def encode(self) -> bytes:
        """Itself as bytes. They may hold secrets, such as an address with a password in it."""
        folder = None if self.folder is None else str(self.folder)
        return json.dumps([self.factory, self.name, self.settings, folder], default=_plain).encode()

    @classmethod
    def decode(cls, body: bytes) -> Recipe:
        """What `encode` made bytes of."""
        factory, name, settings, folder = json.loads(body, object_hook=_moment)
        return cls(factory, name, settings, None if folder is None else Path(folder))


def _plain(value: object) -> object:
    if isinstance(value, date | time):
        return {_MOMENT: [type(value).__name__, value.isoformat()]}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} is no value of a configuration")


def _moment(value: dict[str, Any]) -> Any:
    if value.keys() != {_MOMENT}:
        return value
    kind, text = value[_MOMENT]
    return _MOMENTS[kind].fromisoformat(text)
