"""Finds the configuration file, reads it and reports every problem in it at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from indexer.config import SourceCheck
from indexer.config.finding import DEFAULT_DATA_DIR, decoded, find, placed
from indexer.config.lines import KeyPath, key_lines, line_of
from indexer.config.schema import expanded, read_root, read_source
from indexer.config.values import Config, Embedding, Families, Limits, Log, Parsing, Search, SourceConfig
from indexer.config.zone import system_zone
from indexer.errors import ConfigurationError

PLACES: Final = ("root", "path", "token_file")
"""Settings of a source that name a place on this machine, whatever its kind: made absolute here,
because a connector does not know where the file lies to which they are relative."""
_GIVEN: Final = ("$CREDENTIALS_DIRECTORY/", "${CREDENTIALS_DIRECTORY}/")
"""How a place begins that is known only where a service runs."""

_NOT_THE_CONNECTORS: Final = ("name", "kind", "keep_originals", "isolate", "retention")
"""Settings that mean the same for every kind of source, so that no connector need know them."""
_SYNTAX_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_LEADING_KEY: Final = re.compile(r'["`\']?([A-Za-z0-9_-]+)["`\']?(?:\[\d+\])?:')
_GITIGNORE_SPECIAL: Final = re.compile(r"[][\\*?!# ]")
_QUOTED: Final = re.compile(r'["`\']([A-Za-z0-9_-]+)["`\']')


def read(path: Path | None, env: Mapping[str, str], check: SourceCheck | None = None) -> Config:
    """See `indexer.config.load`."""
    file = find(path, env)
    try:
        text = decoded(file.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be read ({error.strerror})",
            remedy="give the user who runs this permission to read it",
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _refusal(file, [(line, "this is not UTF-8 text; save the file as UTF-8")]) from error
    return parse(text, file, env, check)


def parse(text: str, file: Path, env: Mapping[str, str], check: SourceCheck | None = None) -> Config:
    """Make a configuration of `text`; `file` says what its relative paths are relative to. See `indexer.config.load`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refusal(file, [_syntax_problem(str(error), text)]) from error
    except RecursionError as error:
        raise _refusal(file, [(1, "its brackets are nested too deep to be read")]) from error
    lines = key_lines(text)
    tables = raw.pop("source", [])
    root, findings = read_root(raw)
    problems = [(line_of(lines, path), sentence) for path, sentence in findings]
    embedding = root["embedding"]
    if embedding.get("model") == "hashing" and embedding.get("precision") == "int8":
        where = line_of(lines, ("embedding", "precision"))
        problems.append((where, '"hashing" is no model that could run at int8; leave "precision" out'))
    data_dir = placed(root.get("data_dir", DEFAULT_DATA_DIR), file)
    sources = _sources(tables, root.get("keep_originals", True), file, data_dir, lines, problems, check)
    if problems:
        raise _refusal(file, problems)
    return Config(
        file=file,
        data_dir=data_dir,
        timezone=root.get("timezone") or system_zone(env),
        embedding=Embedding(**{**embedding, "model": _model(embedding.get("model"), file)}),
        parsing=Parsing(**root["parsing"]),
        families=Families(**root["families"]),
        search=Search(**{**root["search"], "reranker": _model(root["search"].get("reranker"), file)}),
        limits=Limits(**root["limits"]),
        log=Log(**root["log"]),
        sources=sources,
        text=text,
        lines=lines,
    )


