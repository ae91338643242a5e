"""What may stand in the configuration file: the keys of each table, what they take, and findings in plain words.

Written out instead of left to a library, because every command reads the configuration first: the
shapes of pydantic took 120 ms to import and to build, half of what an answer from the catalog takes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, get_args
from zoneinfo import ZoneInfo

from indexer.config.finding import with_home
from indexer.config.lines import KeyPath
from indexer.config.values import Isolate, LogFormat, LogLevel, Precision, Watch
from indexer.config.zone import zone

if TYPE_CHECKING:
    from indexer.plan.retention import RetentionRule

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)(?:(?<=d)ays?)?")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_RETENTION: Final = ("daily_after", "monthly_after")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")

Reader = Callable[[Any], Any]
"""Takes a value of the file and returns what it means. Raises `UnfitError`, or ValueError with a whole sentence."""

Finding = tuple[KeyPath, str]
"""Where it is, and a sentence saying what is wrong and what to write instead."""


class UnfitError(Exception):
    """The value is of another kind, or out of bounds; the message names what is wanted."""


# --- values -------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitError("a text in quotes")
    if not value:
        raise ValueError("it is empty; give it a value or leave the line out")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("true or false, without quotes")
    return value


def _table(value: object) -> object:
    if not isinstance(value, dict):
        raise UnfitError("a table")
    return value


def _whole(least: int, most: int | None = None) -> Reader:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise UnfitError("a whole number")
        _bound(value, least, most)
        return value

    return read


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnfitError("a number")
    return float(value)


def _share(value: object) -> float:
    share = _number(value)
    _bound(share, 0, 1)
    return share


def _bound(number: float, least: int, most: int | None) -> None:
    if not number >= least:  # so that "not a number" is refused as well
        raise UnfitError(f"greater than or equal to {least}")
    if most is not None and number > most:
        raise UnfitError(f"less than or equal to {most}")


def _choice(literal: Any) -> Reader:
    *others, last = (f"'{word}'" for word in get_args(literal))
    wanted = f"{', '.join(others)} or {last}"

    def read(value: object) -> object:
        if value not in get_args(literal):
            raise UnfitError(wanted)
        return value

    return read


def _size(value: object) -> int:
    """Bytes of ``64 MB`` (10⁶), ``64 MiB`` (2²⁰), or a plain number."""
    if not isinstance(value, str):
        size: int = _whole(0)(value)
        return size
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'"{value}" is no size; write a number of bytes, or such as "64 MB" or "1 GiB"')
    number, prefix, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** " kmgt".index(prefix.lower() or " "))


def _duration(value: object) -> float:
    """Seconds of ``5 min``, ``1.5 h``, or a plain number."""
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise ValueError(
                f'"{value}" is no duration; write a number of seconds, or such as "30 s", "5 min", "1 h" or "30 d"'
            )
        value = float(match[1]) * _SECONDS[match[2]]
    seconds = _number(value)
    if not seconds > 0:
        raise UnfitError("greater than 0")
    return seconds


def _retention(value: object) -> RetentionRule | None:
    """``"all"``, or a table with `daily_after` and `monthly_after`."""
    if value == "all":
        return None
    if not isinstance(value, dict):
        raise UnfitError("'all' or a table with daily_after and monthly_after")
    steps: dict[str, float] = {}
    for key, written in value.items():
        if key not in _RETENTION:
            raise ValueError(f'unknown key "{key}"; {_did_you_mean(key, _RETENTION)}')
        try:
            steps[key] = _duration(written)
        except UnfitError as error:
            raise ValueError(f'"{key}" must be {error}, not {_shown(written)}') from error
        except ValueError as error:
            raise ValueError(f'"{key}": {error}') from error
    if not steps:
        raise ValueError('it is empty; write "all", or daily_after or monthly_after such as "90 d"')
    from indexer.plan.retention import RetentionRule

    rule = RetentionRule(**steps)
    if (
        rule.daily_after is not None
        and rule.monthly_after is not None
        and rule.monthly_after <= rule.daily_after
    ):
        raise ValueError("monthly_after must be longer than daily_after")
    return rule


def expanded(value: object) -> str:
    """The path with ``~`` replaced by the home folder that it means. Raises `UnfitError` and ValueError."""
    path = _text(value)
    try:
        return with_home(path)
    except RuntimeError as error:
        raise ValueError(f'there is no home folder for "{path}"; write the whole path') from error


def _keys(value: object) -> tuple[str, ...]:
    """The keys of documents."""
    if not isinstance(value, list) or not all(isinstance(key, str) and key for key in value):
        raise UnfitError('a list of keys, such as ["hr/policy-old.md", "hr/policy.md"]')
    return tuple(value)


def _key_lists(value: object) -> tuple[tuple[str, ...], ...]:
    """Lists of two keys or more, none of them twice."""
    if not isinstance(value, list) or not all(isinstance(keys, list) for keys in value):
        raise UnfitError('a list of lists of keys, such as [["hr/policy-old.md", "hr/policy.md"]]')
    found = tuple(_keys(keys) for keys in value)
    if any(len(keys) < 2 for keys in found):
        raise ValueError("a list of one key joins nothing; name the other editions, too")
    known = [key for keys in found for key in keys]
    twice = next((key for key in known if known.count(key) > 1), None)
    if twice is not None:
        raise ValueError(f'"{twice}" stands there twice; a document is an edition of one work')
    return found


def _patterns(value: object) -> tuple[re.Pattern[str], ...]:
    """Regular expressions with a group named ``edition``."""
    if not isinstance(value, list) or not all(isinstance(pattern, str) for pattern in value):
        raise UnfitError("a list of regular expressions in quotes")
    found = []
    for pattern in value:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ValueError(f'"{pattern}" is no regular expression: {error}') from error
        if "edition" not in compiled.groupindex:
            raise ValueError(
                f'"{pattern}" says not what the edition is; write a group (?P<edition>…) around it'
            )
        found.append(compiled)
    return tuple(found)


def _zone(value: object) -> ZoneInfo:
    found = zone(_text(value))
    if found is None:
        raise ValueError(
            f'this machine knows no time zone "{value}"; write a name such as "Europe/Berlin" or "UTC"'
        )
    return found


def _cron(value: object) -> str:
    # Here, since it loads the scheduler, which only the daemon needs otherwise.
    from indexer.config.cron import cron_problem

    text = _text(value)
    problem = cron_problem(text)
    if problem is not None:
        raise ValueError(f'"{text}" are not the five fields of a crontab, such as "30 3 * * *" ({problem})')
    return text


def _source_name(value: object) -> str:
    name = _text(value)
    if _NAME.fullmatch(name) is None:
        raise ValueError(
            f'the name "{name}" cannot stand in a citation; use letters, digits, ".", "_" and "-" only'
        )
    return name


# --- tables -------------------------------------------------------------------------------------

TABLES: Final[Mapping[str, Mapping[str, Reader]]] = {
    "embedding": {"model": expanded, "precision": _choice(Precision)},
    "parsing": {"ocr": _truth},
    "families": {"enabled": _truth, "patterns": _patterns, "together": _key_lists, "apart": _keys},
    "search": {"reranker": expanded, "rerank_top": _whole(1, 1000), "rerank_seconds": _duration},
    "limits": {
        "max_deletion_share": _share,
        "min_deletions": _whole(1),
        "batch_passages": _whole(1, 100_000),
        "max_original_size": _size,
        "index_cache": _size,
    },
    "log": {"level": _choice(LogLevel), "format": _choice(LogFormat), "queries": _truth, "keep": _duration},
}
ROOT: Final[Mapping[str, Reader]] = {
    "data_dir": expanded,
    "timezone": _zone,
    "keep_originals": _truth,
    **dict.fromkeys(TABLES, _table),
}
SOURCE: Final[Mapping[str, Reader]] = {
    "name": _source_name,
    "kind": _text,
    "keep_originals": _truth,
    "retention": _retention,
    "watch": _choice(Watch),
    "poll_interval": _duration,
    "fetch_every": _duration,
    "schedule": _cron,
    "isolate": _choice(Isolate),
}
"""The keys that every kind of source has; the others are its connector's to check."""
_NEEDED: Final = ("name", "kind")


