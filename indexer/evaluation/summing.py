"""What the verdicts on many questions amount to, and how two runs differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.evaluation import metrics
from indexer.evaluation.values import Verdict

CUTS: Final = (1, 5, 10)
GAIN_CUT: Final = 10
PARTS: Final = (0.5, 0.95, 0.99)
"""Of the times that questions took."""


@dataclass(frozen=True, slots=True)
class Part:
    """A share, 0 to 1, and of how many questions; None of none."""

    value: float | None
    questions: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures over some questions. Shares and means are 0 to 1, None where nothing is judged by them."""

    questions: int
    refused: int
    """Questions that were answered by an error."""
    unknown: int
    """Lines that expect what the index has not got."""
    ranked: int
    """Questions whose ranking is judged."""
    recall: Mapping[int, float | None]
    """By cut."""
    ndcg: float | None
    """At `GAIN_CUT`."""
    mrr: float | None
    version: Part
    """First hits that are from the right version."""
    answers: Mapping[str, Part]
    """Right answers, by the kind that was expected."""
    abstention_precision: Part
    """Of the questions for which nothing was offered: those for which that was right."""
    abstention_recall: Part
    """Of the questions that nothing answers: those for which nothing was offered."""
    seconds: Mapping[float, float | None]
    """Percentiles of the time that a question took."""
    misses: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where two runs over the same questions differ."""

    better: Sequence[tuple[Verdict, Verdict]] = field(default_factory=tuple)
    """Questions that the second run answers better."""
    worse: Sequence[tuple[Verdict, Verdict]] = field(default_factory=tuple)
    equal: int = 0


def summarise(verdicts: Sequence[Verdict]) -> Summary:
    """The figures over these verdicts."""
    ranked = [verdict for verdict in verdicts if verdict.places is not None]
    kinds: dict[str, list[bool]] = {}
    for verdict in verdicts:
        if verdict.answer_right is not None and verdict.case.wanted.answer is not None:
            kinds.setdefault(verdict.case.wanted.answer["kind"], []).append(verdict.answer_right)
    abstained = [verdict.case.wanted.nothing for verdict in verdicts if verdict.abstained]
    nothing = [verdict.abstained for verdict in verdicts if verdict.case.wanted.nothing]
    times = [verdict.asked.seconds for verdict in verdicts]
    return Summary(
        questions=len(verdicts),
        refused=sum(verdict.asked.result is None for verdict in verdicts),
        unknown=sum(verdict.unknown for verdict in verdicts),
        ranked=len(ranked),
        recall={cut: metrics.mean(_recall(verdict, cut) for verdict in ranked) for cut in CUTS},
        ndcg=metrics.mean(gain(verdict) for verdict in ranked),
        mrr=metrics.mean(metrics.reciprocal_rank(verdict.places or {}) for verdict in ranked),
        version=_part([v.version_right for v in verdicts if v.version_right is not None]),
        answers={kind: _part(flags) for kind, flags in sorted(kinds.items())},
        abstention_precision=_part(abstained),
        abstention_recall=_part(nothing),
        seconds={part: metrics.percentile(times, part) for part in PARTS},
        misses=sum(verdict.why is not None for verdict in verdicts),
    )


def by_group(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    """The verdicts of each group, in the order in which groups come up."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.case.group is not None:
            groups.setdefault(verdict.case.group, []).append(verdict)
    return groups


def compare(first: Sequence[Verdict], second: Sequence[Verdict]) -> Comparison:
    """Which questions the second run answers better, and which worse, than the first."""
    pairs = list(zip(first, second, strict=True))
    better = [(one, other) for one, other in pairs if _goodness(other) > _goodness(one)]
    worse = [(one, other) for one, other in pairs if _goodness(other) < _goodness(one)]
    return Comparison(better, worse, len(pairs) - len(better) - len(worse))


def gain(verdict: Verdict) -> float:
    """The nDCG at `GAIN_CUT` of one question."""
    return metrics.ndcg(verdict.places or {}, verdict.grades, GAIN_CUT)


def _recall(verdict: Verdict, cut: int) -> float:
    return metrics.recall(verdict.places or {}, len(verdict.grades), cut)


def _goodness(verdict: Verdict) -> tuple[bool, float]:
    """All right before anything wrong, then by gain."""
    return verdict.why is None, gain(verdict) if verdict.places is not None else 0.0


def _part(flags: Sequence[bool]) -> Part:
    return Part(metrics.share(flags), len(flags))
