"""Log lines: where they go, how they look, and what never stands in them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest

from indexer import logs
from indexer.config.values import LogFormat

NOON = 1_709_294_400_000_000  # 2024-03-01T12:00:00Z


class StoppedClock:
    def now(self) -> int:
        return NOON

    def monotonic(self) -> float:
        return 0.0

    def draw_id(self, prefix: str) -> str:
        return f"{prefix}_0"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = list(logging.getLogger().handlers)
    monkeypatch.setattr(logs._current, "output", logs._current.output)
    yield
    logging.getLogger().handlers[:] = before
    logging.captureWarnings(False)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_away_from_a_terminal_each_line_is_a_json_object_with_its_time_in_utc() -> None:
    stream = io.StringIO()
    logs.configure("info", "auto", stream=stream, clock=StoppedClock())
    logs.get("ingest").info("batch committed", passages=12, source="küche")
    assert lines(stream) == [
        {
            "timestamp": "2024-03-01T12:00:00Z",
            "level": "info",
            "logger": "ingest",
            "event": "batch committed",
            "passages": 12,
            "source": "küche",
        }
    ]


def test_on_a_terminal_a_line_is_for_people() -> None:
    stream = Terminal()
    logs.configure("info", "auto", stream=stream, clock=StoppedClock())
    logs.get("ingest").info("batch committed", passages=12)
    assert "batch committed" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    logs.configure("warning", "json", stream=stream)
    logger = logs.get("ingest")
    logger.debug("a")
    logger.info("b")
    logger.warning("c")
    logger.error("d")
    assert [line["event"] for line in lines(stream)] == ["c", "d"]


def test_a_logger_taken_before_the_configuration_follows_it() -> None:
    logger, stream = logs.get("daemon"), io.StringIO()
    logs.configure("debug", "json", stream=stream)
    logger.debug("woken")
    assert [line["event"] for line in lines(stream)] == ["woken"]


def test_configuring_again_replaces_what_was_before() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.configure("info", "json", stream=first)
    logs.configure("info", "json", stream=second)
    logs.get("ingest").info("x")
    logging.getLogger("some.library").warning("y")
    assert first.getvalue() == ""
    assert [line["event"] for line in lines(second)] == ["x", "y"]


@pytest.mark.parametrize("key", ["password", "api_token", "Authorization", "client_secret"])
def test_a_detail_named_like_a_secret_is_hidden(key: str) -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)
    logs.get("git").info("fetching", **{key: "hunter2", "tokens_embedded": 7})
    assert lines(stream)[0][key] == "***"
    assert lines(stream)[0]["tokens_embedded"] == 7
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize("format", ["json", "console"])
def test_credentials_in_a_url_are_hidden_wherever_they_stand(format: LogFormat) -> None:  # noqa: A002
    stream = io.StringIO()
    logs.configure("info", format, stream=stream)
    logger = logs.get("git")
    logger.info("fetching https://me:hunter2@host/x.git", url="https://hunter2@host/y.git")
    try:
        raise OSError("cannot reach https://me:hunter2@host/z.git")
    except OSError:
        logger.exception("fetch failed")
    assert "hunter2" not in stream.getvalue()
    assert "https://***@host/z.git" in stream.getvalue()


def test_an_exception_brings_its_traceback() -> None:
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)
    try:
        raise OSError("gone")
    except OSError:
        logs.get("files").exception("listing failed", source="policies")
    (line,) = lines(stream)
    assert str(line["exception"]).endswith("OSError: gone")
    assert "exc_info" not in line


def test_warnings_of_talkative_libraries_are_shown_only_at_debug_and_their_errors_always(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Once it is imported, which another test may have done, the library has a handler of its own.
    monkeypatch.setattr(logging.getLogger("transformers"), "propagate", True)
    quiet, loud = io.StringIO(), io.StringIO()
    for level, stream in (("info", quiet), ("debug", loud)):
        logs.configure(level, "json", stream=stream)  # type: ignore[arg-type]
        logging.getLogger("transformers.tokenization").warning("advice")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(False)
            logging.captureWarnings(True)
            warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        logging.getLogger("transformers").error("broken")
    assert [line["event"] for line in lines(quiet)] == ["broken"]
    assert len(lines(loud)) == 3


def test_neither_setting_up_nor_a_silent_line_imports_structlog() -> None:
    program = (
        "import sys; from indexer import logs; logs.configure('info', 'auto'); logs.get('x').debug('y');"
        "sys.exit('structlog' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
