"""Prepares things ahead of their turn, in other threads; hands them over in order but for those that take long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS: Final = 4
"""Two for what is Python or a parser process; two more, so that documents that hang do not hold up the others."""
PATIENCE: Final = 2.0
"""Seconds that a thing's turn waits for it. Then the others go first, and it comes whenever it is there."""
PAUSE: Final = 0.05
"""Seconds of waiting between two looks at what else there is to do."""


def _nothing() -> None:
    """There is nothing else to do."""


def attentively(work: Callable[[], R], meanwhile: Callable[[], None]) -> R:
    """What `work` brings, or raises, done in another thread; `meanwhile` is called as long as it takes.

    Where that raises, nobody waits for the work any more.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="aside")
    try:
        made = pool.submit(copy_context().run, work)
        while not wait([made], PAUSE).done:
            meanwhile()
        return made.result()
    finally:
        pool.shutdown(wait=False)


@dataclass(frozen=True, slots=True)
class Lookahead(Generic[T, R]):
    """How far ahead things are prepared, and who hears of it.

    `prepare` runs in several threads at once; everything else in the caller's.
    """

    prepare: Callable[[T], R]
    weight: Callable[[T], int]
    """What a prepared thing takes while it waits for its turn, in bytes."""
    arrived: Callable[[R], None]
    """Told of each as soon as it and all before it are there, well before its turn."""
    room: Callable[[], bool]
    """Whether `arrived` may be told of more."""
    most_weight: int
    meanwhile: Callable[[], None] = _nothing
    """Called again and again while things are waited for, between two groups only."""
    most: int = 64
    ahead: Callable[[int, int], None] = lambda preparing, prepared: None
    """Told now and then how many things were begun and are not ready, and how many are ready and not handed over."""

    def groups(
        self, things: Sequence[T], full: Callable[[Sequence[tuple[T, R]]], bool] = lambda group: True
    ) -> Iterator[list[tuple[T, R]]]:
        """All things with what was prepared of each, in order but for those that take long, by groups.

        A group ends when it is `full`, when nothing more fits beside it, when things that take long are all that is left, and
        with the last thing. Raises what `prepare` raised, when it is that thing's turn. Once nobody listens
        nothing more is begun, and nobody waits for what was.
        """
        if len(things) == 1:
            prepared = attentively(lambda: self.prepare(things[0]), self.meanwhile)
            self.arrived(prepared)
            yield [(things[0], prepared)]
        if len(things) < 2:
            return
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="ahead")
        try:
            yield from _Walk(self, things, pool).groups(full)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self.ahead(0, 0)


class _Walk(Generic[T, R]):
    """One way through a sequence of things."""

    def __init__(self, ahead: Lookahead[T, R], things: Sequence[T], pool: ThreadPoolExecutor) -> None:
        self._ahead = ahead
        self._things = things
        self._pool = pool
        self._begun = 0
        self._weight = 0
        """Of all that is begun and not handed over."""
        self._coming: deque[tuple[T, Future[R]]] = deque()
        self._slow: list[tuple[T, Future[R]]] = []
        self._here: deque[tuple[T, R]] = deque()
        self._group: list[tuple[T, R]] = []

    def groups(self, full: Callable[[Sequence[tuple[T, R]]], bool]) -> Iterator[list[tuple[T, R]]]:
        while True:
            self._begin()
            self._tell()
            while (
                self._coming
                and self._ahead.room()
                and self._coming[0][1].done()
                and self._coming[0][1].exception() is None
            ):
                self._arrive(self._coming.popleft())
            if self._here:
                self._group.append(self._here.popleft())
                if full(self._group):
                    yield self._over()
            elif self._coming or self._slow:
                if self._wait() and self._group:
                    yield self._over()
            elif self._group:
                # The last one, or nothing can be begun beside so heavy a group.
                yield self._over()
            else:
                return

    def _begin(self) -> None:
        ahead = self._ahead
        while (
            self._begun < len(self._things)
            and len(self._coming) < ahead.most
            # One at least, whatever it weighs; those set aside as slow go on weighing.
            and (
                self._weight < ahead.most_weight
                or not (self._coming or self._slow or self._here or self._group)
            )
        ):
            thing = self._things[self._begun]
            # What is logged there belongs to the run that it is done for.
            self._coming.append((thing, self._pool.submit(copy_context().run, ahead.prepare, thing)))
            self._weight += ahead.weight(thing)
            self._begun += 1

    def _tell(self) -> None:
        self._ahead.ahead(len(self._coming) + len(self._slow), len(self._here) + len(self._group))

    def _over(self) -> list[tuple[T, R]]:
        group, self._group = self._group, []
        self._weight -= sum(self._ahead.weight(thing) for thing, _ in group)
        return group

    def _arrive(self, one: tuple[T, Future[R]]) -> None:
        thing, future = one
        result = future.result()
        self._ahead.arrived(result)
        self._here.append((thing, result))

    def _wait(self) -> bool:
        """Let the next one arrive, or a slow one, or set the next one aside as slow; True if only slow ones are left."""
        left = PATIENCE
        while True:
            awaited = [future for _, future in self._slow] + [f for _, f in list(self._coming)[:1]]
            done, _ = wait(awaited, PAUSE, FIRST_COMPLETED)
            if done:
                break
            left -= PAUSE
            self._ahead.meanwhile()
            if left <= 0:
                if self._coming:
                    self._slow.append(self._coming.popleft())
                    return False
                return True
        for place, (_, future) in enumerate(self._slow):
            if future.done():
                self._arrive(self._slow.pop(place))
                return False
        self._arrive(self._coming.popleft())
        return False
