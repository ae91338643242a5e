"""How fast a folder is indexed for the first time, format by format, and what the index takes.

    python -m benchmarks.backfill [--documents DIR] [--formats md,pdf] [--together] [--model NAME] [--json FILE]

The documents of DIR are indexed ending by ending, each into an index of its own, in a process of its
own; ``--together`` takes them as one folder. Without DIR small invented ones are made. Told are the
throughput, the share of the wall time in which the model was embedding, how busy the cores were, the
peak memory of all processes, and the bytes on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from benchmarks.texts import Author
from benchmarks.workplace import conditions, configure
from indexer.composition import connectors, open_index
from indexer.config import load
from indexer.embedding.cores import cores
from indexer.ingest.backfill import Backfill
from indexer.ports import Embedder, TokenCounter, Vectors

INVENTED: Final = ("md", "rst", "html", "csv", "json", "eml", "docx", "xlsx")
_PASSAGES: Final = 12
"""Of each invented document, about."""
_COLUMNS: Final = (
    ("documents", "documents", "{:,}"),
    ("failed", "failed", "{:,}"),
    ("MB", "megabytes", "{:.2f}"),
    ("passages", "passages", "{:,}"),
    ("s", "seconds", "{:.1f}"),
    ("passages/s", "passages_per_second", "{:.1f}"),
    ("MB/s", "megabytes_per_second", "{:.3f}"),
    ("in the model", "embedding_share", "{:.0%}"),
    ("cores busy", "cores_busy", "{:.0%}"),
    ("peak MB", "peak_megabytes", "{:,.0f}"),
    ("bytes/passage", "bytes_per_passage", "{:,.0f}"),
    ("bytes/version", "bytes_per_version", "{:,.0f}"),
)


class TimedEmbedder:
    """An embedder whose calls are timed; they never overlap, as one thread makes them all."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.seconds = 0.0

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def counter(self) -> TokenCounter:
        return self._embedder.counter

    def embed(self, texts: Sequence[str]) -> Vectors:
        began = time.perf_counter()
        try:
            return self._embedder.embed(texts)
        finally:
            self.seconds += time.perf_counter() - began

    def embed_query(self, text: str) -> Any:
        return self._embedder.embed_query(text)


# --- in a process of its own -----------------------------------------------------------------


