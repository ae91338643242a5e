"""Reads the settings of a Git source and reports every problem with them at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connectors.git.remote import url_problem
from connectors.git.token import place_of
from connectors.selection import NO_TEXT, Rule, parse_rule
from connectors.settings import MAX_FILE_SIZE, unknown
from connectors.settings import max_file_size as read_size
from indexer.errors import ConfigurationError
from indexer.model import Instant

DEFAULT_FETCH_TIMEOUT: Final = 3600.0
_OURS: Final = (
    "path", "url", "base", "ref", "history", "paths", "include", "exclude", "max_file_size", "allow_local",
    "fetch_timeout", "token_file",
)  # fmt: skip
_OTHERS: Final = ("fetch_every", "schedule", "keep_originals")
"""Settings that the core acts on."""
_DURATION: Final = re.compile(r"\d+(?:\.\d+)?\s*(?:s|min|h|d)")

_NO_DOCUMENTS: Final = (
    *(".git*", "/.github/", "*.lock", "package-lock.json", "*.min.js", "*.min.css", "*.map"),
    *NO_TEXT,
)
"""What a repository holds beside documents: left out unless `paths` or `include` are given. Every state of
a picture would be a failure of its own otherwise."""

_SINCE: Final = re.compile(r"since:\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class History:
    """How much of the branch's past becomes versions, when it is told for the first time."""

    mode: str = "all"
    """``all``; ``since``: what landed from `since` on, and what stood before; ``tags``: what tagged commits
    of the branch and its tip show; ``head``: what the tip shows. What lands later always does."""
    since: Instant | None = None

    def __str__(self) -> str:
        return self.mode if self.since is None else f"since:{self.since}"

    def within(self, other: History) -> bool:
        """Whether `other` tells at least the same versions."""
        if other.mode == "all" or self.mode == "head":
            return True
        if self.mode == "since" and other.mode == "since":
            return (self.since or 0) >= (other.since or 0)
        return self == other

    @classmethod
    def parse(cls, text: str) -> History:
        """Read what `str` writes. Raises ValueError."""
        mode, _, since = text.partition(":")
        return cls(mode, int(since) if since else None)


@dataclass(frozen=True, slots=True)
class GitSettings:
    """Which repository, which branch of it, and which of its files are documents."""

    path: str | None = None
    """Absolute; None for a remote one."""
    url: str | None = None
    allow_local: bool = False
    """Whether `url` may be a path or file:// on this machine."""
    fetch_timeout: float = DEFAULT_FETCH_TIMEOUT
    """Seconds."""
    token_file: str | None = None
    """Where the token for `url` is: an absolute path, or one below ``$CREDENTIALS_DIRECTORY``."""
    ref: str | None = None
    """A branch or tag; None: whatever HEAD names."""
    history: History = History()
    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()
    patterns: tuple[str, ...] = ()
    """What `include` and `exclude` were read from, so that a change of them is noticed."""
    max_file_size: int = MAX_FILE_SIZE
    """Bytes."""


def read_settings(name: str, settings: Mapping[str, Any]) -> GitSettings:
    """Check `settings` of the source `name`; touches no disk. Raises `ConfigurationError` with `problems`."""
    problems = [unknown(key, (*_OURS, *_OTHERS)) for key in settings if key not in (*_OURS, *_OTHERS)]
    allow_local = settings.get("allow_local", False)
    if not isinstance(allow_local, bool):
        problems.append(f"allow_local: {allow_local!r} is not true or false")
    path, url = _place(settings, allow_local is True, problems)
    include, exclude = _patterns(settings, problems)
    read = GitSettings(
        path=path,
        url=url,
        allow_local=allow_local is True,
        fetch_timeout=_seconds(settings, problems),
        token_file=place_of(settings.get("token_file"), url, str(settings.get("base", "")), problems),
        ref=_ref(settings, problems),
        history=_history(settings, problems),
        include=_rules(include, "paths", problems),
        exclude=_rules(exclude, "paths", problems),
        patterns=(*include, "!", *exclude),
        max_file_size=read_size(settings.get("max_file_size", MAX_FILE_SIZE), problems),
    )
    every = settings.get("fetch_every", 1)
    if not (_positive(every) or (isinstance(every, str) and _DURATION.fullmatch(every.strip()))):
        problems.append(f'fetch_every: {every!r} is not a number of seconds, or such as "5 min"')
    if problems:
        raise ConfigurationError(
            f"the source {name!r} cannot be used: {'; '.join(problems)}",
            remedy="correct its settings",
            problems=problems,
        )
    return read


