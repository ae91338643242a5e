"""What an evaluation found, as JSON and as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from indexer.cli.shapes import answer_shape, document_shape
from indexer.cli.visible import shortened
from indexer.evaluation.summing import CUTS, GAIN_CUT, PARTS, Comparison, Part, Summary, by_group, summarise
from indexer.evaluation.values import Verdict
from indexer.query.results import Hit

if TYPE_CHECKING:
    from rich.console import Console

Shape = dict[str, Any]
_SHOWN: Final = 5
"""Misses and differences that are shown to people; the files have all."""
_WIDTH: Final = 90
_LONGEST: Final = 300
"""Characters of a passage in a line about a miss."""


@dataclass(frozen=True, slots=True)
class Run:
    """All questions, asked under one configuration."""

    configuration: str
    settings: Mapping[str, Any]
    verdicts: Sequence[Verdict]


def evaluation_shape(runs: Sequence[Run], differing: Comparison | None) -> Shape:
    """The answer of ``eval``. Shares and means are 0 to 1, null where nothing is judged by them; times in milliseconds."""
    return {
        "runs": [
            {
                "configuration": run.configuration,
                "settings": {name: _plain(value) for name, value in run.settings.items()},
                "figures": _figures(summarise(run.verdicts)),
                "groups": {
                    name: _figures(summarise(group)) for name, group in by_group(run.verdicts).items()
                },
            }
            for run in runs
        ],
        "comparison": None
        if differing is None
        else {
            "better": [_pair(*pair) for pair in differing.better],
            "worse": [_pair(*pair) for pair in differing.worse],
            "equal": differing.equal,
        },
    }


def miss_shapes(number: int, run: Run) -> Iterator[Shape]:
    """A line for each question that was not answered right: what was wanted, what came first, and what is wrong with it."""
    for verdict in run.verdicts:
        if verdict.why is None:
            continue
        result = verdict.asked.result
        hits = () if result is None else result.hits
        wanted = {name: value for name, value in asdict(verdict.case.wanted).items() if value}
        yield {
            "run": number,
            "line": verdict.case.line,
            "query": verdict.case.question.text,
            "group": verdict.case.group,
            "why": verdict.why,
            "wanted": wanted,
            "rank": min(verdict.places, default=None) if verdict.places is not None else None,
            "first": _first(hits[0]) if hits else None,
            "answer": None if result is None or result.answer is None else answer_shape(result.answer),
            "understood": None if result is None else result.scope.resolved_by,
        }


def draw_evaluation(console: Console, runs: Sequence[Run], differing: Comparison | None) -> None:
    """A column for each run, one for each group where there are groups; then the first misses, and where two runs differ."""
    columns: list[tuple[str, Summary]] = []
    for number, run in enumerate(runs, start=1):
        called = f"run {number}" if len(runs) > 1 else "all"
        columns.append((called, summarise(run.verdicts)))
        columns += [
            (f"{called}: {name}" if len(runs) > 1 else name, summarise(group))
            for name, group in by_group(run.verdicts).items()
        ]
        settings = ", ".join(f"{name}={_plain(value)}" for name, value in run.settings.items())
        console.print(Text(f"{called}: {run.configuration}{', ' if settings else ''}{settings}", style="dim"))
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name, _ in columns:
        table.add_column(Text(name), justify="right")
    for title, cells in _lines([summary for _, summary in columns]):
        table.add_row(Text(title), *map(Text, cells))
    console.print(table)
    for number, run in enumerate(runs, start=1):
        _draw_misses(console, f"run {number}: " if len(runs) > 1 else "", run)
    if differing is not None:
        console.print()
        console.print(
            Text(
                f"run 2 answers {len(differing.better)} better, {len(differing.worse)} worse, {differing.equal} as well"
            )
        )
        for what, pairs in (("better", differing.better), ("worse", differing.worse)):
            for one, other in pairs[:_SHOWN]:
                console.print(
                    Text(shortened(f"{what}: line {one.case.line}: {one.case.question.text}", _WIDTH))
                )
                told = (other.why if what == "worse" else one.why) or "it stands at another rank"
                console.print(Padding(Text(told), (0, 0, 0, 3)))


def _draw_misses(console: Console, called: str, run: Run) -> None:
    missed = [verdict for verdict in run.verdicts if verdict.why is not None]
    if not missed:
        return
    console.print()
    more = f", the first {_SHOWN}" if len(missed) > _SHOWN else ""
    console.print(Text(f"{called}{len(missed):,} not answered right{more}:", style="bold"))
    for verdict in missed[:_SHOWN]:
        console.print(Text(shortened(f"line {verdict.case.line}: {verdict.case.question.text}", _WIDTH)))
        console.print(Padding(Text(shortened(verdict.why or "", _WIDTH)), (0, 0, 0, 3)))


def _lines(summaries: Sequence[Summary]) -> Iterator[tuple[str, list[str]]]:
    """The rows of the table; those that say nothing about any column are left out."""

    def row(title: str, cells: list[str]) -> Iterator[tuple[str, list[str]]]:
        if any(cells):
            yield title, cells

    yield "questions", [f"{summary.questions:,}" for summary in summaries]
    for cut in CUTS:
        yield from row(f"recall@{cut}", [_share(summary.recall[cut]) for summary in summaries])
    yield from row(f"nDCG@{GAIN_CUT}", [_share(summary.ndcg) for summary in summaries])
    yield from row("MRR", [_share(summary.mrr) for summary in summaries])
    yield from row("right version first", [_part(summary.version) for summary in summaries])
    for kind in sorted({kind for summary in summaries for kind in summary.answers}):
        cells = [_part(summary.answers.get(kind, Part(None, 0))) for summary in summaries]
        yield from row(f'right answers of kind "{kind}"', cells)
    # Where nothing is to be left unanswered, how often that was right says little.
    if any(summary.abstention_recall.questions for summary in summaries):
        yield from row("abstention precision", [_part(summary.abstention_precision) for summary in summaries])
        yield from row("abstention recall", [_part(summary.abstention_recall) for summary in summaries])
    yield from row("refused", [str(summary.refused or "") for summary in summaries])
    yield from row("expected what is not in the index", [str(summary.unknown or "") for summary in summaries])
    for part in PARTS:
        yield from row(f"p{part * 100:.0f}", [_milliseconds(summary.seconds[part]) for summary in summaries])


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _part(part: Part) -> str:
    return "" if part.value is None else f"{part.value:.1%} of {part.questions:,}"


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{1000 * seconds:.1f} ms"


def _figures(summary: Summary) -> Shape:
    return {
        "questions": summary.questions,
        "refused": summary.refused,
        "unknown": summary.unknown,
        "misses": summary.misses,
        "ranked": summary.ranked,
        **{f"recall@{cut}": value for cut, value in summary.recall.items()},
        f"ndcg@{GAIN_CUT}": summary.ndcg,
        "mrr": summary.mrr,
        "version_accuracy": _part_shape(summary.version),
        "answer_accuracy": {kind: _part_shape(part) for kind, part in summary.answers.items()},
        "abstention": {
            "precision": _part_shape(summary.abstention_precision),
            "recall": _part_shape(summary.abstention_recall),
        },
        "latency_ms": {
            f"p{part * 100:.0f}": None if seconds is None else round(1000 * seconds, 3)
            for part, seconds in summary.seconds.items()
        },
    }


def _part_shape(part: Part) -> Shape:
    return {"value": part.value, "questions": part.questions}


def _pair(one: Verdict, other: Verdict) -> Shape:
    return {
        "line": one.case.line,
        "query": one.case.question.text,
        "first": _standing(one),
        "second": _standing(other),
    }


def _standing(verdict: Verdict) -> Shape:
    return {"rank": min(verdict.places or (), default=None), "why": verdict.why}


def _first(hit: Hit) -> Shape:
    return {
        "document": document_shape(hit.document),
        "version": {"number": hit.version.version.number, "labels": list(hit.version.version.labels)},
        "heading": list(hit.heading),
        "text": hit.text[:_LONGEST],
        "citation": hit.citation,
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
