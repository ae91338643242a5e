"""How long each kind of question takes on an index with history, warm, in one process; and as whole processes.

    python -m benchmarks.questions_at_size [--index DIR] [--documents N] [--rounds N] [--kinds WORD …]
                                           [--service] [--commit] [--answers FILE] [--json FILE]

The index is that of `benchmarks.library_with_history`: 10,000 documents make 100,000 passages, half of them of the
past; ``--index`` keeps it. One question of each kind is asked after another, so that what else the machine does falls
on all. ``--commit`` asks the first question after a commit, again and again. ``--service`` asks a running service
through its socket, a process for each question, and weighs the service. ``--answers`` writes every answer to a file
instead of measuring, to be compared with that of another release.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.daemon import Daemon, memory
from benchmarks.library_with_history import bring_up_to_date, build
from benchmarks.workplace import COMMAND, add_json, conditions, load, percentile, run, write_json
from indexer.composition import open_queries
from indexer.config import Config
from indexer.model import Document, Version
from indexer.query.queries import Queries
from indexer.query.results import Question
from indexer.store.catalog.catalog import Catalog

_WARM: Final = 5
_DAYS: Final = ("2023-02-01", "2023-07-15", "2023-12-01", "2024-04-20", "2024-09-09")
_PLAIN: Final = "plain"


class Asker:
    """Draws questions of each kind from what is indexed."""

    def __init__(self, catalog: Catalog, chance: random.Random) -> None:
        with catalog.snapshot() as snapshot:
            documents = snapshot.documents(known_at=snapshot.recorded)
            self._versions = snapshot.versions_of()
        self._catalog = catalog
        self._chance = chance
        self._documents = [d for d in documents if not d.deleted and len(self._versions[d.no]) >= 3]
        self._works = [d for d in documents if not d.deleted and "_v1.md" in d.key]

    def questions(self) -> dict[str, Question]:
        """One of each kind; what is asked stands in the version that is asked for."""
        document, number = self._document()
        title, words = document.title, self._words(document, number)
        few = " ".join(words[:2])
        text, day = " ".join(words), self._chance.choice(_DAYS)
        edition = self._chance.choice(self._works).title
        said = f"what is said about {text}"
        return {
            _PLAIN: Question(said),
            "as of a date, in words": Question(f"what was said about {text} as of {day}"),
            "as of a date, by option": Question(said, as_of=day),
            "version of a document, in words": Question(f"what did version {number} of the {title} say about {text}"),
            "version of a document, by option": Question(said, document=document.key, version=str(number)),
            "first version of a document": Question(f"what did the first version of the {title} say about {text}"),
            "edition of a work": Question(f"what did {edition} v2 say about {text}"),
            "document as of a date": Question(f"what did the {title} say about {text} on {day}"),
            "two versions compared": Question(f"compare version 1 and version 3 of the {title} on {text}"),
            "version of any document, in words": Question(f"what does version 2 say about {text}"),
            "version of any document, by option": Question(said, version="2"),
            "first version of any document": Question(f"what did the first version say about {text}"),
            "edition of any work": Question(f"what did v3 say about {text}"),
            "tag": Question(f"what did tag r3.0 say about {text}"),
            "tag, by option": Question(said, version="r3.0"),
            "which versions": Question(f"which versions of the {title} are there"),
            "is there a version": Question(f"is there a version 9 of the {title}"),
            "changes between versions": Question(f"what changed between version 1 and version 2 of the {title}"),
            "changes of a year": Question(f"what changed in the {title} in 2024"),
            "changes anywhere": Question("what changed in March 2024"),
            "changes, no document named": Question(f"what changed in version 2 about {text}"),
            "introduced": Question(f"when was {few} introduced in the {title}"),
            "introduced, no document named": Question(f"when was {text} introduced"),
            "removed": Question(f"when was {few} removed from the {title}"),
            "not in that version": Question(f"what did version 1 of the {title} say about `QX_{number}71_LIMIT`"),
            "no such version": Question(f"what did version 77 of the {title} say about {text}"),
            "no such document": Question(f"what did version 3 of the zzyzx statute say about {text}"),
            "identifier": Question(f"what is ERR_{words[0].upper()}_42 in {text}"),
            "as known at a date": Question(said, known_at="2100-01-01"),
            "every version": Question(said, history=True),
            "in a folder": Question(said, paths=("area3/",)),
            "in a folder as of a date": Question(said, paths=("area3/",), as_of=day),
        }  # fmt: skip

    def _document(self) -> tuple[Document, int]:
        document = self._chance.choice(self._documents)
        return document, self._chance.randint(1, 3)

    def _words(self, document: Document, number: int) -> list[str]:
        """Four neighbouring words of a version."""
        with self._catalog.snapshot() as snapshot:
            texts = [
                passage.text
                for version in self._versions[document.no]
                if _at(version, number) and version.manifest_no is not None
                for passage in snapshot.passages(
                    entry.passage_no for entry in snapshot.manifest(version.manifest_no)
                ).values()
            ]
        found = self._chance.choice(texts or ["what was there"]).split()
        start = self._chance.randrange(max(1, len(found) - 4))
        return [word.strip("#.").casefold() or "it" for word in found[start : start + 4]]


def _at(version: Version, number: int) -> bool:
    return version.number == number


# --- in one process --------------------------------------------------------------------------


def measure(config: Config, rounds: int, kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind, the kinds in turns, and of all threads' CPU time."""
    spent: dict[str, list[float]] = {}
    computed: dict[str, list[float]] = {}
    with open_queries(config) as queries, Catalog(config.data_dir) as catalog:
        asker = Asker(catalog, random.Random(2))
        began = time.perf_counter()
        queries.search(Question("what is said about the first question of all"))
        spent["the first of all"] = [1000 * (time.perf_counter() - began)]
        began = time.perf_counter()
        queries.search(next(q for k, q in asker.questions().items() if k.startswith("version of a document")))
        spent["the first that reads names"] = [1000 * (time.perf_counter() - began)]
        gc.collect()
        gc.freeze()  # what this program holds for its own sake is not walked through between questions
        for turn in range(-_WARM, rounds):
            for kind, question in asker.questions().items():
                if kinds and kind != _PLAIN and not any(word in kind for word in kinds):
                    continue
                began, cpu = time.perf_counter(), time.process_time()
                queries.search(question)
                if turn >= 0:
                    spent.setdefault(kind, []).append(1000 * (time.perf_counter() - began))
                    computed.setdefault(kind, []).append(1000 * (time.process_time() - cpu))
    told = {kind: figures(times) for kind, times in spent.items()}
    return told | {
        kind: told[kind] | {"CPU p50": round(percentile(times, 0.5), 1)} for kind, times in computed.items()
    }


