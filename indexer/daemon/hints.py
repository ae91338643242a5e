"""Collects hints that something changed in a source, and decides when which scopes of it are to be looked at.

A hint says nothing but "look here": the look is the truth. So hints may be merged, but never lost:

* A scope is due when nothing was hinted in it for a moment (`Patience.quiet`), and at the latest some
  time after its first hint (`Patience.ceiling`): an editor's write-and-rename, delete-and-recreate or
  truncate-and-write becomes one look.
* A file whose size differs between two looks at it is still being written and waits longer
  (`Patience.growth_ceiling`). Sizes are asked for only while hints keep coming.
* The two places of a rename are due together, because only a look that sees both knows it as one.
  So are scopes that become due within `Patience.gather`: whoever copies and deletes renames, too.
* Many hints become few: the files of one folder the folder, many scopes the whole source (``""``),
  so that a million hints take no more room than a few hundred.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from indexer.clock import Clock

WHOLE: Final = ""
"""The scope that is the whole source."""

_MOVES: Final = 1_000
_REMEMBERED: Final = 60.0
"""Seconds for which, and how many at most, moves are remembered once they were looked at."""

SizeOf = Callable[[str], int | None]
"""Bytes of the file with this key; None where there is none or it cannot be seen. Raises nothing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long hints wait for others, in seconds, and how many are kept apart."""

    quiet: float = 0.3
    """After the last hint of a scope."""
    ceiling: float = 1.5
    """After the first."""
    growth_ceiling: float = 10.0
    """After the first, where a file grows."""
    gather: float = 0.1
    """For how long a scope that is due waits for others that are about to be."""
    in_folder: int = 200
    """More hinted files than these in one folder are the folder."""
    scopes: int = 500
    """More scopes than these are the whole source."""

    def __post_init__(self) -> None:
        if not 0 < self.quiet <= self.ceiling <= self.growth_ceiling or self.gather < 0:
            raise ValueError(f"no order of waiting times: {self}")
        if self.in_folder < 1 or self.scopes < 1:
            raise ValueError(f"no room for hints: {self}")


@dataclass(slots=True, eq=False)
class _Wait:
    """Scopes that become due together."""

    first: float
    """When the first of their hints came."""
    last: float
    keys: set[str] = field(default_factory=set)
    looked: float | None = None
    """When sizes were last asked for."""
    sizes: Mapping[str, int | None] = field(default_factory=dict)
    """What the last look at sizes saw."""
    growing: bool = False
    """Whether the last two looks differed."""
    inside: str | None = None
    """The file that was hinted last below a folder that is a scope: what is copied into it now."""


class Hints:
    """The hints of one source. Threads may add to it at any time; one asks what is due.

    Times are those of `Clock.monotonic`, in seconds.
    """

    def __init__(self, clock: Clock, size_of: SizeOf | None = None, patience: Patience | None = None) -> None:
        self._clock = clock
        self._size_of = size_of
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._lost = False
        self._moves: deque[tuple[float, str, str]] = deque(maxlen=_MOVES)
        """What moved last: when, from where, to where."""
        self._waits: dict[str, _Wait] = {}
        """Scope → what it waits with. No scope lies in another."""
        self._folders: dict[str, bool] = {}
        """Those scopes that are folders → whether it was the folder that was hinted, not many things in it."""
        self._beside: Counter[str] = Counter()
        """Folder → how many scopes lie directly in it."""

    def __len__(self) -> int:
        return len(self._waits)

    def add(self, key: str, *, folder: bool = False) -> None:
        """Something changed at `key`; `folder`: anything at all may have changed below it."""
        now = self._clock.monotonic()
        with self._lock:
            self._add(key, folder, now)

    def moved(self, old: str, new: str, *, folder: bool = False) -> None:
        """What was at `old` is at `new` now: both are looked at together."""
        now = self._clock.monotonic()
        with self._lock:
            self._add(old, folder, now)
            self._add(new, folder, now)
            # Only now, since the second may have collapsed what the first was put into.
            self._join(old, new)
            self._moves.append((now, old, new))

    def together(self, key: str, other: str) -> None:
        """Both are looked at, and at the same time."""
        now = self._clock.monotonic()
        with self._lock:
            self._add(key, False, now)
            self._add(other, False, now)
            self._join(key, other)

    def lost(self) -> None:
        """Everything may have changed, and nobody tells what."""
        now = self._clock.monotonic()
        with self._lock:
            self._lost = True
            self._add(WHOLE, True, now)

    def were_lost(self) -> bool:
        """Whether that was said since this was asked last."""
        with self._lock:
            were, self._lost = self._lost, False
            return were

    @property
    def whole(self) -> bool:
        """Whether all of the source waits, be it that too much of it did."""
        return WHOLE in self._waits

    def due(self, now: float, *, folders: bool = True) -> tuple[str, ...] | None:
        """Scopes that are to be looked at now, in order, which it forgets; None while there are none.

        No scope lies in another, and ``("",)`` is the whole source. `look` belongs before it.
        Without `folders` what waits with a folder goes on waiting.
        """
        with self._lock:
            return self._release(now, folders)

    def covers(self, key: str, since: float | None = None) -> bool:
        """Whether something waits at `key`, or of a folder that it lies in; hinted at or after `since`."""
        with self._lock:
            covering = self._covering(key)
            return covering is not None and (since is None or self._waits[covering].last >= since)

    def folders(self, since: float | None = None) -> list[str]:
        """The folders of which it was hinted that anything may have changed below them, and which wait; at or after `since`."""
        with self._lock:
            waits = self._waits
            return [
                key
                for key, all_of in self._folders.items()
                if all_of and (since is None or waits[key].last >= since)
            ]

    def scopes(self, since: float | None = None) -> list[str]:
        """All scopes that wait; hinted at or after `since`."""
        with self._lock:
            return [key for key, wait in self._waits.items() if since is None or wait.last >= since]

    def moves(self) -> list[tuple[str, str]]:
        """From where to where something moved in the last minute, in order, whether it was looked at since or not."""
        since = self._clock.monotonic() - _REMEMBERED
        with self._lock:
            return [(old, new) for at, old, new in self._moves if at >= since]

    def look(self, now: float) -> None:
        """Ask for the sizes of files where that is due, to find out which of them grow.

        It may take a while, or hang with the file system; nobody who hints something has to wait for it.
        """
        with self._lock:
            waits = self._distinct()
            looks = [(wait, self._files(wait)) for wait in waits if self._wants_look(wait, now)]
        seen = [(wait, {key: self._size(key) for key in keys}) for wait, keys in looks]
        with self._lock:
            for wait, sizes in seen:
                self._compare(wait, sizes, now)

    def next_due(self, now: float) -> float | None:
        """When `due` is to be asked again, which may be past; None if nothing is hinted."""
        with self._lock:
            waits = self._distinct()
            if not waits:
                return None
            ready = [wait for wait in waits if self._moment(wait) <= now]
            if ready:
                return max(self._gathered(waits, ready, now), default=min(map(self._moment, ready)))
            return min(min(self._moment(wait), self._next_look(wait)) for wait in waits)

    # --- scopes (with the lock held) ----------------------------------------------------------

    def _add(self, key: str, folder: bool, now: float) -> None:
        covering = self._covering(key)
        if covering is None:
            wait = _Wait(first=now, last=now)
            self._take_in(key, wait)
            self._put(key, wait)
            if folder:
                self._folders[key] = True
            self._collapse(key)
            return
        wait = self._waits[covering]
        wait.last = now
        if covering == key:
            if folder:
                self._folders[key] = True
        elif not folder and covering and self._folders.get(covering):
            wait.inside = key

    def _covering(self, key: str) -> str | None:
        """The scope that `key` is or lies in."""
        while key not in self._waits:
            if not key:
                return None
            key = key.rpartition("/")[0]
        return key

    def _collapse(self, key: str) -> None:
        """After `key` became a scope: keep what is waited for within bounds."""
        while key:
            parent = key.rpartition("/")[0]
            if len(self._waits) > self._patience.scopes:
                parent = WHOLE
            elif self._beside[parent] <= self._patience.in_folder:
                return
            wait = self._waits[key]
            self._take_in(parent, wait)
            self._put(parent, wait)
            self._folders[parent] = False
            key = parent

    def _join(self, key: str, other: str) -> None:
        """Have two keys that wait be due together."""
        one, two = self._covering(key), self._covering(other)
        assert one is not None
        assert two is not None
        if self._waits[one] is not self._waits[two]:
            self._merge(self._waits[two], self._waits[one])

    def _take_in(self, folder: str, wait: _Wait) -> None:
        """Put whatever waits in `folder` into `wait`, and forget these scopes: the folder is to be one."""
        prefix = f"{folder}/" if folder else ""
        for scope in [scope for scope in self._waits if scope.startswith(prefix)]:
            inner = self._waits[scope]
            if inner is not wait:
                self._merge(wait, inner)
            self._drop(scope)

    def _put(self, scope: str, wait: _Wait) -> None:
        self._waits[scope] = wait
        wait.keys.add(scope)
        if scope:
            self._beside[scope.rpartition("/")[0]] += 1

    def _drop(self, scope: str) -> None:
        self._waits.pop(scope).keys.discard(scope)
        self._folders.pop(scope, None)
        if scope:
            parent = scope.rpartition("/")[0]
            self._beside[parent] -= 1
            if not self._beside[parent]:
                del self._beside[parent]

    def _merge(self, wait: _Wait, other: _Wait) -> None:
        """From now on the scopes of `other` are due with those of `wait`."""
        for scope in other.keys:
            self._waits[scope] = wait
        wait.keys |= other.keys
        other.keys = set()
        wait.first, wait.last = min(wait.first, other.first), max(wait.last, other.last)
        if other.looked is not None:
            wait.looked = other.looked if wait.looked is None else min(wait.looked, other.looked)
        wait.sizes = {**other.sizes, **wait.sizes}
        wait.growing |= other.growing
        wait.inside = wait.inside or other.inside

    def _distinct(self) -> list[_Wait]:
        return list({id(wait): wait for wait in self._waits.values()}.values())

    # --- moments (with the lock held) ---------------------------------------------------------

    def _limit(self, wait: _Wait) -> float:
        patience = self._patience
        return wait.first + (patience.growth_ceiling if wait.growing else patience.ceiling)

    def _moment(self, wait: _Wait) -> float:
        """When it is due, if nothing else is hinted and no file turns out to grow."""
        return min(wait.last + self._patience.quiet, self._limit(wait))

    def _gathered(self, waits: Iterable[_Wait], ready: list[_Wait], now: float) -> list[float]:
        """When others become due for which those that are `ready` wait; empty if they do not."""
        end = min(map(self._moment, ready)) + self._patience.gather
        end = min(end, *map(self._limit, ready))
        return [moment for moment in map(self._moment, waits) if now < moment <= end]

    def _alone(self) -> list[_Wait]:
        """What waits without any folder."""
        return [wait for wait in self._distinct() if self._folders.keys().isdisjoint(wait.keys)]

    def _release(self, now: float, folders: bool) -> tuple[str, ...] | None:
        waits = self._distinct() if folders else self._alone()
        ready = [wait for wait in waits if self._moment(wait) <= now]
        if not ready or self._gathered(waits, ready, now):
            return None
        scopes = sorted(scope for wait in ready for scope in wait.keys)
        for scope in scopes:
            self._drop(scope)
        return tuple(scopes)

    # --- sizes --------------------------------------------------------------------------------

    def _next_look(self, wait: _Wait) -> float:
        if self._size_of is None:
            return float("inf")
        return (wait.first if wait.looked is None else wait.looked) + self._patience.quiet

    def _wants_look(self, wait: _Wait, now: float) -> bool:
        if self._size_of is None:
            return False
        if wait.looked is None and now >= wait.last + self._patience.quiet:
            return False  # one burst, long over: what nearly every save is
        # At its end a wait is looked at once more, unless the last look is too young to tell growth.
        pause = self._patience.quiet / (2 if self._moment(wait) <= now else 1)
        return now - (wait.first if wait.looked is None else wait.looked) >= pause

    def _files(self, wait: _Wait) -> list[str]:
        files = [key for key in wait.keys if key not in self._folders]
        return files if wait.inside is None else [*files, wait.inside]

    def _size(self, key: str) -> int | None:
        assert self._size_of is not None
        return self._size_of(key)

    def _compare(self, wait: _Wait, sizes: Mapping[str, int | None], now: float) -> None:
        """Note what a look at sizes saw. A file that grew counts as a hint of now."""
        wait.growing = any(key in wait.sizes and wait.sizes[key] != size for key, size in sizes.items())
        if wait.growing:
            wait.last = max(wait.last, now)
        elif wait.looked is None and self._limit(wait) <= now < wait.last + self._patience.quiet:
            # Nobody asked for so long that there is nothing yet to compare with: look a second time.
            wait.growing = True
        wait.looked, wait.sizes = now, sizes
