"""Damaged PDF files: a reading or a reason, never anything else.

Run in a process of its own, since a crash inside pdfium would take the tests with it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from indexer.errors import ParseError
from indexer.parsing.canonical import canonical_blocks
from indexer.parsing.pdf.reader import read_pdf
from tests.support.pdfs import Sheet, Words, pdf, prose

ROOT = Path(__file__).parents[3]
REASONS = {"damaged", "encrypted", "empty", "needs-ocr"}


def sample() -> bytes:
    return pdf(
        Sheet(
            [Words("Heading", down=60, size=16), *prose("Some text.", "More text.")],
            notes=["Note."],
            turned=90,
        ),
        Sheet(prose("Name:"), fields=[("name", "Ann", 110, 100)], picture=True),
        info={"Title": "T", "CreationDate": "D:2024"},
        outline=[("Heading", 1), ("Name", 2)],
        files={"a.txt": b"text"},
    )


def damaged(data: bytes) -> Iterator[bytes]:
    for place in range(0, len(data), 23):
        yield data[:place]
        yield data[:place] + data[place + 40 :]
    for place in range(0, len(data), 11):
        for byte in (data[place] ^ 0xFF, ord("9"), ord("<")):
            yield data[:place] + bytes([byte]) + data[place + 1 :]


def outcome(data: bytes) -> str:
    try:
        reading = read_pdf(data)
    except ParseError as error:
        return error.reason
    canonical_blocks(reading.blocks)
    return "read"


def test_cut_and_changed_files_are_read_or_refused() -> None:
    program = "from tests.unit.parsing.test_pdf_damage import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = set(done.stdout.split())
    assert {"read", "damaged"} <= outcomes <= {"read", *REASONS}


def main() -> None:
    sys.stdout.write("\n".join(map(outcome, damaged(sample()))))
