"""What parsing one document may cost."""

from __future__ import annotations

import os
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Limits of worker processes. Sizes are in bytes, times in seconds of wall clock."""

    processes: int = min(2, os.cpu_count() or 1)
    """How many documents are parsed at the same time, each in a process of its own."""
    seconds: float = 180.0
    """What any document may take, its parser's import not counted. A PDF of 600 pages was seen to take
    28 on a machine with other work, and gives way to all of it."""
    seconds_per_mib: float = 5.0
    """What it may take besides, for each MiB of its size."""
    program_seconds: float = 900.0
    """What it may take besides where another program reads it: converters start slowly, and text
    recognition takes seconds for each page."""
    start_seconds: float = 120.0
    """What starting a process and importing a parser may take: seconds, on a machine that is not busy."""
    memory: int = 640 * MIB
    """Resident memory of one process. One that has read every format holds 30 to 110 MiB between documents; a
    workbook of 2,000,000 cells needed 280. Two at this limit and the program with its model stay below 2 GiB."""
    text_characters: int = 32_000_000
    """Characters of text that a document may give: about ten thousand pages."""
    attachment_bytes: int = 256 * MIB
    """Bytes of all attachments of one document together."""
    attachments: int = 1_000
    """How many attachments one document may carry."""
    file_bytes: int = 512 * MIB
    """The largest temporary file that a parser may write."""
    recycle_documents: int = 500
    """After so many documents a process is replaced: libraries keep more and more in memory."""
    niceness: int = 5
    """Added to the niceness of the program: people at the same machine go first."""

    @property
    def address_slack(self) -> int:
        """How much more than `memory` a process may reserve without using it. [bytes]"""
        return self.memory // 4

    @property
    def recycle_memory(self) -> int:
        """A process that holds more than this between two documents is replaced. [bytes]"""
        return self.memory * 3 // 4

    def seconds_for(self, size: int, *, programs: bool = False) -> float:
        """What a document of `size` bytes may take."""
        return self.seconds + self.seconds_per_mib * size / MIB + programs * self.program_seconds
