"""What can be asked at the control socket: an ASGI application, see docs/http.md."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, get_args

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from indexer import __version__
from indexer.config.values import LogLevel
from indexer.config.zone import system_zone
from indexer.daemon.control.exchange import CLIENT_LEFT, Exchange
from indexer.daemon.control.peer import uid_of
from indexer.daemon.control.questions import QUESTIONS, words_of
from indexer.daemon.control.request import (
    COMMAND_PATH,
    CommandOutcome,
    CommandRequest,
    CommandRunner,
    MalformedError,
    request_of,
)
from indexer.daemon.control.workers import CrowdedError, Workers
from indexer.daemon.service import Service
from indexer.hashing import text_hash

MOST_BYTES: Final = 1_000_000
"""Of a request's body."""
_THREADS: Final = 4
_WAITING: Final = 64
_LONG_THREADS: Final = 8
_JSON_LINES: Final = "application/jsonl"
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"
_STATUS_OF_EXITS: Final[Mapping[int, int]] = {2: 400, 3: 404, 4: 409, 75: 503}
_STATUS_OF_CODES: Final[Mapping[str, int]] = {"purged": 410}


class RefusedError(Exception):
    """The request is not carried out; `code` as in the contract's errors."""

    def __init__(self, status: int, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy

    @property
    def response(self) -> Response:
        """As the client gets it."""
        error = {"code": self.code, "message": self.message, "remedy": self.remedy, "candidates": []}
        headers = {"Retry-After": "5"} if self.status == 503 else None
        return JSONResponse({"error": error}, self.status, headers)


class Endpoints:
    """The requests that the control socket answers for a service."""

    def __init__(self, service: Service, run_command: CommandRunner) -> None:
        self._service = service
        self._run = run_command
        self._short = Workers("control", _THREADS, _WAITING)
        self._long = Workers("control-long", _LONG_THREADS, 0)
        self._exchanges: set[Exchange] = set()
        self.app = Starlette(
            routes=[
                Route("/v1/health", self._health),
                Route("/metrics", self._metrics),
                *(Route(f"/v1/{name}", self._question, name=name) for name in QUESTIONS),
                Route(COMMAND_PATH, self._command, methods=["POST"]),
                Route("/v1/backfill", self._backfill, methods=["POST"]),
                Route("/v1/retry", self._retry, methods=["POST"]),
                Route("/v1/log-level", self._log_level, methods=["PUT"]),
            ],
            exception_handlers={
                RefusedError: _refused,
                MalformedError: _malformed,
                CrowdedError: _crowded,
                HTTPException: _http,
                Exception: _unforeseen,
            },
        )

    def stop(self, reason: str) -> None:
        """Begin nothing more, and let what waits for others end. Called in the loop."""
        self._short.stop()
        self._long.stop()
        for exchange in tuple(self._exchanges):  # each leaves it
            exchange.stop(reason)

    # --- what is asked -----------------------------------------------------------------------

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"ok": True, "version": __version__, "pid": os.getpid()})

    async def _metrics(self, _: Request) -> Response:
        metrics = await asyncio.wrap_future(self._short.submit(self._service.metrics))
        return Response(metrics, media_type=_METRICS)

    async def _question(self, request: Request) -> Response:
        """One of `QUESTIONS`, answered by the command of that name."""
        command = request.url.path.rpartition("/")[2]
        words = words_of(command, request.query_params.multi_items())
        outcome = await self._carried_out(request, CommandRequest(words, uid=uid_of(request)))
        if outcome is None:
            return Response()
        return Response(outcome.answer, _status(outcome), media_type="application/json")

    async def _command(self, request: Request) -> Response:
        """A command line, for the command line of another process."""
        document = await _document(request)
        command = replace(request_of(document), uid=uid_of(request))
        self._require_same(document)
        if document.get("stream") is True:
            return self._streamed(command, lambda outcome: outcome.document)
        outcome = await self._carried_out(request, command)
        return Response() if outcome is None else JSONResponse(outcome.document)

    async def _backfill(self, request: Request) -> Response:
        document = await _document(request, "sources", "accept_deletions")
        accept = document.get("accept_deletions", False)
        if not isinstance(accept, bool):
            raise MalformedError("accept_deletions must be true or false")
        options = ["--accept-deletions"] if accept else []
        words = ("backfill", "--json", *options, "--", *_names(document, "sources"))
        return self._streamed(CommandRequest(words), _report)

    async def _retry(self, request: Request) -> Response:
        document = await _document(request, "documents")
        words = ("retry", "--json", "--", *_names(document, "documents"))
        return self._streamed(CommandRequest(words), _report)

    async def _log_level(self, request: Request) -> Response:
        document = await _document(request, "level")
        known: tuple[LogLevel, ...] = get_args(LogLevel)
        level = next((level for level in known if level == document.get("level")), None)
        if level is None:
            raise MalformedError(f"level must be one of {', '.join(known)}")
        self._service.set_log_level(level)
        return JSONResponse({"level": level})

    # --- parts -------------------------------------------------------------------------------

    def _require_same(self, document: Mapping[str, Any]) -> None:
        """Raise `RefusedError` if the answer might be another one than in the client's own process."""
        version = document.get("version", __version__)
        if version != __version__:
            raise RefusedError(
                409,
                "other-version",
                f"the daemon is indexer {__version__}, this command is {version}",
                "restart the daemon, so that it is the installed version",
            )
        config = self._service.config
        zone = document.get("zone")
        other = document.get("configuration") not in (None, text_hash(config.text))
        if other or (isinstance(zone, str) and system_zone({"TZ": zone}) != config.timezone):
            raise RefusedError(
                409,
                "other-configuration",
                f"the daemon works by {config.file} as it was when it was read, this command by another configuration"
                if other
                else f"the daemon's time zone is {config.timezone}, that of this command is {zone or 'another one'}",
                "let the daemon read it again (SIGHUP, `systemctl reload indexer`)"
                if other
                else "set timezone in the configuration",
            )

    def _begin(self, command: CommandRequest, *, streamed: bool) -> Exchange:
        exchange = Exchange(streamed=streamed)
        workers = self._long if self._run.takes_long(command.arguments) else self._short
        exchange.begin(workers, lambda: self._timed(command, exchange))
        self._exchanges.add(exchange)
        exchange.gone.add_done_callback(lambda _: self._exchanges.discard(exchange))
        return exchange

    def _timed(self, command: CommandRequest, exchange: Exchange) -> CommandOutcome:
        began = self._service.monotonic()
        outcome = self._run(command, exchange)
        word = next((word for word in command.arguments if not word.startswith("-")), "")
        self._service.answered(word, outcome.exit_code, began)
        return outcome

    async def _carried_out(self, request: Request, command: CommandRequest) -> CommandOutcome | None:
        """What became of the command; None if the client did not wait for it."""
        exchange = self._begin(command, streamed=False)
        left = asyncio.ensure_future(_left(request))
        try:
            return await exchange.outcome(left)
        finally:
            left.cancel()
            exchange.leave("it is done")

    def _streamed(self, command: CommandRequest, finish: Callable[[CommandOutcome], Any]) -> Response:
        return _Stream(self._begin(command, streamed=True), finish)


