"""A connector whose source is looked at by another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from indexer.clock import Clock, SystemClock, rfc3339
from indexer.errors import IndexerError, ReadError, SourceError
from indexer.outside import wire
from indexer.outside.conversation import Conversation
from indexer.outside.process import ConnectorProcess, GoneError, Patience, SilentError
from indexer.outside.recipe import Recipe
from indexer.outside.wire import DefectError
from indexer.ports import Connector, Content, Event, KeepsCopies, Offshoot, Watchable, Watched
from indexer.processes.frames import GarbageError

_ENOUGH: Final = 3
"""Documents in a row of which none could be read because the process did not answer, or died: then it is the source."""


def look_from_outside(
    recipe: Recipe,
    patience: Patience | None = None,
    *,
    when: Callable[[], bool] = lambda: True,
    unsafe: Callable[[], Sequence[str]] = list,
) -> OutsideConnector:
    """The connector that `recipe` makes, with its looking and reading done by another process; see `OutsideConnector`."""
    return OutsideConnector(recipe.make(), recipe, patience, when=when, unsafe=unsafe)


class OutsideConnector:
    """Asks a connector in another process; what the settings alone decide is answered here, by one like it.

    Keeps the contract of the connector inside, and two things besides:

    * Where the other process says nothing for longer than `Patience` has it, and does not work either, it
      is killed. A document whose reading it was costs only itself (`ReadError`, ``not-answering``); a listing,
      and several documents in a row, the source (`SourceError`, ``not-answering``). So it is where the process
      dies (``source-crashed``). Nothing is concluded of what was not seen.
    * A process that hangs in the kernel cannot be killed. It is left to itself; until it is gone everything
      asked of the source fails at once, so that a share that is away for days costs one process.

    A listing goes a little ahead of whoever iterates over it, yet never past an event at which the
    core reads what was told so far. Thread-safe; the source is asked one thing at a time. To be closed when the
    program ends: who waits then is told `ClosedError` at once.
    """

    def __init__(
        self,
        inner: Connector,
        recipe: Recipe,
        patience: Patience | None = None,
        *,
        when: Callable[[], bool] = lambda: True,
        unsafe: Callable[[], Sequence[str]] = list,
        clock: Clock | None = None,
        start: Callable[..., ConnectorProcess] = ConnectorProcess,
    ) -> None:
        """`inner`: what `recipe` makes. `when`: whether another process is to look; asked for each listing and for
        each state, as a share may be mounted at any time. If it is not, `inner` does. `unsafe`: the roots, where this
        process must not look at them even to tell what is to be watched. `start` starts a process.
        """
        self._inner = inner
        self._recipe = recipe
        self._when = when
        self._unsafe = unsafe
        self._conversation = Conversation(recipe, patience or Patience(), clock or SystemClock(), start)
        self._failed = 0
        """Documents in a row that could not be read because of the process."""
        self._listings = count()

    # --- answered here -----------------------------------------------------------------------

    @property
    def kind(self) -> str:
        return self._inner.kind

    @property
    def snapshot(self) -> bool:
        return self._inner.snapshot

    @property
    def lasting(self) -> bool:
        return self._inner.lasting

    @property
    def uid(self) -> str:
        return self._inner.uid

    def wants(self, key: str) -> bool:
        return self._inner.wants(key)

    def accept(self, cursor: str) -> str:
        return self._inner.accept(cursor)

    @property
    def copies(self) -> Sequence[Path]:
        """As of the connector inside; none where it keeps none."""
        return self._inner.copies if isinstance(self._inner, KeepsCopies) else ()

    def watched(self) -> Sequence[Watched]:
        """As of the connector inside, which may have to look for that; roots that are not safe to look at stand for themselves."""
        if roots := self._unsafe():
            return [Watched(root) for root in roots]
        return self._inner.watched() if isinstance(self._inner, Watchable) else ()

    @property
    def pid(self) -> int | None:
        """The process that looks at the source now, or hangs; None where there is none."""
        return self._conversation.pid

    # --- answered by the process ----------------------------------------------------------------

    def changes(self, cursor: str | None, scopes: Sequence[str] | None = None) -> Iterator[Event]:
        """As of the connector inside; raises `SourceError` with ``not-answering`` and ``source-crashed`` besides."""
        self._failed = 0
        if not self._when():
            yield from self._inner.changes(cursor, scopes)
            return
        listing = next(self._listings)
        limits = None if scopes is None else list(scopes)
        begin = {"do": "list", "listing": listing, "cursor": cursor, "scopes": limits}
        with self._as_source_errors():
            part = self._conversation.with_process(lambda process: self._part(process, begin))
        try:
            yield from part.events
            while part.more:
                go_on = {"do": "go on", "listing": listing}
                with self._as_source_errors():
                    part = self._conversation.with_process(partial(self._part, question=go_on), part.process)
                yield from part.events
        finally:
            if part.more:
                self._conversation.abandon(part.process, listing)
        if part.failure is not None:
            with self._as_source_errors():
                raise part.failure

    def read_state(self, key: str, origin: str) -> Content:
        """As of the connector inside; raises `SourceError` besides, where the source does not answer."""
        if not self._when():
            return self._inner.read_state(key, origin)
        return self.read(key, lambda _: {"do": "read state", "key": key, "origin": origin})

    def close(self) -> None:
        """End the process. May be called by any thread, and again."""
        self._conversation.close()

    # --- for the functions of events -----------------------------------------------------------

    def read(self, key: str, question: Callable[[ConnectorProcess], dict[str, Any]]) -> Content:
        """The bytes that a process gives for its question. Raises `ReadError`, `SourceError`."""
        try:
            content = self._conversation.with_process(
                lambda process: wire.decode_content(*process.ask_content(question(process)))
            )
        except (SilentError, GoneError) as error:
            self._failed += 1
            if self._failed >= _ENOUGH or self._conversation.hangs:
                raise self._source_error(error) from error
            raise self._read_error(key, error) from error
        except DefectError as error:
            raise self._read_error(key, error) from error
        except ReadError:
            self._failed = 0
            raise
        self._failed = 0
        return content

    def look(self, process: ConnectorProcess, number: int, revision: str) -> Offshoot | None:
        """What a process sees at a revision. Raises `SourceError`."""
        question = {"do": "look", "number": number, "revision": revision}
        with self._as_source_errors():
            return self._conversation.with_process(
                lambda process: wire.decode_offshoot(
                    process.ask(question, wire.OFFSHOOT), self._proxies(process)
                ),
                process,
            )

    # --- the process ------------------------------------------------------------------------------

    def _part(self, process: ConnectorProcess, question: dict[str, Any]) -> _Part:
        told, proxies = process.ask(question, wire.EVENTS), self._proxies(process)
        try:
            events = [wire.decode_event(said, proxies) for said in told["events"]]
            failure = wire.decode_failure(told["failure"]) if "failure" in told else None
            return _Part(process, events, bool(told["more"]), failure)
        except (KeyError, TypeError) as error:
            raise GarbageError("it is no part of a listing") from error

    def _proxies(self, process: ConnectorProcess) -> wire.Proxies:
        return wire.Proxies(
            lambda number, key, origin: _Read(self, process, number, key, origin),
            lambda number: _Look(self, process, number),
        )

    # --- what went wrong --------------------------------------------------------------------------

    @contextmanager
    def _as_source_errors(self) -> Iterator[None]:
        try:
            yield
        except (SilentError, GoneError, DefectError, OSError) as error:
            raise self._source_error(error) from error

    def _source_error(self, error: Exception) -> SourceError:
        place = f"source {self._recipe.name} ({self.uid.partition(':')[2]})"
        if isinstance(error, SilentError):
            return SourceError(
                f"{place} has not answered since {rfc3339(error.since // 1_000_000 * 1_000_000)}",
                remedy="is the share mounted and its server up? It is tried again at the next scan",
                code="not-answering",
            )
        if isinstance(error, DefectError):
            how = f"the connector of {place} failed ({error})"
        elif isinstance(error, GoneError):
            how = f"the process that looks at {place} {error}"
        else:
            how = f"no process could be started to look at {place} ({error})"
        return SourceError(
            how, remedy="it is tried again at the next scan; report this if it stays", code="source-crashed"
        )

    def _read_error(self, key: str, error: Exception) -> ReadError:
        if isinstance(error, SilentError):
            return ReadError(
                "not-answering",
                f"{key} could not be read: nothing came for {self._conversation.patience.silent:.0f} seconds",
                remedy="it is tried again later; see whether the file opens at all",
            )
        how = "the connector failed" if isinstance(error, DefectError) else "the process that read it"
        return ReadError(
            "source-crashed",
            f"{key} could not be read: {how} {error}",
            remedy="it is tried again later; report this if it stays",
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """Some events of a listing, from the process that can go on with it."""

    process: ConnectorProcess
    events: Sequence[Event]
    more: bool
    failure: IndexerError | DefectError | None
    """What ended the listing behind these events."""


class _Read:
    """Reads the bytes of a state: from the process that told of it, or by name where that has ended."""

    __slots__ = ("_connector", "_key", "_number", "_origin", "_process")

    def __init__(
        self,
        connector: OutsideConnector,
        process: ConnectorProcess,
        number: int,
        key: str,
        origin: str | None,
    ) -> None:
        self._connector = connector
        self._process = process
        self._number = number
        self._key = key
        self._origin = origin

    def __call__(self) -> Content:
        return self._connector.read(self._key, self._question)

    def _question(self, process: ConnectorProcess) -> dict[str, Any]:
        if process is self._process:
            return {"do": "read", "number": self._number}
        if self._origin is None:
            return {"do": "read now", "key": self._key}
        return {"do": "read state", "key": self._key, "origin": self._origin}

    def __del__(self) -> None:
        self._process.forgotten.append(self._number)


class _Look:
    """Looks at a tagged revision, in the process that told of the tags."""

    __slots__ = ("_connector", "_number", "_process")

    def __init__(self, connector: OutsideConnector, process: ConnectorProcess, number: int) -> None:
        self._connector = connector
        self._process = process
        self._number = number

    def __call__(self, revision: str) -> Offshoot | None:
        return self._connector.look(self._process, self._number, revision)

    def __del__(self) -> None:
        self._process.forgotten.append(self._number)
