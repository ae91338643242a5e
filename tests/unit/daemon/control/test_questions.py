"""Questions over HTTP become the words of a command, and nothing else can be said by them."""

from __future__ import annotations

import click
import pytest

from indexer.cli.commands import commands
from indexer.cli.forwarding import READING
from indexer.daemon.control.questions import QUESTIONS, words_of
from indexer.daemon.control.request import MalformedError


def test_they_are_the_commands_that_only_read() -> None:
    assert sorted(QUESTIONS) == sorted(READING)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_parameter_is_an_argument_or_option_of_its_command(name: str) -> None:
    question, parameters = QUESTIONS[name], commands.commands[name].params
    arguments = [parameter for parameter in parameters if isinstance(parameter, click.Argument)]
    options = {
        option: parameter
        for parameter in parameters
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }

    assert len(arguments) == len(question.arguments)
    assert [options[option].is_flag for option in question.options.values()] == [False] * len(
        question.options
    )
    assert [options[option].is_flag for option in question.flags.values()] == [True] * len(question.flags)


def test_a_question_becomes_words_that_say_it() -> None:
    words = words_of("search", [("query", "-x --json"), ("path", "a/**"), ("path", "b"), ("history", "true"), ("k", "3")])  # fmt: skip

    assert words == (
        "search", "--json", "--path", "a/**", "--path", "b", "--history", "-k", "3", "--", "-x --json",
    )  # fmt: skip


def test_arguments_are_in_the_order_of_the_command_whatever_that_of_the_parameters() -> None:
    assert words_of("diff", [("to", "3"), ("from", "a@2")]) == ("diff", "--json", "--", "a@2", "3")


@pytest.mark.parametrize(
    ("name", "parameters", "part"),
    [
        ("search", [], '"query" is missing'),
        ("search", [("query", "x"), ("query", "y")], '"query" is given twice'),
        ("search", [("query", "x"), ("config", "/etc/passwd")], 'no parameter "config"; known are query, k,'),
        ("failures", [("x", "y")], "known are none"),
        ("show", [("doc", "x"), ("original", "true")], 'no parameter "original"'),
        ("search", [("query", "x"), ("history", "maybe")], '"history" must be true or false'),
    ],
)
def test_what_makes_no_sense_is_said(name: str, parameters: list[tuple[str, str]], part: str) -> None:
    with pytest.raises(MalformedError) as caught:
        words_of(name, parameters)

    assert part in str(caught.value)


def test_a_flag_that_is_false_says_nothing() -> None:
    assert words_of("status", [("check", "false")]) == ("status", "--json", "--")
