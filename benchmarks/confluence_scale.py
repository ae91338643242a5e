"""A large Confluence space, made up: how fast its export is read, and in how much memory it is indexed.

    python -m benchmarks.confluence_scale [--pages 20000] [--versions 5] [--keep DIR] [--read-only]

Writes an ``entities.xml`` (600 MB with the defaults), then, each in a process of its own: reads it into a staging
database, beside Python's own expat parser over the same file as a baseline; tells everything (every event, every
body read, nothing indexed); indexes all of it with the hashing embedder; and indexes it a second time, when
nothing is new. Prints rates and the peak memory of each.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from benchmarks.workplace import add_json, conditions, write_json
from indexer.clock import SystemClock
from indexer.ports import Observed

_CONFIG = """data_dir = "./data"
keep_originals = {originals}
[embedding]
model = "hashing"
[[source]]
name = "wiki"
kind = "confluence"
path = "export"
"""
_WORDS = tuple(
    """
    leave policy employee manager days approval request carry over annual sick travel expense receipt form team
    lead notice period probation contract holiday region office remote work equipment security review report
    """.split()  # noqa: SIM905 - a list of so many would be half a page long
)


def generate(folder: Path, pages: int, versions: int) -> int:
    """Write the export; its size in bytes."""
    chance = random.Random(5)
    folder.mkdir(parents=True)
    (folder / "exportDescriptor.properties").write_text(
        "#Fri May 03 05:34:54 UTC 2024\nexportType=space\nspaceKey=HR\nsource=server\n", encoding="utf-8"
    )
    file = folder / "entities.xml"
    with file.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<hibernate-generic datetime="2024-05-03 05:34:54">\n'
        )
        out.write(
            '<object class="Space" package="com.atlassian.confluence.spaces"><id name="id">1</id>'
            '<property name="name"><![CDATA[People]]></property><property name="key"><![CDATA[HR]]></property>'
            '<property name="homePage" class="Page" package="com.atlassian.confluence.pages"><id name="id">1000</id>'
            "</property></object>\n"
        )
        for page in range(pages):
            paragraphs = [_paragraph(chance) for _ in range(14)]
            for version in range(1, versions + 1):
                paragraphs[chance.randrange(len(paragraphs))] = _paragraph(chance)
                out.write(_objects(page, version, versions, paragraphs))
        out.write("</hibernate-generic>\n")
    return file.stat().st_size


def _paragraph(chance: random.Random) -> str:
    words = " ".join(chance.choices(_WORDS, k=55))
    return f"<p>{words} {chance.randrange(10**9)}.</p>"


def _objects(page: int, version: int, versions: int, paragraphs: list[str]) -> str:
    present = 1000 + page
    own = present if version == versions else 10_000_000 + page * 100 + version
    historical = "" if own == present else (
        '<property name="originalVersion" class="Page" package="com.atlassian.confluence.pages">'
        f'<id name="id">{present}</id></property>'
    )  # fmt: skip
    headings = "".join(
        f"<h2>Section {number}</h2>{''.join(paragraphs[number * 5 : number * 5 + 5])}" for number in range(3)
    )
    parent = "" if page == 0 else (
        '<property name="parent" class="Page" package="com.atlassian.confluence.pages">'
        f'<id name="id">{1000 + page // 20}</id></property>'
    )  # fmt: skip
    return (
        '<object class="Page" package="com.atlassian.confluence.pages">'
        f'<id name="id">{own}</id><property name="title"><![CDATA[Policy {page}]]></property>'
        f'<property name="version">{version}</property>'
        f'<property name="lastModificationDate">2024-0{1 + version % 4}-05 09:30:0{version % 10}.000</property>'
        '<property name="contentStatus"><![CDATA[current]]></property>'
        f"{historical}{parent if own == present else ''}"
        '<property name="space" class="Space" package="com.atlassian.confluence.spaces"><id name="id">1</id></property>'
        "</object>\n"
        '<object class="BodyContent" package="com.atlassian.confluence.core">'
        f'<id name="id">{own + 500_000_000}</id><property name="body"><![CDATA[{headings}]]></property>'
        '<property name="content" class="Page" package="com.atlassian.confluence.pages">'
        f'<id name="id">{own}</id></property><property name="bodyType">2</property></object>\n'
    )


# --- what each process does ------------------------------------------------------------------


def baseline(folder: Path) -> None:
    """Python's own parser over the file, that does nothing with what it finds."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: None
    parser.CharacterDataHandler = lambda text: None
    with (folder / "export" / "entities.xml").open("rb") as file:
        parser.ParseFile(file)


