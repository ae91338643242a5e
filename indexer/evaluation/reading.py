"""Reads files of questions: JSON Lines, every mistake in them reported at once. See docs/evaluation.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from indexer.errors import ConfigurationError, UsageError
from indexer.evaluation.values import Case, Wanted
from indexer.query.results import Mode, Question

MOST_BYTES: Final = 256 * 1024 * 1024
"""Of a file: a million questions."""
_MOST_PROBLEMS: Final = 50
"""That are shown."""


class UnfitError(Exception):
    """The value is of another kind; the message names what is wanted."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UnfitError("a text")
    return value


def _selector(value: Any) -> str:
    """A number is a selector as well."""
    return str(value) if type(value) is int and value > 0 else _text(value)


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_text(one) for one in values)


def _hits(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= 1000:
        raise UnfitError("a number from 1 to 1000")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("true or false")
    return value


def _mode(value: Any) -> Mode:
    try:
        return Mode(value)
    except ValueError as error:
        raise UnfitError(f"one of {', '.join(Mode)}") from error


def _answer(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise UnfitError('an object with "kind", and "value" where that matters')
    if unknown := value.keys() - {"kind", "value"}:
        raise UnfitError(f'an object with "kind" and "value" alone, without "{min(unknown)}"')
    return value


def _relevant(value: Any) -> Mapping[str, int]:
    fits = isinstance(value, dict) and value and all(type(grade) is int for grade in value.values())
    if not fits or not any(grade > 0 for grade in value.values()):
        raise UnfitError("an object of documents with whole numbers for grades, one of them above 0")
    return {document: grade for document, grade in value.items() if grade > 0}


OPTIONS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "k": ("k", _hits),
    "source": ("sources", _texts),
    "path": ("paths", _texts),
    "label": ("labels", _texts),
    "under": ("under", _text),
    "doc": ("document", _text),
    "selector": ("version", _selector),
    "as_of": ("as_of", _text),
    "known_at": ("known_at", _text),
    "history": ("history", _truth),
    "mode": ("mode", _mode),
    "literal": ("literal", _truth),
}
"""Key of a line → field of the question, and what reads it; ``selector`` is ``search --version``."""
_EXPECTED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "document": _text,
    "version": _selector,
    "passage": _text,
    "answer": _answer,
    "absent": _truth,
    "relevant": _relevant,
}
_OTHERS: Final = ("query", "group")


def read_cases(file: Path) -> list[Case]:
    """The questions of a file, in order; empty lines are passed over.

    Raises `UsageError` for a file that cannot be read, and `ConfigurationError` with every line that is wrong.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UsageError(
                f"{file} is larger than {MOST_BYTES:,} bytes", remedy="divide it into several files"
            )
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read ({error.strerror})",
            remedy="name a file of questions, see docs/evaluation.md",
        ) from error
    cases: list[Case] = []
    problems: list[str] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        case, found = _case(number, line)
        problems += [f"{file}:{number}: {problem}" for problem in found]
        if case is not None:
            cases.append(case)
    if not cases and not problems:
        problems.append(f"{file}:1: there is no question in it")
    if problems:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        more = len(problems) - _MOST_PROBLEMS
        shown = problems[:_MOST_PROBLEMS] + ([f"… and {more} more"] if more > 0 else [])
        raise ConfigurationError(
            f"{file} cannot be used: {count}", remedy="correct the lines named", problems=shown
        )
    return cases


def _case(number: int, line: bytes) -> tuple[Case | None, list[str]]:
    """The question of one line, or what is wrong with it."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        what = "no UTF-8 text" if isinstance(error, UnicodeDecodeError) else "no JSON"
        return None, [f"this is {what}; each line is one JSON object"]
    if not isinstance(found, dict):
        return None, ["this is no JSON object"]
    problems: list[str] = []

    def read(key: str, reader: Callable[[Any], Any]) -> Any:
        try:
            return reader(found[key])
        except UnfitError as error:
            problems.append(f'"{key}" must be {error}')

    options = {field: read(key, reader) for key, (field, reader) in OPTIONS.items() if key in found}
    expected = {key: read(key, reader) for key, reader in _EXPECTED.items() if key in found}
    query: str = read("query", _text) if "query" in found else ""
    group = read("group", _text) if found.get("group") is not None else None
    if "query" not in found:
        problems.append('"query" is missing: the question')
    for key in found.keys() - OPTIONS.keys() - _EXPECTED.keys() - set(_OTHERS):
        known = ", ".join([*_OTHERS, *_EXPECTED, *OPTIONS])
        problems.append(f'unknown key "{key}"; known are {known}')
    if not problems:
        problems += _contradictions(expected)
    if problems:
        return None, problems
    return Case(number, Question(query, **options), Wanted(**expected), group), []


def _contradictions(expected: Mapping[str, Any]) -> list[str]:
    given = [key for key, value in expected.items() if value is not False]
    if not given:
        return [f"nothing is expected of the answer; give one of {', '.join(_EXPECTED)}"]
    if expected.get("absent") and (others := [key for key in given if key not in ("absent", "answer")]):
        return [f'"absent" says that nothing is to be found, and "{others[0]}" what is']
    single = [key for key in ("document", "version", "passage") if key in expected]
    if "relevant" in expected and single:
        return [f'"relevant" and "{single[0]}" both say what is to be found; leave one of them out']
    return []
