"""Which questions about versions are answered right, on VersionQA: 100 questions about 34 documents.

    python -m benchmarks.versionqa [FOLDER] [--misses] [--questions FILE] [--keep DIR] [--json FILE]

FOLDER is that of VersionQA, with ``data/raw`` and ``data/test/evaluation_set.csv``; otherwise it is
``qa/versionqa`` in the folder that $INDEXER_CORPORA names. All documents are indexed as one share, with
nothing configured, and every question is asked as it stands. No language model takes part: what counts is
whether the structured answer is right, or the passage that answers is among the first. What is right stands in
``versionqa_judgements.toml``, question by question, taken from the documents; where the published answer
contradicts them, the documents count, and the file says so.

``--questions`` asks others instead, such as paraphrases: a file with a number, a tab and a question on each line.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.versionqa_judged import CONTENT_HITS, OTHER_HITS, Judgement, Verdict, judge, read_judgements
from benchmarks.workplace import add_json, conditions, configure, percentile, write_json
from indexer.composition import connectors, open_index, open_queries
from indexer.config import load
from indexer.errors import IndexerError
from indexer.ingest.backfill import Backfill
from indexer.query.queries import Queries
from indexer.query.results import Change, Question, Scope, SearchResult

VARIABLE: Final = "INDEXER_CORPORA"
COLLECTION: Final = Path("qa", "versionqa")
"""Below the folder that the variable names."""
QUESTIONS: Final = Path("data", "test", "evaluation_set.csv")
DOCUMENTS: Final = Path("data", "raw")
GOALS: Final = {
    "Content Retrieval": 18,
    "Content Retrieval Complex": 18,
    "Version-Specific Content Retrieval": 20,
    "Version Listing & Inquiry": 20,
    "Change Retrieval (i)": 10,
    "Change Retrieval (e)": 10,
}
"""How many of each type have to be right; of content, 36 of both types together."""
PUBLISHED: Final = {"VersionRAG": (90, 6), "GraphRAG": (64, None), "naive retrieval": (58, None)}
"""Of 100 questions, and of the 10 of type Change Retrieval (i): what arXiv 2510.08109 reports in its abstract.

Answers written by a language model, and judged against the published ones: near to this, and not the same measure.
"""
NOT_JUDGED: Final = (
    "Not judged: wording, since nothing is written here; whether a passage that holds the evidence is the best one that "
    "there is; whether other passages among the first contradict it; which edition a question means that names none."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what became of it."""

    number: int
    type: str
    text: str
    result: SearchResult
    verdict: Verdict
    seconds: float


def read_questions(folder: Path) -> dict[int, tuple[str, str]]:
    """Number, from 1 → (type, question)."""
    with (folder / QUESTIONS).open(encoding="utf-8-sig", newline="") as lines:
        return {number: (row["Type"], row["Question"]) for number, row in enumerate(csv.DictReader(lines), 1)}


