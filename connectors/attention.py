"""Work that takes long and has nothing to tell, in another thread: whoever listens hears that it goes on, and can stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Final, TypeVar

from indexer.ports import Working

T = TypeVar("T")

PAUSE: Final = 0.2
"""Seconds between two signs that the work goes on."""


class GivenUpError(Exception):
    """Nobody waits for the work any more. For those who do it: to end it wherever they are."""


def in_sight(work: Callable[[threading.Event], T]) -> Generator[Working, None, T]:
    """What `work` brings, or raises; `Working` is told as long as it takes.

    `work` is given an event that is set once nobody listens any more; it is waited for then, and is to end soon. What
    it raises then concerns nobody.
    """
    given_up = threading.Event()
    result: Future[T] = Future()

    def act() -> None:
        try:
            result.set_result(work(given_up))
        except BaseException as error:  # noqa: BLE001 - raised by whoever waits for the result
            result.set_exception(error)

    thread = threading.Thread(target=act, name="at the source", daemon=True)
    thread.start()
    try:
        while True:
            thread.join(PAUSE)
            if not thread.is_alive():
                return result.result()
            yield Working()
    finally:
        # What the work brought may heed it as long as it is used.
        if thread.is_alive():
            given_up.set()
            thread.join()
