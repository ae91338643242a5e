"""Logging: structured lines on standard error, for people on a terminal and as JSON lines everywhere else.

structlog is imported when the first line is written, not before, so that a command that answers
from the catalog and has nothing to report starts fast. Loggers may be taken before `configure`.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol, TextIO

from indexer.clock import Clock, SystemClock, rfc3339
from indexer.config.values import LogFormat, LogLevel

_LEVELS: Final[Mapping[str, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_TALKATIVE: Final = frozenset({"py", "transformers", "sentence_transformers", "huggingface_hub"})
"""Families of library loggers (``py`` is where Python warnings go) whose warnings are no news to whoever runs an indexer: they are shown at ``debug``, errors always."""
_QUIETED: Final[Mapping[str, str]] = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TQDM_DISABLE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Read by the embedding model's libraries when they are imported: no progress bars, no advice about forks."""
_SECRET_WORDS: Final = frozenset(
    {"password", "passwd", "secret", "token", "authorization", "credentials", "apikey"}
)
_CREDENTIALS_IN_URL: Final = re.compile(r'(?<=://)[^/\s@"]+(?=@)')
_HIDDEN: Final = "***"
_bound: Final[ContextVar[Mapping[str, object]]] = ContextVar("bound", default={})  # noqa: B039 - never changed in place


class Logger(Protocol):
    """Takes events: a short constant phrase, and what varies as keywords."""

    def debug(self, event: str, /, **details: object) -> None:
        """What only the search for a mistake needs."""

    def info(self, event: str, /, **details: object) -> None:
        """What an operator wants to know later."""

    def warning(self, event: str, /, **details: object) -> None:
        """Something is not as it should be; the work goes on."""

    def error(self, event: str, /, **details: object) -> None:
        """Something was not done."""

    def exception(self, event: str, /, **details: object) -> None:
        """An error with the traceback of the exception that is being handled."""


def configure(
    level: LogLevel = "info",
    format: LogFormat = "auto",  # noqa: A002 - the configuration's own word
    *,
    stream: TextIO | None = None,
    clock: Clock | None = None,
) -> None:
    """Write lines of at least `level` to `stream`, those of libraries included. May be called again.

    Without a stream it is whatever `sys.stderr` is when a line is written, so that a progress
    display that takes over the terminal keeps log lines above itself.
    """
    for variable, value in _QUIETED.items():
        os.environ.setdefault(variable, value)
    output = _Output(_LEVELS[level], format, stream, clock or SystemClock())
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _FromLibraries)]:
        root.removeHandler(handler)
    root.addHandler(_FromLibraries(output))
    logging.captureWarnings(True)
    _current.output = output


@contextmanager
def bound(**details: object) -> Iterator[None]:
    """Every line that this thread writes inside has these details as well, unless it says otherwise itself."""
    token = _bound.set({**_bound.get(), **details})
    try:
        yield
    finally:
        _bound.reset(token)


def get(name: str) -> Logger:
    """The logger of a part of the indexer, such as ``ingest``. Until `configure` it writes warnings and errors."""
    return _Named(name)


class _Output:
    """One configuration of where lines go; sets structlog up when it is first used."""

    def __init__(self, level: int, format: LogFormat, stream: TextIO | None, clock: Clock) -> None:  # noqa: A002
        self.level = level
        self._format = format
        self._stream = stream
        self._clock = clock
        self._setup = threading.Lock()
        self._logger: Any = None

    def emit(self, level: int, name: str, event: str, details: Mapping[str, object]) -> None:
        if level < self.level:
            return
        with self._setup:
            if self._logger is None:
                self._logger = self._make()
        self._logger.bind(**{**_bound.get(), **details}, logger=name).log(level, event)

    def write(self, line: str) -> None:
        self._target().write(_CREDENTIALS_IN_URL.sub(_HIDDEN, line))

    def flush(self) -> None:
        self._target().flush()

    def _target(self) -> TextIO:
        return sys.stderr if self._stream is None else self._stream

    def _make(self) -> Any:
        import structlog

        console = self._format == "console" or (self._format == "auto" and self._target().isatty())
        render: list[Any]
        if console:
            render = [
                structlog.dev.ConsoleRenderer(
                    colors=self._target().isatty() and "NO_COLOR" not in os.environ,
                    exception_formatter=structlog.dev.plain_traceback,
                )
            ]
        else:
            render = [
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ]
        return structlog.wrap_logger(
            structlog.WriteLogger(self),  # type: ignore[arg-type]
            processors=[
                structlog.processors.add_log_level,
                self._stamp,
                _hide_secrets,
                *render,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(self.level),
        )

    def _stamp(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {
            "timestamp": rfc3339(self._clock.now()),
            "level": event.pop("level"),
            "logger": event.pop("logger"),
            "event": event.pop("event"),
            **event,
        }


class _Current:
    """What `configure` set last."""

    def __init__(self) -> None:
        self.output = _Output(logging.WARNING, "auto", None, SystemClock())


_current: Final = _Current()


class _Named:
    """A logger that asks for the present configuration at each line."""

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, /, **details: object) -> None:
        _current.output.emit(logging.DEBUG, self._name, event, details)

    def info(self, event: str, /, **details: object) -> None:
        _current.output.emit(logging.INFO, self._name, event, details)

    def warning(self, event: str, /, **details: object) -> None:
        _current.output.emit(logging.WARNING, self._name, event, details)

    def error(self, event: str, /, **details: object) -> None:
        _current.output.emit(logging.ERROR, self._name, event, details)

    def exception(self, event: str, /, **details: object) -> None:
        _current.output.emit(logging.ERROR, self._name, event, {**details, "exc_info": sys.exc_info()})


class _FromLibraries(logging.Handler):
    """Brings what libraries log through the standard library into the same lines."""

    def __init__(self, output: _Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelno
        if level < logging.ERROR and record.name.partition(".")[0] in _TALKATIVE:
            level = logging.DEBUG
        details: dict[str, object] = {"exc_info": record.exc_info} if record.exc_info else {}
        try:
            self._output.emit(level, record.name, record.getMessage().strip(), details)
        except Exception:  # noqa: BLE001 - the standard library's contract: a failing log line stops no program
            self.handleError(record)


def _hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z]+", key.lower())):
            event[key] = _HIDDEN
    return event
