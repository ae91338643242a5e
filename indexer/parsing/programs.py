"""Other programs that some formats are read with: whether they are installed, and which, told without starting them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from indexer.hashing import short_id

CONVERTERS: Final = ("soffice", "libreoffice")
"""Names of LibreOffice's program, the first that is found being used."""
RECOGNISER: Final = "tesseract"
_DIGITS: Final = 8
"""Of a program's mark: enough to tell the few releases apart that a machine ever has."""
_TRAINED: Final = ("share/tessdata", "share/tesseract-ocr/tessdata", "share/tesseract-ocr/*/tessdata")
"""Where languages lie, from the folder that holds the program's ``bin``."""


def converter() -> str | None:
    """The path of LibreOffice's program; None where it is not installed."""
    return next(filter(None, map(shutil.which, CONVERTERS)), None)


def recogniser() -> str | None:
    """The path of the tesseract program; None where it is not installed."""
    return shutil.which(RECOGNISER)


def converter_mark() -> str | None:
    """What tells this LibreOffice from another, such as ``libreoffice-4k2m7x0p``; None where there is none."""
    return _mark("libreoffice", converter())


def recogniser_mark() -> str | None:
    """As `converter_mark`, for tesseract and its languages, on both of which the text depends that it reads."""
    program = recogniser()
    return None if program is None else _mark("tesseract", program, *_languages(program))


def _mark(name: str, program: str | None, *more: str) -> str | None:
    """A name for what `program` is: another release has another size or time of making."""
    if program is None:
        return None
    try:
        made = Path(program).stat()
    except OSError:
        return None  # removed since it was found
    mark = short_id(name, f"{made.st_size} {made.st_mtime_ns}", *more)
    return f"{name}-{mark.rpartition('_')[2][:_DIGITS]}"


def _languages(program: str) -> list[str]:
    """The names and sizes of tesseract's languages, as far as they lie where it is usual."""
    prefix = Path(program).resolve().parent.parent
    folders = [found for place in _TRAINED for found in sorted(prefix.glob(place))]
    named = os.environ.get("TESSDATA_PREFIX")
    folders += [Path(named), Path(named, "tessdata")] if named else []
    found: set[str] = set()
    for folder in folders:
        for file in folder.glob("*.traineddata"):
            try:
                found.add(f"{file.name} {file.stat().st_size}")
            except OSError:
                continue  # a link to a language that was removed
    return sorted(found)