def figures(times: Sequence[float]) -> dict[str, float]:
    """What is told of many durations."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: round(percentile(times, share), 1) for name, share in shares.items()} | {"n": len(times)}


# --- after a commit --------------------------------------------------------------------------


def after_commits(config: Config, place: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of the first questions after a commit that changed one document, in a process that goes on."""
    repository = place / "library.git"
    spent: dict[str, list[float]] = {}
    with open_queries(config) as queries, Catalog(config.data_dir) as catalog:
        asker = Asker(catalog, random.Random(3))
        queries.warm()
        gc.collect()
        gc.freeze()  # as the service does
        for turn in range(-1, rounds):
            asked = asker.questions()
            commit(repository, turn)
            bring_up_to_date(config)
            for kind in (_PLAIN, "version of a document, in words", "version of any document, in words"):
                began = time.perf_counter()
                queries.search(asked[kind])
                if turn >= 0:
                    took = 1000 * (time.perf_counter() - began)
                    spent.setdefault(f"after a commit: {kind}", []).append(took)
    return {kind: figures(times) for kind, times in spent.items()}


def commit(repository: Path, turn: int) -> None:
    """Add a commit that changes one document."""
    text = f"# Diary\n\nOn day {time.time_ns()} nothing happened, for the {turn}th time.\n"
    who = f"Ada <ada@example.org> {int(time.time())} +0000"
    stream = (
        f"commit refs/heads/main\ncommitter {who}\ndata 5\nDiary\nfrom refs/heads/main^0\n"
        f"M 100644 inline area0/diary.md\ndata {len(text)}\n{text}\n"
    )
    subprocess.run(["git", "-C", repository, "fast-import", "--quiet"], input=stream, text=True, check=True)


# --- through the socket ----------------------------------------------------------------------


