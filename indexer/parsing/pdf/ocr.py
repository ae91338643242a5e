"""Reads pages that are images with the `tesseract` program, where it is installed.

The text depends on the program's release and its languages: see `programs.recogniser_mark`.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from functools import cache
from typing import Final

from indexer.parsing import programs
from indexer.parsing.canonical import Reading
from indexer.parsing.pdf.document import PdfDocument
from indexer.parsing.pdf.reader import read_with

_DOTS_PER_INCH: Final = 300
"""What tesseract's models were trained for."""
_PAGE_SECONDS: Final = 120
_ASKED_SECONDS: Final = 20
_MOST_LANGUAGES: Final = 8
"""Each takes time and memory on every page."""
_NO_LANGUAGES: Final = ("osd", "equ", "snum")


@cache
def engine() -> str | None:
    """What recognises text, such as ``tesseract 5.3.0 (deu, eng)``; None where nothing does.

    Asked once in a process.
    """
    program = programs.recogniser()
    if program is None:
        return None
    version = _asked(program, "--version")
    languages = _languages(program)
    if not version or not languages:
        return None
    return f"tesseract {version[0].split()[-1].lstrip('v')} ({', '.join(languages)})"


def read_pdf(data: bytes) -> Reading:
    """As `reader.read_pdf`, with the pages that are images recognised, and by what.

    Raises `ParseError` like it; ``needs-ocr`` where tesseract is missing or fails on every page.
    """
    by = engine()
    if by is None:
        return read_with(data, None)
    reading = read_with(data, recognised)
    if "recognised pages" not in reading.metadata:
        return reading
    return replace(reading, metadata={**reading.metadata, "recognised by": by})


def recognised(document: PdfDocument, number: int) -> str | None:
    """The text of page `number` (1-based) as tesseract reads it; None if it fails or takes too long."""
    program = programs.recogniser()
    if program is None:
        return None
    width, height, dots = document.grey_image(number, _DOTS_PER_INCH)
    image = b"P5 %d %d 255\n" % (width, height) + dots
    languages = "+".join(_languages(program))
    command = [program, "stdin", "stdout", "-l", languages, "--dpi", str(_DOTS_PER_INCH)]
    try:
        done = subprocess.run(  # noqa: S603 - the program is the one on the path, the arguments are ours
            command, input=image, capture_output=True, timeout=_PAGE_SECONDS, check=False, env=_environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


@cache
def _languages(program: str) -> tuple[str, ...]:
    listed = _asked(program, "--list-langs")[1:]
    return tuple(
        sorted(
            name for name in map(str.strip, listed) if name and name not in _NO_LANGUAGES and "/" not in name
        )
    )[:_MOST_LANGUAGES]


def _asked(program: str, option: str) -> list[str]:
    """The lines that the program answers; none if it cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603 - as above
            [program, option], capture_output=True, timeout=_ASKED_SECONDS, check=False, env=_environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return (done.stdout or done.stderr).decode("utf-8", "replace").split("\n")


def _environment() -> dict[str, str]:
    # One thread: documents are parsed side by side, and the result does not depend on it.
    return {**os.environ, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
