"""Commands that look for passages, and for what a citation refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from indexer.cli import shapes
from indexer.cli.invocation import WORDS, Invocation, json_option, known_at_option
from indexer.errors import UsageError
from indexer.query.results import Mode, Question, SearchResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from indexer.ports import TokenCounter
    from indexer.query.surroundings import Surroundings

MOST_HITS = 1000
MOST_AROUND = 20
BUDGET = 2000
"""Tokens of a context, unless it is said."""

SEARCH_EXAMPLES = """\b
Examples:
  indexer search "days carried over" --doc leave-policy.md --version v3
  indexer search "travel expenses" --path "hr/**" --as-of 2024-03-01
  indexer search "parental leave" --under HR/Policies --label approved
  indexer search "BM25 § 4.2" --mode text --history
  indexer search "days carried over" --format context --budget 1500
"""


@click.command(epilog=SEARCH_EXAMPLES)
@click.argument("query", type=WORDS)
@click.option(
    "-k", "k", metavar="N", type=click.IntRange(1, MOST_HITS), default=10, help="At most N passages (10)."
)
@click.option(
    "--source",
    "sources",
    metavar="SOURCE",
    multiple=True,
    type=WORDS,
    help="Only this source; may be repeated.",
)
@click.option(
    "--path",
    "paths",
    metavar="GLOB",
    type=WORDS,
    multiple=True,
    help="Only documents whose key matches; may be repeated.",
)
@click.option(
    "--label",
    "labels",
    metavar="NAME",
    type=WORDS,
    multiple=True,
    help="Only documents that their source labels so; repeated: with all of them.",
)
@click.option(
    "--under",
    metavar="PLACE",
    type=WORDS,
    help="Only documents at or below a place in their source's tree, such as HR/Policies.",
)
@click.option("--doc", "document", metavar="DOC", type=WORDS, help="Only this document.")
@click.option(
    "--version",
    metavar="SEL",
    type=WORDS,
    help="That version: of DOC, or of every document that has such a one.",
)
@click.option("--as-of", metavar="DATE", type=WORDS, help="What was effective then; a day means all of it.")
@known_at_option
@click.option("--history", is_flag=True, help="All versions instead of the present.")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.HYBRID.value,
    show_default=True,
    help="Compare meaning (vector), words (text) or both; or find only its words side by side, taken literally (phrase).",
)
@click.option("--literal", is_flag=True, help="Look for no versions, dates or kinds of question in QUERY.")
@click.option("--full", is_flag=True, help="Show passages whole.")
@click.option(
    "--context",
    "around",
    metavar="N",
    type=click.IntRange(0, MOST_AROUND),
    default=0,
    help="Show the N passages before and after each as well.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["list", "context"]),
    default="list",
    show_default=True,
    help="As a list, or as context for the prompt of a language model.",
)
@click.option(
    "--budget",
    metavar="TOKENS",
    type=click.IntRange(1),
    help=f"Room for the context, as the embedding model counts ({BUDGET}).",
)
@json_option
@click.pass_obj
def search(
    invocation: Invocation,
    query: str,
    k: int,
    sources: tuple[str, ...],
    paths: tuple[str, ...],
    labels: tuple[str, ...],
    under: str | None,
    document: str | None,
    version: str | None,
    as_of: str | None,
    known_at: str | None,
    history: bool,
    mode: str,
    literal: bool,
    full: bool,
    around: int,
    form: str,
    budget: int | None,
) -> None:
    """Find passages, each with a citation that holds for ever.

    Searches the present, unless a version or a time is named: by an option, or in QUERY itself, as in "what did the leave policy say in
    version 3", "when was § 4.2 introduced", "what changed between v2 and v3" or "which versions exist".
    """
    question = Question(
        text=query,
        k=k,
        sources=sources,
        paths=paths,
        labels=labels,
        under=under,
        document=document,
        version=version,
        as_of=as_of,
        known_at=known_at,
        history=history,
        mode=Mode(mode),
        literal=literal,
    )
    as_context = form == "context"
    if budget is not None and not as_context:
        raise UsageError("--budget goes with --format context", remedy="leave it out, or add that")
    if as_context and (full or invocation.json):
        raise UsageError(
            "--format context is a form of its own", remedy="leave --full and --json out, or --format"
        )
    with invocation.queries() as (queries, config):
        result = invocation.search(queries, question)
        places = queries.surroundings(result.hits, around) if around or as_context else None
        counter = queries.counter if as_context else None
    if counter is not None and places is not None:
        _write_context(invocation, query, result, places, config.timezone, budget or BUDGET, counter)
    elif invocation.json:
        invocation.out.write_json(shapes.search_shape(result, places))
    else:
        from indexer.cli.passages import draw_search

        invocation.out.write_drawn(
            lambda console: draw_search(console, result, config.timezone, full=full, places=places)
        )


def _write_context(
    invocation: Invocation,
    query: str,
    result: SearchResult,
    places: Sequence[Surroundings | None],
    zone: tzinfo,
    budget: int,
    counter: TokenCounter,
) -> None:
    from indexer.cli.context import context
    from indexer.query.surroundings import stretches

    made = context(
        query, result, stretches(result.hits, places), zone, budget, lambda text: counter.count([text])[0]
    )
    invocation.out.write_text(made.text)
    if made.left_out:
        invocation.out.say(f"{made.left_out} more had no room in {budget:,} tokens")


@click.command()
@click.argument("citation", type=WORDS)
@json_option
@click.pass_obj
def cite(invocation: Invocation, citation: str) -> None:
    """Show what CITATION refers to, and whether it still stands."""
    with invocation.queries() as (queries, config):
        result = queries.cite(citation)
    if invocation.json:
        invocation.out.write_json(shapes.cite_shape(result))
    else:
        from indexer.cli.passages import draw_cite

        invocation.out.write_drawn(lambda console: draw_cite(console, result, config.timezone))