def read_others(file: Path, asked: Mapping[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """The same with the questions of `file` for those in `asked`. Raises ValueError where a line has no number."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            number, _, text = line.partition("\t")
            found[int(number)] = (asked[int(number)][0], text.strip())
    return found


@contextmanager
def indexed(documents: Path, keep: Path | None) -> Iterator[tuple[Queries, float]]:
    """Queries over the indexed documents, and what indexing took, in seconds."""
    with tempfile.TemporaryDirectory() as temporary:
        place = (keep or Path(temporary)).resolve()
        place.mkdir(parents=True, exist_ok=True)
        config = load(configure(place, documents.resolve()), os.environ)
        with open_index(config) as index:
            report = Backfill(index).run(connectors(config))
        with open_queries(config) as queries:
            yield queries, report.seconds


def ask(queries: Queries, text: str) -> tuple[SearchResult, float]:
    """What is answered, and in how many seconds; what is refused is an answer too, and a wrong one."""
    began = time.perf_counter()
    try:
        result = queries.search(Question(text))
    except IndexerError as error:
        result = SearchResult(text, Scope(f"refused: {error}"))
    return result, time.perf_counter() - began


def ask_all(
    queries: Queries, questions: Mapping[int, tuple[str, str]], judged: Mapping[int, Judgement]
) -> list[Asked]:
    """Every question in turn, after one that is not counted: the first waits for the model."""
    ask(queries, "warm")
    asked = []
    for number, (kind, text) in questions.items():
        result, seconds = ask(queries, text)
        asked.append(Asked(number, kind, text, result, judge(judged[number], result), seconds))
    return asked


def print_table(asked: Sequence[Asked]) -> None:
    """How many are right, by type, beside what was published."""
    print(f"\n| type | questions | right | goal | {' | '.join(PUBLISHED)} |")
    print(f"|---|---:|---:|---:|{'---:|' * len(PUBLISHED)}")
    for kind, goal in GOALS.items():
        of_kind = [one for one in asked if one.type == kind]
        implicit = kind == "Change Retrieval (i)"
        published = [value for _, value in PUBLISHED.values()] if implicit else [None] * len(PUBLISHED)
        _print_row(kind, of_kind, goal, published)
    _print_row("all", asked, sum(GOALS.values()), [total for total, _ in PUBLISHED.values()])
    both = [one for one in asked if one.verdict.right and not one.verdict.whole]
    if both:
        print(f"\nright, but only half of a question that asks two things: {_numbers(both)}")
    times = [one.seconds * 1000 for one in asked]
    print(f"\na question: median {statistics.median(times):.0f} ms, p95 {percentile(times, 0.95):.0f} ms")


def _print_row(kind: str, asked: Sequence[Asked], goal: int, published: Sequence[int | None]) -> None:
    right = sum(one.verdict.right for one in asked)
    cells = " | ".join("–" if value is None else str(value) for value in published)
    print(f"| {kind} | {len(asked)} | {right} | {goal} | {cells} |")


def _numbers(asked: Sequence[Asked]) -> str:
    return ", ".join(str(one.number) for one in asked)


def print_misses(asked: Sequence[Asked], judged: Mapping[int, Judgement]) -> None:
    """Each question that was not answered right, with what came instead."""
    for one in asked:
        if one.verdict.right:
            continue
        print(f"\n{one.number}. [{one.type}] {one.text}\n   {one.verdict.why}")
        print(f"   understood: {one.result.scope.resolved_by}")
        if one.result.answer is not None:
            print(f"   answer, {one.result.answer.kind}: {one.result.answer.text}")
        for change in _changes(one.result):
            text = change.after or change.before or ""
            print(f"   change: {' > '.join(change.heading)[-60:]}: {_short(text)}")
        for hit in one.result.hits[:CONTENT_HITS]:
            print(f"   {hit.rank}. {hit.document.key}: {' > '.join(hit.heading)[-60:]}: {_short(hit.text)}")
        if judged[one.number].paper:
            print(f"   the published answer {judged[one.number].paper}")


def _changes(result: SearchResult) -> Sequence[Change]:
    """Those that are looked through."""
    if result.answer is None or result.answer.kind != "changes":
        return ()
    return tuple(result.answer.values.get("value") or ())[:OTHER_HITS]


def _short(text: str) -> str:
    return " ".join(text.split())[:100]


def main() -> int:
    """Index, ask, print; 2 where the folder is another one, 0 where none is named: nothing to measure then."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--misses", action="store_true", help="show what came where it is not right")
    parser.add_argument(
        "--questions", type=Path, help="ask these instead: number, tab, question on each line"
    )
    parser.add_argument("--keep", type=Path, help="keep the index here, and use the one that is here")
    add_json(parser)
    options = parser.parse_args()
    corpora = os.environ.get(VARIABLE)
    folder = options.folder or (Path(corpora) / COLLECTION if corpora else None)
    if folder is None:
        print(f"skipped: name the folder of VersionQA, or that of all collections in ${VARIABLE}")
        return 0
    if not (folder / QUESTIONS).exists():
        print(f"no VersionQA in {folder}: it needs {QUESTIONS} and {DOCUMENTS}")
        return 2
    judged = read_judgements()
    questions = read_questions(folder)
    if options.questions:
        questions = read_others(options.questions, questions)
    told = conditions()
    with indexed(folder / DOCUMENTS, options.keep) as (queries, seconds):
        totals = queries.status().totals
        told += f", {totals.documents} documents, {totals.passages:,} passages, indexed in {seconds:.0f} s"
        asked = ask_all(queries, questions, judged)
    print(told)
    print_table(asked)
    wrong = [one for one in asked if not one.verdict.right]
    print(f"not right: {_numbers(wrong) or 'none'}")
    print(f"judged by the documents against the published answer: {_contradicted(judged)}\n{NOT_JUDGED}")
    if options.misses:
        print_misses(asked, judged)
    figures = {
        "right": len(asked) - len(wrong),
        "types": {kind: sum(one.verdict.right for one in asked if one.type == kind) for kind in GOALS},
        "misses": {one.number: one.verdict.why for one in wrong},
        "median_ms": statistics.median(one.seconds for one in asked) * 1000,
    }
    write_json(options.json, told, figures)
    return 0


def _contradicted(judged: Mapping[int, Judgement]) -> str:
    return ", ".join(str(number) for number, right in judged.items() if right.paper)


if __name__ == "__main__":
    sys.exit(main())
