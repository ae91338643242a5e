"""Says what went wrong: an exit code, lines for people, a JSON document for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from indexer.cli.shapes import candidate_shape
from indexer.cli.visible import shortened, visible_line
from indexer.cli.words import few_labels
from indexer.errors import ConfigurationError, IndexerError

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count
READER_GONE: Final = 141  # 128 + SIGPIPE
UNFORESEEN: Final = "internal"
"""The code of an error that nobody foresaw."""
_LONGEST: Final = 1000  # characters


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as the command line reports it."""

    exit_code: int
    code: str
    message: str
    remedy: str = ""
    candidates: tuple[Any, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def shape(self) -> dict[str, Any]:
        """The JSON document; ``problems`` only where the configuration has them."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "candidates": [candidate_shape(candidate) for candidate in self.candidates],
        }
        if self.problems:
            error["problems"] = list(self.problems)
        return {"error": error}

    @property
    def lines(self) -> list[str]:
        """For people: one line, and one more for each problem or candidate."""
        first = f"{self.message} — {self.remedy}" if self.remedy else self.message
        return [
            f"indexer: {_legible(visible_line(first))}",
            *(f"  {visible_line(problem)}" for problem in self.problems),
            *(f"  {_candidate_line(candidate)}" for candidate in self.candidates),
        ]


def refusal(error: BaseException, command: str = "indexer") -> Refusal:
    """Any exception as a refusal; one that nobody foresaw becomes an internal error. `command` names the help to see."""
    match error:
        case ConfigurationError():
            problems = tuple(error.problems)
            return Refusal(error.exit_code, error.code, error.message, error.remedy, problems=problems)
        case IndexerError():
            candidates = tuple(error.candidates)
            return Refusal(error.exit_code, error.code, error.message, error.remedy, candidates)
        case click.ClickException():
            message = error.format_message().strip().removesuffix(".")
            return Refusal(2, "usage", _uncapitalised(message), f"see `{command} --help`")
        case KeyboardInterrupt() | click.Abort():
            return Refusal(
                INTERRUPTED,
                "interrupted",
                "interrupted",
                "what was finished is kept; the same command goes on",
            )
        case _:
            what = " ".join(str(error).split())
            kind = type(error).__name__
            return Refusal(
                1,
                UNFORESEEN,
                f"internal error: {kind}: {what}" if what else f"internal error: {kind}",
                "run again with --debug and report it",
            )


def _legible(line: str) -> str:
    """`line`, its middle left out where somebody's argument, quoted in it, fills the screen; JSON has it whole."""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


def _uncapitalised(message: str) -> str:
    return message[:1].lower() + message[1:] if message[1:2].islower() else message


def _candidate_line(candidate: Any) -> str:
    shape = candidate_shape(candidate)
    if not isinstance(shape, dict):
        return shortened(str(shape), 76)
    names: Sequence[str]
    if "number" in shape:
        number = f"version {shape['number']}" if shape["number"] is not None else shape["status"]
        names = [shape["id"], number, *few_labels(shape["labels"]), shape["key"], shape["valid_from"] or ""]
    else:
        names = [shape["id"], f"{shape['source']}:{shape['key']}", shape["title"]]
    return "  ".join(visible_line(name) for name in names if name)
