"""What becomes of each export of a collection, beside counts taken from its raw files by other means.

    python -m benchmarks.confluence_exports FOLDER [--json FILE]

FOLDER is looked through for exports in XML (unpacked), CSV (zip) and HTML (unpacked). Each is indexed by itself,
comments included, with the hashing embedder. Prints one line for each: pages, versions, drafts left out,
attachments, comments, versions without a text, failures, and whether everything agrees.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.confluence_counted import Counted, count, count_html
from benchmarks.workplace import add_json, conditions, write_json
from connectors.confluence.exports import find
from connectors.confluence.listing import staged
from connectors.confluence.tables import Kind
from indexer.composition import connectors, open_index
from indexer.config import load
from indexer.ingest.backfill import Backfill

_CONFIG = """data_dir = "./data"
[embedding]
model = "hashing"
[[source]]
name = "wiki"
kind = "confluence"
path = {path}
comments = true
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one export."""

    name: str
    indexed: Counted
    counted: Counted
    failures: dict[str, int]
    """Reason → how many documents or versions."""
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether the index holds exactly what was counted."""
        return self.indexed == self.counted


def exports(folder: Path) -> Iterator[tuple[str, Path]]:
    """(kind, path) of every export below `folder`."""
    for file in sorted(folder.rglob("entities.xml")):
        yield "xml", file.parent
    for file in sorted(folder.rglob("*.zip")):
        yield "csv", file
    for file in sorted(folder.rglob("index.html")):
        yield "html", file.parent


def outcome(kind: str, export: Path, place: Path) -> Outcome:
    """Index one export in `place`, and hold it against its raw files."""
    place.mkdir(parents=True)
    file = place / "config.toml"
    file.write_text(_CONFIG.format(path=json.dumps(str(export.resolve()))), encoding="utf-8")
    config = load(file, os.environ)
    began = time.perf_counter()
    with open_index(config) as index:
        Backfill(index).run(connectors(config))
    seconds = time.perf_counter() - began
    (found,) = find(export)
    with staged(found, place) as opened:
        drafts = sum(opened.staged.count(one, "draft") for one in Kind)
    with sqlite3.connect(f"file:{config.data_dir / 'catalog.sqlite'}?mode=ro", uri=True) as sql:
        indexed = _indexed(sql, drafts)
        failures = dict(sql.execute("SELECT reason, count(*) FROM failure GROUP BY reason").fetchall())
    counted = count_html(export) if kind == "html" else count(export)
    if kind == "html":
        indexed = Counted(*indexed.row())  # pages of HTML exports mostly have no version number
    return Outcome(f"{kind}/{export.name}", indexed, counted, failures, seconds)


def _indexed(sql: sqlite3.Connection, drafts: int) -> Counted:
    """What the catalog holds, by the shape of its keys."""
    page = "instr(p.key, '/') = 0"
    comment = "p.key LIKE '%/comments/%'"
    current = "p.recorded_to = 9223372036854775807 AND p.number IS NOT NULL"

    def documents(which: str) -> int:
        query = f"SELECT count(DISTINCT p.document_no) FROM placement p WHERE {current} AND {which}"
        return int(sql.execute(query).fetchone()[0])

    def versions(which: str, more: str) -> int:
        query = f"""SELECT count(*) FROM placement p JOIN version v ON v.no = p.version_no
                    WHERE {current} AND {which} AND {more}"""
        return int(sql.execute(query).fetchone()[0])

    told = "v.kind <> 'tombstone' AND v.origin NOT LIKE '%-untold:%@present'"
    labels = sql.execute(
        f"""SELECT DISTINCT p.key, l.name FROM placement p JOIN label l ON l.version_no = p.version_no
            WHERE {current} AND {page} AND NOT l.stated"""
    )
    return Counted(
        documents(page),
        versions(page, told),
        drafts,
        documents(f"NOT {page} AND NOT {comment}"),
        documents(comment),
        versions(f"({page} OR {comment})", "v.kind = 'unreadable'"),
        frozenset(labels.fetchall()),
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    add_json(parser)
    arguments = parser.parse_args()
    told = conditions()
    print(told)
    print(f"{'export':38} pages versions drafts attachm. comments untold  agrees  seconds  failures")
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="confluence-exports-") as place:
        for number, (kind, export) in enumerate(exports(arguments.folder)):
            one = outcome(kind, export, Path(place) / str(number))
            outcomes.append(one)
            figures = " ".join(
                f"{value:{width}}" for value, width in zip(one.indexed.row(), (5, 8, 6, 8, 8, 6), strict=True)
            )
            verdict = "yes" if one.agrees else f"NO {one.counted.row()}"
            failures = ", ".join(f"{reason} {number}" for reason, number in sorted(one.failures.items()))
            print(f"{one.name:38} {figures}  {verdict:6} {one.seconds:8.1f}  {failures}", flush=True)
    agreeing = sum(one.agrees for one in outcomes)
    print(f"{agreeing} of {len(outcomes)} agree")
    write_json(
        arguments.json,
        told,
        {"exports": len(outcomes), "agreeing": agreeing, "rows": {o.name: o.indexed.row() for o in outcomes}},
    )


if __name__ == "__main__":
    main()
