"""Runs commands inside the daemon, for another process: the same commands, with the daemon's index and somebody else's terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from indexer import logs
from indexer.cli.commands import run
from indexer.cli.forwarding import LONG, READING, has_help, runs_alone
from indexer.cli.invocation import Invocation
from indexer.cli.output import CollectedOutput
from indexer.daemon.control.request import Audience, CommandOutcome, CommandRequest, MalformedError
from indexer.errors import BusyError, IndexerError, UsageError
from indexer.query.logged import answered, refused

if TYPE_CHECKING:
    from indexer.clock import Clock
    from indexer.config import Config
    from indexer.daemon.service import Service
    from indexer.ingest.index import Index
    from indexer.ingest.progress import Progress
    from indexer.ingest.reports import BackfillReport
    from indexer.query.queries import Queries
    from indexer.query.results import Question, SearchResult

_log = logs.get("control")


class UnconfirmedError(BaseException):
    """Whoever gave the command is to be asked first. No `Exception`: it is no answer to a command that went wrong."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self.lines = tuple(lines)


class ServedCommands:
    """Implements `indexer.daemon.control.request.CommandRunner` for a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def takes_long(self, arguments: tuple[str, ...]) -> bool:
        command = next((word for word in arguments if word != "--json"), "")
        if command not in READING + LONG or has_help(arguments) or runs_alone(command, arguments):
            raise MalformedError(f'"{command}" is not run in the daemon, or not in this way')
        return command in LONG

    def __call__(self, request: CommandRequest, audience: Audience) -> CommandOutcome:
        said: list[str] = []
        out = CollectedOutput(request.terminal, said.append if audience.progress is None else audience.said)
        invocation = _Served(out=out, service=self._service, request=request, audience=audience)
        try:
            code = run(request.arguments, invocation)
        except UnconfirmedError as error:
            return CommandOutcome(0, unconfirmed=error.lines)
        return CommandOutcome(code, out.text, "".join(f"{line}\n" for line in said))


@dataclass(slots=True, kw_only=True)
class _Served(Invocation):
    """An invocation whose index is the daemon's."""

    service: Service
    request: CommandRequest
    audience: Audience

    def config(self, *, check_sources: bool = False) -> Config:
        # That its sources are sound was made sure of when the daemon read it.
        if self.file is not None or self.debug:
            raise UsageError("--config and --debug are not for commands that the daemon runs")
        return self.service.config

    @contextmanager
    def queries(self) -> Iterator[tuple[Queries, Config]]:
        config = self.config()
        with self.service.queries() as queries:
            yield queries, config

    @contextmanager
    def mending(self, purpose: str, *, check_sources: bool = False) -> Iterator[tuple[Index, Config]]:
        config = self.config()
        with self.service.exclusive(purpose) as index:
            yield index, config

    def backfill(
        self,
        names: tuple[str, ...],
        *,
        accept_deletions: bool = False,
        dry_run: bool = False,
        retry: Mapping[str, frozenset[str]] | None = None,
    ) -> BackfillReport:
        from indexer.composition import connectors, source_names
        from indexer.connecting import closing
        from indexer.ingest.backfill import Backfill
        from indexer.ingest.progress import Silence

        config = self.config()
        chosen = source_names(config, names)
        progress = self.audience.progress or Silence()
        if dry_run:
            sources = connectors(config, chosen)
            with self.service.at_rest(chosen, "dry run") as index, closing(sources):
                looking = replace(index, between=self._still_wanted)
                return Backfill(looking, progress).run(sources, dry_run=True)
        report = self.service.backfill(
            chosen, accept_deletions=accept_deletions, retry=retry, progress=progress
        )
        both: set[Any] = {report, self.audience.gone}
        wait(both, return_when=FIRST_COMPLETED)
        if not report.done():
            raise BusyError(
                self.audience.gone.result(), remedy="what was finished is kept; the work goes on when it runs"
            )
        return report.result()

    def _still_wanted(self) -> None:
        """Raise `BusyError` if nobody waits any more: what is only counted is of no use then."""
        if self.audience.gone.done():
            raise BusyError(self.audience.gone.result(), remedy="give the command again")

    @contextmanager
    def progress(self, clock: Clock) -> Iterator[Progress]:
        from indexer.ingest.progress import Silence

        yield self.audience.progress or Silence()

    def search(self, queries: Queries, question: Question) -> SearchResult:
        service = self.service
        asked, began = service.now(), service.monotonic()
        before = queries.recorded()
        try:
            result = queries.search(question)
        except IndexerError as error:
            seconds = service.monotonic() - began
            query = refused(question, error, asked=asked, recorded=before, seconds=seconds)
            service.keep_query(query, self.request.uid)
            raise
        seconds = service.monotonic() - began
        query = answered(question, result, asked=asked, recorded=before, seconds=seconds)
        service.keep_query(query, self.request.uid)
        return result

    def confirm(self, lines: Sequence[str], yes: bool) -> None:
        confirmed = self.request.confirmed
        if yes:
            for line in lines:
                self.out.say(line)
        elif confirmed is None:
            raise UnconfirmedError(lines)
        elif confirmed != tuple(lines):
            raise UsageError(
                "what would be removed is not what it was when you were asked",
                remedy="give the command again",
            )

    def unforeseen(self, error: BaseException) -> None:
        _log.error("command failed", command=self.request.arguments[:1], error=repr(error), exc_info=error)

    def operator(self) -> str:
        return self.request.operator or Invocation.operator(self)

    def daemon(self) -> Mapping[str, Any] | None:
        return self.service.state()
