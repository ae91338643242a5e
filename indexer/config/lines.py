"""Finds the line on which each key of a TOML text stands, which the standard parser does not tell.

A scanner, not a parser: it takes a text that `tomllib` has accepted, and follows only as much of
the grammar (TOML 1.0) as it needs to know where a key starts and where its value ends.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Final

KeyPath = tuple[str | int, ...]
"""Keys from the root; elements of arrays by index: ``("source", 1, "root")``."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART: Final = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_VALUE: Final = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The 1-based line of every table header, key and array element of a valid TOML text."""
    scan = _Scan(text.replace("\r\n", "\n"))
    scan.document()
    return scan.lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of `path`, or else of the nearest table around it; 1 if there is none."""
    for end in range(len(path), 0, -1):
        line = lines.get(path[:end])
        if line is not None:
            return line
    return 1


class _Scan:
    """One pass over the text; `at` is the place of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self.lengths: dict[KeyPath, int] = {}
        """How many elements each array of tables has so far."""

    def document(self) -> None:
        table: KeyPath = ()
        while self.skip_blank():
            line = self.line()
            if self.text.startswith("[[", self.at):
                table = self.header(2)
                self.lengths[table] = self.lengths.get(table, 0) + 1
                self.lines.setdefault(table, line)
                table = (*table, self.lengths[table] - 1)
                self.lines[table] = line
            elif self.text.startswith("[", self.at):
                table = self.header(1)
                self.lines[table] = line
            else:
                self.pair(table)

    def header(self, brackets: int) -> KeyPath:
        """Read ``[a.b]``; a part that names an array of tables means that array's last element."""
        self.at += brackets
        path: KeyPath = ()
        for part in self.key():
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
            path = (*path, part)
        self.at += brackets
        if brackets == 1 and path in self.lengths:
            path = (*path, self.lengths[path] - 1)
        return path

    def pair(self, table: KeyPath) -> None:
        line = self.line()
        path = table
        for part in self.key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self.skip_blank()
        self.value(path)

    def key(self) -> list[str]:
        parts = []
        while True:
            match = _KEY_PART.match(self.text, self.at)
            if match is None:
                raise ValueError(f"no key at character {self.at}: the text is not valid TOML")
            self.at = match.end()
            part = match.group(1)
            parts.append(tomllib.loads(f"key = {part}")["key"] if part[0] in "\"'" else part)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: KeyPath) -> None:
        string = _STRING.match(self.text, self.at)
        if string is not None:
            self.at = string.end()
        elif self.text.startswith("[", self.at):
            self.array(path)
        elif self.text.startswith("{", self.at):
            self.inline_table(path)
        else:
            self.at = self.end_of(_BARE_VALUE)

    def array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self.skip_blank() and not self.text.startswith("]", self.at):
            self.lines[(*path, index)] = self.line()
            self.value((*path, index))
            index += 1
            self.skip_blank()
            self.at += self.text.startswith(",", self.at)
        self.at += 1

    def inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self.skip_blank() and not self.text.startswith("}", self.at):
            self.pair(path)
            self.skip_blank()
            self.at += self.text.startswith(",", self.at)
        self.at += 1

    def skip_blank(self) -> bool:
        """Go to the next character that means something; False at the end."""
        self.at = self.end_of(_BLANK)
        return self.at < len(self.text)

    def end_of(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        return match.end() if match is not None else self.at

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
