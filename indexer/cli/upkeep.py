"""Commands about the index as a whole: how it stands, whether it is sound, making it anew."""

from __future__ import annotations

import click

from indexer.cli import shapes
from indexer.cli.circumstances import alert_lines, alerts_shape, circumstances
from indexer.cli.invocation import Invocation, json_option
from indexer.clock import SystemClock
from indexer.errors import StoreError
from indexer.query.alerts import alerts
from indexer.query.results import FailuresResult
from indexer.query.status import with_configured

UNSOUND = 1
WORRYING = 1


@click.command()
@click.option(
    "--check", is_flag=True, help="Only what somebody should look at; exit code 1 if there is anything."
)
@click.option(
    "--disk", is_flag=True, help="Measure all that is kept, by source; takes seconds where there is much."
)
@json_option
@click.pass_obj
def status(invocation: Invocation, check: bool, disk: bool) -> int:
    """Show sources, counts, failures, freshness and the work saved."""
    config = invocation.config()
    result, failures = None, FailuresResult(())
    try:
        with invocation.queries() as (queries, _):
            result = queries.status(disk=disk)
            if check:
                failures = queries.failures()
    except StoreError as error:
        if error.code != "nothing-indexed":
            raise
    result = with_configured(result, ((source.name, source.kind) for source in config.sources))
    daemon = invocation.daemon()
    shape = shapes.status_shape(result, daemon)
    if check:
        found = alerts(result, circumstances(config, daemon, failures.failures, SystemClock().now()))
        if invocation.json:
            invocation.out.write_json(shape | {"alerts": alerts_shape(found)})
        else:
            invocation.out.write_text("".join(f"{line}\n" for line in alert_lines(found)))
        return WORRYING if found else 0
    if invocation.json:
        invocation.out.write_json(shape)
    else:
        from indexer.cli.tables import draw_status

        invocation.out.write_drawn(lambda console: draw_status(console, result, config.timezone, daemon))
    return 0


@click.command()
@click.option("--deep", is_flag=True, help="Read everything: texts, vectors and originals too.")
@json_option
@click.pass_obj
def check(invocation: Invocation, deep: bool) -> int:
    """Verify the invariants on the live index.

    Exit code 1 means: something does not hold.
    """
    from indexer.check import check as check_index

    with invocation.looking_through() as index:
        report = check_index(index, deep=deep)
    if invocation.json:
        invocation.out.write_json(shapes.check_shape(report))
    else:
        from indexer.cli.tables import draw_check

        invocation.out.write_drawn(lambda console: draw_check(console, report))
    return 0 if report.ok else UNSOUND


@click.command()
@json_option
@click.pass_obj
def rebuild(invocation: Invocation) -> None:
    """Make the passages table anew from the catalog.

    Every passage is embedded once more; no source is read.
    """
    from indexer.ingest.recovery import rebuild as rebuild_passages

    clock = SystemClock()
    began = clock.monotonic()
    with invocation.mending("rebuild") as (index, _), invocation.progress(clock) as progress:
        rebuild_passages(index, progress.note)
    with invocation.queries() as (queries, _):
        passages = queries.status().totals.passages
    seconds = clock.monotonic() - began
    if invocation.json:
        invocation.out.write_json(shapes.rebuild_shape(passages, seconds))
    else:
        from indexer.cli.tables import draw_rebuild

        invocation.out.write_drawn(lambda console: draw_rebuild(console, passages, seconds))
