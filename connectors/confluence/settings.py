"""Reads the settings of a Confluence source and reports every problem with them at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.selection import NO_TEXT, Rule, parse_rule
from connectors.settings import MAX_FILE_SIZE, unknown
from connectors.settings import max_file_size as read_size
from indexer.errors import ConfigurationError

_OURS: Final = ("path", "base", "attachments", "comments", "zone", "max_file_size")
_OTHERS: Final = ("watch", "poll_interval", "schedule", "keep_originals")
"""Settings that the core acts on."""


@dataclass(frozen=True, slots=True)
class ConfluenceSettings:
    """Where the exports are, and what of them becomes documents."""

    path: str
    """Absolute: a zip, an unpacked export, or a folder of either."""
    attachments: bool = True
    include: tuple[Rule, ...] = ()
    """Names of attachments that become documents; none: all that `exclude` does not name."""
    exclude: tuple[Rule, ...] = ()
    comments: bool = False
    zone: ZoneInfo | None = None
    """The zone of times in exports that do not say theirs."""
    max_file_size: int = MAX_FILE_SIZE
    """Bytes of an attachment."""
    patterns: str = ""
    """What `attachments` was read from, so that a change of it is noticed."""

    @property
    def choice(self) -> str:
        """What decides which documents an export has: another choice, and it has to be told again."""
        return f"{self.patterns}|{self.comments}|{self.zone}"

    def takes(self, file_name: str) -> bool:
        """Whether an attachment of this name becomes a document."""
        name = file_name.rpartition("/")[2]
        if not self.attachments:
            return False
        return (not self.include or _named(self.include, name)) and not _named(self.exclude, name)


def read_settings(name: str, settings: Mapping[str, Any]) -> ConfluenceSettings:
    """Check `settings` of the source `name`; touches no disk. Raises `ConfigurationError` with `problems`."""
    problems = [unknown(key, (*_OURS, *_OTHERS)) for key in settings if key not in (*_OURS, *_OTHERS)]
    wanted, include, exclude = _attachments(settings.get("attachments", True), problems)
    comments = settings.get("comments", False)
    if not isinstance(comments, bool):
        problems.append(f"comments: {comments!r} is not true or false")
    read = ConfluenceSettings(
        path=_path(settings, problems),
        attachments=wanted,
        include=_rules(include, problems),
        exclude=_rules(exclude, problems),
        comments=comments is True,
        zone=_zone(settings.get("zone"), problems),
        max_file_size=read_size(settings.get("max_file_size", MAX_FILE_SIZE), problems),
        patterns="\n".join((str(wanted), *include, "!", *exclude)),
    )
    if problems:
        raise ConfigurationError(
            f"the source {name!r} cannot be used: {'; '.join(problems)}",
            remedy="correct its settings",
            problems=problems,
        )
    return read


def _path(settings: Mapping[str, Any], problems: list[str]) -> str:
    path, base = settings.get("path"), settings.get("base", "")
    if path is None:
        problems.append(
            "path: missing; name an export (a zip or its folder), or the folder that exports go to"
        )
        return ""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path) or "\0" in str(path):
        problems.append(f"path: {path!r} is not the path of an export or of a folder")
        return ""
    expanded = os.path.expanduser(path)  # noqa: PTH111  Path.expanduser raises where there is no home
    if str(expanded).startswith("~") and str(path).startswith("~"):
        problems.append(f"path: {path!r} names a home folder that is not known")
    return os.path.abspath(os.path.join(str(base), expanded))  # noqa: PTH100, PTH118  lexical


def _attachments(value: Any, problems: list[str]) -> tuple[bool, list[str], list[str]]:
    """(whether any, what to include, what to leave out) of true, false, ``"all"`` or patterns."""
    if value is True:
        return True, [], list(NO_TEXT)
    if value is False:
        return False, [], []
    if value == "all":
        return True, [], []
    if not isinstance(value, list | tuple) or not all(isinstance(p, str) for p in value):
        problems.append(
            f'attachments: {value!r} is not true, false, "all" or a list of patterns such as ["*.pdf"]'
        )
        return True, [], []
    include = [pattern for pattern in value if not pattern.startswith("!")]
    exclude = [pattern.removeprefix("!") for pattern in value if pattern.startswith("!")]
    return True, include, exclude if include else [*NO_TEXT, *exclude]


def _rules(patterns: list[str], problems: list[str]) -> tuple[Rule, ...]:
    rules = []
    for pattern in patterns:
        try:
            rules.append(parse_rule(pattern))
        except ValueError as error:
            problems.append(f"attachments: {error}")
    return tuple(rules)


def _zone(value: Any, problems: list[str]) -> ZoneInfo | None:
    if value is None:
        return None
    try:
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_+/-]+", value):
            return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    problems.append(f'zone: {value!r} is not a time zone such as "Europe/Berlin"')
    return None


def _named(rules: Iterable[Rule], name: str) -> bool:
    """Whether any of the patterns names a file, however its ending is written."""
    return any(rule.matches(form, form) for rule in rules for form in (name, name.lower()))