class _Stream(StreamingResponse):
    """Events of an exchange, and its outcome; whoever stops reading leaves it."""

    def __init__(self, exchange: Exchange, finish: Callable[[CommandOutcome], Any]) -> None:
        super().__init__(exchange.lines(finish), media_type=_JSON_LINES)
        self._exchange = exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._exchange.leave(CLIENT_LEFT)


def _status(outcome: CommandOutcome) -> int:
    """The HTTP status of an answer in JSON."""
    if outcome.exit_code == 0:
        return 200
    document = json.loads(outcome.answer)
    if not isinstance(document, dict) or "error" not in document:
        return 200
    code = document["error"]["code"]
    return _STATUS_OF_CODES.get(code, _STATUS_OF_EXITS.get(outcome.exit_code, 500))


def _report(outcome: CommandOutcome) -> dict[str, Any]:
    """The last line of a stream: the report of the run, or the error that ended it."""
    found = json.loads(outcome.answer)
    answer = found if "error" in found else {"report": found}
    return {"exit_code": outcome.exit_code, **answer}


async def _document(request: Request, *known: str) -> dict[str, Any]:
    """The request's body, a JSON object; with `known`, of these keys only. An empty body is an empty object."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise RefusedError(413, "too-large", f"the request is larger than {MOST_BYTES:,} bytes")
    except ClientDisconnect as error:
        # Nobody reads the answer; the daemon's log is not to tell of it as of an error of its own.
        raise MalformedError("the body ends too early") from error
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise MalformedError("the body is no JSON") from error
    if not isinstance(document, dict):
        raise MalformedError("the body must be a JSON object")
    unknown = [key for key in document if known and key not in known]
    if unknown:
        raise MalformedError(f'there is no key "{unknown[0]}"; known are {", ".join(known)}')
    return document


def _names(document: Mapping[str, Any], key: str) -> list[str]:
    names = document.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise MalformedError(f"{key} must be a list of texts")
    return names


async def _left(request: Request) -> None:
    """Returns when the client is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


# --- what went wrong -----------------------------------------------------------------------------


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return error.response


async def _malformed(_: Request, error: Exception) -> Response:
    return RefusedError(400, "usage", str(error), "see docs/http.md").response


async def _crowded(_: Request, __: Exception) -> Response:
    return RefusedError(
        503, "busy", "the daemon is busy with other commands", "try again when they have finished"
    ).response


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = f"{request.method} {request.url.path}"
    if error.status_code == 405:
        return RefusedError(405, "usage", f"{what} is not possible", "see docs/http.md").response
    return RefusedError(
        error.status_code, "no-such-endpoint", f"there is no {what}", "see docs/http.md"
    ).response


async def _unforeseen(_: Request, error: Exception) -> Response:
    # What happened is in the log: the server writes it there.
    return RefusedError(
        500, "internal", f"internal error: {type(error).__name__}", "see the daemon's log"
    ).response
