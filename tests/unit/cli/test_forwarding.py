"""What is seen in the words of a command line before anything else of the program is there."""

from __future__ import annotations

import pytest

from indexer.cli.commands import commands
from indexer.cli.forwarding import LONG, READING, Forwarded, forwarded


@pytest.mark.parametrize(
    ("words", "file", "arguments"),
    [
        (["search", "days"], None, ("search", "days")),
        (["--json", "search", "days"], None, ("--json", "search", "days")),
        (["--config", "a.toml", "status", "--json"], "a.toml", ("status", "--json")),
        (["--config=a.toml", "--json", "show", "x@1"], "a.toml", ("--json", "show", "x@1")),
        (["search", "--config", "x"], None, ("search", "--config", "x")),
        (["search", "--", "--hello"], None, ("search", "--", "--hello")),
        (["backfill", "--dry-run"], None, ("backfill", "--dry-run")),
        (["search", "-k", "3", "original -o"], None, ("search", "-k", "3", "original -o")),
    ],
)
def test_words_that_the_daemon_may_run(
    words: list[str], file: str | None, arguments: tuple[str, ...]
) -> None:
    found = forwarded(words)

    assert found is not None
    assert (found.file, found.arguments) == (file, arguments)
    assert found.command in arguments


@pytest.mark.parametrize(
    "words",
    [
        [], ["--help"], ["-h", "search"], ["--version"], ["--debug", "search", "x"], ["--config"], ["--config", "x"],
        ["serch", "x"], ["run"], ["check", "--deep"], ["backup", "x"], ["restore", "x"], ["search", "--help"],
        ["search", "x", "-h"], ["search", "-kh"], ["purge", "-hx"], ["show", "x", "--original"],
        ["show", "x", "-o", "y"], ["show", "x", "-oy"], ["show", "x", "--output=y"], ["--jsn", "search", "x"],
    ],
)  # fmt: skip
def test_words_that_are_for_this_process(words: list[str]) -> None:
    assert forwarded(words) is None


def test_the_commands_are_those_of_the_command_line() -> None:
    assert set(READING + LONG) < set(commands.commands)
    assert not set(READING) & set(LONG)


def test_what_is_not_forwarded_neither_reads_the_index_as_it_is_now_nor_writes_to_it() -> None:
    assert set(commands.commands) - set(READING + LONG) == {
        "run",
        "check",
        "backup",
        "restore",
        "eval",
        "log",
    }


def test_a_configuration_that_is_named_twice_is_the_last_one() -> None:
    assert forwarded(["--config", "a", "--config", "b", "status"]) == Forwarded("status", "b", ("status",))
