"""What may stand in the configuration file: the shapes that pydantic checks, and its findings in plain words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from indexer.config.values import DEFAULT_DATA_DIR, Limits, LogFormat, LogLevel, Watch
from indexer.config.zone import zone

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_DEFAULT_LIMITS: Final = Limits()


def _size(value: object) -> object:
    """Bytes of ``64 MB`` (10⁶), ``64 MiB`` (2²⁰), or a plain number."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'"{value}" is no size; write a number of bytes, or such as "64 MB" or "1 GiB"')
    number, prefix, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** " kmgt".index(prefix.lower() or " "))


def _duration(value: object) -> object:
    """Seconds of ``5 min``, ``1.5 h``, or a plain number."""
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError(
            f'"{value}" is no duration; write a number of seconds, or such as "30 s", "5 min" or "1 h"'
        )
    return float(match[1]) * _SECONDS[match[2]]


def expanded(value: object) -> object:
    """The path with ``~`` replaced by the home folder that it means."""
    try:
        return str(Path(value).expanduser()) if isinstance(value, str) and value.startswith("~") else value
    except RuntimeError as error:
        raise ValueError(f'there is no home folder for "{value}"; write the whole path') from error


def _zone_name(value: object) -> object:
    if isinstance(value, str) and zone(value) is None:
        raise ValueError(
            f'this machine knows no time zone "{value}"; write a name such as "Europe/Berlin" or "UTC"'
        )
    return value


def _source_name(value: object) -> object:
    if isinstance(value, str) and _NAME.fullmatch(value) is None:
        raise ValueError(
            f'the name "{value}" cannot stand in a citation; use letters, digits, ".", "_" and "-" only'
        )
    return value


class _Table(BaseModel):
    """A table of the file: nothing converted in silence, no unknown keys."""

    # Deferred: an inner table is compiled once, as part of the outer one, which start-up time notices.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class EmbeddingTable(_Table):
    """``[embedding]``."""

    model: Annotated[str, BeforeValidator(expanded)] | None = Field(default=None, min_length=1)


class LimitsTable(_Table):
    """``[limits]``."""

    max_deletion_share: float = Field(default=_DEFAULT_LIMITS.max_deletion_share, ge=0, le=1)
    min_deletions: int = Field(default=_DEFAULT_LIMITS.min_deletions, ge=1)
    batch_passages: int = Field(default=_DEFAULT_LIMITS.batch_passages, ge=1, le=100_000)
    max_original_size: Annotated[int, BeforeValidator(_size)] = Field(
        default=_DEFAULT_LIMITS.max_original_size, ge=0
    )


class LogTable(_Table):
    """``[log]``."""

    level: LogLevel = "info"
    format: LogFormat = "auto"


class SourceTable(_Table):
    """``[[source]]``: the keys that every kind has; the others are its connector's to check."""

    model_config = ConfigDict(extra="allow")

    name: Annotated[str, BeforeValidator(_source_name)]
    kind: str = Field(min_length=1)
    keep_originals: bool | None = None
    watch: Watch = "auto"
    poll_interval: Annotated[float, BeforeValidator(_duration)] | None = Field(default=None, gt=0)


class RootTable(_Table):
    """The file, its sources apart. Tables that it lacks are to be given as empty ones, see `TABLES`."""

    data_dir: Annotated[str, BeforeValidator(expanded)] = Field(default=DEFAULT_DATA_DIR, min_length=1)
    timezone: Annotated[str, BeforeValidator(_zone_name)] | None = None
    keep_originals: bool = True
    embedding: EmbeddingTable
    limits: LimitsTable
    log: LogTable


TABLES: Final = ("embedding", "limits", "log")
_KEYS: Final[Mapping[tuple[str, ...], tuple[str, ...]]] = {
    (): (*RootTable.model_fields, "source"),
    ("embedding",): tuple(EmbeddingTable.model_fields),
    ("limits",): tuple(LimitsTable.model_fields),
    ("log",): tuple(LogTable.model_fields),
}
_WANTED: Final[Mapping[str, str]] = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false, without quotes",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def findings(error: ValidationError) -> list[tuple[tuple[str | int, ...], str]]:
    """Each problem as the key path where it is and a sentence saying what is wrong and what to write instead."""
    return [(detail["loc"], _sentence(detail["loc"], detail)) for detail in error.errors(include_url=False)]


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """The known word that was probably meant, or all there are."""
    near = difflib.get_close_matches(word, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known are {', '.join(sorted(known))}"


def _sentence(path: tuple[str | int, ...], detail: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in path)
    kind: str = detail["type"]
    context: Mapping[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        table = tuple(str(part) for part in path[:-1])
        return f'unknown key "{key}"; {did_you_mean(str(path[-1]), _KEYS.get(table, ()))}'
    if kind == "missing":
        near = difflib.get_close_matches(key, list(detail["input"]), n=1)
        hint = f'is "{near[0]}" meant for it?' if near else "every source needs a name and a kind"
        return f'"{key}" is missing; {hint}'
    if kind == "value_error":
        return f'"{key}": {context["error"]}'
    if kind == "literal_error":
        return f'"{key}" must be {context["expected"]}, not {_shown(detail["input"])}'
    if kind == "string_too_short":
        return f'"{key}" is empty; give it a value or leave the line out'
    if kind in _WANTED:
        return f'"{key}" must be {_WANTED[kind]}, not {_shown(detail["input"])}'
    requirement = str(detail["msg"]).removeprefix("Input should be ")
    return f'"{key}" must be {requirement}, not {_shown(detail["input"])}'


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return f'"{value}"' if isinstance(value, str) else str(value)
