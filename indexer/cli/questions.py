"""Commands that look for passages, and for what a citation refers to."""

from __future__ import annotations

import click

from indexer.cli import shapes
from indexer.cli.invocation import WORDS, Invocation, json_option, known_at_option
from indexer.query.results import Mode, Question

MOST_HITS = 1000

SEARCH_EXAMPLES = """\b
Examples:
  indexer search "days carried over" --doc leave-policy.md --version v3
  indexer search "travel expenses" --path "hr/**" --as-of 2024-03-01
  indexer search "parental leave" --under HR/Policies --label approved
  indexer search "BM25 § 4.2" --mode text --history
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
    help="Compare meaning (vector), words (text) or both.",
)
@click.option("--literal", is_flag=True, help="Look for no versions, dates or kinds of question in QUERY.")
@click.option("--full", is_flag=True, help="Show passages whole.")
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
    with invocation.queries() as (queries, config):
        result = queries.search(question)
    if invocation.json:
        invocation.out.write_json(shapes.search_shape(result))
    else:
        from indexer.cli.passages import draw_search

        invocation.out.write_drawn(lambda console: draw_search(console, result, config.timezone, full=full))


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
