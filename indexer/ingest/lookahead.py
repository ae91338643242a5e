"""Prepares things ahead of their turn, in other threads, and hands them over in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS: Final = 2
"""More would wait for each other: what they run is Python, or one of as many parser processes."""


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
    most: int = 64

    def in_order(self, things: Sequence[T]) -> Iterator[tuple[T, R]]:
        """Each thing with what was prepared of it. Raises what `prepare` raised, when it is its turn."""
        if len(things) < 2:
            for thing in things:
                yield thing, self.prepare(thing)
            return
        with ThreadPoolExecutor(THREADS, thread_name_prefix="ahead") as pool:
            try:
                yield from self._each(things, pool)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _each(self, things: Sequence[T], pool: ThreadPoolExecutor) -> Iterator[tuple[T, R]]:
        coming: deque[tuple[T, Future[R]]] = deque()
        here: deque[tuple[T, R]] = deque()
        begun = weight = 0

        def arrive() -> None:
            thing, future = coming.popleft()
            result = future.result()
            self.arrived(result)
            here.append((thing, result))

        while True:
            while (
                begun < len(things) and len(coming) < self.most and (weight < self.most_weight or not coming)
            ):
                coming.append((things[begun], pool.submit(self.prepare, things[begun])))
                weight += self.weight(things[begun])
                begun += 1
            if coming and not here:
                arrive()
            while coming and self.room() and coming[0][1].done() and coming[0][1].exception() is None:
                arrive()
            if not here:
                return
            turn = here.popleft()
            yield turn
            weight -= self.weight(turn[0])
