"""What becomes of a folder of office documents, file by file, judged by what is known of each.

    python -m benchmarks.office [FOLDER] [--json FILE]

FOLDER holds documents and ``manifest.tsv`` (a column *file* and a column *note*); otherwise it is
``office`` in the folder that $INDEXER_CORPORA names. The folder is indexed as any share would be,
through the command, without a model. Each file is either indexed, with what came out of it, or
listed with a reason; a note such as "encrypted" says which it should be. The command has to end
with 5 where a file failed, and a second run must open no file.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.noop import watched
from benchmarks.workplace import COMMAND, add_json, conditions, configure, exit_code, write_json
from indexer.config import load
from indexer.store.catalog.catalog import Catalog

VARIABLE: Final = "INDEXER_CORPORA"
_EXPECTED: Final = (
    # a word of the note -> the reasons that a person would accept
    ("encrypted", ("encrypted",)),
    ("needs OCR", ("needs-ocr",)),
    ("cut in half", ("damaged",)),
    ("without central directory", ("damaged",)),
    ("inverted", ("damaged",)),
    ("LFS pointer", ("lfs-pointer",)),
)
_NEED_A_CONVERTER: Final = (".doc", ".ppt")


@dataclass(frozen=True, slots=True)
class Judged:
    """One file, and whether what became of it is right."""

    file: str
    note: str
    outcome: str
    """``indexed``, ``indexed, no text`` or the reason of its failure."""
    detail: str
    right: bool


def read_notes(folder: Path) -> dict[str, str]:
    """File name → note, for every file in the folder; "" where nothing is known of it."""
    notes = {file.name: "" for file in folder.iterdir() if file.is_file()}
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["file"] in notes:
                notes[row["file"]] = row.get("note") or ""
    return notes


def expected(file: str, note: str) -> tuple[str, ...]:
    """The reasons for which it should fail; none where it should be indexed."""
    for word, reasons in _EXPECTED:
        if word in note:
            return reasons
    if note == "0 bytes" and not file.endswith((".txt", ".md")):
        return ("empty",)
    return ("needs-converter", "") if file.endswith(_NEED_A_CONVERTER) else ()


def judge(
    notes: Mapping[str, str], indexed: Mapping[str, int], failed: Mapping[str, tuple[str, str]]
) -> list[Judged]:
    """Every file; `indexed` are passages by key, `failed` are reasons and details by key."""
    judged = []
    for file, note in sorted(notes.items()):
        reason, detail = failed.get(file, ("", ""))
        wanted = expected(file, note)
        if reason:
            right = reason in wanted and len(detail) > len(reason)
            judged.append(Judged(file, note, reason, detail, right))
        elif file in indexed:
            carried = [key for key in (*indexed, *failed) if key.startswith(f"{file}//")]
            told = f"{indexed[file]} passages" + (f", {len(carried)} attachments" if carried else "")
            right = not wanted or "" in wanted
            judged.append(Judged(file, note, "indexed" if indexed[file] else "indexed, no text", told, right))
        else:
            judged.append(Judged(file, note, "lost", "neither indexed nor listed", False))
    return judged


def print_table(judged: Iterable[Judged]) -> None:
    """A line for each file."""
    print("| file | known of it | outcome | | right |")
    print("|---|---|---|---|---|")
    for one in judged:
        print(f"| {one.file} | {one.note} | {one.outcome} | {one.detail} | {'yes' if one.right else 'NO'} |")


def main() -> int:
    """Index, judge, print; 1 where something is wrong, 0 where there is no folder to judge."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    add_json(parser)
    options = parser.parse_args()
    corpora = os.environ.get(VARIABLE)
    folder = options.folder or (Path(corpora) / "office" if corpora else None)
    if folder is None:
        print(f"skipped: name the folder, or that of all collections in ${VARIABLE}")
        return 0
    told = conditions()
    notes = read_notes(folder)
    with tempfile.TemporaryDirectory() as place:
        config = configure(Path(place), folder.resolve(), "hashing")
        first = exit_code([*COMMAND, "--config", str(config), "backfill"])
        opened, _ = watched(config, frozenset(notes))
        with Catalog(load(config, os.environ).data_dir) as catalog:
            with catalog.snapshot() as snapshot:
                failed = {failure.key: (failure.reason, failure.detail) for failure in snapshot.failures()}
            indexed = passages_by_key(catalog)
    judged = judge(notes, indexed, failed)
    print(f"{told}\n")
    print_table(judged)
    wrong = [one.file for one in judged if not one.right]
    print(
        f"\n{len(judged)} files: {sum(one.outcome.startswith('indexed') for one in judged)} indexed, the others listed"
    )
    print(
        f"first run: exit code {first}; files opened by a second run: {len(opened)}; wrong: {', '.join(wrong) or 'none'}"
    )
    figures = {"exit_code": first, "opened_again": len(opened), "files": [asdict(one) for one in judged]}
    write_json(options.json, told, figures)
    return 1 if wrong or opened or first != 5 else 0


def passages_by_key(catalog: Catalog) -> dict[str, int]:
    """The passages of each document's present version."""
    with catalog.snapshot() as snapshot:
        documents = {d.no: d.key for d in snapshot.documents(known_at=snapshot.recorded) if not d.deleted}
        versions = snapshot.versions_of()
        return {key: versions[no][-1].passages for no, key in documents.items() if no in versions}


if __name__ == "__main__":
    sys.exit(main())
