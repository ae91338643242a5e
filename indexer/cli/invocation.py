"""What one call of the command line is about: its configuration, and the form in which it answers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from indexer import logs
from indexer.cli.output import Output, StandardOutput
from indexer.errors import UsageError

if TYPE_CHECKING:
    from indexer.clock import Clock
    from indexer.config import Config
    from indexer.ingest.index import Index
    from indexer.ingest.progress import Progress
    from indexer.ingest.reports import BackfillReport
    from indexer.query.queries import Queries
    from indexer.query.results import Question, SearchResult


@dataclass(slots=True)
class Invocation:
    """The options that every command has, and what follows from them: the index of this process's own, and its streams."""

    file: Path | None = None
    """The configuration file that ``--config`` names."""
    json: bool = False
    debug: bool = False
    out: Output = field(default_factory=StandardOutput)

    def config(self, *, check_sources: bool = False) -> Config:
        """The configuration; `check_sources` makes sure of the settings of every source's connector as well.

        Raises `ConfigurationError`.
        """
        from indexer import config
        from indexer.composition import check_source

        found = config.load(self.file, os.environ, check_source if check_sources else None)
        quietest = "warning" if found.log.level in ("debug", "info") else found.log.level
        logs.configure("debug" if self.debug else quietest, found.log.format)
        return found

    @contextmanager
    def queries(self) -> Iterator[tuple[Queries, Config]]:
        """The questions that can be asked of the configured index."""
        from indexer.composition import open_queries

        config = self.config()
        with open_queries(config) as queries:
            yield queries, config

    @contextmanager
    def mending(self, purpose: str, *, check_sources: bool = False) -> Iterator[tuple[Index, Config]]:
        """The index that is there, locked for writing; `purpose` says to others what for."""
        from indexer.composition import open_index

        config = self.config(check_sources=check_sources)
        with open_index(config, create=False, note=self.out.say) as index:
            yield index, config

    @contextmanager
    def looking_through(self) -> Iterator[Index]:
        """The index, for reading everything in it; another process may write to it meanwhile."""
        from indexer.composition import read_index

        with read_index(self.config()) as index:
            yield index

    def backfill(
        self,
        names: tuple[str, ...],
        *,
        accept_deletions: bool = False,
        dry_run: bool = False,
        retry: Mapping[str, frozenset[str]] | None = None,
    ) -> BackfillReport:
        """Bring the sources of these names (all, if none) up to date; the index is made where it is missing."""
        from indexer.composition import connectors, open_index
        from indexer.connecting import closing
        from indexer.ingest.backfill import Backfill

        config = self.config(check_sources=True)
        sources = connectors(config, names)
        with open_index(config) as index, self.progress(index.clock) as progress, closing(sources):
            return Backfill(index, progress).run(
                sources, accept_deletions=accept_deletions, dry_run=dry_run, retry=retry
            )

    @contextmanager
    def progress(self, clock: Clock) -> Iterator[Progress]:
        """Progress that whoever gave the command sees."""
        from indexer.cli.progress import shown_progress

        with shown_progress(self.out.say, clock) as progress:
            yield progress

    def search(self, queries: Queries, question: Question) -> SearchResult:
        """Ask `question`; whoever keeps questions hears of it."""
        return queries.search(question)

    def confirm(self, lines: Sequence[str], yes: bool) -> None:
        """Say what is about to happen for good, and ask, unless that was answered already with `yes`.

        Raises `UsageError` where nobody can be asked, and what ends a command that is not meant.
        """
        for line in lines:
            self.out.say(line)
        if not yes:
            ask_to_go_on()

    def unforeseen(self, error: BaseException) -> None:
        """Hears of an error that is a mistake of the program, before whoever gave the command is told in one line."""

    def daemon(self) -> Mapping[str, Any] | None:
        """What the daemon knows of itself, `Service.state`; None where none runs.

        One that does not answer for this command may run all the same: by the configuration before this one.
        """
        from indexer.cli.client import PATIENCE, state_of

        return state_of(self.config().data_dir, PATIENCE)

    def operator(self) -> str:
        """Who gave the command, for the record."""
        from indexer.stewardship.operator import operator

        return operator()


def ask_to_go_on() -> None:
    """Ask on the terminal. Raises `UsageError` where there is none, and `click.Abort` if it is not meant."""
    if not sys.stdin.isatty():
        raise UsageError(
            "nobody can be asked here, and it cannot be undone", remedy="add --yes if it is meant"
        )
    click.confirm("This cannot be undone. Go on?", abort=True, err=True)


class _Words(click.ParamType[str]):
    """What people type about documents, as valid Unicode.

    The shell passes bytes, and completes a file name that is no UTF-8 as it is. Each such byte is
    written as it stands in keys, so that the name still finds its document.
    """

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return _UNDECODABLE.sub(lambda found: f"\N{REPLACEMENT CHARACTER}{ord(found[0]) - 0xDC00:02x}", value)


WORDS: Final = _Words()
_UNDECODABLE: Final = re.compile("[\udc80-\udcff]")
"""Python's stand-ins for bytes that are no UTF-8 (PEP 383)."""


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json``, before the command or after it."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_remember_json,
        help="Print one JSON document on standard output.",
    )(command)


def known_at_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--known-at DATE``."""
    return click.option(
        "--known-at", metavar="DATE", type=WORDS, help="Answer with what the index knew at that date or time."
    )(command)


def _remember_json(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.ensure_object(Invocation).json = True
