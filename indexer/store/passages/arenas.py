"""Keeps what LanceDB's threads let go of from staying with the process."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Final

_M_ARENA_MAX: Final = -8
"""As ``malloc.h`` of glibc has it."""


@cache
def limit_arenas() -> None:
    """Let threads share as many heaps as there are CPUs, from now on.

    glibc gives each thread one of its own, up to eight for each CPU, and keeps what was freed in each. LanceDB has
    dozens of threads, and each merges files and builds indexes once in a while: a long import held twice the memory
    in 16 heaps that it holds in two, in the same time (benchmarks/README.md, "Confluence exports"). Other C
    libraries know no such limit, and need none.
    """
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(_M_ARENA_MAX, max(2, os.cpu_count() or 2))