def _sources(
    tables: object,
    default_keep: bool,
    file: Path,
    data_dir: Path,
    lines: Mapping[KeyPath, int],
    problems: list[tuple[int, str]],
    check: SourceCheck | None,
) -> tuple[SourceConfig, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(
            (line_of(lines, ("source",)), '"source" must be written [[source]], in double brackets')
        )
        return ()
    sources: list[SourceConfig] = []
    first_use: dict[str, int] = {}
    for position, table in enumerate(tables):
        here: KeyPath = ("source", position)
        name = table.get("name")
        called = f'source "{name}"' if isinstance(name, str) else f"source {position + 1} of the file"

        def report(key: KeyPath, sentence: str, here: KeyPath = here, called: str = called) -> None:
            problems.append((line_of(lines, here + key), f"{called}: {sentence}"))

        if isinstance(name, str):
            if name in first_use:
                report(("name",), f"line {first_use[name]} has a source of that name already; choose another")
            first_use.setdefault(name, line_of(lines, (*here, "name")))
        values, findings = read_source(table)
        for path, sentence in findings:
            report(path, sentence)
        if findings:
            continue
        try:
            settings = _without_index(_settings(table, file), data_dir)
        except ValueError as error:
            report(_key_in(str(error), table), str(error))
            continue
        if "fetch_every" in values:
            values["poll_interval"] = values.pop("fetch_every")
        source = SourceConfig(
            settings=settings,
            position=position,
            **{"keep_originals": None if default_keep else False, **values},
        )
        sources.append(source)
        for sentence in _complaints(source, check):
            report(_key_in(sentence, table), sentence)
    return tuple(sources)


def _complaints(source: SourceConfig, check: SourceCheck | None) -> Sequence[str]:
    if check is None:
        return ()
    try:
        check(source)
    except ConfigurationError as error:
        # The message sums the problems up; it is news only where there are none.
        return error.problems or [str(error)]
    return ()


def _key_in(sentence: str, table: Mapping[str, Any]) -> KeyPath:
    """Which of the source's keys a connector's complaint is about: ``root: …``, or the first one that it quotes."""
    leading = _LEADING_KEY.match(sentence)
    for candidate in [*([leading.group(1)] if leading else []), *_QUOTED.findall(sentence)]:
        if candidate in table:
            return (candidate,)
    return ()


def _settings(table: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Raises ValueError, saying which, if a place cannot be made out."""
    settings = {key: value for key, value in table.items() if key not in _NOT_THE_CONNECTORS}
    for key in PLACES:
        written = settings.get(key)
        if isinstance(written, str) and written and not (key == "token_file" and written.startswith(_GIVEN)):
            try:
                settings[key] = str(placed(expanded(written), file))
            except ValueError as error:
                raise ValueError(f'"{key}": {error}') from error
    return settings


def _without_index(settings: dict[str, Any], data_dir: Path) -> dict[str, Any]:
    """`settings` that leave the index itself out where it lies in the folder to be indexed. Raises ValueError."""
    root, excluded = settings.get("root"), settings.get("exclude", [])
    if not isinstance(root, str) or not root or not isinstance(excluded, list):
        return settings  # the connector says what is wrong with them
    index, folder = (Path(os.path.normpath(path)) for path in (data_dir, root))
    if index == folder:
        raise ValueError('"root": it is data_dir, where the index itself lies; choose another')
    if not index.is_relative_to(folder):
        return settings
    inside = _GITIGNORE_SPECIAL.sub(r"\\\g<0>", index.relative_to(folder).as_posix())
    return {**settings, "exclude": [*excluded, f"/{inside}/"]}


def _model(written: str | None, file: Path) -> str | None:
    """A folder if it is written like one (``./``, ``../``, ``/``); otherwise a name, as ``owner/name`` is."""
    if written is None or not written.startswith(("./", "../", "/")):
        return written
    return str(placed(written, file))


def _syntax_problem(message: str, text: str) -> tuple[int, str]:
    place = _SYNTAX_PLACE.search(message)
    what = message[: place.start()] if place else message
    line = int(place.group(1)) if place and place.group(1) else text.count("\n") + 1
    return line, f"this is not valid TOML ({what}); texts need quotes, and each line one key = value"


def _refusal(file: Path, problems: Sequence[tuple[int, str]]) -> ConfigurationError:
    shown = [f"{file}:{line}: {sentence}" for line, sentence in sorted(problems)]
    count = "one problem" if len(shown) == 1 else f"{len(shown)} problems"
    return ConfigurationError(
        f"{file} cannot be used: {count}", remedy="correct the lines named", problems=shown
    )
