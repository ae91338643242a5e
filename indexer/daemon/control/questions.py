"""Questions over HTTP, as the commands that answer them: each parameter is an argument or an option of that command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.daemon.control.request import MalformedError

_TRUE: Final = ("true", "1")
_FALSE: Final = ("false", "0")


@dataclass(frozen=True, slots=True)
class Question:
    """A command that only reads."""

    arguments: tuple[str, ...] = ()
    """Parameters that must be given, in the order of the command's arguments."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Parameter → option that takes a value; repeated as often as the parameter is."""
    flags: Mapping[str, str] = field(default_factory=dict)
    """Parameter that is ``true`` or ``false`` → option without a value."""


_KNOWN_AT: Final = {"known_at": "--known-at"}
QUESTIONS: Final[Mapping[str, Question]] = {
    "status": Question(flags={"check": "--check"}),
    "search": Question(
        ("query",),
        {
            "k": "-k",
            "source": "--source",
            "path": "--path",
            "label": "--label",
            "under": "--under",
            "doc": "--doc",
            "version": "--version",
            "as_of": "--as-of",
            "mode": "--mode",
            **_KNOWN_AT,
        },
        {"history": "--history", "literal": "--literal"},
    ),
    "history": Question(("doc",), _KNOWN_AT),
    "show": Question(("doc",), _KNOWN_AT),
    "diff": Question(("from", "to"), _KNOWN_AT),
    "blame": Question(("doc",), _KNOWN_AT),
    "cite": Question(("citation",)),
    "failures": Question(),
}
"""By the name of the command."""


def words_of(command: str, parameters: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The words of the command line that asks this. Raises `MalformedError`, saying which parameter is wrong."""
    question = QUESTIONS[command]
    given: dict[str, str] = {}
    options: list[str] = []
    for name, value in parameters:
        if name in question.options:
            options += (question.options[name], value)
        elif name in question.flags:
            options += _flag(name, value, question.flags[name])
        elif name not in question.arguments:
            known = (*question.arguments, *question.options, *question.flags)
            raise MalformedError(f'there is no parameter "{name}"; known are {", ".join(known) or "none"}')
        elif name in given:
            raise MalformedError(f'the parameter "{name}" is given twice')
        else:
            given[name] = value
    missing = [name for name in question.arguments if name not in given]
    if missing:
        raise MalformedError(f'the parameter "{missing[0]}" is missing')
    return (command, "--json", *options, "--", *(given[name] for name in question.arguments))


def _flag(name: str, value: str, option: str) -> tuple[str, ...]:
    if value.lower() in _TRUE:
        return (option,)
    if value.lower() in _FALSE:
        return ()
    raise MalformedError(f'the parameter "{name}" must be true or false')