def stage(folder: Path) -> None:
    """Read the export into a staging database."""
    from connectors.confluence.exports import find
    from connectors.confluence.listing import staged

    (found,) = find(folder / "export")
    with staged(found, folder / "staging"):
        pass


def tell(folder: Path) -> None:
    """Every event, every body read; nothing indexed."""
    from connectors.confluence import create

    wiki = create("wiki", {"path": str(folder / "export")}, folder / "staging")
    for event in wiki.changes(None):
        if isinstance(event, Observed):
            event.read()


def index(folder: Path) -> None:
    """As people do."""
    from indexer.composition import connectors, open_index
    from indexer.config import load
    from indexer.ingest.backfill import Backfill

    config = load(folder / "config.toml", os.environ)
    with open_index(config) as opened:
        (report,) = Backfill(opened).run(connectors(config)).sources
    print(
        f"    {report.documents_seen:,} documents, {report.versions_added:,} versions added, {report.failed} failed"
    )


STEPS: dict[str, Callable[[Path], None]] = {
    "expat": baseline,
    "stage": stage,
    "tell": tell,
    "index": index,
    "again": index,
}


def measured(step: str, folder: Path) -> tuple[float, float, int]:
    """(seconds, CPU seconds, peak MiB) of a step in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.confluence_scale", "--step", step, "--keep", str(folder)]
    began = time.perf_counter()
    process = subprocess.Popen(words)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{step}: exit code {process.returncode}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--versions", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="work in this folder, and leave it")
    parser.add_argument("--read-only", action="store_true", help="index nothing")
    parser.add_argument("--no-originals", action="store_true", help="index without keeping the bodies' bytes")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    add_json(parser)
    arguments = parser.parse_args()
    if arguments.step:
        STEPS[arguments.step](arguments.keep)
        return
    told = conditions()
    print(told, flush=True)
    with tempfile.TemporaryDirectory(prefix="confluence-scale-") as temporary:
        folder = arguments.keep or Path(temporary)
        export = folder / "export"
        if not export.exists():
            generate(export, arguments.pages, arguments.versions)
        size = (export / "entities.xml").stat().st_size
        originals = "false" if arguments.no_originals else "true"
        (folder / "config.toml").write_text(_CONFIG.format(originals=originals), encoding="utf-8")
        now = SystemClock().now() / 1_000_000 - 3600
        for name in ("entities.xml", "exportDescriptor.properties"):
            os.utime(export / name, (now, now))
        print(f"{arguments.pages:,} pages x {arguments.versions} versions, {size / 1e6:,.0f} MB", flush=True)
        figures: dict[str, object] = {"megabytes": size / 1e6}
        for step in STEPS:
            if arguments.read_only and step in ("index", "again"):
                continue
            seconds, cpu, peak = measured(step, folder)
            figures[step] = {
                "seconds": seconds,
                "cpu_seconds": cpu,
                "peak_mib": peak,
                "mb_per_second": size / 1e6 / seconds,
            }
            print(
                f"  {step:6} {seconds:8.1f} s, {cpu:8.1f} s of CPU, {size / 1e6 / seconds:7.1f} MB/s, peak {peak:,} MiB",
                flush=True,
            )
        write_json(arguments.json, told, figures)
        print(f"  (this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB)")


if __name__ == "__main__":
    main()
