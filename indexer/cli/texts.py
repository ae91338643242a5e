"""Commands about one document: its versions, their texts, what changed and since when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.cli import shapes
from indexer.cli.invocation import WORDS, Invocation, json_option, known_at_option
from indexer.cli.output import OutputError
from indexer.cli.visible import visible_line, visible_text
from indexer.cli.words import document_words, doubt_words, version_words
from indexer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from indexer.query.results import OriginalResult, ShowResult

SHOW_EXAMPLES = """\b
Examples:
  indexer show leave-policy.md@3
  indexer show leave-policy.pdf@2024-03-01 --original -o policy.pdf
"""

DIFF_EXAMPLES = """\b
Examples:
  indexer diff leave-policy.md@2 3
  indexer diff leave-policy.md@2024-03-01 latest
"""


@click.command()
@click.argument("document", metavar="DOC", type=WORDS)
@known_at_option
@json_option
@click.pass_obj
def history(invocation: Invocation, document: str, known_at: str | None) -> None:
    """List the versions of DOC, newest first."""
    with invocation.queries() as (queries, config):
        result = queries.history(document, known_at)
    if invocation.json:
        from indexer.cli.families import family_shape

        shape = shapes.history_shape(result) | {"family": family_shape(result.family)}
        invocation.out.write_json(shape)
    else:
        from indexer.cli.tables import draw_history

        invocation.out.write_drawn(lambda console: draw_history(console, result, config.timezone))


@click.command(epilog=SHOW_EXAMPLES)
@click.argument("reference", metavar="DOC[@SEL]", type=WORDS)
@click.option("--original", is_flag=True, help="Its bytes as the source had them, instead of its text.")
@click.option(
    "-o", "--output", "target", metavar="FILE", type=click.Path(path_type=Path), help="Write them to FILE."
)
@known_at_option
@json_option
@click.pass_obj
def show(
    invocation: Invocation, reference: str, original: bool, target: Path | None, known_at: str | None
) -> None:
    """Print the text of a version; without SEL, of the present one."""
    if original:
        _show_original(invocation, reference, target, known_at)
        return
    if target is not None:
        raise UsageError("-o FILE is for --original", remedy="redirect the text with > FILE")
    with invocation.queries() as (queries, config):
        result = queries.show(reference, known_at)
    if invocation.json:
        invocation.out.write_json(shapes.show_shape(result))
        return
    _introduce(invocation.out.say, result, config.timezone)
    # Into a file or a pipe goes the text itself, exactly.
    invocation.out.write_text(
        (visible_text(result.text) if invocation.out.is_terminal else result.text) + "\n"
    )


@click.command(epilog=DIFF_EXAMPLES)
@click.argument("before", metavar="DOC@A", type=WORDS)
@click.argument("after", metavar="[DOC@]B", type=WORDS)
@known_at_option
@json_option
@click.pass_obj
def diff(invocation: Invocation, before: str, after: str, known_at: str | None) -> None:
    """Show what changed between two versions.

    From version A of DOC to version B, by passage, then by word.
    """
    with invocation.queries() as (queries, config):
        result = queries.diff(before, after, known_at)
    if invocation.json:
        invocation.out.write_json(shapes.diff_shape(result))
    else:
        from indexer.cli.passages import draw_diff

        invocation.out.write_drawn(lambda console: draw_diff(console, result, config.timezone))


@click.command()
@click.argument("reference", metavar="DOC[@SEL]", type=WORDS)
@click.option("--full", is_flag=True, help="Show passages whole.")
@known_at_option
@json_option
@click.pass_obj
def blame(invocation: Invocation, reference: str, full: bool, known_at: str | None) -> None:
    """Show each passage with the version that introduced it."""
    with invocation.queries() as (queries, config):
        result = queries.blame(reference, known_at)
    if invocation.json:
        invocation.out.write_json(shapes.blame_shape(result))
    else:
        from indexer.cli.passages import draw_blame

        invocation.out.write_drawn(lambda console: draw_blame(console, result, config.timezone, full=full))


def _introduce(say: Callable[[str], None], result: ShowResult, zone: tzinfo) -> None:
    """Which version this is: beside the text, not in it."""
    say(f"{document_words(result.document)} · {version_words(result.version, zone)}")
    doubt = doubt_words(result.resolved_by, result.alternatives, zone)
    if doubt:
        say(doubt)
    if result.description.labels:
        say(visible_line(f"labels: {', '.join(result.description.labels)}"))
    for name, value in result.version.version.metadata.items():
        say(visible_line(f"{name}: {value}"))


def _show_original(invocation: Invocation, reference: str, target: Path | None, known_at: str | None) -> None:
    if target is None and invocation.json:
        raise UsageError("--original gives bytes, not JSON", remedy="write them to a file with -o FILE")
    if target is None and invocation.out.is_terminal:
        raise UsageError(
            "the original may not be text, and standard output is a terminal",
            remedy="write it to a file with -o FILE",
        )
    with invocation.queries() as (queries, _):
        result = queries.original(reference, known_at)
    if target is None:
        invocation.out.write_bytes(result.data)
        return
    _write_file(target, result)
    if invocation.json:
        invocation.out.write_json(shapes.original_shape(result, str(target)))


def _write_file(target: Path, result: OriginalResult) -> None:
    try:
        target.write_bytes(result.data)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror})", remedy="name another file with -o FILE"
        ) from error
