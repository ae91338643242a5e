"""Commands for those who answer for an index: removing for good, saving, putting back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.cli import stewardship_shapes as shapes
from indexer.cli.invocation import WORDS, Invocation, json_option
from indexer.cli.visible import visible_line
from indexer.clock import SystemClock
from indexer.errors import BusyError, StoreError, UsageError

if TYPE_CHECKING:
    from indexer.ports.purges import PurgeRecord

PURGE_EXAMPLES = """\b
Examples:
  indexer purge hr/salaries.xlsx --reason "should not have been shared"
  indexer purge leave-policy.md@3 --reason "holds a password" --yes
"""


@click.command(epilog=PURGE_EXAMPLES)
@click.argument("reference", metavar="DOC[@SEL]", type=WORDS)
@click.option("--reason", metavar="TEXT", type=WORDS, required=True, help="Why, for the record that remains.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def purge(invocation: Invocation, reference: str, reason: str, yes: bool) -> None:
    """Remove a document, or one of its versions, for good.

    Its texts, vectors, original bytes, names and messages go from every file of the data folder. A record
    remains: when, by whom and why. The state stays away when its source shows it again. Backups keep what they hold.
    """
    from indexer.query.view import View
    from indexer.stewardship.purge import look_at
    from indexer.stewardship.purge import purge as carry_out

    if not reason.strip():
        raise UsageError("the reason is empty", remedy="say in a few words why it is removed")
    with invocation.mending("purge") as (index, config):
        with index.catalog.snapshot() as snapshot:
            target = look_at(index, View(snapshot, config.timezone), reference)
        invocation.confirm(_lines(shapes.purge_words(target), target.remarks), yes)
        done = carry_out(index, target, reason.strip(), invocation.operator(), invocation.out.say)
    _answer(invocation, shapes.purge_shape(done), shapes.purged_words(done))
    _require_finished(done.record, done.finished)


@click.command()
@click.argument("source", metavar="SOURCE", type=WORDS)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def forget(invocation: Invocation, source: str, yes: bool) -> None:
    """Remove a source for good that is not configured any more.

    All that is indexed of it goes; a record remains. Until then such a source is kept, and `indexer status` shows it
    as detached.
    """
    from indexer.composition import configured_uids
    from indexer.stewardship.forget import forget as carry_out
    from indexer.stewardship.forget import look_at

    with invocation.mending("forget", check_sources=True) as (index, config):
        detached = look_at(index, source, configured_uids(config))
        invocation.confirm(_lines(shapes.forget_words(detached)), yes)
        done = carry_out(index, detached, invocation.operator(), invocation.out.say)
    _answer(invocation, shapes.forget_shape(done), shapes.forgotten_words(done))
    _require_finished(done.record, done.finished)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup(invocation: Invocation, folder: Path) -> None:
    """Copy the index to a folder, also beside a writer.

    Catalog, passages and originals, as they were at one instant. A second backup into the same folder copies
    only what is new; the one before it stays whole until then, and goes after that. What was purged goes with it.
    """
    from indexer.stewardship.backup import back_up
    from indexer.store.filesystem import refuse_network

    config = invocation.config()
    refuse_network(config.data_dir)
    done = back_up(config.data_dir, folder, SystemClock(), invocation.out.say)
    _answer(invocation, shapes.backup_shape(done, folder), shapes.backup_words(done, folder))


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--accept-losses",
    is_flag=True,
    help="Leave out originals that are damaged in the backup; texts are not affected.",
)
@json_option
@click.pass_obj
def restore(invocation: Invocation, folder: Path, accept_losses: bool) -> int:
    """Make an empty data folder what a backup holds.

    The data folder must be empty or missing. Everything is verified before it is copied, and checked afterwards
    as `indexer check` does; exit code 1 means that this found something.
    """
    from indexer.check import check as check_index
    from indexer.stewardship.restore import restore as carry_out
    from indexer.store.filesystem import refuse_network

    config = invocation.config()
    refuse_network(config.data_dir)
    done = carry_out(
        folder, config.data_dir, SystemClock(), accept_losses=accept_losses, note=invocation.out.say
    )
    with invocation.looking_through() as index:
        found = check_index(index, deep=False)
    _answer(invocation, shapes.restore_shape(done, found), shapes.restore_words(done, found))
    return 0 if found.ok else StoreError.exit_code


@click.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=WORDS)
@click.option("--dry-run", is_flag=True, help="Say what would be thinned out.")
@json_option
@click.pass_obj
def retention(invocation: Invocation, sources: tuple[str, ...], dry_run: bool) -> None:
    """Thin out the past, as the sources' rules say.

    Versions that the rule of their source does not keep lose their texts and original bytes; that they were there,
    when, and by whom stays. Sources without a rule keep everything. The daemon does this by itself.
    """
    from indexer.composition import governed
    from indexer.stewardship.retention import through

    with invocation.mending("retention", check_sources=True) as (index, config):
        chosen = governed(config, index, sources)
        reports = [(one, through(index, one, invocation.out.say, dry_run=dry_run)) for one in chosen]
    if not reports:
        invocation.out.say("no source has a retention rule: all versions are kept")
    _answer(
        invocation,
        shapes.retention_shape(reports, dry_run=dry_run),
        *(shapes.retention_words(one, report, dry_run=dry_run) for one, report in reports),
    )


def _lines(question: str, remarks: Sequence[str] = ()) -> list[str]:
    """What is about to happen, and what is to be known of it."""
    return [visible_line(question), *(visible_line(f"note: {remark}") for remark in remarks)]


def _answer(invocation: Invocation, shape: shapes.Shape, *lines: str) -> None:
    if invocation.json:
        invocation.out.write_json(shape)
    else:
        invocation.out.write_text("".join(f"{visible_line(line)}\n" for line in lines))


def _require_finished(record: PurgeRecord, finished: bool) -> None:
    if not finished:
        raise BusyError(
            f"purge {record.id} is done but for unused space in the catalog's file, which a reader has open",
            remedy="end what reads the index for so long; a daemon finishes it within minutes, and without one the next command that writes, such as `indexer backfill`",
        )