def read_root(file: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """What the sound keys of the file mean, its tables as dictionaries, and what is wrong with the others."""
    values, findings = _read(file, ROOT, (*ROOT, "source"))
    for table, readers in TABLES.items():
        inner, found = _read(values.get(table, {}), readers, tuple(readers), (table,))
        values[table] = inner
        findings += found
    return values, findings


def read_source(table: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """What the sound ones among the keys that every source has mean, and what is wrong with the others."""
    values, findings = _read({key: table[key] for key in SOURCE if key in table}, SOURCE, tuple(SOURCE))
    for key in _NEEDED:
        if key not in table:
            near = difflib.get_close_matches(key, list(table), n=1)
            hint = f'is "{near[0]}" meant for it?' if near else "every source needs a name and a kind"
            findings.append(((key,), f'"{key}" is missing; {hint}'))
    return values, findings


def _read(
    table: Mapping[str, Any], readers: Mapping[str, Reader], known: Sequence[str], path: KeyPath = ()
) -> tuple[dict[str, Any], list[Finding]]:
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for key, value in table.items():
        called = ".".join(map(str, (*path, key)))
        if key not in readers:
            findings.append(((*path, key), f'unknown key "{called}"; {_did_you_mean(key, known)}'))
            continue
        try:
            values[key] = readers[key](value)
        except UnfitError as error:
            findings.append(((*path, key), f'"{called}" must be {error}, not {_shown(value)}'))
        except ValueError as error:
            findings.append(((*path, key), f'"{called}": {error}'))
    return values, findings


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(known))}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return f'"{value}"' if isinstance(value, str) else str(value)
