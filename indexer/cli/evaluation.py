"""The command that measures how well questions are answered, and makes such questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from indexer.cli.invocation import Invocation, json_option
from indexer.clock import Clock, SystemClock
from indexer.errors import UsageError

if TYPE_CHECKING:
    from indexer.cli.evaluation_shapes import Run
    from indexer.evaluation.running import Given, Settings
    from indexer.evaluation.values import Case, Verdict

EXAMPLES: Final = """\b
Examples:
  indexer eval questions.jsonl
  indexer eval questions.jsonl --misses misses.jsonl
  indexer eval questions.jsonl --set mode=text --compare-set mode=hybrid
  indexer eval questions.jsonl --compare other-model.toml
  indexer eval --make 200 --seed 1 -o versions.jsonl
"""
_GIVEN: Final = "given"
"""The setting that is no field of a question: what a line expects is given as options."""
_TELL_EVERY: Final = 10.0
"""[s] between two lines about how far it is."""


@click.command(name="eval", epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--misses", metavar="FILE", type=click.Path(path_type=Path), help="Write every miss there, as JSON Lines."
)
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="An option of every question; may be repeated.",
)
@click.option(
    "--compare", metavar="CONFIG", type=click.Path(path_type=Path), help="Ask by this configuration as well."
)
@click.option(
    "--compare-set",
    "others",
    metavar="NAME=VALUE",
    multiple=True,
    help="Ask with this setting as well; may be repeated.",
)
@click.option(
    "--make",
    metavar="N",
    type=click.IntRange(1, 100_000),
    help="Make N questions about versions from the index.",
)
@click.option("--seed", metavar="S", type=int, default=0, help="Another seed makes other questions (0).")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where --make writes; else to standard output.",
)
@json_option
@click.pass_obj
def evaluate(
    invocation: Invocation,
    file: Path | None,
    misses: Path | None,
    settings: tuple[str, ...],
    compare: Path | None,
    others: tuple[str, ...],
    make: int | None,
    seed: int,
    output: Path | None,
) -> None:
    """Measure how well the questions in FILE are answered.

    FILE is JSON Lines: a query and what is expected of its answer, see docs/evaluation.md. With --make, such a file is
    made: what only some versions of a document say is asked for.
    """
    if make is not None:
        if file is not None or misses is not None or compare is not None or settings or others:
            raise UsageError("--make makes questions and asks none", remedy="leave FILE and its options out")
        _make(invocation, make, seed, output)
        return
    if file is None:
        raise UsageError(
            "nothing is named to be asked", remedy="name a file of questions, or make one with --make N"
        )
    if output is not None:
        raise UsageError("-o goes with --make", remedy="--misses FILE takes what was not answered right")
    _measure(invocation, file, misses, settings, compare, others)


def _measure(
    invocation: Invocation,
    file: Path,
    misses: Path | None,
    settings: Sequence[str],
    compare: Path | None,
    others: Sequence[str],
) -> None:
    from indexer.cli.evaluation_shapes import draw_evaluation, evaluation_shape, miss_shapes
    from indexer.evaluation.reading import read_cases
    from indexer.evaluation.summing import compare as compared

    first, second = _settings(settings), _settings([*settings, *others])
    cases = read_cases(file)
    runs = [_run(invocation, cases, first)]
    if compare is not None or others:
        other = (
            invocation
            if compare is None
            else Invocation(compare, invocation.json, invocation.debug, invocation.out)
        )
        runs.append(_run(other, cases, second))
    differing = compared(runs[0].verdicts, runs[1].verdicts) if len(runs) > 1 else None
    if misses is not None:
        _write_lines(
            misses, (shape for number, run in enumerate(runs, start=1) for shape in miss_shapes(number, run))
        )
    if invocation.json:
        invocation.out.write_json(evaluation_shape(runs, differing))
    else:
        invocation.out.write_drawn(lambda console: draw_evaluation(console, runs, differing))


def _run(invocation: Invocation, cases: Sequence[Case], settings: Settings) -> Run:
    from indexer.cli.evaluation_shapes import Run
    from indexer.evaluation.running import Given
    from indexer.evaluation.running import evaluate as ask
    from indexer.query.view import View

    asked = {name: value for name, value in settings.items() if name != _GIVEN}
    clock = SystemClock()
    with (
        invocation.queries() as (queries, config),
        invocation.looking_through() as index,
        index.catalog.snapshot() as snapshot,
    ):
        verdicts: list[Verdict] = ask(
            queries,
            View(snapshot, config.timezone),
            cases,
            clock,
            settings=asked,
            given=settings.get(_GIVEN, Given.NOTHING),
            told=_telling(invocation.out.say, clock, len(cases)),
        )
    return Run(str(config.file), settings, verdicts)


def _telling(say: Callable[[str], None], clock: Clock, total: int) -> Callable[[int], None]:
    told = clock.monotonic()

    def tell(done: int) -> None:
        nonlocal told
        if clock.monotonic() - told >= _TELL_EVERY:
            told = clock.monotonic()
            say(f"{done:,} of {total:,} questions asked")

    return tell


def _settings(written: Sequence[str]) -> Settings:
    """The fields of questions that ``NAME=VALUE`` set; a later one goes before an earlier one. Raises `UsageError`."""
    from indexer.evaluation.reading import OPTIONS, UnfitError

    found: Settings = {}
    for setting in written:
        name, separator, value = setting.partition("=")
        if not separator or (name != _GIVEN and name not in OPTIONS):
            known = ", ".join([*OPTIONS, _GIVEN])
            raise UsageError(f'"{setting}" is no setting', remedy=f"write NAME=VALUE, with one of {known}")
        read: Any = {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)
        field, reader = (name, _given) if name == _GIVEN else OPTIONS[name]
        try:
            found[field] = reader(read)
        except UnfitError as error:
            raise UsageError(f'"{setting}": "{name}" must be {error}', remedy="correct it") from error
    return found


def _given(value: Any) -> Given:
    from indexer.evaluation.reading import UnfitError
    from indexer.evaluation.running import Given

    try:
        return Given(value)
    except ValueError as error:
        raise UnfitError(f"one of {', '.join(Given)}") from error


def _make(invocation: Invocation, count: int, seed: int, output: Path | None) -> None:
    from indexer.evaluation.proposing import propose
    from indexer.query.view import View

    config = invocation.config()
    with invocation.looking_through() as index, index.catalog.snapshot() as snapshot:
        made = propose(View(snapshot, config.timezone), count, seed)
    if output is None:
        invocation.out.write_text("".join(map(_line, made.lines)))
    else:
        _write_lines(output, made.lines)
    invocation.out.say(f"{len(made.lines):,} questions from {made.documents:,} of {made.of:,} documents")
    if len(made.lines) < count:
        invocation.out.say(f"these documents do not differ enough from version to version for {count:,}")


def _write_lines(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    try:
        with file.open("w", encoding="utf-8") as opened:
            opened.writelines(map(_line, lines))
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written ({error.strerror})", remedy="name another file"
        ) from error


def _line(shape: dict[str, Any]) -> str:
    return json.dumps(shape, ensure_ascii=False) + "\n"
