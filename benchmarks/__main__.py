"""All benchmarks, small: a table of what they found, under which conditions, and a file with every figure.

    python -m benchmarks [--only NAME ...] [--json FILE]

Each runs as a process of its own and prints its own table. The figures in `benchmarks/README.md` come
from the same programs at full size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.workplace import conditions

Figure = tuple[str, str, str]
"""What it is called, where it stands in the benchmark's JSON (names joined by a dot), how it is written."""


@dataclass(frozen=True, slots=True)
class Small:
    """A benchmark at a size that takes less than a minute."""

    options: Sequence[str] = ()
    told: Sequence[Figure] = ()
    """The figures for the last table; the others are in the file."""


BENCHMARKS: Final[dict[str, Small]] = {
    "embedding": Small(
        (),
        (
            ("embedding", "figures.onnx, float32.passages_per_second", "{:.1f} passages/s"),
            ("times plain sentence-transformers", "times_plain.onnx, float32", "{:.2f}"),
            ("least cosine between the two", "figures.onnx, float32.least_cosine", "{:.6f}"),
            ("its matrix products", "figures.onnx, float32.gflops", "{:.0f} GFLOP/s"),
            ("the machine's limit of them", "limit_gflops", "{:.0f} GFLOP/s"),
        ),
    ),
    "backfill": Small(
        ("--count", "2", "--formats", "md,html,docx"),
        (
            ("first run, Markdown", "formats.md.passages_per_second", "{:.1f} passages/s"),
            ("its peak memory", "formats.md.peak_megabytes", "{:,.0f} MB"),
            ("disk for a passage", "formats.md.bytes_per_passage", "{:,.0f} bytes"),
            ("disk for a version", "formats.md.bytes_per_version", "{:,.0f} bytes"),
            ("first run, DOCX", "formats.docx.passages_per_second", "{:.1f} passages/s"),
        ),
    ),
    "noop": Small(
        ("--files", "1000", "--rounds", "3"),
        (
            ("nothing new in 1,000 files", "idle_backfill_s", "{:.2f} s"),
            ("find over the same files", "find_s", "{:.3f} s"),
            ("files opened", "files_opened", "{}"),
        ),
    ),
    "change": Small(
        ("--edits", "30", "--count", "6", "--renamed", "100"),
        (
            ("passages embedded by an edit, p95", "embedded_p95", "{:.0f}"),
            ("an edit until it is searchable, median", "edit_p50_s", "{:.2f} s"),
            ("passages embedded by a rename of 100 files", "renamed_embedded", "{}"),
        ),
    ),
    "search_at_size": Small(
        ("--queries", "30"),
        (
            ("search in the present, median", "search.current.p50_ms", "{:.0f} ms"),
            ("as of a date, median", "search.as-of.p50_ms", "{:.0f} ms"),
            ("one document at one version, median", "search.one document at one version.p50_ms", "{:.0f} ms"),
            ("recall@10 in the present", "retrieve.current.recall@10", "{:.3f}"),
        ),
    ),
    "questions_at_size": Small(
        ("--rounds", "5"),
        (
            ("a plain question in words, median", "in one process.plain.p50", "{:.0f} ms"),
            (
                "version 2 without a document, median",
                "in one process.version of any document, in words.p50",
                "{:.0f} ms",
            ),
        ),
    ),
    "confluence_scale": Small(
        ("--pages", "400"),
        (
            ("a Confluence export is read", "stage.mb_per_second", "{:.1f} MB/s"),
            ("and indexed, peak memory", "index.peak_mib", "{:,.0f} MiB"),
        ),
    ),
    "start": Small(
        ("--passages", "500", "--rounds", "2"),
        (("indexer status, whole process", "indexer status", "{:.2f} s"),),
    ),
    "asked": Small(
        ("--passages", "120", "--rounds", "5"),
        (("indexer search answered by a running service", "indexer search.median", "{:.3f} s"),),
    ),
    "freshness": Small(
        ("--documents", "200", "--saves", "8", "--burst", "20", "--copied", "200"),
        (
            ("a save until it is found, median", "waits.alone.p50_s", "{:.2f} s"),
            ("20 edits at once until all are found", "waits.burst.max_s", "{:.2f} s"),
        ),
    ),
    "idle": Small(
        ("--documents", "200", "--seconds", "5"),
        (
            ("the idle service, share of a core", "core_share", "{:.2%}"),
            ("its resident memory", "resident_bytes", "{:,} bytes"),
        ),
    ),
    "stopping": Small(
        ("--times", "2"), (("SIGTERM to the end during an import, longest", "max_s", "{:.2f} s"),)
    ),
    "soak": Small(
        ("--operations", "600", "--minutes", "0.3"),
        (
            ("changes that a soak followed", "operations", "{:,}"),
            ("kills in it", "kills", "{}"),
            ("what it lost or had otherwise", "wrong", "{}"),
        ),
    ),
    "scan": Small(("--files", "2000", "--rounds", "3")),
    "chunking": Small(("--edits", "100")),
    "office": Small(told=(("office files opened by a second run", "opened_again", "{}"),)),
    "versionqa": Small((), (("VersionQA, right of 100 questions", "right", "{}"),)),
    "cranfield": Small((), (("Cranfield, hybrid nDCG@10", "modes.hybrid.ndcg@10", "{:.3f}"),)),
}


def run(name: str, small: Small, folder: Path) -> dict[str, Any] | None:
    """The figures of one benchmark; None where it has none to tell. Raises CalledProcessError."""
    file = folder / f"{name}.json"
    words = [sys.executable, "-m", f"benchmarks.{name}", *small.options, "--json", str(file)]
    subprocess.run(words, check=True)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def look_up(figures: Any, place: str) -> Any:
    """The figure at `place`; None where there is none."""
    for name in place.split("."):
        figures = figures.get(name) if isinstance(figures, dict) else None
    return figures


def main() -> int:
    """Run them one after another; 1 where one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--json", type=Path, default=Path("build", "bench.json"))
    options = parser.parse_args()
    told = conditions()
    found: dict[str, Any] = {"conditions": told}
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only:
            print(f"\n== {name}\n", flush=True)
            began = time.perf_counter()
            try:
                found[name] = run(name, BENCHMARKS[name], Path(folder))
            except subprocess.CalledProcessError as error:
                failed.append(name)
                print(f"{name} ended with {error.returncode}", file=sys.stderr)
            print(f"\n({time.perf_counter() - began:.0f} s)", flush=True)
    print(f"\n== summary\n\n{told}\n")
    print("| figure | |\n|---|---:|")
    for name in options.only:
        for title, place, form in BENCHMARKS[name].told:
            value = look_up(found.get(name), place)
            if value is not None:
                print(f"| {title} | {form.format(value)} |")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"\nevery figure: {options.json}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
