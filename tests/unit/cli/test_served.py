"""Commands inside the daemon: what is confirmed is what is done, and mistakes of the program are in its log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from indexer.cli.served import ServedCommands
from indexer.config import load
from indexer.daemon.control.request import CommandRequest, MalformedError
from indexer.ingest.backfill import Backfill
from indexer.ingest.progress import Progress
from tests.e2e.cli_workplace import CONFIGURATION
from tests.support.plain_service import PlainService

PURGE = ("purge", "leave.md", "--reason", "a password")


class Nobody:
    """Implements `Audience`."""

    progress: Progress | None = None

    def __init__(self) -> None:
        self.gone: Future[str] = Future()

    def said(self, line: str) -> None:
        raise AssertionError(line)


@pytest.fixture
def service(tmp_path: Path) -> PlainService:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "leave.md").write_text("# Leave\n\nFive days.\n")
    file = tmp_path / "config.toml"
    file.write_text(CONFIGURATION)
    service = PlainService(load(file, {}))
    run(service, "backfill")
    return service


def run(service: PlainService, *words: str, confirmed: Sequence[str] | None = None) -> object:
    told = None if confirmed is None else tuple(confirmed)
    return ServedCommands(service)(CommandRequest(words, operator="ada", confirmed=told), Nobody())


def test_what_is_confirmed_is_done_by_whoever_confirmed_it_and_said_no_second_time(
    service: PlainService,
) -> None:
    asked = run(service, *PURGE)
    assert asked.unconfirmed is not None
    assert asked.unconfirmed[0].startswith("to be removed for good: all of it of policies:leave.md")

    done = run(service, *PURGE, "--json", confirmed=asked.unconfirmed)

    assert (done.exit_code, done.said) == (0, "")
    assert json.loads(done.answer)["purge"]["by"] == "ada"


def test_what_is_not_any_more_what_was_confirmed_is_not_done(service: PlainService) -> None:
    asked = run(service, *PURGE)
    (service.config.file.parent / "docs" / "leave.md").write_text("# Leave\n\nSix days.\n")
    run(service, "backfill")

    refused = run(service, *PURGE, confirmed=asked.unconfirmed)

    assert refused.exit_code == 2
    assert "is not what it was when you were asked" in refused.said
    assert run(service, "show", "leave.md").exit_code == 0


def test_an_error_that_nobody_foresaw_is_one_line_and_its_place_is_in_the_log(
    service: PlainService, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("what")

    monkeypatch.setattr(Backfill, "run", broken)

    outcome = run(service, "backfill", "--dry-run")

    assert (outcome.exit_code, outcome.said.count("\n")) == (1, 1)
    assert "internal error: ValueError: what" in outcome.said
    logged = capsys.readouterr().err
    assert "command failed" in logged
    assert "Traceback" in logged


@pytest.mark.parametrize(
    "words", [(), ("run",), ("check",), ("search", "-h"), ("--debug", "status"), ("show", "x", "-oy")]
)
def test_what_is_for_another_process_is_not_run(service: PlainService, words: tuple[str, ...]) -> None:
    with pytest.raises(MalformedError):
        ServedCommands(service).takes_long(words)


@pytest.mark.parametrize("options", [("--config", "x"), ("--debug",)])
def test_options_about_the_process_are_refused(service: PlainService, options: tuple[str, ...]) -> None:
    outcome = run(service, *options, "status")

    assert outcome.exit_code == 2
    assert "are not for commands that the daemon runs" in outcome.said


def test_commands_that_write_take_long_and_questions_do_not(service: PlainService) -> None:
    commands = ServedCommands(service)

    assert commands.takes_long(("--json", "backfill"))
    assert not commands.takes_long(("--json", "search", "backfill"))
