"""Reads the settings of a files source and reports every problem with them at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.selection import Rule, parse_rule
from connectors.settings import MAX_FILE_SIZE, unknown
from connectors.settings import max_file_size as read_size
from indexer.errors import ConfigurationError

_OURS: Final = ("root", "base", "include", "exclude", "max_file_size")
_OTHERS: Final = ("watch", "poll_interval", "schedule", "keep_originals")
"""Settings of every folder source that the core acts on; they are checked there."""


@dataclass(frozen=True, slots=True)
class FilesSettings:
    """Where the folder is, and which of its files are documents."""

    root: str
    """Absolute; not resolved further, so that a root that is a symlink may be re-pointed."""
    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()
    max_file_size: int = MAX_FILE_SIZE
    """Bytes."""


def read_settings(name: str, settings: Mapping[str, Any]) -> FilesSettings:
    """Check `settings` of the source `name`; touches no disk. Raises `ConfigurationError` with `problems`."""
    problems = [unknown(key, (*_OURS, *_OTHERS)) for key in settings if key not in (*_OURS, *_OTHERS)]
    root = _root(settings, problems)
    include = _rules(settings, "include", problems)
    exclude = _rules(settings, "exclude", problems)
    size = read_size(settings.get("max_file_size", MAX_FILE_SIZE), problems)
    if problems:
        raise ConfigurationError(
            f"the source {name!r} cannot be used: {'; '.join(problems)}",
            remedy="correct its settings",
            problems=problems,
        )
    return FilesSettings(root, include, exclude, size)


def _root(settings: Mapping[str, Any], problems: list[str]) -> str:
    root, base = settings.get("root"), settings.get("base", "")
    if root is None:
        problems.append("root: missing; name the folder to index")
        return ""
    if not isinstance(root, str | os.PathLike) or not os.fspath(root) or "\0" in str(root):
        problems.append(f"root: {root!r} is not the path of a folder")
        return ""
    if not isinstance(base, str | os.PathLike):
        problems.append(f"base: {base!r} is not the path of a folder")
        return ""
    expanded = os.path.expanduser(root)  # noqa: PTH111  Path.expanduser raises where there is no home
    if str(expanded).startswith("~") and str(root).startswith("~"):
        problems.append(f"root: {root!r} names a home folder that is not known")
    return os.path.abspath(os.path.join(base, expanded))  # noqa: PTH100, PTH118  lexical, as documented


def _rules(settings: Mapping[str, Any], setting: str, problems: list[str]) -> tuple[Rule, ...]:
    patterns = settings.get(setting, ())
    if not isinstance(patterns, list | tuple):
        problems.append(f"{setting}: {patterns!r} is not a list of patterns")
        return ()
    rules = []
    for pattern in patterns:
        if not isinstance(pattern, str):
            problems.append(f"{setting}: {pattern!r} is not a pattern in quotes")
            continue
        try:
            rule = parse_rule(pattern)
        except ValueError as error:
            problems.append(f"{setting}: {error}")
            continue
        if setting == "include" and not rule.excludes:
            problems.append(
                f"include: {pattern!r} takes something back; write it under exclude, without the '!'"
            )
        rules.append(rule)
    return tuple(rules)
