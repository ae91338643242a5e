"""Decides which files of a folder are documents: gitignore patterns, with defaults for what never is one.

An entry is judged as Git judges it, from the root downwards: the last pattern that matches the
entry itself decides, a folder that is excluded is never entered, and so nothing inside it can be
taken back. `DEFAULT_EXCLUDES` come before the user's patterns, which may take them back with ``!``.
The syntax is pathspec's; only the defaults, which are names and simple globs, are matched without
it, since importing it costs more than listing a small share.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT_EXCLUDES: Final = (
    # version control and what programs install or generate
    *(".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"),
    # what file managers leave behind
    *(".DS_Store", "[Tt]humbs.db", "[Dd]esktop.ini"),
    # editors' and offices' lock, backup and half-written files
    *("~$*", ".~lock.*#", "*.swp", "*.swo", "*~", r"\#*#", ".#*", "*.tmp", "*.part", "*.crdownload"),
    # what was renamed to make room for a new text: it would take the document's history with it
    *("*.bak", "*.orig", "*.wbk"),
    # trash, and folders that belong to the file system
    *(".Trash*", "$RECYCLE.BIN", "System Volume Information", "lost+found", ".nfs*"),
)
"""Patterns without a slash that apply to files and folders alike, at any depth."""

NO_TEXT: Final = tuple(
    """
    *.png *.jpg *.jpeg *.gif *.bmp *.ico *.webp *.svg *.tif *.tiff *.psd *.ai
    *.woff *.woff2 *.ttf *.otf *.eot
    *.mp3 *.mp4 *.m4a *.wav *.ogg *.webm *.mov *.avi *.mkv
    *.zip *.gz *.tgz *.bz2 *.xz *.zst *.7z *.rar *.tar *.jar *.war *.whl
    *.exe *.dll *.so *.dylib *.a *.o *.obj *.class *.pyc *.wasm *.bin
    *.db *.sqlite *.sqlite3 *.parquet *.pkl *.npy *.npz *.onnx *.pt *.h5
    """.split()  # noqa: SIM905 - a list of so many would be a page long
)
"""Names of files without text. Left out where a source brings many beside its documents and nobody chose:
every state of a picture would be a failure of its own otherwise."""

_DEFAULTS: Final = re.compile(
    "|".join(fnmatch.translate(pattern.removeprefix("\\")) for pattern in DEFAULT_EXCLUDES)
).match


@dataclass(frozen=True, slots=True)
class Rule:
    """One gitignore pattern, matched against an entry itself (not against the folders it lies in)."""

    regex: re.Pattern[str]
    excludes: bool
    """False for a pattern that begins with ``!``."""
    folders_only: bool
    """It ended with a slash."""
    name_only: bool
    """It has no slash but at its end, and so is matched against names at any depth."""
    anywhere: bool
    """A match at any place counts (``*``, ``docs/**``); otherwise it must reach the end of the path."""

    def matches(self, path: str, name: str) -> bool:
        """Whether the pattern names the entry `name` at `path` (a key); `folders_only` is left to the caller."""
        text = name if self.name_only else path
        # pathspec's expressions also match what lies below a match, and then stop short of the end.
        found = self.regex.search(text)
        return found is not None and (self.anywhere or found.end() == len(text))

    def covers(self, path: str) -> bool:
        """Whether the pattern names the entry at `path` or a folder that it lies in."""
        return self.regex.search(path) is not None


def parse_rule(pattern: str) -> Rule:
    """Compile one line of gitignore syntax. Raises ValueError with a reason for people."""
    # Imported here because it takes a noticeable part of the time of a run that finds nothing new.
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    # Git drops trailing blanks, unless a backslash keeps one.
    text = pattern if pattern.endswith("\\ ") else pattern.rstrip()
    bare = text.rstrip("/")
    if text.startswith("#"):
        raise ValueError(
            f"{pattern!r} is a comment in gitignore syntax; write '\\{pattern}' to match the name"
        )
    try:
        compiled = GitIgnoreSpecPattern(bare) if bare not in ("", "!") else None
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a gitignore pattern: {error.msg}") from error
    if compiled is None or compiled.include is None or compiled.regex is None:
        raise ValueError(f"{pattern!r} is not a gitignore pattern that can match anything")
    unanchored = not compiled.regex.pattern.startswith("^")
    return Rule(
        regex=compiled.regex,
        excludes=bool(compiled.include),
        folders_only=text.endswith("/"),
        name_only="/" not in bare,
        anywhere=unanchored or bare.endswith("/**"),
    )


class Selection:
    """Which entries are documents, and which folders are entered."""

    def __init__(self, include: Sequence[Rule] = (), exclude: Sequence[Rule] = ()) -> None:
        self._include = tuple(include)
        self._include_files = tuple(rule for rule in include if not rule.folders_only)
        self._last_first = tuple(reversed(exclude))

    def enters(self, path: str, name: str) -> bool:
        """Whether the folder at `path`, called `name`, is listed at all."""
        for rule in self._last_first:
            if rule.matches(path, name):
                return not rule.excludes
        return _DEFAULTS(name) is None

    def takes_all(self, folder: str) -> bool:
        """Whether the include patterns let every file in `folder` through (empty for the root)."""
        return not self._include or bool(folder and any(rule.covers(folder) for rule in self._include))

    def takes(self, path: str, name: str, *, included: bool) -> bool:
        """Whether the file at `path`, called `name`, is a document; `included` is `takes_all` of its folder."""
        if not included and not any(rule.matches(path, name) for rule in self._include_files):
            return False
        for rule in self._last_first:
            if not rule.folders_only and rule.matches(path, name):
                return not rule.excludes
        return _DEFAULTS(name) is None

    def takes_inside(self, key: str) -> bool:
        """Whether a file inside another one, at ``mail/offer.eml//terms.pdf``, is a document.

        It is judged as a file in a folder that has its carrier's name, but that including a carrier
        does not include what it carries: a share of mails has more logos than offers.
        """
        path, *names = key.split("//")
        included = self.takes_all(path.rpartition("/")[0])
        for name in names:
            path = f"{path}/{name}"
            if not self.takes(path, name, included=included):
                return False
        return True
