"""Threads for what the parts of one search do side by side, kept from one search to the next."""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from typing import Final

_THREADS: Final = 16
"""Four searches at once have three pieces of work each. Whatever waits for another piece was submitted after it, so that more
searches than these are slower, and none waits for ever."""


@cache
def beside() -> Executor:
    """The same for the whole program: to start a thread takes as long as a small search where others keep the CPUs busy."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="search")
