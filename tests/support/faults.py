"""Lets something happen before or after any effect of the write side: a death, or an error that the process survives.

faults = Faults()
index = faulty(home.index, faults)
faults.arm(17, Crash)          # the 17th moment from now raises it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from indexer.ingest.index import Index
from indexer.ports import TokenCounter, Vectors


class Faults:
    """Counts moments: one before and one after each effect, and one at each step of the commit protocol."""

    def __init__(self) -> None:
        self.met: list[str] = []
        """Where faults happened, in order."""
        self.passed = 0
        """How many moments there were."""
        self._left = 0
        self._make: Callable[[str], BaseException] | None = None

    def arm(self, moments: int, make: Callable[[str], BaseException]) -> None:
        """Raise what `make` makes of the moment's name, so many moments from now, once."""
        self._left, self._make = moments, make

    @property
    def armed(self) -> bool:
        """Whether one is still to come."""
        return self._make is not None

    def disarm(self) -> None:
        """Let nothing happen."""
        self._make = None

    def moment(self, name: str) -> None:
        """A moment at which it may happen."""
        self.passed += 1
        if self._make is None:
            return
        self._left -= 1
        if self._left <= 0:
            make, self._make = self._make, None
            self.met.append(name)
            raise make(name)


class _Faulty:
    """Anything, some of whose methods are effects."""

    def __init__(self, inner: Any, faults: Faults, called: str, effects: Sequence[str]) -> None:
        self._inner = inner
        self._faults = faults
        self._called = called
        self._effects = frozenset(effects)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._effects:
            return found

        def effect(*arguments: Any, **named: Any) -> Any:
            self._faults.moment(f"before {self._called}.{name}")
            result = found(*arguments, **named)
            self._faults.moment(f"after {self._called}.{name}")
            return result

        return effect


class _FaultyEmbedder:
    """An embedder; not by `_Faulty`, since its properties are asked for all the time."""

    def __init__(self, inner: Any, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self.fingerprint: str = inner.fingerprint
        self.dimension: int = inner.dimension
        self.counter: TokenCounter = inner.counter

    def embed(self, texts: Sequence[str]) -> Vectors:
        self._faults.moment("before embedder.embed")
        vectors: Vectors = self._inner.embed(texts)
        return vectors

    def embed_query(self, text: str) -> Any:
        return self._inner.embed_query(text)


def faulty(index: Index, faults: Faults) -> Index:
    """The index with faults around every effect of its stores, at every step, and where texts are embedded."""
    step, tables = index.step, index.passages

    def moment(name: str) -> None:
        step(name)
        faults.moment(f"at {name}")

    catalog: Any = _Faulty(index.catalog, faults, "catalog", ("commit", "publish", "unpublish", "register"))
    originals: Any = _Faulty(index.originals, faults, "originals", ("put",))
    made: dict[str, Any] = {}

    def passages(fingerprint: str, dimension: int) -> Any:
        if fingerprint not in made:
            effects = ("commit", "restore", "drop", "compact", "prune")
            made[fingerprint] = _Faulty(tables(fingerprint, dimension), faults, "passages", effects)
        return made[fingerprint]

    return replace(
        index,
        catalog=catalog,
        originals=originals,
        passages=passages,
        embedder=_FaultyEmbedder(index.embedder, faults),
        step=moment,
    )
