"""Prepares things ahead of their turn, in other threads; hands them over in order but for those that take long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

THREADS: Final = 4
"""Two for what is Python or a parser process; two more, so that documents that hang do not hold up the others."""
PATIENCE: Final = 2.0
"""Seconds that a thing's turn waits for it. Then the others go first, and it comes whenever it is there."""


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
    held_up: Callable[[], None] = lambda: None
    """Told when things that take long are all that is left: a moment to commit what is there."""
    most: int = 64

    def each(self, things: Sequence[T]) -> Iterator[tuple[T, R]]:
        """Each thing with what was prepared of it, in order but for those that take long.

        Raises what `prepare` raised, when it is its turn. Once nobody listens nothing more is begun,
        and nobody waits for what was.
        """
        if len(things) < 2:
            for thing in things:
                yield thing, self.prepare(thing)
            return
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="ahead")
        try:
            yield from self._each(things, pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _each(self, things: Sequence[T], pool: ThreadPoolExecutor) -> Iterator[tuple[T, R]]:
        coming: deque[tuple[T, Future[R]]] = deque()
        slow: list[tuple[T, Future[R]]] = []
        here: deque[tuple[T, R]] = deque()
        begun = weight = 0

        def arrive(one: tuple[T, Future[R]]) -> None:
            thing, future = one
            result = future.result()
            self.arrived(result)
            here.append((thing, result))

        while True:
            while (
                begun < len(things)
                and len(coming) < self.most
                # One at least, whatever it weighs; those set aside as slow go on weighing.
                and (weight < self.most_weight or not (coming or slow or here))
            ):
                coming.append((things[begun], pool.submit(self.prepare, things[begun])))
                weight += self.weight(things[begun])
                begun += 1
            while coming and self.room() and coming[0][1].done() and coming[0][1].exception() is None:
                arrive(coming.popleft())
            if not here:
                if not coming and not slow:
                    return
                self._wait(coming, slow, arrive, last=begun == len(things))
                continue
            turn = here.popleft()
            yield turn
            weight -= self.weight(turn[0])

    def _wait(
        self,
        coming: deque[tuple[T, Future[R]]],
        slow: list[tuple[T, Future[R]]],
        arrive: Callable[[tuple[T, Future[R]]], None],
        last: bool,
    ) -> None:
        """Let the next one arrive, or a slow one; or set the next one aside as slow."""
        awaited = [future for _, future in slow] + [future for _, future in list(coming)[:1]]
        done, _ = wait(awaited, PATIENCE, FIRST_COMPLETED)
        if not done and not coming:
            if last:
                self.held_up()
            wait(awaited, None, FIRST_COMPLETED)
        for place, (_, future) in enumerate(slow):
            if future.done():
                arrive(slow.pop(place))
                return
        if coming and coming[0][1].done():
            arrive(coming.popleft())
        elif coming:
            slow.append(coming.popleft())
