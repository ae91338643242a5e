"""How many heaps a process keeps, as its own C library tells."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = """
import ctypes, os, sys, threading
from indexer.heaps import limit_heaps

if sys.argv[2] == "limited":
    limit_heaps()
libc = ctypes.CDLL(None)
there = threading.Barrier(4 * os.cpu_count() + 1)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p


def take():
    libc.malloc(ctypes.c_size_t(5000))
    there.wait()
    there.wait()


threads = [threading.Thread(target=take) for _ in range(4 * os.cpu_count())]
for thread in threads:
    thread.start()
there.wait()
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
there.wait()
"""


def heaps(place: Path, how: str) -> int:
    """How many heaps a process with four threads for each CPU has."""
    subprocess.run([sys.executable, "-c", COUNT, str(place / how), how], check=True)
    return (place / how).read_text().count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library than glibc")
def test_threads_share_as_many_heaps_as_there_are_cpus(tmp_path: Path) -> None:
    cpus = os.cpu_count() or 1
    assert heaps(tmp_path, "limited") <= max(2, cpus) < heaps(tmp_path, "free")


HOLES = """
import ctypes, os, sys
from indexer.heaps import give_back

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


pieces = [ctypes.c_void_p(libc.malloc(ctypes.c_size_t(50_000))) for _ in range(2_000)]
for piece in pieces:
    ctypes.memset(piece, 1, 50_000)
for number, piece in enumerate(pieces):
    if number % 20:
        libc.free(piece)
before = resident()
if sys.argv[1] == "gives back":
    give_back()
print(before - resident())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc")
def test_what_is_free_between_pieces_in_use_goes_back_to_the_system() -> None:
    def given_back(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", HOLES, how], check=True, capture_output=True, text=True)
        return int(done.stdout)

    assert given_back("gives back") > 80_000_000
    assert given_back("keeps") < 10_000_000
