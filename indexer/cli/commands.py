"""The commands, as one group, and what becomes of errors."""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from indexer import __version__
from indexer.cli import evaluation, indexing, query_log, questions, service, stewardship, texts, upkeep
from indexer.cli.invocation import Invocation, json_option
from indexer.cli.output import OutputError, ReaderGoneError
from indexer.cli.refusals import READER_GONE, UNFORESEEN, refusal

NAME = "indexer"
COMPLETION_VARIABLE = "_INDEXER_COMPLETE"

EPILOG = """\b
DOC names a document: its id, a citation, source:key, a key, a unique
ending of one (leave-policy.md), or a unique title.
SEL names one of its versions: a number or label (3, v3.1), a commit, a
date (2024-03-01), latest, first or previous. number:, label:, commit: and
date: remove doubt.

\b
Examples:
  indexer backfill
  indexer search "how many days carry over" --doc leave-policy.md --version v3
  indexer search "parental leave" --as-of 2024-03-01
  indexer history leave-policy.md
  indexer diff leave-policy.md@2 3
  indexer show leave-policy.md@2024-03-01

\b
Exit codes: 0 done, 1 unexpected error, 2 wrong usage or configuration,
3 not found, 4 ambiguous, 5 finished but some documents failed,
75 another process is writing (try again).
"""


class InOrderOfUse(click.Group):
    """Lists commands as they were added: what comes first in use comes first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)


@click.group(
    name=NAME,
    cls=InOrderOfUse,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The configuration. Otherwise $INDEXER_CONFIG, ./config.toml or /etc/indexer/config.toml.",
)
@click.option("--debug", is_flag=True, help="Log everything, and show where errors come from.")
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@json_option
@click.pass_obj
def commands(invocation: Invocation, file: Path | None, debug: bool) -> None:
    """Index documents that keep changing, keep every version, and answer from exactly the one you ask for."""
    invocation.file = file
    invocation.debug = debug


for command in (
    indexing.backfill,
    service.run,
    upkeep.status,
    questions.search,
    questions.cite,
    texts.history,
    texts.show,
    texts.diff,
    texts.blame,
    indexing.failures,
    indexing.retry,
    upkeep.check,
    upkeep.rebuild,
    stewardship.purge,
    stewardship.forget,
    stewardship.backup,
    stewardship.restore,
    stewardship.retention,
    evaluation.evaluate,
    query_log.query_log,
):
    commands.add_command(command)


def complete() -> int | None:
    """What a shell asks for that completes words; None where none does."""
    if COMPLETION_VARIABLE not in os.environ:
        return None
    from click.shell_completion import shell_complete

    return shell_complete(commands, {}, NAME, COMPLETION_VARIABLE, os.environ[COMPLETION_VARIABLE])


def run(words: Sequence[str], invocation: Invocation) -> int:
    """Run one command and return its exit code; nothing is raised but what ends the interpreter."""
    try:
        return _run(list(words), invocation)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place that answers for every error
        return refuse(error, words, invocation)


def _run(words: list[str], invocation: Invocation) -> int:
    # Not `commands.main`: it would take any broken pipe, a worker process's too, for a reader that left.
    try:
        with commands.make_context(NAME, words, obj=invocation) as context:
            return int(commands.invoke(context) or 0)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.exceptions.NoArgsIsHelpError as help_:
        invocation.out.say(help_.format_message())
        return help_.exit_code


def refuse(error: BaseException, words: Sequence[str], invocation: Invocation) -> int:
    """Say what went wrong, as people or scripts want it, and return the exit code."""
    if isinstance(error, ReaderGoneError):
        return READER_GONE
    if invocation.debug:
        invocation.out.say("".join(traceback.format_exception(error)).rstrip())
    context = getattr(error, "ctx", None)
    refused = refusal(error, context.command_path if context else NAME)
    if refused.code == UNFORESEEN:
        invocation.unforeseen(error)
    for line in refused.lines:
        invocation.out.say(line)
    # A usage error comes before the options are read, so that `--json` is looked for among the words.
    if invocation.json or "--json" in words[: words.index("--") if "--" in words else None]:
        try:
            invocation.out.write_json(refused.shape)
        except (ReaderGoneError, OutputError):
            return refused.exit_code
    return refused.exit_code