def index_once(place: Path, documents: Path, model: str | None) -> dict[str, Any]:
    """Index `documents` into `place`; the model is loaded, and exported where that is done, before the clock starts."""
    config = load(configure(place, documents, model), os.environ)
    with open_index(config) as index:
        index.embedder.embed(["warm up"])
        timed = index.embedder = TimedEmbedder(index.embedder)
        began, cpu = time.perf_counter(), time.process_time()
        (report,) = Backfill(index).run(connectors(config)).sources
        seconds, busy = time.perf_counter() - began, time.process_time() - cpu
        passages = index.table().at(index.table().newest() or 0).count() if report.passages_embedded else 0
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    size = sum(file.stat().st_size for file in documents.rglob("*") if file.is_file())
    disk = sum(file.stat().st_size for file in config.data_dir.rglob("*") if file.is_file())
    disk -= sum(file.stat().st_size for file in (config.data_dir / "models").rglob("*") if file.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + children.ru_maxrss
    return {
        "documents": report.documents_seen,
        "failed": report.failed,
        "megabytes": size / 1e6,
        "passages": passages,
        "seconds": seconds,
        "passages_per_second": report.passages_embedded / seconds,
        "megabytes_per_second": size / 1e6 / seconds,
        "embedding_share": timed.seconds / seconds,
        "cores_busy": (busy + children.ru_utime + children.ru_stime) / seconds / cores(),
        "peak_megabytes": peak / 1024,
        "bytes_per_passage": disk / passages if passages else 0.0,
        "bytes_per_version": disk / report.versions_added if report.versions_added else 0.0,
    }


def apart(documents: Path, model: str | None) -> dict[str, Any]:
    """`index_once` in a new process, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as place:
        words = [sys.executable, "-m", "benchmarks.backfill", "--into", place, "--documents", documents]
        done = subprocess.run(
            [*words, *(["--model", model] if model else [])], stdout=subprocess.PIPE, check=True
        )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


# --- documents -------------------------------------------------------------------------------


def by_ending(documents: Path, folder: Path, wanted: Sequence[str]) -> dict[str, Path]:
    """Links to the documents, a folder for each ending."""
    found: dict[str, Path] = {}
    for file in sorted(documents.rglob("*")):
        ending = file.suffix[1:].lower() or "(none)"
        if not file.is_file() or (wanted and ending not in wanted):
            continue
        place = found.setdefault(ending, folder / ending)
        place.mkdir(exist_ok=True)
        target = place / f"{len(list(place.iterdir()))}-{file.name}"
        shutil.copyfile(file, target)
    return found


def invent(folder: Path, count: int) -> Path:
    """`count` documents of each format that can be written here."""
    for ending in INVENTED:
        author = Author(1)
        for number in range(count):
            paragraphs = author.document(_PASSAGES).strip().split("\n\n")
            write_as(ending, paragraphs, folder / f"{ending}-{number}.{ending}")
    return folder


def write_as(ending: str, paragraphs: list[str], file: Path) -> None:
    """The same paragraphs in another format; those that begin with # are headings."""
    bare = [paragraph.lstrip("# ") for paragraph in paragraphs]
    if ending == "docx":
        from docx import Document

        document = Document()
        for paragraph, words in zip(paragraphs, bare, strict=True):
            if paragraph.startswith("#"):
                document.add_heading(words, 1)
            else:
                document.add_paragraph(words)
        document.save(str(file))
    elif ending == "xlsx":
        from openpyxl import Workbook

        book = Workbook()
        assert book.active is not None
        for number, words in enumerate(bare):
            book.active.append([number, words[:40], words])
        book.save(file)
    elif ending == "eml":
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = bare[0][:60], "a@example.org", "b@example.org"
        mail.set_content("\n\n".join(bare))
        file.write_bytes(mail.as_bytes())
    elif ending == "csv":
        file.write_text("number,text\n" + "".join(f'{n},"{words}"\n' for n, words in enumerate(bare)))
    elif ending == "json":
        file.write_text(json.dumps({"paragraphs": bare}))
    elif ending == "html":
        file.write_text("<html><body>" + "".join(f"<p>{words}</p>" for words in bare) + "</body></html>")
    elif ending == "rst":
        file.write_text(
            "\n\n".join(
                f"{b}\n{'=' * len(b)}" if p[0] == "#" else b for p, b in zip(paragraphs, bare, strict=True)
            )
        )
    else:
        file.write_text("\n\n".join(paragraphs) + "\n")


# --- the command -----------------------------------------------------------------------------


def main() -> int:
    """Index, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--formats", default="", help="endings, separated by commas; default: all")
    parser.add_argument("--together", action="store_true", help="one index of everything")
    parser.add_argument("--count", type=int, default=3, help="invented documents of each format")
    parser.add_argument("--model", help="as in the configuration; default: the bundled one")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.into:
        print(json.dumps(index_once(options.into, options.documents, options.model)))
        return 0
    told = conditions()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "invented").mkdir()
        documents = options.documents or invent(folder / "invented", options.count)
        wanted = [name for name in options.formats.split(",") if name]
        (folder / "sorted").mkdir()
        groups = {"all": documents} if options.together else by_ending(documents, folder / "sorted", wanted)
        figures = {name: apart(group.resolve(), options.model) for name, group in groups.items()}
    print(told)
    print(f"documents: {options.documents or 'invented'}, model {options.model or 'bundled'}\n")
    print("| format | " + " | ".join(title for title, _, _ in _COLUMNS) + " |")
    print("|---|" + "---:|" * len(_COLUMNS))
    for name, row in figures.items():
        print(f"| {name} | " + " | ".join(form.format(row[key]) for _, key, form in _COLUMNS) + " |")
    if options.json:
        options.json.write_text(json.dumps({"conditions": told, "formats": figures}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
