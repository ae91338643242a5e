"""Commands that bring the index up to date, and those about what could not be indexed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from indexer.cli import shapes
from indexer.cli.invocation import WORDS, Invocation, json_option
from indexer.errors import DocumentError

if TYPE_CHECKING:
    from indexer.ingest.reports import BackfillReport
    from indexer.model import Failure


@click.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=WORDS)
@click.option("--dry-run", is_flag=True, help="Say what would be done and how long it would take.")
@click.option(
    "--accept-deletions",
    is_flag=True,
    help="Believe it when a large part of a source is gone; otherwise nothing of it is buried.",
)
@json_option
@click.pass_obj
def backfill(invocation: Invocation, sources: tuple[str, ...], dry_run: bool, accept_deletions: bool) -> int:
    """Bring sources up to date, their history included.

    Without names all of them. Only what changed is read and embedded. Safe to interrupt and to repeat. Exit code 5 means:
    finished, but some documents could not be indexed, see `indexer failures`.
    """
    report = invocation.backfill(sources, accept_deletions=accept_deletions, dry_run=dry_run)
    return _answer(invocation, report)


@click.command()
@json_option
@click.pass_obj
def failures(invocation: Invocation) -> None:
    """List what could not be indexed, why, and what to do about it."""
    with invocation.queries() as (queries, config):
        found = queries.failures().failures
    if invocation.json:
        invocation.out.write_json(shapes.failures_shape(found))
    else:
        from indexer.cli.tables import draw_failures

        invocation.out.write_drawn(lambda console: draw_failures(console, found, config.timezone))


@click.command()
@click.argument("references", metavar="[DOC]...", nargs=-1, type=WORDS)
@json_option
@click.pass_obj
def retry(invocation: Invocation, references: tuple[str, ...]) -> int:
    """Try again now what could not be indexed.

    All of it, or the named documents.
    """
    from indexer.cli.failing import chosen_failures
    from indexer.ingest.reports import BackfillReport

    with invocation.queries() as (queries, config):
        failed: Sequence[Failure] = queries.failures().failures
        if references:
            failed = chosen_failures(
                failed, references, lambda reference: queries.history(reference).document
            )
    configured = {source.name for source in config.sources}
    keys = {
        name: frozenset(failure.key for failure in failed if failure.source == name)
        for name in sorted({failure.source for failure in failed} & configured)
    }
    if not keys:
        invocation.out.say("nothing to try again: no document of a configured source is listed as a failure")
        return _answer(invocation, BackfillReport())
    return _answer(invocation, invocation.backfill(tuple(keys), retry=keys))


def _answer(invocation: Invocation, report: BackfillReport) -> int:
    if invocation.json:
        invocation.out.write_json(shapes.backfill_shape(report))
    else:
        from indexer.cli.tables import draw_backfill

        invocation.out.write_drawn(lambda console: draw_backfill(console, report))
    return 0 if report.complete else DocumentError.exit_code