def _place(
    settings: Mapping[str, Any], allow_local: bool, problems: list[str]
) -> tuple[str | None, str | None]:
    path, url = settings.get("path"), settings.get("url")
    if (path is None) == (url is None):
        problems.append(
            "path: name either the path of a repository on this machine or the url of a remote one"
        )
        return None, None
    if url is not None:
        problem = url_problem(url, allow_local=allow_local) if isinstance(url, str) else "it is not a text"
        if problem:
            problems.append(f"url: {problem}")
            return None, None
        return None, url
    base = settings.get("base", "")
    if not isinstance(path, str | os.PathLike) or not os.fspath(path) or "\0" in str(path):
        problems.append(f"path: {path!r} is not the path of a repository")
        return None, None
    expanded = os.path.expanduser(path)  # noqa: PTH111  Path.expanduser raises where there is no home
    if str(expanded).startswith("~"):
        problems.append(f"path: {path!r} names a home folder that is not known")
    return os.path.abspath(os.path.join(str(base), expanded)), None  # noqa: PTH100, PTH118  lexical


def _ref(settings: Mapping[str, Any], problems: list[str]) -> str | None:
    ref = settings.get("ref")
    if ref is None or (isinstance(ref, str) and ref.strip() == "HEAD"):
        return None
    if not isinstance(ref, str) or not re.fullmatch(r"[^\s~^:?*\[\\\x00-\x1f-][^\s~^:?*\[\\\x00-\x1f]*", ref):
        problems.append(f"ref: {ref!r} is not the name of a branch or tag, such as main")
        return None
    return ref


def _history(settings: Mapping[str, Any], problems: list[str]) -> History:
    value = settings.get("history", "all")
    if value in ("all", "tags", "head"):
        return History(value)
    since = _SINCE.fullmatch(value.strip()) if isinstance(value, str) else None
    if since:
        try:
            moment = datetime.fromisoformat(since[1].strip())
        except ValueError:
            problems.append(f"history: {since[1]!r} is not a date; write it like since:2023-01-31")
            return History()
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return History("since", round(moment.timestamp()) * 1_000_000)
    problems.append(f"history: {value!r} is not one of all, since:2023-01-31, tags, head")
    return History()


def _patterns(settings: Mapping[str, Any], problems: list[str]) -> tuple[list[str], list[str]]:
    """(include, exclude), of `paths` in either of its forms and of the two settings of their own."""
    paths = settings.get("paths")
    include, exclude = _texts(settings, "include", problems), _texts(settings, "exclude", problems)
    if isinstance(paths, Mapping):
        odd = sorted(paths.keys() - {"include", "exclude"})
        problems += [f"paths.{key}: no such setting; it has include and exclude" for key in odd]
        include += _texts(paths, "include", problems)
        exclude += _texts(paths, "exclude", problems)
    elif paths is not None:
        for pattern in _texts(settings, "paths", problems):
            (exclude if pattern.startswith("!") else include).append(pattern.removeprefix("!"))
    if include:
        return include, exclude
    return [], [*_NO_DOCUMENTS, *exclude]


def _texts(settings: Mapping[str, Any], setting: str, problems: list[str]) -> list[str]:
    patterns = settings.get(setting, ())
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, list | tuple) or not all(isinstance(p, str) for p in patterns):
        problems.append(f"{setting}: {patterns!r} is not a list of patterns in quotes")
        return []
    return list(patterns)


def _rules(patterns: list[str], setting: str, problems: list[str]) -> tuple[Rule, ...]:
    rules = []
    for pattern in patterns:
        try:
            rules.append(parse_rule(pattern))
        except ValueError as error:
            problems.append(f"{setting}: {error}")
    return tuple(rules)


def _seconds(settings: Mapping[str, Any], problems: list[str]) -> float:
    value = settings.get("fetch_timeout", DEFAULT_FETCH_TIMEOUT)
    if not _positive(value):
        problems.append(f"fetch_timeout: {value!r} is not a number of seconds")
        return DEFAULT_FETCH_TIMEOUT
    return float(value)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
