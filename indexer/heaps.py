"""Keeps what threads let go of, LanceDB's above all, from staying with the process."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any, Final

_M_ARENA_MAX: Final = -8
"""As ``malloc.h`` of glibc has it, as is the next one."""
_M_MMAP_THRESHOLD: Final = -3
_OF_THEIR_OWN: Final = 2**20
"""Bytes from which a piece of memory is taken from the system by itself, and goes back with its end."""


@cache
def limit_heaps() -> None:
    """Let threads share as many heaps as there are CPUs, from now on.

    glibc gives each thread one of its own, up to eight for each CPU, and keeps what was freed in each. LanceDB has
    dozens of threads, and each merges files and builds indexes once in a while: a long import held twice the memory
    in 16 heaps that it holds in two, in the same time (benchmarks/README.md, "Confluence exports"). Threads that have
    a heap keep it: what is long-lived calls this before it starts any. And glibc puts ever larger pieces into heaps,
    up to 32 MiB, where their holes stay; here it does not. Other C libraries know no such limits, and need none.
    Arrow, unless somebody chose otherwise, takes its memory from these heaps too, instead of keeping some of its own.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    limit = _c_library("mallopt")
    if limit is not None:
        limit(_M_ARENA_MAX, max(2, os.cpu_count() or 2))
        limit(_M_MMAP_THRESHOLD, _OF_THEIR_OWN)


def give_back() -> None:
    """Return to the system what the heaps hold and nobody uses.

    Merging files and building an index take memory in large and in small pieces, and what stays between them keeps
    glibc from giving back the rest: under edits without rest 50 MiB were in use, unchanged, while what was held grew
    from 20 to 126 MiB in five minutes (benchmarks/README.md, "The service"). Takes some milliseconds for 100 MiB.
    """
    trim = _c_library("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))


def _c_library(function: str) -> Any:
    """A function of the C library; None where it has none of this name."""
    return getattr(ctypes.CDLL(None), function, None)
