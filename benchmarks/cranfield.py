"""How well searches rank, on the Cranfield collection or any other in the same layout.

    python -m benchmarks.cranfield [FOLDER] [--model NAME] [--keep DATA_DIR] [--json FILE] [--questions FILE]

FOLDER holds ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv`` (the layout of BEIR); otherwise
it is ``qa/cranfield`` in the folder that $INDEXER_CORPORA names. Every
document becomes a text file, the folder is indexed as any share would be, and each question is
asked in each mode. A document ranks where its best passage does. nDCG@10 is graded, with the
judgement itself as gain (Järvelin and Kekäläinen, 2002); both figures are means over the questions
that have a relevant document. With --questions the same questions are written for ``indexer eval``, whose
nDCG@10 over the index that --keep keeps is that of hybrid mode.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.workplace import configure
from indexer.composition import connectors, open_index, open_queries
from indexer.config import load
from indexer.ingest.backfill import Backfill
from indexer.query.fusion import FEEDBACK, KEPT, MEANING
from indexer.query.queries import Queries
from indexer.query.results import Mode, Question
from indexer.query.retrieve import DEPTH

VARIABLE = "INDEXER_CORPORA"
COLLECTION = Path("qa", "cranfield")
"""Below the folder that the variable names."""
HITS = 200
"""Passages asked for: several may belong to one document, and 100 documents are counted."""

Judgements = Mapping[str, int]


def read_lines(file: Path) -> list[dict[str, str]]:
    """The objects of a JSON Lines file."""
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_judgements(file: Path) -> dict[str, dict[str, int]]:
    """Question id → document id → grade; only grades above 0."""
    judged: dict[str, dict[str, int]] = {}
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        question, document, grade = line.split("\t")
        if int(grade) > 0:
            judged.setdefault(question, {})[document] = int(grade)
    return judged


def write_documents(corpus: Iterable[Mapping[str, str]], folder: Path) -> int:
    """One text file for each document that has a text, named by its id; the title on top unless the text repeats it."""
    count = 0
    for document in corpus:
        title, text = document.get("title", "").strip(), document["text"].strip()
        if title and not text.startswith(title):
            text = f"{title}\n\n{text}"
        if text:
            (folder / f"{document['_id']}.txt").write_text(text + "\n", encoding="utf-8")
            count += 1
    return count


def write_questions(
    questions: Iterable[Mapping[str, str]], judged: Mapping[str, Judgements], file: Path
) -> None:
    """The questions that have a relevant document, as a file for ``indexer eval``."""
    with file.open("w", encoding="utf-8") as lines:
        for question in questions:
            if question["_id"] in judged:
                relevant = {f"{document}.txt": grade for document, grade in judged[question["_id"]].items()}
                lines.write(json.dumps({"query": question["text"], "k": HITS, "relevant": relevant}) + "\n")


def ndcg(ranking: Sequence[str], judged: Judgements, cut: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `cut` documents, 0 to 1."""

    def gain(grades: Iterable[int]) -> float:
        return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, start=1))

    ideal = gain(sorted(judged.values(), reverse=True)[:cut])
    return gain(judged.get(document, 0) for document in ranking[:cut]) / ideal


def recall(ranking: Sequence[str], judged: Judgements, cut: int = 100) -> float:
    """The share of relevant documents among the first `cut`, 0 to 1."""
    return len(set(ranking[:cut]) & set(judged)) / len(judged)


def rank(queries: Queries, text: str, mode: Mode) -> list[str]:
    """The ids of the documents found, best first."""
    hits = queries.search(Question(text, k=HITS, mode=mode)).hits
    return list(dict.fromkeys(hit.document.key.removesuffix(".txt") for hit in hits))


def measure(
    queries: Queries, questions: Sequence[Mapping[str, str]], judged: Mapping[str, Judgements], mode: Mode
) -> dict[str, float]:
    """Both figures of one mode, and the median time of a search, which the first one's start is not part of."""
    rank(queries, questions[0]["text"], mode)
    rankings, times = {}, []
    for question in questions:
        if question["_id"] in judged:
            began = time.perf_counter()
            rankings[question["_id"]] = rank(queries, question["text"], mode)
            times.append(time.perf_counter() - began)
    return {
        "ndcg@10": statistics.mean(ndcg(found, judged[id_]) for id_, found in rankings.items()),
        "recall@100": statistics.mean(recall(found, judged[id_]) for id_, found in rankings.items()),
        "median_ms": 1000 * statistics.median(times),
        "questions": len(rankings),
    }


def main() -> int:
    """Index, ask, print; 2 where the folder holds no collection, 0 where none is named: nothing to measure then."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", help="as in the configuration; default: the bundled one")
    parser.add_argument("--keep", type=Path, help="keep the index here, and use the one that is here")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--questions", type=Path, help="write the questions for `indexer eval` to this file")
    options = parser.parse_args()
    corpora = os.environ.get(VARIABLE)
    folder = options.folder or (Path(corpora) / COLLECTION if corpora else None)
    if folder is None:
        print(f"skipped: name the collection's folder, or that of all collections in ${VARIABLE}")
        return 0
    if not (folder / "corpus.jsonl").exists():
        print(f"no collection in {folder}: it needs corpus.jsonl, queries.jsonl and qrels/test.tsv")
        return 2
    questions = read_lines(folder / "queries.jsonl")
    judged = read_judgements(folder / "qrels" / "test.tsv")
    if options.questions:
        write_questions(questions, judged, options.questions)
    result: dict[str, Any] = {
        "collection": folder.name,
        "model": options.model or "bundled",
        "meaning": MEANING,
        "feedback": FEEDBACK,
        "kept": KEPT,
        "depth": DEPTH,
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
    }
    with tempfile.TemporaryDirectory() as temporary:
        place = (options.keep or Path(temporary)).resolve()
        documents = place / "documents"
        documents.mkdir(parents=True, exist_ok=True)
        result["documents"] = write_documents(read_lines(folder / "corpus.jsonl"), documents)
        config = load(configure(place, documents, options.model), os.environ)
        with open_index(config) as index:
            report = Backfill(index).run(connectors(config))
            result["indexing_seconds"] = round(report.seconds, 1)
        with open_queries(config) as queries:
            result["passages"] = queries.status().totals.passages
            result["modes"] = {
                mode.value: measure(queries, questions, judged, mode)
                for mode in Mode
                if mode is not Mode.PHRASE
            }
    print_figures(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


def print_figures(result: Mapping[str, Any]) -> None:
    """The conditions, and a line for each mode."""
    print(", ".join(f"{name} {value}" for name, value in result.items() if name != "modes"))
    print(f"{'mode':<8}{'nDCG@10':>9}{'Recall@100':>12}{'ms':>8}")
    for mode, figures in result["modes"].items():
        print(
            f"{mode:<8}{figures['ndcg@10']:>9.4f}{figures['recall@100']:>12.4f}{figures['median_ms']:>8.1f}"
        )


if __name__ == "__main__":
    sys.exit(main())