def through_service(config: Config, rounds: int, kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    """Milliseconds of whole processes that ask a running service; its memory before and afterwards, in MiB."""
    spent: dict[str, list[float]] = {}
    assert config.file is not None
    with Catalog(config.data_dir) as catalog, tempfile.TemporaryDirectory() as temporary:
        asker = Asker(catalog, random.Random(4))
        with Daemon(config.file, Path(temporary) / "journal") as daemon:
            daemon.settled()
            weights = {"memory of the service, ready": memory(daemon.pid)}
            for turn in range(-1, rounds):
                took = 1000 * run([sys.executable, "-c", "pass"]).wall
                if turn >= 0:
                    spent.setdefault("python, doing nothing", []).append(took)
                for kind, question in asker.questions().items():
                    if kinds and kind != _PLAIN and not any(word in kind for word in kinds):
                        continue
                    took = 1000 * run([*COMMAND, "--config", config.file, *words_of(question)]).wall
                    if turn >= 0:
                        spent.setdefault(f"process: {kind}", []).append(took)
            weights["memory of the service, after questions"] = memory(daemon.pid)
            daemon.end()
    return {kind: figures(times) for kind, times in spent.items()} | {
        kind: {name: round(size / 2**20) for name, size in weight.items()} for kind, weight in weights.items()
    }


def words_of(question: Question) -> list[str]:
    """The command that asks this."""
    words = ["search", question.text]
    options = {
        "--doc": question.document,
        "--version": question.version,
        "--as-of": question.as_of,
        "--known-at": question.known_at,
    }
    for option, value in options.items():
        words += [option, value] if value is not None else []
    for path in question.paths:
        words += ["--path", path]
    return [*words, *(["--history"] if question.history else [])]


# --- answers ---------------------------------------------------------------------------------


def answers(config: Config, rounds: int, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Every question with its answer, or with what it was refused for."""
    found: list[dict[str, Any]] = []
    with open_queries(config) as queries, Catalog(config.data_dir) as catalog:
        asker = Asker(catalog, random.Random(5))
        for _ in range(rounds):
            for kind, question in asker.questions().items():
                if kinds and not any(word in kind for word in kinds):
                    continue
                found.append({"kind": kind, "question": question.text, "answer": answered(queries, question)})
    return found


def answered(queries: Queries, question: Question) -> object:
    """What is answered, as it can be written and compared."""
    try:
        return json.loads(json.dumps(dataclasses.asdict(queries.search(question)), default=str))
    except Exception as error:  # noqa: BLE001 - whatever it is refused for is the answer
        return f"{type(error).__name__}: {error}"


# --- the command -----------------------------------------------------------------------------


def show(title: str, table: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table."""
    print(f"\n{title}; load average now {load():.1f}\n")
    for kind, row in table.items():
        print(f"  {kind:<42}" + "".join(f"{name} {value:<9}" for name, value in row.items()))


def main() -> int:
    """Build or open the index, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, help="keep the index here, and use the one that is here")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--kinds", nargs="*", default=[], help="only kinds that have one of these words")
    parser.add_argument("--service", action="store_true")
    parser.add_argument("--commit", action="store_true")
    parser.add_argument("--answers", type=Path)
    add_json(parser)
    options = parser.parse_args()
    place = (options.index or Path(tempfile.mkdtemp())).resolve()
    try:
        config = build(place, options.documents)
        if options.answers is not None:
            found = answers(config, options.rounds, options.kinds)
            options.answers.write_text("\n".join(map(json.dumps, found)) + "\n", encoding="utf-8")
            print(f"{len(found)} answers")
            return 0
        told = conditions()
        with Catalog(config.data_dir) as catalog, catalog.snapshot() as snapshot:
            present = sum(count["passages"] for count in snapshot.counts().values())
            ever = sum(len(snapshot.rows(document_no=d.no)) for d in snapshot.documents())
        print(f"{told}\n{ever:,} passages, {present:,} of the present; milliseconds")
        parts: dict[str, Callable[[], dict[str, dict[str, float]]]] = {}
        if options.commit:
            parts["after a commit"] = lambda: after_commits(config, place, options.rounds)
        if options.service:
            parts["through the service"] = lambda: through_service(config, options.rounds, options.kinds)
        if not parts:
            parts["in one process"] = lambda: measure(config, options.rounds, options.kinds)
        result = {}
        for title, work in parts.items():
            result[title] = work()
            show(title, result[title])
        write_json(options.json, told, {"passages": ever, "present": present} | result)
    finally:
        if options.index is None:
            shutil.rmtree(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
