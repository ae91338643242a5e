"""The commands, their help, and what becomes of usage errors; none of this needs an index."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from indexer import __version__
from indexer.cli.commands import commands
from indexer.cli.invocation import Invocation
from indexer.cli.main import main

COMMANDS = [
    "backfill", "run", "status", "search", "cite", "history", "show", "diff", "blame", "failures", "retry", "check",
    "rebuild", "purge", "forget", "backup", "restore", "retention",
    "eval", "log",
]  # fmt: skip


def test_the_commands_are_those_of_the_contract() -> None:
    assert list(commands.commands) == COMMANDS


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_80_columns_and_offers_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    assert ("--json" in out) == (command != "run")
    assert [line for line in out.splitlines() if len(line) > 80] == []


def test_the_overview_cuts_no_description_and_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    main(["-h"])

    out = capsys.readouterr().out
    assert "..." not in out.partition("Commands:")[2].partition("DOC names")[0]
    assert "  indexer diff leave-policy.md@2 3\n" in out
    assert "75 another process is writing" in out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"indexer {__version__}\n"


def test_without_a_command_the_help_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert "Commands:" in err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["serch"], "no such command 'serch'"),
        (["search"], "missing argument 'QUERY'"),
        (["search", "x", "-k", "0"], "0 is not in the range"),
        (["search", "x", "--mode", "magic"], "'magic' is not one of"),
        (["status", "--wat"], "no such option"),
        (["show", "a.md", "-o", "b"], "-o FILE is for --original"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_wrong_usage_is_exit_code_2_and_one_line(
    words: list[str], part: str, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, *(["--json"] if as_json else [])]) == 2

    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert err.startswith("indexer: ")
    assert part in err
    if as_json:
        error = json.loads(out)["error"]
        assert error["code"] == "usage"
        assert part in error["message"]
        assert error["candidates"] == []
    else:
        assert out == ""


def test_a_word_behind_a_double_dash_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "x", "--", "--json"]) == 2

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["--json", "status"], ["status", "--json"]])
def test_json_is_accepted_before_and_after_the_command(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(tmp_path / "missing.toml"), *words]) == 2

    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["code"] == "configuration"
    assert "missing.toml" in err


def failing(error: BaseException) -> object:
    def config(*_: object, **__: object) -> None:
        raise error

    return config


def test_an_unforeseen_error_is_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Invocation, "config", failing(ValueError("what")))

    assert main(["status"]) == 1
    assert capsys.readouterr().err == (
        "indexer: internal error: ValueError: what — run again with --debug and report it\n"
    )


def test_debug_shows_where_an_error_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Invocation, "config", failing(ValueError("what")))

    assert main(["--debug", "status"]) == 1
    err = capsys.readouterr().err
    assert "Traceback (most recent call last):" in err
    assert err.endswith("run again with --debug and report it\n")


def test_an_interruption_is_130_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Invocation, "config", failing(KeyboardInterrupt()))

    assert main(["status", "--json"]) == 128 + signal.SIGINT
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert json.loads(out)["error"]["code"] == "interrupted"


def test_a_broken_pipe_inside_is_no_reader_that_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Invocation, "config", failing(BrokenPipeError(32, "Broken pipe")))

    assert main(["status"]) == 1
    assert "internal error: BrokenPipeError" in capsys.readouterr().err


def test_shell_completion_knows_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_INDEXER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "indexer his")
    monkeypatch.setenv("COMP_CWORD", "1")

    assert main([]) == 0
    assert capsys.readouterr().out == "plain,history\n"
