"""Strings that pdfium writes into a buffer."""

from __future__ import annotations

import ctypes
from typing import Any


def wide_string(function: Any, *arguments: Any, out_length: bool = False) -> str:
    """What a pdfium function gives that fills a buffer with UTF-16.

    It returns the length in bytes, or with `out_length` writes it to its last argument.
    """
    pointer: Any = ctypes.POINTER(ctypes.c_ushort)
    length = ctypes.c_ulong()

    def call(buffer: Any, size: int) -> int:
        target = (
            buffer if function.argtypes[len(arguments)] is ctypes.c_void_p else ctypes.cast(buffer, pointer)
        )
        if out_length:
            return length.value if function(*arguments, target, size, ctypes.byref(length)) else 0
        return int(function(*arguments, target, size))

    size = call(None, 0)
    if not 2 < size <= 1 << 24:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").split("\x00", 1)[0]
