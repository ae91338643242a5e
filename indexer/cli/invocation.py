"""What one call of the command line is about: its configuration, and the form in which it answers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from indexer import logs

if TYPE_CHECKING:
    from indexer.config import Config
    from indexer.ingest.index import ConfiguredSource, Index
    from indexer.query.queries import Queries


@dataclass(slots=True)
class Invocation:
    """The options that every command has, and what follows from them."""

    file: Path | None = None
    """The configuration file that ``--config`` names."""
    json: bool = False
    debug: bool = False

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
    def updating(self, names: tuple[str, ...] = ()) -> Iterator[tuple[Index, list[ConfiguredSource]]]:
        """The index, made where it is missing and locked for writing, and the sources of these names (all, if none)."""
        from indexer.composition import connectors, open_index

        config = self.config(check_sources=True)
        sources = connectors(config, names)
        with open_index(config) as index:
            yield index, sources

    @contextmanager
    def mending(self) -> Iterator[Index]:
        """The index that is there, locked for writing."""
        from indexer.composition import open_index

        with open_index(self.config(), create=False) as index:
            yield index

    @contextmanager
    def looking_through(self) -> Iterator[Index]:
        """The index, for reading everything in it; another process may write to it meanwhile."""
        from indexer.composition import read_index

        with read_index(self.config()) as index:
            yield index


def say(line: str) -> None:
    """Write a line to standard error, in whatever encoding that has; a closed one is no reason to stop."""
    stream = sys.stderr
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except OSError:
        return


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
