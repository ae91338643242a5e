"""The command that shows, exports and verifies the questions that the service answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final

import click

from indexer.cli.invocation import Invocation, json_option
from indexer.clock import rfc3339

if TYPE_CHECKING:
    from rich.console import Console

    from indexer.ports.query_log import LoggedQuery
    from indexer.query.logged import Verified

UNVERIFIED: Final = 1
_SHOWN: Final = 20
"""Questions that people are shown, unless they ask for more."""
_CITATIONS: Final = 3
"""Of one question."""
_WIDTH: Final = 78


@click.command(name="log")
@click.option(
    "-n",
    "count",
    metavar="N",
    type=click.IntRange(1),
    help=f"The newest N ({_SHOWN}; with --json or --verify all).",
)
@click.option(
    "--verify", is_flag=True, help="Make sure that what was cited then can be shown, and was visible then."
)
@json_option
@click.pass_obj
def query_log(invocation: Invocation, count: int | None, verify: bool) -> int:
    """Show the questions that the service answered, newest first.

    With --json each question is one line (JSON Lines). --verify looks every citation up again, as known when it was
    given; exit code 1 means that one does not hold.
    """
    from indexer.query.logged import Verified
    from indexer.query.logged import verify as verified

    most = count if count is not None or verify or invocation.json else _SHOWN
    config = invocation.config()
    with invocation.looking_through() as index, index.catalog.snapshot() as snapshot:
        looked_at = (
            verified(snapshot, query) if verify else Verified(query)
            for query in snapshot.logged_queries(most)
        )
        if invocation.json:
            problems = 0
            for one in looked_at:
                problems += len(one.problems)
                invocation.out.write_text(json.dumps(_shape(one, verify=verify), ensure_ascii=False) + "\n")
            return UNVERIFIED if problems else 0
        found = list(looked_at)
    if verify:
        invocation.out.write_text("".join(f"{line}\n" for line in _verdict(found)))
    else:
        invocation.out.write_drawn(lambda console: _draw(console, found, config.timezone))
    return UNVERIFIED if any(one.problems for one in found) else 0


def _shape(one: Verified, *, verify: bool) -> dict[str, Any]:
    query = one.query
    shape: dict[str, Any] = {
        "asked": rfc3339(query.asked),
        "who": query.who,
        "question": query.question,
        "options": dict(query.options),
        "interpretation": query.interpretation,
        "answer": query.answer,
        "refused": query.refused,
        "known_at": rfc3339(query.known_at),
        "citations": [
            {"citation": citation, "valid_at": rfc3339(valid_at)} for citation, valid_at in query.citations
        ],
        "milliseconds": query.microseconds / 1000,
    }
    if verify:
        shape |= {"verified": not one.problems, "problems": list(one.problems), "thinned_out": one.thinned}
    return shape


def _verdict(found: Iterable[Verified]) -> Iterator[str]:
    """Every problem, and the sum."""
    from indexer.cli.moments import count
    from indexer.cli.visible import shortened, visible_line

    questions = citations = thinned = problems = 0
    for one in found:
        questions += 1
        citations += len(one.query.citations)
        thinned += one.thinned
        problems += len(one.problems)
        if one.problems:
            yield f"{rfc3339(one.query.asked)} {shortened(one.query.question, _WIDTH)}"
            yield from (f"   {visible_line(problem)}" for problem in one.problems)
    yield (
        f"{count(questions, 'question')}, {count(citations, 'citation')}: "
        + (f"{problems:,} do not hold" if problems else "all hold")
        + (f", {thinned:,} of versions that were thinned out" if thinned else "")
    )


def _draw(console: Console, found: Iterable[Verified], zone: tzinfo) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from indexer.cli.moments import moment
    from indexer.cli.visible import shortened, visible_line

    nothing = True
    for one in found:
        if not nothing:
            console.print()
        nothing = False
        query = one.query
        head = [moment(query.asked, zone), query.who or "", f"{query.microseconds / 1000:.0f} ms"]
        console.print(Text(" · ".join(visible_line(part) for part in head if part), style="dim"))
        console.print(Text(shortened(query.question, _WIDTH), style="bold"))
        for line in _understood(query):
            console.print(Padding(Text(shortened(line, _WIDTH - 3)), (0, 0, 0, 3)))
        for citation, _ in query.citations[:_CITATIONS]:
            console.print(Text(f"   {visible_line(citation)}", style="dim"), soft_wrap=True)
        if (more := len(query.citations) - _CITATIONS) > 0:
            console.print(Text(f"   and {more} more", style="dim"))
    if nothing:
        console.print(
            Text(
                "No question is kept. A running service keeps those that it answers, see [log] in the configuration."
            )
        )


def _understood(query: LoggedQuery) -> Iterator[str]:
    options: Mapping[str, Any] = query.options
    if options:
        yield ", ".join(f"{name} {value}" for name, value in options.items())
    if query.interpretation:
        yield query.interpretation
    if query.refused is not None:
        yield f"refused ({query.refused}): {query.answer}"
    elif query.answer is not None:
        yield query.answer
