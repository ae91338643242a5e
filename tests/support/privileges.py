"""Makes file permissions count, also where the tests run as root."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION_3 = 0x20080522
_BYPASS = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, see capabilities(7)."""


@contextmanager
def permissions_enforced() -> Iterator[None]:
    """Inside the `with`, this thread is refused what a file's mode refuses its owner."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    _check(libc.capget(header, data))
    before = data[0]
    data[0] = before & ~_BYPASS
    _check(libc.capset(header, data))
    try:
        yield
    finally:
        data[0] = before
        _check(libc.capset(header, data))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
